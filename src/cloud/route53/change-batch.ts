/**
 * cloud/route53/change-batch — ChangeResourceRecordSets: all changes of a batch or none, with the
 * texts of InvalidChangeBatch.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import { type HostedZone, type RecordSet, recordKeyOf } from '../../model/route53/hosted-zone.ts';
import { familyOf, parseIp } from '../../net/index.ts';
import type { Region } from '../region.ts';
import { aliasRefusal } from './alias-target.ts';
import type { RecordChange } from './operations.ts';
import { asRecordName } from './record-name.ts';

/** "Resource record sets per ChangeResourceRecordSets request"; an UPSERT counts twice. */
const CHANGES_MAX = 1_000;

const invalidBatch = (problems: readonly string[]): AwsError =>
  awsError('InvalidChangeBatch', `[${problems.join(', ')}]`);

/** The zone's records as a batch goes on, beside the store until all of it has been found right. */
type Draft = Map<string, RecordSet | undefined>;

/** Makes all of the changes, or says what is wrong with each that cannot be made. */
export function changeRecords(
  region: Region,
  zone: HostedZone,
  changes: readonly RecordChange[],
): { readonly kind: 'done' } | AwsError {
  const { store, quotas } = region;
  const weight = changes.reduce((sum, it) => sum + (it.action === 'UPSERT' ? 2 : 1), 0);
  if (weight > CHANGES_MAX)
    return awsError('InvalidChangeBatch', `Number of records limit of ${CHANGES_MAX} exceeded.`);
  const draft: Draft = new Map();
  const problems: string[] = [];
  for (const { action, recordSet } of changes) {
    const record: RecordSet = {
      ...recordSet,
      name: asRecordName(recordSet.name),
      hostedZoneId: zone.hostedZoneId,
    };
    const problem = changed(region, zone, draft, action, record);
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length > 0) return invalidBatch(problems);
  const before = store.lookupKeys('route53/record-set', 'hosted-zone', zone.hostedZoneId).size;
  const added = [...draft].filter(([key, it]) => it && !store.entry('route53/record-set', key));
  if (before + added.length > quotas.recordsPerHostedZone)
    return invalidBatch([
      `Number of records limit of ${quotas.recordsPerHostedZone} exceeded for zone ${zone.hostedZoneId}`,
    ]);
  for (const [key, record] of draft) {
    if (record === undefined) store.delete('route53/record-set', key);
    else store.put('route53/record-set', key, record);
  }
  return { kind: 'done' };
}

/** Puts one change into the draft, or says what is wrong with it. */
function changed(
  region: Region,
  zone: HostedZone,
  draft: Draft,
  action: RecordChange['action'],
  record: RecordSet,
): string | undefined {
  const key = recordKeyOf(record);
  const current = draft.has(key) ? draft.get(key) : region.store.get('route53/record-set', key);
  const named = `[name='${record.name}', type='${record.type}'${
    record.setIdentifier === undefined ? '' : `, set-identifier='${record.setIdentifier}'`
  }]`;
  if (!isInZone(record.name, zone.name))
    return `RRSet with DNS name ${record.name} is not permitted in zone ${zone.name}`;
  if (action === 'DELETE') {
    if (current === undefined)
      return `Tried to delete resource record set ${named} but it was not found`;
    if (!sameRecord(current, record))
      return (
        `Tried to delete resource record set ${named} but the values provided do not match the ` +
        'current values'
      );
    if (record.name === zone.name && (record.type === 'SOA' || record.type === 'NS'))
      return `A HostedZone must contain ${record.type === 'SOA' ? 'exactly one SOA record' : 'at least one NS record for the zone itself'}.`;
    draft.set(key, undefined);
    return undefined;
  }
  if (action === 'CREATE' && current !== undefined)
    return `Tried to create resource record set ${named} but it already exists`;
  const problem =
    valuesProblem(record) ??
    cnameProblem(region, zone, draft, record, named) ??
    aliasRefusal(region, zone, record, named, (it) => inDraft(region, draft, it));
  if (problem !== undefined) return problem;
  draft.set(key, record);
  return undefined;
}

const inDraft = ({ store }: Region, draft: Draft, record: RecordSet): boolean => {
  const key = recordKeyOf(record);
  return draft.has(key)
    ? draft.get(key) !== undefined
    : store.get('route53/record-set', key) !== undefined;
};

const isInZone = (name: string, zone: string): boolean =>
  name === zone || name.endsWith(`.${zone}`);

const sameRecord = (a: RecordSet, b: RecordSet): boolean =>
  a.ttlSeconds === b.ttlSeconds &&
  a.weight === b.weight &&
  JSON.stringify([...a.values].sort()) === JSON.stringify([...b.values].sort()) &&
  a.alias?.dnsName === b.alias?.dnsName &&
  a.alias?.hostedZoneId === b.alias?.hostedZoneId &&
  a.alias?.evaluateTargetHealth === b.alias?.evaluateTargetHealth;

function valuesProblem(record: RecordSet): string | undefined {
  const { type, values, alias, ttlSeconds } = record;
  if (alias !== undefined) {
    if (values.length === 0 && ttlSeconds === undefined) return undefined;
    return `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found more than one in Change with [Action=CREATE, Name=${record.name}, Type=${type}, SetIdentifier=${record.setIdentifier ?? 'null'}]`;
  }
  if (values.length === 0 || ttlSeconds === undefined)
    return `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=${record.name}, Type=${type}, SetIdentifier=${record.setIdentifier ?? 'null'}]`;
  for (const value of values) {
    const problem = valueProblem(type, value);
    if (problem !== undefined)
      return `Invalid Resource Record: 'FATAL problem: ${problem} encountered with '${value}''`;
  }
  return undefined;
}

function valueProblem(type: RecordSet['type'], value: string): string | undefined {
  const ip = parseIp(value);
  if (type === 'A')
    return ip !== undefined && familyOf(ip) === 4
      ? undefined
      : 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)';
  if (type === 'AAAA')
    return ip !== undefined && familyOf(ip) === 6
      ? undefined
      : 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)';
  if (type === 'TXT')
    return /^"(\\.|[^"\\])*"( "(\\.|[^"\\])*")*$/.test(value)
      ? undefined
      : 'InvalidCharacterString (Value should be enclosed in quotation marks)';
  return undefined;
}

/** A CNAME stands alone at its name, and never at the zone's. */
function cnameProblem(
  { store }: Region,
  zone: HostedZone,
  draft: Draft,
  record: RecordSet,
  named: string,
): string | undefined {
  if (record.type === 'CNAME' && record.name === zone.name && record.alias === undefined)
    return `RRSet of type CNAME with DNS name ${record.name} is not permitted at apex in zone ${zone.name}`;
  if (record.type === 'CNAME' && record.values.length > 1)
    return `Invalid Resource Record: 'FATAL problem: CNAMERRSetTooManyRecords (A CNAME record set can only have one value)'`;
  const others = new Map(
    store
      .lookup('route53/record-set', 'name', record.name)
      .filter((it) => it.hostedZoneId === zone.hostedZoneId)
      .map((it): [string, RecordSet | undefined] => [recordKeyOf(it), it]),
  );
  for (const [key, it] of draft)
    if (it === undefined || it.name === record.name) others.set(key, it);
  const clash = [...others.values()].some(
    (it) =>
      it !== undefined &&
      it.type !== record.type &&
      (it.type === 'CNAME' || record.type === 'CNAME'),
  );
  if (!clash) return undefined;
  return `RRSet of type ${record.type} with DNS name ${record.name} is not permitted because a conflicting RRSet of type ${
    record.type === 'CNAME' ? 'A' : 'CNAME'
  } with the same DNS name already exists in zone ${zone.name}${named === '' ? '' : ''}`;
}
