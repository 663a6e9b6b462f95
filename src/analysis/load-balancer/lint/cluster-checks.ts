/**
 * analysis/load-balancer/lint/cluster-checks — what the cluster itself says of the objects under
 * lint: warnings that controllers recorded, with the controller's own words.
 */
import type { TwinStore } from '../../../model/kinds.ts';
import type { Event } from '../../../model/kubernetes/core.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import type { Finding } from './finding.ts';
import { error, type Linted, type LintInput } from './linted.ts';

/** Kinds whose events are about load balancers. */
const KINDS = new Set(['Ingress', 'Service', 'TargetGroupBinding', 'Gateway']);
/** Of the controllers that make load balancers. */
const SOURCES = new Set(['ingress', 'service', 'targetGroupBinding', 'service-controller']);

/** Warning events of controllers on objects of the files. */
export const clusterChecks = ({ all }: LintInput, store: TwinStore): Finding[] =>
  all.flatMap((it) => (KINDS.has(it.object.kind) ? ofObject(it, store) : []));

function ofObject(it: Linted, store: TwinStore): Finding[] {
  const events = store.lookup('Event', 'object', `${it.object.kind}:${keyOf(it.object)}`);
  const texts = new Map<string, Event>();
  for (const event of events)
    if (event.type === 'Warning' && isOfBalancers(event)) texts.set(event.message, event);
  return [...texts.values()].map(({ reason, message }) =>
    error(it, it.where, {
      check: 'controller',
      text: `${reason}: ${message}`,
      hint: `ekstwin lb explain ${it.object.kind === 'Service' ? 'svc' : 'ing'}/${keyOf(it.object)} says why`,
    }),
  );
}

const isOfBalancers = ({ reason, source }: Event): boolean =>
  SOURCES.has(source.component) || /^Failed(BuildModel|DeployModel|Reconcile)/.test(reason);
