/**
 * cloud/route53/alias-target — what an alias record may point at: a load balancer's name in the
 * zone AWS keeps such names in, or another record of the same zone.
 *
 * Other AWS names (CloudFront, S3, endpoints) are taken as they are: their services are not
 * simulated.
 */
import type { HostedZone, RecordSet } from '../../model/route53/hosted-zone.ts';
import { CANONICAL_ZONES } from '../elbv2/canonical-zones.data.ts';
import { asRecordName } from './record-name.ts';

const LOAD_BALANCER = /\.([a-z0-9-]+)\.elb\.amazonaws\.com(\.cn)?\.$/;
const NETWORK = /\.elb\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?\.$/;

/** What is wrong with a record's alias: nothing, or when it has none. */
export function aliasProblems(
  zone: HostedZone,
  record: RecordSet,
  exists: (record: RecordSet) => boolean,
): readonly string[] {
  const { alias } = record;
  if (alias === undefined) return [];
  const target = asRecordName(alias.dnsName);
  const tried =
    `Tried to create an alias that targets ${target}, type ${record.type} in zone ` +
    alias.hostedZoneId;
  const outside = `${tried}, but the alias target name does not lie within the target zone`;
  const missing = `${tried}, but that target was not found`;
  if (alias.hostedZoneId === zone.hostedZoneId) {
    const isInside = target === zone.name || target.endsWith(`.${zone.name}`);
    if (!isInside) return [outside, missing];
    return exists({ ...record, name: target, setIdentifier: undefined }) ? [] : [missing];
  }
  const wanted = zoneOfBalancerName(target);
  if (wanted === undefined) return [];
  if (wanted !== alias.hostedZoneId) return [outside, missing];
  return record.type === 'A' || record.type === 'AAAA' ? [] : [missing];
}

/** The zone AWS keeps a load balancer's name in; undefined for any other name. */
function zoneOfBalancerName(name: string): string | undefined {
  const network = NETWORK.exec(name);
  const region = (network ?? LOAD_BALANCER.exec(name))?.[1];
  return CANONICAL_ZONES[region ?? '']?.[network === null ? 'application' : 'network'];
}
