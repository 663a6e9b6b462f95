/**
 * twin/reach/path — whether an interface reaches a name: looked up as something behind it would,
 * and walked there and back. Nothing but the VPC is on the way: a host's own traffic passes its own
 * iptables untouched, and before a node has joined there is no host to walk through.
 *
 * What the documents do not tell is taken as open: nobody is kept out by a gap in an export.
 */
import type { Verdict } from '../../datapath/trace.ts';
import { walkBranches } from '../../datapath/walk/branches.ts';
import type { Origin } from '../../datapath/walk/flow.ts';
import { walkLookup } from '../../datapath/walk/name-walk.ts';
import type { World } from '../../datapath/walk/world.ts';
import { addressesOfInterface, type NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Namespaces } from '../../model/linux/namespace.ts';
import {
  familyOf,
  formatSocketAddress,
  type Ip,
  type Packet,
  PROTOCOL_TCP,
  parseIp,
} from '../../net/index.ts';
import type { Datapath } from '../datapath.ts';

/** A name that is not reached, and how that looks to who calls it. */
export interface Closed {
  readonly host: string;
  readonly verdict: Verdict;
  /** What Go's dialer says: `dial tcp 10.0.1.7:443: i/o timeout`. */
  readonly dialError: string;
}

const HTTPS = 443;
const SOURCE_PORT = 40_000;
const SYN_BYTES = 60;

const NO_NAMESPACES: Namespaces = { get: () => undefined, behind: () => undefined };

/** The world as an interface sees it that nobody is behind. */
export const withoutHosts = (world: World): World => ({ ...world, namespaces: NO_NAMESPACES });

/** Why something behind the interface does not reach the name; undefined: it does. */
export function closedPath(
  { names, store }: Datapath,
  world: World,
  eni: NetworkInterface,
  host: string,
  port = HTTPS,
): Closed | undefined {
  const { networkInterfaceId, vpcId } = eni;
  if (store.get('ec2/vpc', vpcId) === undefined || host === '') return undefined;
  const own = addressesOfInterface(eni);
  const origin: Origin = { kind: 'interface', networkInterfaceId, label: networkInterfaceId };
  const lookup = names.lookup({ kind: 'vpc', vpcId }, host);
  const { failure } = walkLookup(world, lookup, (_, server) => {
    const address = own.find((it) => familyOf(it) === familyOf(server));
    return address === undefined ? undefined : { origin, address, label: networkInterfaceId };
  });
  if (failure !== undefined)
    return isUnknown(failure) ? undefined : unresolved(host, failure, lookup);
  let first: Closed | undefined;
  for (const address of lookup.addresses.flatMap((text) => parseIp(text) ?? [])) {
    const source = own.find((it) => familyOf(it) === familyOf(address));
    if (source === undefined) continue;
    const flow = { origin, packet: synTo(source, address, port) };
    const branches = walkBranches(world, flow);
    // Clients try the addresses in turn: one that answers is enough.
    const open = branches.some((it) => it.disposition === 'delivered' || isUnknown(it));
    if (open) return undefined;
    first ??= { host, verdict: branches[0]!, dialError: dialError(address, port, branches[0]!) };
  }
  return first;
}

/** The twin was not told enough to judge. */
const isUnknown = ({ disposition, code }: Verdict): boolean =>
  disposition === 'not-simulated' || code === 'UNKNOWN_RESOURCE' || code === 'DNS_NXDOMAIN';

const synTo = (source: Ip, destination: Ip, destinationPort: number): Packet => ({
  protocol: PROTOCOL_TCP,
  source,
  destination,
  sourcePort: SOURCE_PORT,
  destinationPort,
  icmpType: -1,
  icmpCode: -1,
  sizeBytes: SYN_BYTES,
  dontFragment: true,
});

const dialError = (address: Ip, port: number, { disposition }: Verdict): string => {
  const how = disposition === 'refused' ? 'connect: connection refused' : 'i/o timeout';
  return `dial tcp ${formatSocketAddress(address, port)}: ${how}`;
};

function unresolved(
  host: string,
  verdict: Verdict,
  { resolver }: { readonly resolver: { readonly servers: readonly string[] } },
): Closed {
  const server = `${resolver.servers[0] ?? '127.0.0.53'}:53`;
  return { host, verdict, dialError: `dial tcp: lookup ${host} on ${server}: i/o timeout` };
}
