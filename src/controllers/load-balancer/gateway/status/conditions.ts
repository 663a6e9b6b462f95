/**
 * load-balancer/gateway/status/conditions — conditions as the controller sets them: one that says
 * what it said before keeps its time.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 controllers/gateway/utils.go.
 */
import { isEqual } from '../../../../cluster/equal.ts';
import type { Condition } from '../../../../model/kubernetes/meta.ts';

export interface Verdict {
  readonly type: string;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

/** When, and about which generation of the object. */
export interface Seen {
  readonly at: string;
  readonly generation: number;
}

export const verdict = (
  type: string,
  holds: boolean,
  reason: string,
  message: string,
): Verdict => ({ type, status: holds ? 'True' : 'False', reason, message });

export const conditionOf = (said: Verdict, { at, generation }: Seen): Condition => ({
  ...said,
  lastTransitionTime: at,
  observedGeneration: generation,
});

/** The conditions with one of them said anew; the same where it says what it said. */
export function withVerdict(
  conditions: readonly Condition[],
  said: Verdict,
  seen: Seen,
): readonly Condition[] {
  const wanted = conditionOf(said, seen);
  const before = conditions.find(({ type }) => type === said.type);
  if (before === undefined) return [...conditions, wanted];
  if (isSameButTime(before, wanted)) return conditions;
  return conditions.map((it) => (it === before ? wanted : it));
}

/** True for values that differ in nothing but the times of their conditions. */
export const isSameButTime = (one: unknown, other: unknown): boolean =>
  isEqual(withoutTimes(one), withoutTimes(other));

function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'lastTransitionTime')
      .map(([name, it]) => [name, withoutTimes(it)]),
  );
}
