/**
 * cloud/route53/alias-target — what an alias record may point at: a load balancer's name in the
 * zone AWS keeps such names in, or another record of the same zone.
 *
 * Other AWS names (CloudFront, S3, endpoints) are taken as they are: their services are not
 * simulated.
 */
import type { HostedZone, RecordSet } from '../../model/route53/hosted-zone.ts';
import { CANONICAL_ZONES } from '../elbv2/canonical-zones.data.ts';
import type { Region } from '../region.ts';
import { asRecordName } from './record-name.ts';

const LOAD_BALANCER = /\.([a-z0-9-]+)\.elb\.amazonaws\.com(\.cn)?\.$/;
const NETWORK = /\.elb\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?\.$/;

/** What is wrong with a record's alias; undefined when nothing is, or when it has none. */
export function aliasRefusal(
  { store }: Region,
  zone: HostedZone,
  record: RecordSet,
  named: string,
  exists: (record: RecordSet) => boolean,
): string | undefined {
  const { alias } = record;
  if (alias === undefined) return undefined;
  const target = asRecordName(alias.dnsName);
  const tried = `Tried to create an alias that targets ${target}, type ${record.type} in zone ${alias.hostedZoneId}`;
  if (alias.hostedZoneId === zone.hostedZoneId) {
    if (exists({ ...record, name: target })) return undefined;
    return `${tried}, but that target was not found`;
  }
  const network = NETWORK.exec(target);
  const other = network === null ? LOAD_BALANCER.exec(target) : null;
  const region = (network ?? other)?.[1];
  const wanted = CANONICAL_ZONES[region ?? '']?.[network === null ? 'application' : 'network'];
  if (wanted !== undefined && wanted !== alias.hostedZoneId)
    return `${tried}, but the alias target name does not lie within the target zone`;
  if (wanted !== undefined && record.type !== 'A' && record.type !== 'AAAA')
    return `${tried}, but that target was not found`;
  if (store.get('route53/hosted-zone', alias.hostedZoneId) !== undefined)
    return `${tried}, but the alias target must be in the same hosted zone as ${named}`;
  return undefined;
}
