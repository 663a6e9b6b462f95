/**
 * analysis/load-balancer/lint/cluster-checks — what the cluster itself says of the objects under
 * lint: what controllers warn of, in their own words, and targets that no request is sent to.
 */
import { groupsForwardedTo } from '../../../cloud/elbv2/forwards.ts';
import { tagTerm } from '../../../model/ec2/tags.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { warningsOf } from '../warnings.ts';
import type { Finding } from './finding.ts';
import { error, type Linted, type LintInput, warning } from './linted.ts';

/** Kinds whose events are about load balancers. */
const KINDS = new Set(['Ingress', 'Service', 'TargetGroupBinding', 'Gateway']);

/** Standing warnings, and unhealthy targets, of objects of the files. */
export const clusterChecks = ({ all }: LintInput, store: TwinStore): Finding[] =>
  all.flatMap((it) =>
    KINDS.has(it.object.kind) ? [...ofEvents(it, store), ...ofTargets(it, store)] : [],
  );

const ofEvents = (it: Linted, store: TwinStore): Finding[] =>
  warningsOf(store, it.object).map((text) =>
    error(it, it.where, { check: 'controller', text, hint: `${explained(it)} says why` }),
  );

const explained = ({ object }: Linted): string =>
  `ekstwin lb explain ${object.kind === 'Service' ? 'svc' : 'ing'}/${keyOf(object)}`;

/** Targets by what their health check says, one finding for each reason. */
function ofTargets(it: Linted, store: TwinStore): Finding[] {
  const key = keyOf(it.object);
  const terms = ['ingress.k8s.aws/stack', 'service.k8s.aws/stack'].map((tag) => tagTerm(tag, key));
  const groups = terms
    .flatMap((term) => store.lookup('elbv2/load-balancer', 'tag', term))
    .filter(({ tags }) => (it.object.kind === 'Ingress') === 'ingress.k8s.aws/stack' in tags)
    .flatMap(({ loadBalancerArn }) => [...groupsForwardedTo(store, loadBalancerArn)]);
  const counts = new Map<string, number>();
  for (const arn of groups)
    for (const { health } of store.lookup('elbv2/target', 'target-group', arn)) {
      if (health.state !== 'unhealthy' || isByPolicy(it, health.reason)) continue;
      const text = `${health.reason}: ${health.description}`;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  return [...counts].map(([text, count]) =>
    warning(it, it.where, {
      check: 'unhealthy-targets',
      text: `${count} unhealthy targets (${text})`,
      hint: `${explained(it)} lists them`,
    }),
  );
}

/** With externalTrafficPolicy Local a node without a pod is unhealthy, as it should be. */
const isByPolicy = ({ object }: Linted, reason: string | undefined): boolean =>
  (object as Service).spec?.externalTrafficPolicy === 'Local' &&
  reason === 'Target.ResponseCodeMismatch';
