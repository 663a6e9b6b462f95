/**
 * controllers/workloads/pod-from-template — the pod a template makes.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/controller_utils.go GetPodFromTemplate. The parts
 * of the template are shared with the pod, not copied: the store froze them.
 */
import type { Pod, PodSpec, PodTemplateSpec } from '../../model/kubernetes/core.ts';
import {
  controllerReference,
  type KubernetesObject,
  type Labels,
  type ObjectMeta,
  type OwnerReference,
} from '../../model/kubernetes/meta.ts';

export interface PodExtras {
  /** A name of its own; without one the API server draws `<owner>-xxxxx`. */
  readonly name?: string | undefined;
  readonly generateName?: string | undefined;
  readonly labels?: Labels | undefined;
  readonly annotations?: Labels | undefined;
  readonly finalizers?: readonly string[] | undefined;
  readonly spec?: PodSpec | undefined;
}

/** One list per owner, shared by all its pods. */
const references = new WeakMap<KubernetesObject, readonly OwnerReference[]>();

function referencesTo(owner: KubernetesObject): readonly OwnerReference[] {
  let list = references.get(owner);
  if (list === undefined) {
    list = Object.freeze([Object.freeze(controllerReference(owner))]);
    references.set(owner, list);
  }
  return list;
}

/** A pod of the template, owned by `owner`, not yet created. */
export function podFromTemplate(
  owner: KubernetesObject,
  template: PodTemplateSpec,
  extras: PodExtras = {},
): Pod {
  const { labels, annotations } = template.metadata ?? {};
  const metadata: ObjectMeta = {
    name: extras.name ?? '',
    ...(extras.name === undefined
      ? { generateName: extras.generateName ?? `${owner.metadata.name}-` }
      : {}),
    namespace: owner.metadata.namespace,
    labels: merged(labels, extras.labels),
    annotations: merged(annotations, extras.annotations),
    ownerReferences: referencesTo(owner),
    finalizers: extras.finalizers,
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: extras.spec ?? template.spec };
}

const merged = (a: Labels | undefined, b: Labels | undefined): Labels | undefined =>
  b === undefined ? a : { ...a, ...b };
