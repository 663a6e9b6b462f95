/**
 * analysis/load-balancer/without — Ingresses and Services that ask for a load balancer and have
 * none, each with the last thing that was said about it.
 */
import type { TwinStore } from '../../model/kinds.ts';
import { serviceClaim } from '../../model/kubernetes/service-claim.ts';
import { shortName } from './explain/explanation.ts';
import { controllerTroubles } from './explain/no-load-balancer.ts';
import { ingressClaim, isAlb } from './lint/ingress-claim.ts';
import { lintInput } from './lint/linted.ts';
import { warningsOf } from './warnings.ts';

export interface WithoutBalancer {
  /** `ing/shop/web` */
  readonly object: string;
  readonly reason: string;
}

interface Published {
  readonly loadBalancer?: { readonly ingress?: readonly unknown[] | undefined } | undefined;
}

const isPublished = (status: Published | undefined): boolean =>
  (status?.loadBalancer?.ingress ?? []).length > 0;

const NOTHING_SAID = 'nothing was recorded on it: its controller has not looked at it yet';

/** In the order of the store: Ingresses, then Services. */
export function withoutBalancer(store: TwinStore): readonly WithoutBalancer[] {
  const input = lintInput([], store);
  const controller = controllerTroubles(store)[0];
  const waiting: WithoutBalancer[] = [];
  for (const ingress of store.list('Ingress')) {
    if (isPublished(ingress.status) || !isAlb(ingressClaim(input, ingress))) continue;
    const reason = controller ?? warningsOf(store, ingress).at(-1) ?? NOTHING_SAID;
    waiting.push({ object: shortName(ingress), reason });
  }
  for (const service of store.list('Service')) {
    if (service.spec.type !== 'LoadBalancer' || isPublished(service.status)) continue;
    const claim = serviceClaim(service);
    const troubles = claim.by === 'load-balancer-controller' ? controller : undefined;
    const said = troubles ?? warningsOf(store, service).at(-1);
    const isNobodys = claim.by === 'another' || claim.by === 'nobody';
    const reason = isNobodys ? claim.reason : (said ?? NOTHING_SAID);
    waiting.push({ object: shortName(service), reason });
  }
  return waiting;
}
