/**
 * model/kubernetes/condition — reading and changing the conditions of a status.
 *
 * Upstream: kubernetes/kubernetes pkg/api/v1/pod/util.go IsPodReadyConditionTrue, IsPodAvailable,
 * UpdatePodCondition.
 */
import { parseTimestamp } from '../time.ts';
import type { Pod } from './core.ts';
import type { Condition } from './meta.ts';

type Conditions = readonly Condition[] | undefined;

/** The condition of a type; undefined when it is not there. */
export function conditionOf(conditions: Conditions, type: string): Condition | undefined {
  if (conditions === undefined) return undefined;
  for (const condition of conditions) if (condition.type === type) return condition;
  return undefined;
}

/** True when the condition is there and True. */
export const isConditionTrue = (conditions: Conditions, type: string): boolean =>
  conditionOf(conditions, type)?.status === 'True';

/** The conditions with one set; its transition time is kept when its status stays the same. */
export function withCondition(conditions: Conditions, condition: Condition): readonly Condition[] {
  const before = conditionOf(conditions, condition.type);
  if (before === undefined) return [...(conditions ?? []), condition];
  const kept =
    before.status === condition.status && before.lastTransitionTime !== undefined
      ? { ...condition, lastTransitionTime: before.lastTransitionTime }
      : condition;
  return conditions!.map((it) => (it === before ? kept : it));
}

/** The conditions without those of a type; the same list when there is none. */
export const withoutCondition = (conditions: Conditions, type: string): readonly Condition[] =>
  conditionOf(conditions, type) === undefined
    ? (conditions ?? [])
    : conditions!.filter((it) => it.type !== type);

/** True when the pod's Ready condition is True. */
export const isPodReady = (pod: Pod): boolean => isConditionTrue(pod.status?.conditions, 'Ready');

/** Succeeded or Failed: its containers will not run again. */
export const isPodTerminal = ({ status }: Pod): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Neither ended nor on its way out (controller_utils.go IsPodActive). */
export const isPodActive = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined && !isPodTerminal(pod);

/**
 * Milliseconds until a ready pod counts as available; 0 when it does, undefined when it is not
 * ready.
 *
 * @param minReadySeconds  of its workload
 * @param nowMs  virtual milliseconds
 */
export function availableInMs(
  pod: Pod,
  minReadySeconds: number,
  nowMs: number,
): number | undefined {
  const ready = conditionOf(pod.status?.conditions, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds <= 0) return 0;
  const sinceMs = parseTimestamp(ready.lastTransitionTime ?? '') ?? nowMs;
  return Math.max(0, sinceMs + minReadySeconds * 1000 - nowMs);
}
