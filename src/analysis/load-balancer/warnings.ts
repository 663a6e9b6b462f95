/** analysis/load-balancer/warnings — what controllers warn of that no success came after. */
import type { TwinStore } from '../../model/kinds.ts';
import { type KubernetesObject, keyOf } from '../../model/kubernetes/meta.ts';

/**
 * Warnings recorded on an object, newest last, each text once. Those that a success came after are
 * history, and left out.
 */
export function warningsOf(store: TwinStore, object: KubernetesObject): readonly string[] {
  const events = store.lookup('Event', 'object', `${object.kind}:${keyOf(object)}`);
  const succeeded = events
    .filter(({ reason }) => SUCCESSES.has(reason))
    .map(({ lastTimestamp }) => lastTimestamp)
    .sort()
    .at(-1);
  const texts = events
    .filter(({ type }) => type === 'Warning')
    .filter(({ lastTimestamp }) => succeeded === undefined || lastTimestamp > succeeded)
    .sort((a, b) => (a.lastTimestamp < b.lastTimestamp ? -1 : 1))
    .map(({ reason, message }) => `${reason}: ${message}`);
  return [...new Set(texts)];
}

/** Of the AWS Load Balancer Controller and of the in-tree one. */
const SUCCESSES = new Set(['SuccessfullyReconciled', 'EnsuredLoadBalancer']);
