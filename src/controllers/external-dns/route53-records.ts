/**
 * controllers/external-dns/route53-records — records of a hosted zone as endpoints, and endpoints
 * as records.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a provider/aws/aws.go records, newChange,
 * isAWSAlias. Of the routing policies, weights are followed.
 */
import type { RecordSet } from '../../model/route53/hosted-zone.ts';
import { DEFAULT_TTL_SECONDS } from './alias-endpoints.ts';
import { canonicalZone } from './canonical-zone.ts';
import { ALIAS, type Endpoint, EVALUATE_HEALTH, endpointOf } from './endpoint.ts';

const WEIGHT = 'aws/weight';
const TARGET_ZONE = 'aws/target-hosted-zone';
const READ: ReadonlySet<string> = new Set(['A', 'AAAA', 'CNAME', 'TXT', 'SRV', 'NS', 'MX']);

/** The endpoint of a record; undefined for types that external-dns does not look at. */
export function endpointOfRecord(record: RecordSet): Endpoint | undefined {
  const { name, type, alias, setIdentifier = '', weight } = record;
  if (!READ.has(type)) return undefined;
  const routed: Record<string, string> =
    setIdentifier !== '' && weight !== undefined ? { [WEIGHT]: String(weight) } : {};
  if (alias !== undefined) {
    return endpointOf(name, type, [alias.dnsName], {
      ttlSeconds: record.ttlSeconds ?? DEFAULT_TTL_SECONDS,
      setIdentifier,
      properties: {
        ...routed,
        [ALIAS]: 'true',
        [EVALUATE_HEALTH]: String(alias.evaluateTargetHealth),
      },
    });
  }
  return endpointOf(name, type, record.values, {
    ttlSeconds: record.ttlSeconds ?? 0,
    setIdentifier,
    properties: type === 'CNAME' ? { ...routed, [ALIAS]: 'false' } : routed,
  });
}

/** The record of an endpoint in the zone; an alias for a name of the zone's own stays in it. */
export function recordOfEndpoint(
  endpoint: Endpoint,
  hostedZoneId: string,
): Omit<RecordSet, 'hostedZoneId'> {
  const { dnsName, recordType, targets, setIdentifier, properties, ttlSeconds } = endpoint;
  const weight = properties[WEIGHT];
  const named = {
    name: `${dnsName.toLowerCase()}.`,
    type: recordType,
    ...(setIdentifier === '' ? {} : { setIdentifier }),
    ...(weight === undefined ? {} : { weight: /^-?\d+$/.test(weight) ? Number(weight) : 0 }),
  };
  const [target] = targets;
  const isAlias = properties[ALIAS] === 'true' && (recordType === 'A' || recordType === 'AAAA');
  if (isAlias && target !== undefined) {
    const zone = properties[TARGET_ZONE] ?? canonicalZone(target) ?? hostedZoneId;
    return {
      ...named,
      values: [],
      alias: {
        hostedZoneId: zone,
        dnsName: `${target}.`,
        evaluateTargetHealth: properties[EVALUATE_HEALTH] === 'true',
      },
    };
  }
  return {
    ...named,
    ttlSeconds: ttlSeconds > 0 ? ttlSeconds : DEFAULT_TTL_SECONDS,
    values: targets,
  };
}
