/**
 * datapath/dns/route53-names — names in Route 53's hosted zones: private zones for the VPCs they
 * are associated with, public ones for everybody; aliases and wildcards.
 *
 * Source: Route 53 Developer Guide, "Considerations when working with a private hosted zone" (the
 * zone that matches most answers, and where it does not have the name there is none), "Choosing
 * between alias and non-alias records", "Using an asterisk (*) in the names of hosted zones and
 * records"; RFC 4592 on what a wildcard is not for.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { HostedZone, RecordSet } from '../../model/route53/hosted-zone.ts';
import type { Element } from '../trace.ts';
import type { DnsRecord, RecordType } from './answer.ts';
import type { NameSource, SourceAnswer } from './aws-names.ts';
import { labelsOf } from './domain-name.ts';
import { FollowedIndex } from './followed-index.ts';

const TTL = 60;
/** An alias may lead to an alias; more than this is a circle. */
const ALIASES_MAX = 8;
const PRIVATE_SHADOW = 'the zone is private: who asks from the internet is told of no such name';

export class Route53Names implements NameSource {
  readonly #store: TwinStore;
  readonly #others: readonly NameSource[];
  readonly #zones = new FollowedIndex('route53/hosted-zone', ({ name }) => [name.toLowerCase()]);
  /** By zone and every name that a record is at or below. */
  readonly #records = new FollowedIndex('route53/record-set', ({ hostedZoneId, name }) =>
    namesAbove(name).map((above) => `${hostedZoneId} ${above}`),
  );

  /** @param others  where aliases lead to: load balancers */
  constructor(store: TwinStore, others: readonly NameSource[]) {
    this.#store = store;
    this.#others = others;
  }

  find(vpcId: string | undefined, name: string, type: string): SourceAnswer | undefined {
    if (this.#store.count('route53/hosted-zone') === 0) return undefined;
    const zone = this.#zoneFor(vpcId, name);
    if (zone !== undefined) return this.#inZone(zone, vpcId, name, type, 0);
    const hidden = this.#zonesOf(name).find((it) => it.isPrivate && this.#exists(it, name));
    if (hidden === undefined) return undefined;
    const evidence = [zoneElement(hidden)];
    const notes = [`${hidden.name.slice(0, -1)}: ${PRIVATE_SHADOW}`];
    return { rcode: 'NXDOMAIN', addresses: [], source: sourceOf(hidden), evidence, notes };
  }

  /** Zones that hold the name, the most specific first. */
  #zonesOf(name: string): readonly HostedZone[] {
    return namesAbove(name).flatMap((above) => this.#zones.find(this.#store, above));
  }

  #zoneFor(vpcId: string | undefined, name: string): HostedZone | undefined {
    const zones = this.#zonesOf(name);
    const own =
      vpcId === undefined
        ? undefined
        : zones.find((it) => it.isPrivate && it.vpcIds.some((id) => id === vpcId));
    return own ?? zones.find(({ isPrivate }) => !isPrivate);
  }

  #inZone(
    zone: HostedZone,
    vpcId: string | undefined,
    name: string,
    type: string,
    aliases: number,
  ): SourceAnswer {
    const delegation = this.#delegation(zone, name);
    if (delegation !== undefined) return delegation;
    const source = sourceOf(zone);
    const records = this.#recordsFor(zone, name);
    if (records === undefined) {
      return { rcode: 'NXDOMAIN', addresses: [], source, evidence: [zoneElement(zone)], notes: [] };
    }
    const { chosen, notes } = routed(
      records.filter((it) => it.type === type || it.type === 'CNAME'),
    );
    if (chosen === undefined)
      return { addresses: [], source, evidence: [zoneElement(zone)], notes: [] };
    const evidence = [recordElement(chosen), zoneElement(zone)];
    if (chosen.alias !== undefined && aliases < ALIASES_MAX) {
      const found = this.#alias(zone, vpcId, chosen, type, aliases);
      return {
        ...found,
        source: `${source}, alias of ${found.source}`,
        evidence: [...evidence, ...found.evidence],
        notes: [...notes, ...found.notes],
      };
    }
    if (chosen.type === 'A' || chosen.type === 'AAAA')
      return { addresses: chosen.values, source, evidence, notes };
    const own = chosen.values.map(
      (data): DnsRecord => ({
        name,
        type: chosen.type as RecordType,
        ttl: chosen.ttlSeconds ?? TTL,
        data: chosen.type === 'CNAME' ? withDot(data) : data,
      }),
    );
    return { addresses: [], records: own, source, evidence, notes };
  }

  #alias(
    zone: HostedZone,
    vpcId: string | undefined,
    { alias }: RecordSet,
    type: string,
    aliases: number,
  ): SourceAnswer {
    const target = withDot(alias!.dnsName.toLowerCase());
    if (this.#exists(zone, target)) return this.#inZone(zone, vpcId, target, type, aliases + 1);
    for (const other of this.#others) {
      const found = other.find(vpcId, target, type);
      if (found !== undefined) return found;
    }
    return {
      rcode: 'NOT-SIMULATED',
      addresses: [],
      source: target.slice(0, -1),
      evidence: [],
      notes: [`the alias leads to ${target.slice(0, -1)}, which is nothing of the twin`],
    };
  }

  /** A subdomain whose name servers are others: what they say is not known. */
  #delegation(zone: HostedZone, name: string): SourceAnswer | undefined {
    const below = namesAbove(name).filter(
      (it) => it !== zone.name.toLowerCase() && it.length > zone.name.length,
    );
    for (const at of below) {
      const ns = this.#at(zone, at).find(({ type }) => type === 'NS');
      if (ns === undefined) continue;
      const notes = [`${at.slice(0, -1)} is delegated to ${ns.values.join(', ')}`];
      const evidence = [recordElement(ns)];
      return { rcode: 'NOT-SIMULATED', addresses: [], source: sourceOf(zone), evidence, notes };
    }
    return undefined;
  }

  /** At or below the name. */
  #exists({ hostedZoneId }: HostedZone, name: string): boolean {
    return this.#records.find(this.#store, `${hostedZoneId} ${name}`).length > 0;
  }

  #at({ hostedZoneId }: HostedZone, name: string): readonly RecordSet[] {
    return this.#store
      .lookup('route53/record-set', 'name', name)
      .filter((it) => it.hostedZoneId === hostedZoneId);
  }

  /** Records at the name, or the wildcard's for it; undefined: the name does not exist. */
  #recordsFor(zone: HostedZone, name: string): readonly RecordSet[] | undefined {
    if (this.#exists(zone, name)) return this.#at(zone, name);
    for (const above of namesAbove(name).slice(1)) {
      if (above.length < zone.name.length) break;
      const wild = this.#at(zone, `*.${above}`);
      if (wild.length > 0) return wild;
      if (this.#exists(zone, above)) return undefined;
    }
    return undefined;
  }
}

/** The name itself, then what is left without its first label, and so on. */
function namesAbove(name: string): readonly string[] {
  const labels = labelsOf(name.toLowerCase());
  return labels.map((_, at) => `${labels.slice(at).join('.')}.`);
}

/** Of records that a routing policy chooses from: the likeliest, and that others are. */
function routed(records: readonly RecordSet[]): {
  readonly chosen: RecordSet | undefined;
  readonly notes: readonly string[];
} {
  const [first] = records;
  if (first?.setIdentifier === undefined) return { chosen: first, notes: [] };
  const total = records.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
  const chosen = records.toSorted(
    (a, b) =>
      (b.weight ?? 0) - (a.weight ?? 0) ||
      ((a.setIdentifier ?? '') < (b.setIdentifier ?? '') ? -1 : 1),
  )[0]!;
  const share = total === 0 ? 'by its routing policy' : `for ${chosen.weight} of ${total} queries`;
  const note =
    `${chosen.name.slice(0, -1)} has ${records.length} routed records: only the one named ` +
    `"${chosen.setIdentifier}" is looked at (${share})`;
  return { chosen, notes: [note] };
}

const withDot = (name: string): string => (name.endsWith('.') ? name : `${name}.`);

const sourceOf = ({ name, isPrivate }: HostedZone): string =>
  `Route 53 ${isPrivate ? 'private ' : ''}zone ${name.slice(0, -1)}`;

const zoneElement = ({ hostedZoneId }: HostedZone): Element => ({
  kind: 'hosted-zone',
  object: hostedZoneId,
});

const recordElement = ({ hostedZoneId, name, type, setIdentifier }: RecordSet): Element => ({
  kind: 'dns-record',
  object: hostedZoneId,
  rule: [name, type, ...(setIdentifier === undefined ? [] : [setIdentifier])].join(' '),
});
