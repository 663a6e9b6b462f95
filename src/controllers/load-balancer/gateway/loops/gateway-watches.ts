/**
 * load-balancer/gateway/loops/gateway-watches — which Gateways a change concerns: through classes
 * and configurations, listener sets, routes, and what routes refer to. Answered from indexes.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * controllers/gateway/eventhandlers/*.go.
 */
import type { Kinds, TwinStore } from '../../../../model/kinds.ts';
import type { ReferenceGrant } from '../../../../model/kubernetes/gateway.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import type { AnyRoute, RouteKind } from '../../../../model/kubernetes/route.ts';
import { type Request, type Watch, watch } from '../../../../sim/controller.ts';
import { isSame } from '../../loops/unchanged.ts';
import {
  gatewayKeyOf,
  gatewayKeysOf,
  routesWith,
  targetTerm,
} from '../attachment/gateway-lookups.ts';

const NOTHING: readonly Request[] = [];

interface Change<Object> {
  readonly key: string;
  readonly value?: Object | undefined;
  readonly previous?: Object | undefined;
}

/** Requests are keys of Gateways, of whatever class: the loop looks at its own only. */
export function gatewayWatches(
  store: TwinStore,
  kinds: readonly RouteKind[],
): readonly Watch<Kinds>[] {
  const ofRoutes = (routes: readonly AnyRoute[]) =>
    routes.flatMap((it) => gatewayKeysOf(store, it));
  const ofBackend = (term: string) => ofRoutes(routesWith(store, kinds, 'backend', term));
  const keysOf = (index: string, term: string) => store.lookup('Gateway', index, term).map(keyOf);
  return [
    watch<Kinds, 'Gateway'>('Gateway', ({ key, value, previous }) =>
      isSame(previous, value, 'spec') ? NOTHING : [key],
    ),
    watch<Kinds, 'GatewayClass'>('GatewayClass', ({ key, value, previous }) =>
      isSame(previous, value, 'spec', 'status') ? NOTHING : keysOf('class', key),
    ),
    watch<Kinds, 'LoadBalancerConfiguration'>('LoadBalancerConfiguration', (it) =>
      isSame(it.previous, it.value, 'spec') ? NOTHING : keysOf('configuration', it.key),
    ),
    watch<Kinds, 'ListenerSet'>('ListenerSet', ({ value, previous }) =>
      isSame(previous, value, 'spec')
        ? NOTHING
        : [value, previous].flatMap((it) => (it === undefined ? [] : [gatewayKeyOf(it)])),
    ),
    ...kinds.map((kind) =>
      watch<Kinds, RouteKind>(kind, ({ value, previous }) =>
        isSame(previous, value, 'spec')
          ? NOTHING
          : ofRoutes([value, previous].filter((it) => it !== undefined) as AnyRoute[]),
      ),
    ),
    watch<Kinds, 'Service'>('Service', ({ key, value, previous }) =>
      isSame(previous, value, 'spec') ? NOTHING : ofBackend(`Service/${key}`),
    ),
    watch<Kinds, 'TargetGroupConfiguration'>('TargetGroupConfiguration', (change) => {
      if (isSame(change.previous, change.value, 'spec')) return NOTHING;
      const term = targetTerm((change.value ?? change.previous)!);
      if (term !== undefined) return ofBackend(term);
      return store
        .lookup('LoadBalancerConfiguration', 'default', change.key)
        .flatMap((it) => keysOf('configuration', keyOf(it)));
    }),
    watch<Kinds, 'ListenerRuleConfiguration'>('ListenerRuleConfiguration', (it) =>
      isSame(it.previous, it.value, 'spec', 'status')
        ? NOTHING
        : ofRoutes(routesWith(store, kinds, 'rule-configuration', it.key)),
    ),
    watch<Kinds, 'Secret'>('Secret', ({ key, value, previous }) =>
      isSame(previous, value, 'data', 'stringData')
        ? NOTHING
        : store
            .lookup('ListenerRuleConfiguration', 'secret', key)
            .flatMap((it) => ofRoutes(routesWith(store, kinds, 'rule-configuration', keyOf(it)))),
    ),
    watch<Kinds, 'ReferenceGrant'>('ReferenceGrant', (it) => grantedGateways(it)),
  ];

  /** Of every route of a namespace that a grant speaks of. */
  function grantedGateways({ value, previous }: Change<ReferenceGrant>): readonly Request[] {
    if (isSame(previous, value, 'spec')) return NOTHING;
    const from = [value, previous].flatMap((it) => it?.spec.from ?? []);
    return kinds.flatMap((kind) => {
      const namespaces = new Set(from.filter((it) => it.kind === kind).map((it) => it.namespace));
      const routes = namespaces.size === 0 ? [] : (store.list(kind) as AnyRoute[]);
      return ofRoutes(routes.filter(({ metadata }) => namespaces.has(metadata.namespace ?? '')));
    });
  }
}
