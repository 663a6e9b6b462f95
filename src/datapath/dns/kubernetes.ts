/**
 * datapath/dns/kubernetes — CoreDNS's kubernetes plugin: a question in the cluster's zone to a reply.
 *
 * Upstream: coredns/coredns@4b26cced3 plugin/kubernetes/handler.go ServeDNS, kubernetes.go
 * Services, plugin/backend_lookup.go A, AAAA, SRV, CNAME, TXT, PTR, NS, SOA.
 */
import { formatIp, parseIp } from '../../net/index.ts';
import { type DnsRecord, emptyReply, type Question, type RecordType } from './answer.ts';
import { NO_PORT } from './cluster-names.ts';
import { addressOfReverse, fqdn, isWithin, longestZone } from './domain-name.ts';
import type { KubernetesOptions } from './kubernetes-options.ts';
import { type Findings, type Found, KubernetesRecords } from './kubernetes-records.ts';
import type { AskAgain, Plugin } from './plugin.ts';

/** The DNS specification CoreDNS follows, and how long its version may be kept. */
const SCHEMA_VERSION = '"1.1.0"';
const SCHEMA_TTL = 28_800;
/** backend_lookup.go:15. */
const CHAIN_MAX = 10;
/** A SOA's own TTL is never longer (backend_lookup.go SOA). */
const SOA_TTL_MAX = 300;
/** The serial is the time of the last change; an answer here does not depend on time. */
const SERIAL = 1;

const typeOf = (host: string): 'A' | 'AAAA' | undefined => {
  const ip = parseIp(host);
  if (ip === undefined) return undefined;
  return typeof ip === 'number' ? 'A' : 'AAAA';
};

/** Sections of a reply that is not a refusal; undefined: the name does not exist. */
interface Sections {
  readonly answer: readonly DnsRecord[];
  readonly additional?: readonly DnsRecord[];
}

/** One question being answered. */
class Answerer {
  readonly #options: KubernetesOptions;
  readonly #question: Question;
  readonly #zone: string;
  readonly #localIps: readonly string[];
  readonly #again: AskAgain;
  readonly records: KubernetesRecords;

  constructor(
    records: KubernetesRecords,
    options: KubernetesOptions,
    question: Question,
    zone: string,
    localIps: readonly string[],
    again: AskAgain,
  ) {
    this.records = records;
    this.#options = options;
    this.#question = question;
    this.#zone = zone;
    this.#localIps = localIps;
    this.#again = again;
  }

  answer(): Sections | undefined {
    const { name, type } = this.#question;
    switch (type) {
      case 'A':
      case 'AAAA':
        return this.#wrap(this.#addresses(name, type, []));
      case 'CNAME':
        return this.#cname();
      case 'SRV':
        return this.#srv();
      case 'TXT':
        return this.#txt();
      case 'PTR':
        return this.#ptr();
      case 'SOA':
        return name === this.#zone
          ? { answer: [soa(this.#zone, this.#options.ttl)] }
          : { answer: [] };
      case 'NS':
        if (name.toLowerCase() === this.#zone) return this.#ns();
        break;
      case 'MX':
        return this.#find(name) === undefined ? undefined : { answer: [] };
    }
    return this.#addresses(name, 'A', []) === undefined ? undefined : { answer: [] };
  }

  #wrap(answer: readonly DnsRecord[] | undefined): Sections | undefined {
    return answer === undefined ? undefined : { answer };
  }

  #record(name: string, type: RecordType, data: string): DnsRecord {
    return { name, type, ttl: this.#options.ttl, data };
  }

  #find(name: string): Findings {
    const lower = name.toLowerCase();
    if (lower === `ns.dns.${this.#zone.toLowerCase()}`)
      return this.records.nameServers(this.#localIps, this.#zone).map((it) => ({ ...it, name }));
    return this.records.find(lower, this.#zone);
  }

  /** Addresses of a name, an ExternalName followed; undefined when there is no such name. */
  #addresses(
    name: string,
    type: 'A' | 'AAAA',
    chain: readonly string[],
  ): readonly DnsRecord[] | undefined {
    const findings = this.#find(name);
    if (findings === undefined) return undefined;
    const records: DnsRecord[] = [];
    const seen = new Set<string>();
    for (const { host } of findings) {
      const family = typeOf(host);
      if (family === undefined) records.push(...this.#follow(name, fqdn(host), type, chain));
      else if (family === type && !seen.has(host)) {
        seen.add(host);
        records.push(this.#record(name, type, host));
      }
    }
    return records;
  }

  /** A CNAME and what its target holds; nothing when the target, in this zone, holds nothing. */
  #follow(
    name: string,
    target: string,
    type: 'A' | 'AAAA',
    chain: readonly string[],
  ): readonly DnsRecord[] {
    // backend_lookup.go: x CNAME x, and what is below x, would loop.
    if (isWithin(name, target) || chain.length > CHAIN_MAX || chain.includes(name)) return [];
    const alias = this.#record(name, 'CNAME', target);
    if (!isWithin(this.#zone, target)) {
      const reply = this.#again({ name: target, type });
      return [alias, ...reply.answer];
    }
    const rest = this.#addresses(target, type, [...chain, name]) ?? [];
    return rest.length === 0 ? [] : [alias, ...rest];
  }

  #cname(): Sections | undefined {
    const { name } = this.#question;
    const findings = this.#find(name);
    if (findings === undefined) return undefined;
    const host = findings[0]?.host;
    if (host === undefined || typeOf(host) !== undefined) return { answer: [] };
    return { answer: [this.#record(name, 'CNAME', fqdn(host))] };
  }

  #srv(): Sections | undefined {
    const { name } = this.#question;
    const findings = this.#find(name);
    if (findings === undefined) return undefined;
    const internal = findings.filter(({ host }) => typeOf(host) !== undefined);
    const weight = Math.max(1, Math.floor(100 / internal.length));
    const answer = new Map<string, DnsRecord>();
    const additional = new Map<string, DnsRecord>();
    for (const { host, port, name: target } of internal) {
      if (port === NO_PORT) continue;
      const data = `0 ${weight} ${port} ${target}`;
      answer.set(`${target} ${port}`, this.#record(name, 'SRV', data));
      additional.set(`${target} ${host}`, this.#record(target, typeOf(host)!, host));
    }
    return { answer: [...answer.values()], additional: [...additional.values()] };
  }

  #txt(): Sections | undefined {
    const { name } = this.#question;
    if (name.toLowerCase() === `dns-version.${this.#zone.toLowerCase()}`) {
      return { answer: [{ name, type: 'TXT', ttl: SCHEMA_TTL, data: SCHEMA_VERSION }] };
    }
    // Only what something has a record of exists for TXT (kubernetes.go Services).
    const findings = this.records.find(name.toLowerCase(), this.#zone);
    return findings === undefined || findings.length === 0 ? undefined : { answer: [] };
  }

  #ptr(): Sections | undefined {
    const { name } = this.#question;
    const ip = addressOfReverse(name.toLowerCase());
    if (ip === undefined) {
      return this.records.find(name.toLowerCase(), this.#zone) === undefined
        ? undefined
        : { answer: [] };
    }
    const names = [...new Set(this.records.namesOf(formatIp(ip)))];
    if (names.length === 0) return undefined;
    return { answer: names.map((host) => this.#record(name, 'PTR', host)) };
  }

  #ns(): Sections {
    const { name } = this.#question;
    const servers: readonly Found[] = this.records.nameServers(this.#localIps, this.#zone);
    const targets = [...new Set(servers.map((server) => server.name))];
    return {
      answer: targets.map((target) => this.#record(name, 'NS', target)),
      additional: servers.map(({ host, name: target }) =>
        this.#record(target, typeOf(host) ?? 'A', host),
      ),
    };
  }
}

function soa(zone: string, ttl: number): DnsRecord {
  const data = `ns.dns.${zone} hostmaster.${zone} ${SERIAL} 7200 1800 86400 ${ttl}`;
  return { name: zone, type: 'SOA', ttl: Math.min(ttl, SOA_TTL_MAX), data };
}

/** The plugin with its options. */
export function kubernetesPlugin(options: KubernetesOptions): Plugin {
  return (question, passage, next, again) => {
    const { name, type } = question;
    const matched = longestZone(options.zones, name);
    if (matched === undefined) return next(question);
    passage.notes.push(...options.notes);
    if (type === 'AXFR' || type === 'IXFR') return emptyReply('REFUSED');
    const zone = matched === '.' ? '.' : name.slice(-matched.length);
    const { names, localIps } = passage.context;
    const records = new KubernetesRecords(names, options);
    const sections = new Answerer(records, options, question, zone, localIps, again).answer();
    if (sections === undefined && longestZone(options.fallthrough, name) !== undefined)
      return next(question);
    passage.source = `kubernetes ${matched}`;
    passage.evidence.push(...records.evidence);
    if (sections !== undefined && sections.answer.length > 0) {
      return { rcode: 'NOERROR', authority: [], additional: [], ...sections };
    }
    const rcode = sections === undefined ? 'NXDOMAIN' : 'NOERROR';
    return { ...emptyReply(rcode), authority: [soa(zone, options.ttl)] };
  };
}
