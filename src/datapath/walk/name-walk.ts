/**
 * datapath/walk/name-walk — the packets that looking up a name takes: to the cluster's DNS service,
 * from CoreDNS on to the VPC resolver. Each distinct way is walked once, like any other flow.
 */
import { type Ip, type Packet, PROTOCOL_TCP, PROTOCOL_UDP, parseIp } from '../../net/index.ts';
import { formatProbability } from '../chance.ts';
import type { DnsQuery, Lookup, Vantage } from '../dns/answer.ts';
import type { Verdict } from '../trace.ts';
import { walkBranches } from './branches.ts';
import type { Branch, Flow, Origin } from './flow.ts';
import type { World } from './world.ts';

/** The way of queries from one sender to one server. */
export interface QueryWay {
  readonly from: string;
  readonly server: string;
  /** The Service whose address that is. */
  readonly service?: string | undefined;
  readonly protocol: 'udp' | 'tcp';
  readonly branches: readonly Branch[];
}

export interface NameWalk {
  readonly lookup: Lookup;
  readonly ways: readonly QueryWay[];
  /** Why the name is not known to who asked; undefined: it is. */
  readonly failure?: Verdict | undefined;
  /** A way that only sometimes works. */
  readonly notes: readonly string[];
}

/** Where a query starts, and from which address; undefined: outside of what is walked. */
export type SenderOf = (
  vantage: Vantage,
  server: Ip,
) => { readonly origin: Origin; readonly address: Ip; readonly label: string } | undefined;

const RESOLVER_PORT = 40_053;
const QUERY_BYTES = 80;

/** Walks every distinct way of a lookup's queries. */
export function walkLookup(world: World, lookup: Lookup, senderOf: SenderOf): NameWalk {
  const ways = new Map<string, QueryWay>();
  for (const query of lookup.queries) addWays(world, query, senderOf, ways);
  const notes: string[] = [];
  let failure = answerFailure(lookup);
  for (const way of ways.values()) {
    const lost = way.branches.filter(({ disposition }) => disposition !== 'delivered');
    if (lost.length === 0) continue;
    if (lost.length === way.branches.length) failure = lostFailure(lookup, way, lost[0]!);
    else notes.push(sometimesLost(way, lost));
  }
  return { lookup, ways: [...ways.values()], failure, notes };
}

function addWays(
  world: World,
  query: DnsQuery,
  senderOf: SenderOf,
  ways: Map<string, QueryWay>,
): void {
  const server = parseIp(query.server);
  const sender = server === undefined ? undefined : senderOf(query.from, server);
  if (server !== undefined && sender !== undefined) {
    const key = `${sender.label} ${query.server} ${query.protocol}`;
    if (!ways.has(key)) {
      const flow: Flow = {
        origin: sender.origin,
        packet: queryPacket(query, sender.address, server),
      };
      ways.set(key, {
        from: sender.label,
        server: query.server,
        service: query.service,
        protocol: query.protocol,
        branches: walkBranches(world, flow),
      });
    }
  }
  for (const forwarded of query.forwarded) addWays(world, forwarded, senderOf, ways);
}

const queryPacket = (query: DnsQuery, source: Ip, destination: Ip): Packet => ({
  protocol: query.protocol === 'udp' ? PROTOCOL_UDP : PROTOCOL_TCP,
  source,
  destination,
  sourcePort: RESOLVER_PORT,
  destinationPort: query.port,
  icmpType: -1,
  icmpCode: -1,
  sizeBytes: QUERY_BYTES,
  dontFragment: false,
});

/** What the answer itself says: there is no such name, or nobody who knew. */
function answerFailure({ name, rcode, addresses, queries }: Lookup): Verdict | undefined {
  if (rcode === 'NOERROR' && addresses.length > 0) return undefined;
  const asked = queries.length === 1 ? 'one query' : `${queries.length} queries`;
  switch (rcode) {
    case 'NOERROR':
      return {
        disposition: 'no-such-name',
        text: `${name} exists but has no address (${asked})`,
        code: 'DNS_NO_DATA',
      };
    case 'NXDOMAIN':
      return {
        disposition: 'no-such-name',
        text: `${name} does not exist (NXDOMAIN after ${asked})`,
        code: 'DNS_NXDOMAIN',
        remedy: {
          text: zoneHint(queries) ?? "check the Service's name and namespace: name.namespace",
        },
      };
    case 'NOT-SIMULATED':
      return {
        disposition: 'not-simulated',
        text: `who answers for ${name} is declared, not simulated`,
        code: 'DNS_NOT_SIMULATED',
      };
    default:
      return {
        disposition: 'no-such-name',
        text: `nobody answers for ${name} (${rcode})`,
        code: `DNS_${rcode}`,
      };
  }
}

const ZONE = /^Route 53 (?:private )?zone (\S+)$/;

/** Who asked in one of the account's own zones lacks a record there. */
function zoneHint(queries: readonly DnsQuery[]): string | undefined {
  for (const query of queries) {
    const zone = ZONE.exec(query.source ?? '')?.[1];
    if (zone !== undefined)
      return `add a record for ${query.name.replace(/\.$/, '')} to zone ${zone}`;
    const below = zoneHint(query.forwarded);
    if (below !== undefined) return below;
  }
  return undefined;
}

function lostFailure(lookup: Lookup, way: QueryWay, branch: Branch): Verdict {
  const server = way.service === undefined ? way.server : `${way.service} (${way.server})`;
  return {
    disposition: branch.disposition,
    text: `${lookup.name} cannot be resolved: ${way.from} does not reach ${server}: ${branch.text}`,
    code: branch.code,
    remedy: branch.remedy,
  };
}

function sometimesLost(way: QueryWay, lost: readonly Branch[]): string {
  const share = lost.reduce((sum, { probability }) => sum + probability, 0);
  const server = way.service ?? way.server;
  return `${formatProbability(share)} of the queries of ${way.from} to ${server} are lost and asked again after 5 s: ${lost[0]!.text}`;
}
