/**
 * controllers/external-dns/synchronize — one look: what the objects want, what the zones have, and
 * the changes between.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a controller/controller.go RunOnce,
 * provider/aws/aws.go submitChanges: a batch that is refused is sent again record by record.
 */
import type { Route53 } from '../../cloud/route53/operations.ts';
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { HostedZone } from '../../model/route53/hosted-zone.ts';
import { adjusted } from './alias-endpoints.ts';
import { matchesDomain } from './domain-filter.ts';
import { type Endpoint, OWNER, RESOURCE, soundEndpoints } from './endpoint.ts';
import { GATEWAY_SOURCES, gatewayEndpoints } from './gateway-source.ts';
import { ingressEndpoints } from './ingress-source.ts';
import { ownedRecords } from './ownership.ts';
import { type Changes, planChanges } from './plan.ts';
import { batchesOf, changesByZone, type ZoneChanges } from './route53-changes.ts';
import { endpointOfRecord } from './route53-records.ts';
import { readsNodes, serviceEndpoints } from './service-source.ts';
import type { ExternalDnsSettings } from './settings.ts';
import { unroutedNames, withoutPolicy } from './unrouted.ts';
import { filterOf, suitableZones, zonesOf } from './zones.ts';

/** What came of one look. */
export interface Synchronization {
  /** What it logged as errors. */
  readonly failures: readonly string[];
  /** Names left alone because their record is another's. */
  readonly foreign: readonly LeftAlone[];
  /** Names that no zone it looks at has. */
  readonly homeless: readonly LeftAlone[];
  /** Names whose routing policy is not simulated: their records answer everybody. */
  readonly unrouted: readonly LeftAlone[];
  /** Whether nodes, pods and endpoints decide any of its records. */
  readonly readsNodes: boolean;
  /** The changes it sent, as a text; empty without any. */
  readonly sent: string;
  /** The first refusal of Route 53. */
  readonly refusal?: AwsError | undefined;
}

/** A name somebody wants, and why it has no record of his. */
export interface LeftAlone {
  readonly dnsName: string;
  /** `ingress/shop/web`. */
  readonly resource: string;
  readonly reason: string;
}

/** Compares and changes; the error where the zones could not even be read. */
export async function synchronize(
  store: TwinStore,
  route53: Route53,
  settings: ExternalDnsSettings,
): Promise<Synchronization | AwsError> {
  const listed = await route53.listHostedZones({});
  if (isAwsError(listed)) return listed;
  const zones = zonesOf(settings, listed);
  const records: Endpoint[] = [];
  for (const { hostedZoneId } of zones) {
    const found = await route53.listResourceRecordSets({ hostedZoneId });
    if (isAwsError(found)) return found;
    records.push(...found.flatMap((record) => endpointOfRecord(record) ?? []));
  }
  const owned = ownedRecords(settings, records);
  const wanted = wantedEndpoints(store, settings);
  const isOurs = nameFilter(settings, zones);
  const plan = planChanges({
    policy: settings.policy,
    ownerId: settings.registry === 'noop' ? '' : settings.ownerId,
    current: owned.endpoints.filter(isOurs),
    desired: wanted.map(withoutPolicy).filter(isOurs),
  });
  const refused: AwsError[] = [];
  const changes = settings.isDryRun ? [] : changesByZone(settings, zones, plan, owned);
  for (const ofZone of changes) refused.push(...(await submit(route53, ofZone)));
  return {
    failures: refused.map(({ code, message }) => `${code}: ${message}`),
    foreign: foreignNames(plan),
    homeless: homelessNames(settings, zones, wanted),
    unrouted: unroutedNames(wanted),
    sent: changes.length === 0 ? '' : JSON.stringify(changes.map(({ groups }) => groups)),
    readsNodes: readsNodes(store, settings),
    refusal: refused[0],
  };
}

/** What all sources want, as Route 53 would have it. */
function wantedEndpoints(store: TwinStore, settings: ExternalDnsSettings): readonly Endpoint[] {
  const all = settings.sources.flatMap((name) => {
    if (name === 'ingress') return ingressEndpoints(store, settings);
    if (name === 'service') return serviceEndpoints(store, settings);
    const routes = GATEWAY_SOURCES[name];
    return routes === undefined ? [] : gatewayEndpoints(store, settings, routes);
  });
  const sound = soundEndpoints(all).map((endpoint) => {
    const { ttlSeconds, recordType, properties } = endpoint;
    const isAliased = recordType === 'CNAME' && settings.prefersAlias && !properties.alias;
    return {
      ...endpoint,
      ttlSeconds: ttlSeconds > 0 ? ttlSeconds : settings.minTtlSeconds,
      properties: isAliased ? { ...properties, alias: 'true' } : properties,
    };
  });
  return adjusted(settings, sound);
}

/** Records it looks at: of managed types, within its domains and within a zone. */
function nameFilter(
  { domains, managedTypes }: ExternalDnsSettings,
  zones: readonly HostedZone[],
): (endpoint: Endpoint) => boolean {
  const ofZones = filterOf(zones);
  return ({ dnsName, recordType }) =>
    managedTypes.includes(recordType) &&
    matchesDomain(domains, dnsName) &&
    matchesDomain(ofZones, dnsName);
}

/** Sends the changes of a zone; what Route 53 refused. */
async function submit(
  route53: Route53,
  { zone, groups }: ZoneChanges,
): Promise<readonly AwsError[]> {
  const { hostedZoneId } = zone;
  const refused: AwsError[] = [];
  for (const changes of batchesOf(groups)) {
    const outcome = await route53.changeResourceRecordSets({ hostedZoneId, changes });
    if (!isAwsError(outcome)) continue;
    if (groups.length === 1) {
      refused.push(outcome);
      continue;
    }
    const ofBatch = groups.filter((group) => changes.includes(group[0]!));
    for (const alone of ofBatch) {
      const again = await route53.changeResourceRecordSets({ hostedZoneId, changes: alone });
      if (isAwsError(again)) refused.push(again);
    }
  }
  return refused;
}

const foreignNames = ({ foreign }: Changes): readonly LeftAlone[] =>
  foreign.map(({ current, wanted }) => {
    const owner = current.labels[OWNER];
    const whose = owner === undefined ? 'nobody of external-dns owns' : `${owner} owns`;
    const reason = `${whose} the ${current.recordType} record that is there`;
    return { dnsName: wanted.dnsName, resource: wanted.labels[RESOURCE] ?? '', reason };
  });

function homelessNames(
  { domains }: ExternalDnsSettings,
  zones: readonly HostedZone[],
  wanted: readonly Endpoint[],
): readonly LeftAlone[] {
  const names = new Map<string, LeftAlone>();
  for (const { dnsName, labels } of wanted) {
    const isHomeless = suitableZones(zones, dnsName, undefined).length === 0;
    if (!isHomeless && matchesDomain(domains, dnsName)) continue;
    const reason = isHomeless
      ? 'no hosted zone it looks at has the name'
      : 'not in --domain-filter';
    names.set(dnsName, { dnsName, resource: labels[RESOURCE] ?? '', reason });
  }
  return [...names.values()];
}
