/** cloud/route53/route53 — Route 53 over one account: hosted zones, and all their records. */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { VpcId } from '../../model/ec2/ids.ts';
import { type HostedZone, type RecordSet, recordKeyOf } from '../../model/route53/hosted-zone.ts';
import type { Region } from '../region.ts';
import { changeRecords } from './change-batch.ts';
import type { Route53Operations } from './operations.ts';
import { asRecordName } from './record-name.ts';
import { conflictIn, noZone, zoneSettings } from './zone-settings.ts';

export const route53Actions = (region: Region): Route53Operations => ({
  createHostedZone: (input) => create(region, input),
  listHostedZones({ name }) {
    const all = region.store.list('route53/hosted-zone');
    return name === undefined ? all : all.filter((it) => it.name === asRecordName(name));
  },
  listResourceRecordSets({ hostedZoneId }) {
    const { store } = region;
    if (store.get('route53/hosted-zone', hostedZoneId) === undefined) return noZone(hostedZoneId);
    return store.lookup('route53/record-set', 'hosted-zone', hostedZoneId).sort(inListedOrder);
  },
  changeResourceRecordSets({ hostedZoneId, changes }) {
    const zone = region.store.get('route53/hosted-zone', hostedZoneId);
    return zone === undefined ? noZone(hostedZoneId) : changeRecords(region, zone, changes);
  },
  ...zoneSettings(region),
  deleteHostedZone: ({ hostedZoneId }) => deleteZone(region, hostedZoneId),
});

/** Where a record stands in a listing, or where a listing begins. */
type Place = Pick<RecordSet, 'name' | 'setIdentifier'> & { readonly type?: string | undefined };

/** By name from the top-level domain down, then by type, as ListResourceRecordSets sorts. */
export function inListedOrder(a: Place, b: Place): number {
  const key = ({ name, type = '', setIdentifier }: Place) =>
    `${name.split('.').reverse().join('.')}\u0000${type}\u0000${setIdentifier ?? ''}`;
  const [left, right] = [key(a), key(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const LETTERS = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const DOMAIN = /^([a-z0-9_-]{1,63}\.)+$/;

function create(
  region: Region,
  input: Parameters<Route53Operations['createHostedZone']>[0],
): HostedZone | AwsError {
  const { store, quotas, ids } = region;
  const name = asRecordName(input.name);
  if (!DOMAIN.test(name))
    return awsError('InvalidDomainName', `The domain name '${input.name}' is invalid.`);
  const { callerReference: reference } = input;
  const isTaken = (zone: HostedZone) => zone.callerReference === reference;
  if (reference !== undefined && store.list('route53/hosted-zone').some(isTaken))
    return awsError(
      'HostedZoneAlreadyExists',
      `A hosted zone has already been created with the specified caller reference.`,
    );
  const vpcIds: VpcId[] = [];
  for (const id of input.vpcIds ?? []) {
    const vpc = store.get('ec2/vpc', id);
    if (vpc === undefined) return awsError('InvalidVPCId', `The VPC: ${id} is invalid.`);
    const conflict = conflictIn(region, name, vpc.vpcId);
    if (conflict !== undefined) return conflict;
    vpcIds.push(vpc.vpcId);
  }
  if (store.count('route53/hosted-zone') >= quotas.hostedZones)
    return awsError(
      'TooManyHostedZones',
      `Too many hosted zones: the limit is ${quotas.hostedZones}`,
    );
  const isPrivate = vpcIds.length > 0;
  const id = `Z0${Array.from({ length: 18 }, () => ids.oneOf(LETTERS)).join('')}`;
  const nameServers = isPrivate ? PRIVATE_SERVERS : publicServers(region);
  const { tags = {}, callerReference, comment } = input;
  const zone: HostedZone = {
    hostedZoneId: id,
    name,
    isPrivate,
    vpcIds,
    nameServers,
    ...(callerReference === undefined ? {} : { callerReference }),
    ...(comment === undefined ? {} : { comment }),
    tags,
  };
  store.put('route53/hosted-zone', id, zone);
  for (const record of ownRecords(zone))
    store.put('route53/record-set', recordKeyOf(record), record);
  return zone;
}

const PRIVATE_SERVERS = [
  'ns-0.awsdns-00.com',
  'ns-512.awsdns-00.net',
  'ns-1024.awsdns-00.org',
  'ns-1536.awsdns-00.co.uk',
];

/** One in each of the four top-level domains, from a quarter of the numbers each. */
function publicServers({ ids }: Region): readonly string[] {
  return ['com', 'net', 'org', 'co.uk'].map((domain, quarter) => {
    const number = quarter * 512 + (Number.parseInt(ids.hex(3), 16) % 512);
    const stripe = String(Math.floor(number / 8) % 64).padStart(2, '0');
    return `ns-${number}.awsdns-${stripe}.${domain}`;
  });
}

/** The two records every zone is made with. */
const ownRecords = ({ hostedZoneId, name, nameServers }: HostedZone): readonly RecordSet[] => [
  {
    hostedZoneId,
    name,
    type: 'NS',
    ttlSeconds: 172_800,
    values: nameServers.map((server) => `${server}.`),
  },
  {
    hostedZoneId,
    name,
    type: 'SOA',
    ttlSeconds: 900,
    values: [`${nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`],
  },
];

function deleteZone({ store }: Region, id: string): { readonly kind: 'done' } | AwsError {
  const zone = store.get('route53/hosted-zone', id);
  if (zone === undefined) return noZone(id);
  const records = store.lookup('route53/record-set', 'hosted-zone', id);
  const own = records.filter(
    (it) => it.name === zone.name && (it.type === 'NS' || it.type === 'SOA'),
  );
  if (own.length < records.length)
    return awsError(
      'HostedZoneNotEmpty',
      'The specified hosted zone contains non-required resource record sets and so cannot be ' +
        'deleted.',
    );
  for (const record of own) store.delete('route53/record-set', recordKeyOf(record));
  store.delete('route53/hosted-zone', id);
  return { kind: 'done' };
}
