/**
 * load-balancer/gateway/attachment/gateway-lookups — the store's indexes by which Gateways find
 * their routes and configurations, and a change finds the Gateways it concerns.
 */
import type { TwinStore } from '../../../../model/kinds.ts';
import type { GatewayClass, ListenerSet } from '../../../../model/kubernetes/gateway.ts';
import type { TargetGroupConfiguration } from '../../../../model/kubernetes/gateway-configuration.ts';
import { keyOf, type ObjectMeta } from '../../../../model/kubernetes/meta.ts';
import {
  type AnyRoute,
  type BackendRef,
  type ParentReference,
  ROUTE_KINDS,
  type RouteKind,
} from '../../../../model/kubernetes/route.ts';

export const ALB_ROUTES: readonly RouteKind[] = ['HTTPRoute', 'GRPCRoute'];
export const NLB_ROUTES: readonly RouteKind[] = ['TCPRoute', 'UDPRoute', 'TLSRoute'];

export const CONFIGURATION_GROUP = 'gateway.k8s.aws';

const keyIn = ({ namespace = '' }: ObjectMeta, ref: { namespace?: string; name: string }) =>
  `${ref.namespace ?? namespace}/${ref.name}`;

/** `Gateway/shop/web`, `ListenerSet/shop/more`. */
export const parentTerm = (
  { metadata }: Pick<AnyRoute, 'metadata'>,
  { kind = 'Gateway', namespace, name }: ParentReference,
): string => `${kind}/${keyIn(metadata, { ...(namespace && { namespace }), name })}`;

/** The key of the Gateway a listener set is for. */
export const gatewayKeyOf = ({ metadata, spec }: ListenerSet): string =>
  `${spec.parentRef.namespace ?? metadata.namespace}/${spec.parentRef.name}`;

/** `namespace/name` of a class's parameters; undefined without. */
export function configurationKeyOf({ spec }: GatewayClass): string | undefined {
  const { kind, namespace, name } = spec.parametersRef ?? {};
  return kind === 'LoadBalancerConfiguration' && namespace !== undefined
    ? `${namespace}/${name}`
    : undefined;
}

/** What a configuration is for: `Service/shop/web`; undefined for a default. */
export function targetTerm({ metadata, spec }: TargetGroupConfiguration): string | undefined {
  const target = spec.targetReference;
  return target && `${target.kind ?? 'Service'}/${metadata.namespace}/${target.name}`;
}

const backendsOf = ({ spec }: AnyRoute): readonly BackendRef[] =>
  (spec.rules ?? []).flatMap(({ backendRefs }) => backendRefs ?? []);

/** Names of the ListenerRuleConfigurations that filters refer to. */
export const ruleConfigurationNames = (
  rule: NonNullable<AnyRoute['spec']['rules']>[number],
): readonly string[] =>
  ('filters' in rule ? (rule.filters ?? []) : []).flatMap(({ type, extensionRef }) =>
    type === 'ExtensionRef' &&
    extensionRef?.group === CONFIGURATION_GROUP &&
    extensionRef.kind === 'ListenerRuleConfiguration'
      ? [extensionRef.name]
      : [],
  );

/** Routes point at what they are for now, and at what their status still speaks of. */
function parentsOf(route: AnyRoute): readonly string[] {
  const { spec, status } = route;
  const told = (status?.parents ?? []).map(({ parentRef }) => parentRef);
  const refs = [...(spec.parentRefs ?? []), ...told];
  return [...new Set(refs.map((ref) => parentTerm(route, ref)))];
}

function backendTermsOf(route: AnyRoute): readonly string[] {
  const terms = backendsOf(route).map(
    ({ kind = 'Service', namespace, name }) =>
      `${kind}/${keyIn(route.metadata, { ...(namespace && { namespace }), name })}`,
  );
  return [...new Set(terms)];
}

function ruleConfigurationKeys(route: AnyRoute): readonly string[] {
  const names = new Set((route.spec.rules ?? []).flatMap(ruleConfigurationNames));
  return [...names].map((name) => keyIn(route.metadata, { name }));
}

/** Declares what the gateway loops look up; once per store. */
export function declareGatewayIndexes(store: TwinStore): void {
  for (const kind of ROUTE_KINDS) {
    store.index(kind, 'parent', parentsOf as never);
    store.index(kind, 'backend', backendTermsOf as never);
    store.index(kind, 'rule-configuration', ruleConfigurationKeys as never);
  }
  store.index('ListenerSet', 'gateway', gatewayKeyOf);
  store.index('Gateway', 'class', ({ spec }) => spec.gatewayClassName);
  store.index('Gateway', 'configuration', ({ metadata, spec }) => {
    const { kind, name } = spec.infrastructure?.parametersRef ?? {};
    return kind === 'LoadBalancerConfiguration' ? `${metadata.namespace}/${name}` : undefined;
  });
  store.index('GatewayClass', 'configuration', configurationKeyOf);
  store.index('TargetGroupConfiguration', 'target', targetTerm);
  store.index('LoadBalancerConfiguration', 'default', ({ metadata, spec }) => {
    const name = spec?.defaultTargetGroupConfiguration?.name;
    return name && `${metadata.namespace}/${name}`;
  });
  store.index('ListenerRuleConfiguration', 'secret', ({ metadata, spec }) =>
    (spec?.actions ?? []).flatMap(({ authenticateOIDCConfig: oidc }) =>
      oidc === undefined ? [] : [`${metadata.namespace}/${oidc.secret.name}`],
    ),
  );
  store.index('ReferenceGrant', 'namespace', ({ metadata }) => metadata.namespace);
}

/** Routes of some kinds with a term, in the order of kinds and then of age in the store. */
export const routesWith = (
  store: TwinStore,
  kinds: readonly RouteKind[],
  index: 'parent' | 'backend' | 'rule-configuration',
  term: string,
): readonly AnyRoute[] => kinds.flatMap((kind) => store.lookup(kind, index, term) as AnyRoute[]);

/** The Gateways that a route speaks of, directly or through listener sets; that exist or not. */
export function gatewayKeysOf(store: TwinStore, route: AnyRoute): readonly string[] {
  const keys = parentsOf(route).flatMap((term) => {
    const [kind, namespace, name] = term.split('/');
    if (kind === 'Gateway') return [`${namespace}/${name}`];
    const set =
      kind === 'ListenerSet' ? store.get('ListenerSet', `${namespace}/${name}`) : undefined;
    return set === undefined ? [] : [gatewayKeyOf(set)];
  });
  return [...new Set(keys)];
}

/** Every route that may attach to the Gateway or to one of its listener sets, each once. */
export function routesOfGateway(
  store: TwinStore,
  kinds: readonly RouteKind[],
  gatewayKey: string,
  sets: readonly ListenerSet[],
): readonly AnyRoute[] {
  const parents = [`Gateway/${gatewayKey}`, ...sets.map((it) => `ListenerSet/${keyOf(it)}`)];
  const found = new Map<string, AnyRoute>();
  for (const parent of parents) {
    for (const route of routesWith(store, kinds, 'parent', parent)) {
      found.set(`${route.kind}/${keyOf(route)}`, route);
    }
  }
  return [...found.keys()].sort().map((key) => found.get(key)!);
}
