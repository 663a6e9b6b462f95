/**
 * controllers/workloads/controller-revisions — the pod templates a StatefulSet or DaemonSet has
 * had.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/history/controller_history.go,
 * statefulset/stateful_set_utils.go newRevision. The hash is ours (see template-hash.ts).
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { PodTemplateSpec } from '../../model/kubernetes/core.ts';
import { controllerReference, type KubernetesObject } from '../../model/kubernetes/meta.ts';
import { templateHash, templateText } from './template-hash.ts';

interface ControllerRevision extends KubernetesObject {
  readonly data: { readonly spec: { readonly template: PodTemplateSpec } };
  readonly revision: number;
}

type Owner = KubernetesObject & {
  readonly spec: {
    readonly template: PodTemplateSpec;
    readonly revisionHistoryLimit?: number | undefined;
  };
};

const REVISIONS = { apiVersion: 'apps/v1', kind: 'ControllerRevision' } as const;
const HASH = 'controller.kubernetes.io/hash';

const keyOf = (namespace: string | undefined, name: string): string =>
  `apps/ControllerRevision:${namespace}/${name}`;

/** A cluster writes `$patch: replace` into the template that it keeps. */
function withoutPatch(template: PodTemplateSpec): PodTemplateSpec {
  const { $patch: _, ...rest } = template as PodTemplateSpec & { readonly $patch?: string };
  return _ === undefined ? template : rest;
}

const revisionText = (template: PodTemplateSpec): string => templateText(withoutPatch(template));

/** The hash in a revision's name. */
export const revisionHash = (owner: KubernetesObject, name: string): string =>
  name.slice(owner.metadata.name.length + 1);

export class ControllerRevisions {
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;

  constructor(store: TwinStore, kubernetes: Kubernetes) {
    this.#store = store;
    this.#kubernetes = kubernetes;
  }

  /**
   * The name of the revision of the owner's present template, `<owner>-<hash>`; made if new.
   *
   * A cluster's own hashes cannot be computed here, so an exported owner's pods keep the one they
   * have: `exportedHash` is asked where no revision of the owner is known yet.
   */
  current(owner: Owner, exportedHash: () => string | undefined): string {
    const { namespace, name: ownerName } = owner.metadata;
    const known = this.#of(owner, '');
    const text = templateText(owner.spec.template);
    const same = known.find(({ data }) => revisionText(data.spec.template) === text);
    const foreign = known.length === 0 ? exportedHash() : undefined;
    const hash = foreign ?? templateHash(owner.spec.template);
    const name = same?.metadata.name ?? `${ownerName}-${hash}`;
    const found = same ?? this.#get(namespace, name);
    const others = known.filter((it) => it.metadata.name !== name);
    const newest = Math.max(0, ...others.map((it) => it.revision));
    if (found === undefined) {
      const revision: ControllerRevision = {
        ...REVISIONS,
        metadata: {
          name,
          namespace,
          labels: { ...owner.spec.template.metadata?.labels, [HASH]: hash },
          ownerReferences: [controllerReference(owner)],
        },
        // `rollout undo` sends it as a strategic merge patch: it takes the template's place.
        data: {
          spec: { template: { $patch: 'replace', ...owner.spec.template } as PodTemplateSpec },
        },
        revision: newest + 1,
      };
      this.#kubernetes.create(revision);
    } else if (found.revision < newest) {
      // A template that comes back is the newest again.
      this.#kubernetes.update({ ...found, revision: newest + 1 });
    }
    return name;
  }

  /** The template of a revision; undefined when it is gone. */
  template(owner: Owner, name: string): PodTemplateSpec | undefined {
    const found = this.#get(owner.metadata.namespace, name)?.data.spec.template;
    return found && withoutPatch(found);
  }

  /** Deletes the oldest revisions beyond the limit that no pod has. */
  trim(owner: Owner, used: ReadonlySet<string>): void {
    const spare = this.#of(owner, '')
      .filter((it) => !used.has(it.metadata.name))
      .sort((a, b) => a.revision - b.revision);
    const surplus = spare.length - (owner.spec.revisionHistoryLimit ?? 10);
    for (const { metadata } of spare.slice(0, Math.max(0, surplus))) {
      this.#kubernetes.delete('Unknown', keyOf(metadata.namespace, metadata.name));
    }
  }

  #get(namespace: string | undefined, name: string): ControllerRevision | undefined {
    return this.#store.get('Unknown', keyOf(namespace, name)) as ControllerRevision | undefined;
  }

  /** The owner's revisions but for one. */
  #of(owner: Owner, except: string): ControllerRevision[] {
    const found: ControllerRevision[] = [];
    for (const value of this.#store.lookup('Unknown', 'owner', owner.metadata.uid ?? '')) {
      if (value.kind !== REVISIONS.kind) continue;
      if (value.metadata.name !== except) found.push(value as ControllerRevision);
    }
    return found;
  }
}
