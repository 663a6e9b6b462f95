/**
 * controllers/workloads/daemon-rollout — which daemon pods are replaced next.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/daemon/update.go rollingUpdate.
 */
import type { Pod } from '../../model/kubernetes/core.ts';
import { REVISION_LABEL } from './template-hash.ts';

export type NodePods = ReadonlyMap<string, readonly Pod[]>;

export interface DaemonRollout {
  /** Of the present template. */
  readonly hash: string;
  /** Nodes that may have a second pod. */
  readonly surge: number;
  /** Nodes that may be without one. */
  readonly unavailable: number;
  readonly isAvailable: (pod: Pod) => boolean;
}

interface NodeRoll {
  readonly name: string;
  readonly old: Pod | undefined;
  readonly fresh: Pod | undefined;
}

const isStaying = ({ metadata }: Pod): boolean => metadata.deletionTimestamp === undefined;

function rollOf({ hash }: DaemonRollout, name: string, pods: readonly Pod[]): NodeRoll {
  const isFresh = (pod: Pod): boolean => pod.metadata.labels?.[REVISION_LABEL] === hash;
  const staying = pods.filter(isStaying);
  return {
    name,
    old: staying.find((pod) => !isFresh(pod)),
    fresh: staying.find(isFresh),
  };
}

/** Pods to delete and nodes to start a second pod on. */
export function rollDaemons(
  rollout: DaemonRollout,
  nodeNames: readonly string[],
  byNode: NodePods,
): { readonly go: readonly Pod[]; readonly start: readonly string[] } {
  const rolls = nodeNames.map((name) => rollOf(rollout, name, byNode.get(name) ?? []));
  return rollout.surge > 0 ? rollWithSurge(rollout, rolls) : rollInPlace(rollout, rolls);
}

/** Old pods that do not work go at once; working ones as far as others are up. */
function rollInPlace(
  { unavailable, isAvailable }: DaemonRollout,
  rolls: readonly NodeRoll[],
): { readonly go: readonly Pod[]; readonly start: readonly string[] } {
  const broken: Pod[] = [];
  const working: Pod[] = [];
  let down = 0;
  for (const { old, fresh } of rolls) {
    if (fresh !== undefined) {
      if (!isAvailable(fresh)) down++;
      continue;
    }
    if (old === undefined) down++;
    else if (isAvailable(old)) working.push(old);
    else {
      down++;
      broken.push(old);
    }
  }
  const more = Math.max(0, unavailable - down);
  return { go: [...broken, ...working.slice(0, more)], start: [] };
}

/** The new pod starts beside the old; the old goes when the new is available. */
function rollWithSurge(
  { surge, isAvailable }: DaemonRollout,
  rolls: readonly NodeRoll[],
): { readonly go: readonly Pod[]; readonly start: readonly string[] } {
  const go: Pod[] = [];
  const broken: string[] = [];
  const working: string[] = [];
  let doubled = 0;
  for (const { name, old, fresh } of rolls) {
    if (old === undefined) continue;
    if (fresh !== undefined) {
      if (isAvailable(fresh)) go.push(old);
      else doubled++;
    } else if (isAvailable(old)) working.push(name);
    else broken.push(name);
  }
  const more = Math.max(0, surge - doubled);
  return { go, start: [...broken, ...working.slice(0, more)] };
}
