/**
 * controllers/external-dns/route53-changes — a plan as the changes of each hosted zone: records
 * with their ownership records, in batches of which all or nothing is done.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a registry/txt/registry.go ApplyChanges,
 * provider/aws/aws.go ApplyChanges, createUpdateChanges, changesByZone, batchChangeSet.
 */
import type { RecordChange } from '../../cloud/route53/operations.ts';
import type { HostedZone } from '../../model/route53/hosted-zone.ts';
import { ALIAS, type Endpoint, OWNER } from './endpoint.ts';
import { type OwnedRecords, ownershipRecords } from './ownership.ts';
import type { Changes } from './plan.ts';
import { recordOfEndpoint } from './route53-records.ts';
import type { ExternalDnsSettings } from './settings.ts';
import { suitableZones } from './zones.ts';

/** Changes of one zone that are sent together: a record's and its ownership records'. */
export interface ZoneChanges {
  readonly zone: HostedZone;
  /** By the name of the record they are about. */
  readonly groups: readonly (readonly RecordChange[])[];
}

type Action = RecordChange['action'];

/** A change of an endpoint, and of whose record it is. */
interface EndpointChange {
  readonly action: Action;
  readonly endpoint: Endpoint;
  readonly owns: string;
}

const HOSTED_ZONE = 'aws/hosted-zone-id';
/** A change of any of these cannot be written over the record that is there. */
const ROUTING = ['weight', 'region', 'failover', 'geolocation-continent-code'].concat([
  'geolocation-country-code',
  'geolocation-subdivision-code',
]);

/** What to send to each zone; a name that no zone has is in nobody's. */
export function changesByZone(
  settings: ExternalDnsSettings,
  zones: readonly HostedZone[],
  plan: Changes,
  { ownership }: OwnedRecords,
): readonly ZoneChanges[] {
  const byZone = new Map<HostedZone, Map<string, RecordChange[]>>();
  for (const { action, endpoint, owns } of endpointChanges(settings, plan, ownership)) {
    const { dnsName, properties } = endpoint;
    for (const zone of suitableZones(zones, dnsName, properties[HOSTED_ZONE])) {
      const groups = byZone.get(zone) ?? new Map<string, RecordChange[]>();
      byZone.set(zone, groups);
      const recordSet = recordOfEndpoint(endpoint, zone.hostedZoneId);
      groups.set(owns, [...(groups.get(owns) ?? []), { action, recordSet }]);
    }
  }
  return [...byZone].map(([zone, groups]) => ({
    zone,
    groups: [...groups.keys()].sort().map((owns) => groups.get(owns)!),
  }));
}

function endpointChanges(
  settings: ExternalDnsSettings,
  { create, update, remove }: Changes,
  ownership: ReadonlySet<string>,
): readonly EndpointChange[] {
  const changes: EndpointChange[] = [];
  const add = (action: Action, endpoint: Endpoint, owns = endpoint.dnsName): void => {
    changes.push({ action, endpoint, owns });
  };
  for (const endpoint of create) {
    const owned = { ...endpoint, labels: { ...endpoint.labels, [OWNER]: settings.ownerId } };
    add('CREATE', owned);
    for (const txt of ownershipRecords(settings, owned)) {
      const isThere = ownership.has(`${txt.dnsName} ${txt.setIdentifier}`);
      if (!isThere) add('CREATE', txt, txt.owns);
    }
  }
  for (const endpoint of remove) {
    add('DELETE', endpoint);
    for (const txt of ownershipRecords(settings, endpoint)) add('DELETE', txt, txt.owns);
  }
  for (const { from, to } of update) {
    const old = [from, ...ownershipRecords(settings, from)];
    for (const [i, made] of [to, ...ownershipRecords(settings, to)].entries()) {
      const before = old[i]!;
      if (!needsNewRecord(before, made)) add('UPSERT', made, to.dnsName);
      else {
        add('CREATE', made, to.dnsName);
        add('DELETE', before, to.dnsName);
      }
    }
  }
  return changes;
}

function needsNewRecord(from: Endpoint, to: Endpoint): boolean {
  const isAliasChanged = from.properties[ALIAS] !== to.properties[ALIAS];
  return (
    from.recordType !== to.recordType ||
    (from.recordType === 'A' && isAliasChanged) ||
    ROUTING.some(
      (it) =>
        (from.properties[`aws/${it}`] === undefined) !== (to.properties[`aws/${it}`] === undefined),
    )
  );
}

/** Route 53 takes so many changes at once; `--aws-batch-change-size`. */
const BATCH_MAX = 1_000;

/** Groups put together into batches, deletions before creations of the same batch. */
export function batchesOf(
  groups: readonly (readonly RecordChange[])[],
): readonly (readonly RecordChange[])[] {
  const batches: RecordChange[][] = [];
  for (const group of groups) {
    const last = batches.at(-1);
    if (last !== undefined && last.length + group.length <= BATCH_MAX) last.push(...group);
    else batches.push([...group]);
  }
  return batches.map((batch) => batch.sort(inOrder));
}

function inOrder(a: RecordChange, b: RecordChange): number {
  if (a.action !== b.action) return a.action > b.action ? -1 : 1;
  const [x, y] = [
    `${a.recordSet.name} ${a.recordSet.type}`,
    `${b.recordSet.name} ${b.recordSet.type}`,
  ];
  return x < y ? -1 : x > y ? 1 : 0;
}
