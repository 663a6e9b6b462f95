/**
 * controllers/workloads/deployment-sets — the ReplicaSets of a Deployment: finding the one of the
 * present template, making it, numbering revisions.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/deployment/sync.go getNewReplicaSet,
 * util/deployment_util.go SetNewReplicaSetAnnotations, FindNewReplicaSet.
 */
import type { Deployment, ReplicaSet } from '../../model/kubernetes/apps.ts';
import { controllerReference, type Labels } from '../../model/kubernetes/meta.ts';
import { byAge, MAX_REPLICAS, replicasOf, roomOf } from './rollout-arithmetic.ts';
import { HASH_LABEL, templateHash, templateText } from './template-hash.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';

/** deployment_util.go annotationsToSkip: these are the Deployment's own. */
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

/** The oldest set whose template is the Deployment's. */
export function newestSet(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const text = templateText(deployment.spec.template);
  const same = sets.filter((set) => templateText(set.spec.template) === text);
  return same.sort(byAge)[0];
}

export const revisionOf = (object: {
  readonly metadata: { readonly annotations?: Labels | undefined };
}) => Number(object.metadata.annotations?.[REVISION] ?? 0) || 0;

/** The revision a new set gets. */
export const nextRevision = (old: readonly ReplicaSet[]): number =>
  Math.max(0, ...old.map(revisionOf)) + 1;

/** A set's annotations: the Deployment's, its revision, the sizes it was scaled for. */
export function setAnnotations(
  deployment: Deployment,
  existing: ReplicaSet | undefined,
  revision: number,
): Labels {
  const annotations: Record<string, string> = { ...existing?.metadata.annotations };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!OWN_ANNOTATIONS.has(key)) annotations[key] = value;
  }
  const before = existing === undefined ? 0 : revisionOf(existing);
  if (before < revision) {
    if (before > 0) {
      const history = annotations[REVISION_HISTORY];
      annotations[REVISION_HISTORY] = history === undefined ? `${before}` : `${history},${before}`;
    }
    annotations[REVISION] = String(revision);
  }
  return existing === undefined ? { ...annotations, ...sizeAnnotations(deployment) } : annotations;
}

/** SetReplicasAnnotations. */
export const sizeAnnotations = (deployment: Deployment): Labels => ({
  [DESIRED_REPLICAS]: String(replicasOf(deployment)),
  [MAX_REPLICAS]: String(replicasOf(deployment) + roomOf(deployment).surge),
});

/** True when a set was scaled for another number of replicas: the Deployment was scaled. */
export function wasScaled(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.some((set) => {
    if (replicasOf(set) === 0) return false;
    const desired = set.metadata.annotations?.[DESIRED_REPLICAS];
    return desired !== undefined && Number(desired) !== replicasOf(deployment);
  });
}

/** The set of the present template, not yet created; it starts with `replicas`. */
export function setFor(deployment: Deployment, replicas: number, revision: number): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec;
  const { collisionCount = 0 } = (deployment.status ?? {}) as { collisionCount?: number };
  const hash = templateHash(template, collisionCount);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: setAnnotations(deployment, undefined, revision),
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
