/**
 * load-balancer/gateway/attachment/target-group-props — what TargetGroupConfigurations say of a
 * backend: what fits the route best, over what is said of all routes, over the Gateway's default.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/
 * tg_config_constructor.go, attribute_merger.go, tag_merger.go.
 */
import type {
  ConfiguredAttribute,
  RouteConfiguration,
  TargetGroupConfiguration,
  TargetGroupProps,
} from '../../../../model/kubernetes/gateway-configuration.ts';
import type { AnyRoute } from '../../../../model/kubernetes/route.ts';
import { mergeStringMaps } from '../../annotations/parser.ts';

/** What the configuration says of a route's backends. */
export const propsForRoute = (
  { spec }: TargetGroupConfiguration,
  route: AnyRoute,
): TargetGroupProps =>
  mergedProps(bestMatch(spec.routeConfigurations ?? [], route), spec.defaultConfiguration) ?? {};

function bestMatch(
  configurations: readonly RouteConfiguration[],
  { kind, metadata }: AnyRoute,
): TargetGroupProps | undefined {
  const ofKind = configurations.filter(({ routeIdentifier }) => routeIdentifier.kind === kind);
  const named = ofKind.find(
    ({ routeIdentifier: { name, namespace } }) =>
      name === metadata.name && namespace === metadata.namespace,
  );
  const nameless = ofKind.filter(({ routeIdentifier }) => !routeIdentifier.name);
  const inNamespace = nameless.find(
    ({ routeIdentifier }) => routeIdentifier.namespace === metadata.namespace,
  );
  const ofAll = nameless.find(({ routeIdentifier }) => !routeIdentifier.namespace);
  return (named ?? inNamespace ?? ofAll)?.targetGroupProps;
}

/** Field by field; tags and attributes key by key. */
export function mergedProps(
  over: TargetGroupProps | undefined,
  under: TargetGroupProps | undefined,
): TargetGroupProps | undefined {
  if (over === undefined || under === undefined) return over ?? under;
  return {
    ...withoutUndefined(under),
    ...withoutUndefined(over),
    tags: mergeStringMaps(over.tags, under.tags),
    targetGroupAttributes: mergedAttributes(
      over.targetGroupAttributes,
      under.targetGroupAttributes,
    ),
  };
}

/** By key. */
export function mergedAttributes(
  over: readonly ConfiguredAttribute[] = [],
  under: readonly ConfiguredAttribute[] = [],
): readonly ConfiguredAttribute[] {
  const merged = new Map([...under, ...over].map(({ key, value }) => [key, value]));
  return [...merged.keys()].sort().map((key) => ({ key, value: merged.get(key)! }));
}

/** The fields that say something. */
export const withoutUndefined = <Fields extends object>(fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
