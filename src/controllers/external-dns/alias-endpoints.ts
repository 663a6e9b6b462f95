/**
 * controllers/external-dns/alias-endpoints — names that point at load balancers become aliases, of
 * IPv4 and of IPv6 both.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a provider/aws/aws.go AdjustEndpoints. The alias
 * property A or AAAA alone is in no release's annotations and is not followed.
 */
import { canonicalZone } from './canonical-zone.ts';
import { ALIAS, type Endpoint, EVALUATE_HEALTH } from './endpoint.ts';
import type { ExternalDnsSettings } from './settings.ts';

/** An alias record has no TTL; this one is what ownership records have. */
export const DEFAULT_TTL_SECONDS = 300;

/** The endpoints as Route 53 would have them. */
export function adjusted(
  settings: ExternalDnsSettings,
  endpoints: readonly Endpoint[],
): readonly Endpoint[] {
  const v6: Endpoint[] = [];
  const own = endpoints.map((endpoint) => {
    const { recordType, properties } = endpoint;
    if (recordType === 'A' || recordType === 'AAAA') {
      return properties[ALIAS] === 'true' ? asAlias(settings, endpoint) : plain(endpoint);
    }
    if (recordType !== 'CNAME') return endpoint;
    const isAlias = properties[ALIAS] ?? String(isAliasByTarget(settings, endpoint));
    if (isAlias !== 'true') return withoutHealth(endpoint);
    const alias = asAlias(settings, { ...endpoint, recordType: 'A' });
    if (settings.release.writesAliasAaaa) v6.push({ ...alias, recordType: 'AAAA' });
    return alias;
  });
  return [...own, ...v6];
}

const isAliasByTarget = ({ prefersCname }: ExternalDnsSettings, { targets }: Endpoint): boolean =>
  !prefersCname && targets[0] !== undefined && canonicalZone(targets[0]) !== undefined;

function asAlias(settings: ExternalDnsSettings, endpoint: Endpoint): Endpoint {
  const given = endpoint.properties[EVALUATE_HEALTH];
  const isEvaluated = given === undefined ? settings.evaluatesTargetHealth : given === 'true';
  return {
    ...endpoint,
    ttlSeconds: endpoint.ttlSeconds > 0 ? DEFAULT_TTL_SECONDS : 0,
    properties: { ...endpoint.properties, [ALIAS]: 'true', [EVALUATE_HEALTH]: String(isEvaluated) },
  };
}

function withoutHealth(endpoint: Endpoint): Endpoint {
  const { [EVALUATE_HEALTH]: _health, ...properties } = endpoint.properties;
  return { ...endpoint, properties: { ...properties, [ALIAS]: 'false' } };
}

function plain(endpoint: Endpoint): Endpoint {
  const { [ALIAS]: _alias, [EVALUATE_HEALTH]: _health, ...properties } = endpoint.properties;
  return { ...endpoint, properties };
}
