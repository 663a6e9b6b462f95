/**
 * datapath/dns/answer — the words of name resolution: records, replies, the queries that were
 * asked and who answered them. Names are whole (`a.b.`), addresses are text.
 */
import type { Element } from '../trace.ts';

/** What may be asked for; other types are answered as RFC 1035 asks: no such data, or no name. */
export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'TXT' | 'NS' | 'SOA' | 'MX';

export interface Question {
  /** As it was asked, letters as they were, with its final dot. */
  readonly name: string;
  /** One of `RecordType`, or any other type's name. */
  readonly type: string;
}

export interface DnsRecord {
  readonly name: string;
  readonly type: RecordType;
  readonly ttl: number;
  /** As in a zone file: `10.0.3.10`, `0 100 80 web.shop.svc.cluster.local.`, `"1.1.0"`. */
  readonly data: string;
}

/**
 * What a server said; `TIMEOUT` when no server answers, `NOT-SIMULATED` when one would and nobody
 * here knows what.
 */
export type Rcode =
  | 'NOERROR'
  | 'NXDOMAIN'
  | 'SERVFAIL'
  | 'REFUSED'
  | 'FORMERR'
  | 'TIMEOUT'
  | 'NOT-SIMULATED';

export interface DnsReply {
  readonly rcode: Rcode;
  readonly answer: readonly DnsRecord[];
  /** The SOA of the zone that denies, or nothing. */
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
}

/** What sort of server answered. */
export type AnsweredBy =
  | 'coredns'
  | 'node-local-dns'
  | 'vpc-resolver'
  /** A resolver of the internet. */
  | 'public-resolver'
  /** The resolver did not ask at all: /etc/hosts, an address, a name that is none. */
  | 'local'
  | 'nobody';

/** Who sends a query: decides which resolver it has and what the names of AWS mean to it. */
export type Vantage =
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'node'; readonly name: string }
  /** Anything else with an interface in the VPC: an instance, a database, a function. */
  | { readonly kind: 'vpc'; readonly vpcId: string }
  /** Anywhere on the internet. */
  | { readonly kind: 'outside' };

/** One question put to one server, and what became of it. */
export interface DnsQuery extends Question {
  /** Who sends this packet. */
  readonly from: Vantage;
  /** The server's address; of a Service when it is one. */
  readonly server: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp';
  readonly rcode: Rcode;
  readonly answer: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly answeredBy: AnsweredBy;
  /** The Service whose address was asked, `kube-system/kube-dns`. */
  readonly service?: string | undefined;
  /** The pods that may answer; they answer alike. */
  readonly backends: readonly { readonly namespace: string; readonly name: string }[];
  /** `kubernetes cluster.local.`, `forward .`, `vpce-0a… private DNS`: the part that answered. */
  readonly source?: string | undefined;
  /** What the server had to ask others for. */
  readonly forwarded: readonly DnsQuery[];
  /** Take one of these away and the answer changes. */
  readonly evidence: readonly Element[];
  /** Declared, not simulated; assumed; stable stand-ins for public addresses. */
  readonly notes: readonly string[];
}

/** A resolv.conf, and why it is so. */
export interface ResolvConf {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** Other options as they would be written: `timeout:2`, `edns0`. */
  readonly options: readonly string[];
  /** Which policy made it: `ClusterFirst`, `Default`, `None`, `node`, `instance`. */
  readonly policy: string;
  readonly evidence: readonly Element[];
  readonly notes: readonly string[];
}

/** What a program that asks for a name gets, and every query that took. */
export interface Lookup {
  readonly vantage: Vantage;
  readonly name: string;
  readonly types: readonly string[];
  readonly rcode: Rcode;
  /** The whole name that was answered; the last one tried when none was. */
  readonly answeredName: string;
  readonly records: readonly DnsRecord[];
  /** Of the A and AAAA records, the asker's own family first, no address twice. */
  readonly addresses: readonly string[];
  readonly queries: readonly DnsQuery[];
  readonly resolver: ResolvConf;
  /** Of the resolver and of every query, once each. */
  readonly notes: readonly string[];
}

/** A reply that carries nothing. */
export const emptyReply = (rcode: Rcode): DnsReply => ({
  rcode,
  answer: [],
  authority: [],
  additional: [],
});

/** The record as a zone file has it: name, TTL, class, type, data. */
export const formatRecord = ({ name, ttl, type, data }: DnsRecord): string =>
  `${name}\t${ttl}\tIN\t${type}\t${data}`;
