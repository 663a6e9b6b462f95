/**
 * controllers/external-dns/ownership — whose a record is: read from the TXT records beside it, and
 * written as such.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a registry/txt/registry.go, endpoint/labels.go;
 * v0.16.1 registry/txt.go for the record without a type.
 */
import type { RecordType } from '../../model/route53/hosted-zone.ts';
import { ALIAS, type Endpoint, endpointOf, OWNER } from './endpoint.ts';
import { hasTypeInAffix, ownedName, ownershipName } from './ownership-name.ts';
import type { ExternalDnsSettings } from './settings.ts';

const HERITAGE = 'external-dns';
/** An owned record that lacks one of the ownership records that it should have. */
const FORCE_UPDATE = 'txt/force-update';

type Labels = Readonly<Record<string, string>>;

/** What an ownership record says; undefined where the text is none of external-dns's. */
export function labelsOf(text: string): Labels | undefined {
  const pairs = text
    .replace(/^"+|"+$/g, '')
    .split(',')
    .map((token) => [token.split('=')[0]!, token.slice(token.indexOf('=') + 1)] as const);
  if (!pairs.some(([key, value]) => key === 'heritage' && value === HERITAGE)) return undefined;
  const ours = pairs.filter(([key]) => key.startsWith(`${HERITAGE}/`));
  return Object.fromEntries(ours.map(([key, value]) => [key.slice(HERITAGE.length + 1), value]));
}

/** `"heritage=external-dns,external-dns/owner=…,external-dns/resource=…"`, with its quotes. */
export const ownershipText = (labels: Labels): string => {
  const pairs = Object.keys(labels)
    .sort()
    .map((key) => `${HERITAGE}/${key}=${labels[key]}`);
  return `"${[`heritage=${HERITAGE}`, ...pairs].join(',')}"`;
};

/** Records as they are, with whose they are. */
export interface OwnedRecords {
  readonly endpoints: readonly Endpoint[];
  /** `name setIdentifier` of the ownership records that are there. */
  readonly ownership: ReadonlySet<string>;
}

/** Reads the ownership records out of a zone's records. */
export function ownedRecords(
  settings: ExternalDnsSettings,
  records: readonly Endpoint[],
): OwnedRecords {
  if (settings.registry === 'noop') return { endpoints: records, ownership: new Set() };
  const plain: Endpoint[] = [];
  const labels = new Map<string, Labels>();
  const ownership = new Set<string>();
  const names = new Set<string>();
  for (const record of records) {
    const said = record.recordType === 'TXT' ? labelsOf(record.targets[0] ?? '') : undefined;
    if (said === undefined) {
      plain.push(record);
      continue;
    }
    const owned = ownedName(settings, record.dnsName);
    ownership.add(`${record.dnsName} ${record.setIdentifier}`);
    names.add(record.dnsName);
    labels.set(keyOf(owned?.dnsName ?? '', owned?.type, record.setIdentifier), said);
  }
  const endpoints = plain.map((record) => withOwner(settings, record, labels, names));
  return { endpoints, ownership };
}

const keyOf = (name: string, type: RecordType | undefined, set: string): string =>
  `${name} ${type ?? ''} ${set}`;

function withOwner(
  settings: ExternalDnsSettings,
  record: Endpoint,
  labels: ReadonlyMap<string, Labels>,
  names: ReadonlySet<string>,
): Endpoint {
  const { recordType, setIdentifier, dnsName } = record;
  const { txtWildcardReplacement, release } = settings;
  const name =
    txtWildcardReplacement === ''
      ? dnsName
      : dnsName.replace(/^\*(?=\.|$)/, txtWildcardReplacement);
  const at = (type: RecordType | undefined): Labels | undefined =>
    labels.get(keyOf(name, type, setIdentifier));
  const isAliasA = recordType === 'A' && record.properties[ALIAS] === 'true';
  const typed =
    isAliasA && release.aliasOwnershipType === 'CNAME'
      ? at('CNAME')
      : (at(recordType) ?? (isAliasA ? at('CNAME') : undefined));
  const said = typed ?? (recordType === 'AAAA' ? undefined : at(undefined));
  const owned = { ...record, labels: { ...record.labels, ...said } };
  const isOurs = owned.labels[OWNER] === settings.ownerId;
  if (!isOurs || !settings.managedTypes.includes(recordType)) return owned;
  const isComplete = ownershipRecords(settings, owned).every((it) => names.has(it.dnsName));
  if (isComplete) return owned;
  return { ...owned, properties: { ...owned.properties, [FORCE_UPDATE]: 'true' } };
}

/** An ownership record and the name of the record it is about. */
export interface OwnershipRecord extends Endpoint {
  readonly owns: string;
}

/** The ownership records of a record with its labels. */
export function ownershipRecords(
  settings: ExternalDnsSettings,
  record: Endpoint,
): readonly OwnershipRecord[] {
  if (settings.registry === 'noop') return [];
  const { dnsName, recordType, setIdentifier, properties, labels } = record;
  const isAliasA = recordType === 'A' && properties[ALIAS] === 'true';
  const type = isAliasA ? settings.release.aliasOwnershipType : recordType;
  const isOld = settings.writesOldFormat && !hasTypeInAffix(settings) && recordType !== 'AAAA';
  const names = [
    ...(isOld ? [ownershipName(settings, dnsName)] : []),
    ownershipName(settings, dnsName, type),
  ];
  return names.flatMap((name) => {
    const made = endpointOf(name, 'TXT', [ownershipText(labels)], { setIdentifier, properties });
    return made === undefined ? [] : { ...made, owns: dnsName };
  });
}
