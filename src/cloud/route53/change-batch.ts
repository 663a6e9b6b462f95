/**
 * cloud/route53/change-batch — ChangeResourceRecordSets: all changes of a batch or none, with the
 * texts of InvalidChangeBatch.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import { type HostedZone, type RecordSet, recordKeyOf } from '../../model/route53/hosted-zone.ts';
import { familyOf, parseIp } from '../../net/index.ts';
import type { Region } from '../region.ts';
import { aliasProblems } from './alias-target.ts';
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
    problems.push(...changed(region, zone, draft, action, asKept(zone, recordSet)));
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

/** The record as Route 53 keeps it. */
const asKept = (
  { hostedZoneId }: HostedZone,
  { alias, ...rest }: RecordChange['recordSet'],
): RecordSet => ({
  hostedZoneId,
  ...rest,
  name: asRecordName(rest.name),
  alias: alias && { ...alias, dnsName: asRecordName(alias.dnsName) },
});

/** Puts one change into the draft, or says what is wrong with it. */
function changed(
  region: Region,
  zone: HostedZone,
  draft: Draft,
  action: RecordChange['action'],
  record: RecordSet,
): readonly string[] {
  const key = recordKeyOf(record);
  const current = draft.has(key) ? draft.get(key) : region.store.get('route53/record-set', key);
  if (!isInZone(record.name, zone.name))
    return [`RRSet with DNS name ${record.name} is not permitted in zone ${zone.name}`];
  const problems =
    action === 'DELETE'
      ? deletionProblems(zone, current, record)
      : creationProblems(region, zone, draft, action === 'CREATE' ? current : undefined, record);
  if (problems.length === 0) draft.set(key, action === 'DELETE' ? undefined : record);
  return problems;
}

/** `[name='a.example.com.', type='A']`. */
const nameOf = ({ name, type, setIdentifier }: RecordSet): string => {
  const set = setIdentifier === undefined ? '' : `, set-identifier='${setIdentifier}'`;
  return `[name='${name}', type='${type}'${set}]`;
};

function deletionProblems(
  zone: HostedZone,
  current: RecordSet | undefined,
  record: RecordSet,
): readonly string[] {
  const tried = `Tried to delete resource record set ${nameOf(record)} but`;
  if (current === undefined) return [`${tried} it was not found`];
  if (!sameRecord(current, record))
    return [`${tried} the values provided do not match the current values`];
  if (record.name !== zone.name) return [];
  if (record.type === 'SOA') return ['A HostedZone must contain exactly one SOA record.'];
  if (record.type !== 'NS') return [];
  return ['A HostedZone must contain at least one NS record for the zone itself.'];
}

/** @param held  the record that must not be there yet */
function creationProblems(
  region: Region,
  zone: HostedZone,
  draft: Draft,
  held: RecordSet | undefined,
  record: RecordSet,
): readonly string[] {
  if (held !== undefined)
    return [`Tried to create resource record set ${nameOf(record)} but it already exists`];
  const problem =
    valuesProblem(record) ??
    cnameProblem(zone, siblings(region, draft, record), record) ??
    routingProblem(siblings(region, draft, record), record);
  if (problem !== undefined) return [problem];
  return aliasProblems(zone, record, (it) => inDraft(region, draft, it));
}

/** The zone's records of the same name, as the batch has left them so far. */
function siblings(
  { store }: Region,
  draft: Draft,
  { name, hostedZoneId }: RecordSet,
): readonly RecordSet[] {
  const found = new Map<string, RecordSet | undefined>();
  for (const it of store.lookup('route53/record-set', 'name', name))
    if (it.hostedZoneId === hostedZoneId) found.set(recordKeyOf(it), it);
  for (const [key, it] of draft) if (found.has(key) || it?.name === name) found.set(key, it);
  return [...found.values()].flatMap((it) => it ?? []);
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
  const hasValues = values.length > 0 && ttlSeconds !== undefined;
  if ((alias !== undefined) === hasValues || (alias !== undefined && values.length > 0))
    return (
      'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], ' +
      `or TrafficPolicyInstanceId], but found ${hasValues ? 'more than one' : 'none'} in Change ` +
      `with [Action=CREATE, Name=${record.name}, Type=${type}, SetIdentifier=` +
      `${record.setIdentifier ?? 'null'}]`
    );
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
  zone: HostedZone,
  others: readonly RecordSet[],
  record: RecordSet,
): string | undefined {
  const isCname = record.type === 'CNAME';
  const refused = `RRSet of type ${record.type} with DNS name ${record.name} is not permitted`;
  if (isCname && record.name === zone.name && record.alias === undefined)
    return `${refused} at apex in zone ${zone.name}`;
  if (isCname && record.values.length > 1)
    return "Invalid Resource Record: 'FATAL problem: CNAMERRSetTooManyRecords encountered'";
  const differs = others.filter((it) => it.type !== record.type);
  if (isCname && differs.length > 0)
    return `${refused} as it conflicts with other records with the same DNS name in zone ${zone.name}`;
  if (!differs.some((it) => it.type === 'CNAME')) return undefined;
  return (
    `${refused} because a conflicting RRSet of type CNAME with the same DNS name already exists ` +
    `in zone ${zone.name}`
  );
}

/** Records of one name and type are all routed (weighted and so on), or there is one alone. */
function routingProblem(others: readonly RecordSet[], record: RecordSet): string | undefined {
  const isRouted = record.setIdentifier !== undefined;
  const mixed = others.some(
    (it) => it.type === record.type && (it.setIdentifier !== undefined) !== isRouted,
  );
  if (!mixed) return undefined;
  return (
    `RRSet with DNS name ${record.name}, type ${record.type}, SetIdentifier ` +
    `${record.setIdentifier ?? 'null'} cannot be created as ` +
    `${isRouted ? 'a non-weighted' : 'a weighted'} set exists with the same name and type.`
  );
}
