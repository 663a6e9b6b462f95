/**
 * controllers/vpc-cni/egress-plugin — the chained egress plugin: a second pair for the family the
 * cluster does not have, source NATed to the node's own address.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 cmd/egress-cni-plugin/egressContext.go, snat/snat.go;
 * containernetworking/plugins@3d27709 plugins/ipam/host-local (round robin), pkg/ip/link_linux.go
 * (veth names).
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { CniRequest, EgressInterface, IpRoute, PodSandbox } from '../../model/linux/cni.ts';
import { commentOf, jumpTo } from '../../model/linux/iptables-words.ts';
import type { IptablesRule } from '../../model/linux/netfilter.ts';
import type { NodeNetwork } from '../../model/linux/node-network.ts';
import { addressAt, type Cidr, formatIp, parseCanonicalCidr, parseIp } from '../../net/index.ts';
import { linkMacAddress } from './host-link-name.ts';
import { addressMatch, rule } from './iptables-rule.ts';
import type { IptablesState } from './iptables-state.ts';
import { cniChainName } from './portmap.ts';
import { MAIN_TABLE } from './route-table-id.ts';

/** The conflist's ranges; every node has the same ones, nobody else sees them. */
const IPV4_RANGE = '169.254.172.0/22';
const IPV6_RANGE = 'fd00::ac:0/118';
/** Both have 1,024 addresses: less the network's, the gateway's and IPv4's broadcast. */
const LAST_OFFSET = { 4: 1_022, 6: 1_023 } as const;
const FIRST_OFFSET = 2;

const block = (family: 4 | 6): Cidr => parseCanonicalCidr(family === 4 ? IPV4_RANGE : IPV6_RANGE)!;

const offsetOf = (family: 4 | 6, address: string): number => {
  const ip = parseIp(address.split('/')[0]!);
  return ip === undefined ? 0 : Number(BigInt(ip) - BigInt(block(family).first));
};

/**
 * host-local's choice: the next free one after the last it gave.
 *
 * @param held  addresses of the node's pods, in the order they were given
 */
function nextOffset(family: 4 | 6, held: readonly string[]): number | undefined {
  const taken = new Set(held.map((address) => offsetOf(family, address)));
  const last = held.length === 0 ? FIRST_OFFSET - 1 : offsetOf(family, held.at(-1)!);
  const size = LAST_OFFSET[family] - FIRST_OFFSET + 1;
  for (let i = 1; i <= size; i++) {
    const offset = FIRST_OFFSET + ((last - FIRST_OFFSET + i) % size);
    if (!taken.has(offset)) return offset;
  }
  return undefined;
}

/** The link-local address a kernel gives a link from its MAC (RFC 4291, appendix A). */
function linkLocal(macAddress: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = macAddress
    .split(':')
    .map((octet) => Number.parseInt(octet, 16));
  const words = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  const ip = parseIp(`fe80::${words.map((word) => word.toString(16)).join(':')}`);
  return ip === undefined ? '' : formatIp(ip);
}

function podRoutesOf(family: 4 | 6, name: string, gateway: string): readonly IpRoute[] {
  const table = MAIN_TABLE;
  if (family === 6) return [{ destination: '::/0', via: gateway, device: name, table }];
  return [
    { destination: `${gateway}/32`, device: name, scope: 'link', table },
    { destination: IPV4_RANGE, via: gateway, device: name, table },
    { destination: 'default', via: gateway, device: name, table },
  ];
}

/**
 * The pair for a pod; undefined where the plugin is off, or its range is used up, which fails the
 * ADD upstream: 1,021 pods of one node are more than any has.
 */
export function egressInterface(
  request: CniRequest,
  egress: NodeNetwork['egress'],
  held: readonly string[],
): EgressInterface | undefined {
  const family = egress.ipv4 ? 4 : egress.ipv6 ? 6 : undefined;
  const offset = family && nextOffset(family, held);
  if (family === undefined || offset === undefined) return undefined;
  const range = block(family);
  const name = family === 4 ? 'v4if0' : 'v6if0';
  const hostMacAddress = linkMacAddress(`${request.containerId} host ${name}`);
  // RandomVethName: veth and four random bytes.
  const hostName = `veth${hostMacAddress.replaceAll(':', '').slice(4)}`;
  const gateway = family === 4 ? formatIp(addressAt(range, 1)) : linkLocal(hostMacAddress);
  const ip = formatIp(addressAt(range, offset));
  return {
    name,
    hostName,
    macAddress: linkMacAddress(`${request.containerId} ${name}`),
    hostMacAddress,
    family,
    address: `${ip}/${range.bits}`,
    gateway,
    podRoutes: podRoutesOf(family, name, gateway),
    hostRoutes: [
      {
        destination: `${ip}/${family === 4 ? 32 : 128}`,
        device: hostName,
        scope: family === 4 ? 'link' : 'host',
        table: MAIN_TABLE,
      },
    ],
  };
}

/** The pair for a pod of a node of the twin, past what the node's other pods hold. */
export function newEgress(
  store: TwinStore,
  nodeName: string,
  request: CniRequest,
): EgressInterface | undefined {
  const egress = store.get('node/network', nodeName)?.egress;
  if (egress === undefined || !(egress.ipv4 || egress.ipv6)) return undefined;
  const held = store
    .lookup('node/pod-sandbox', 'node', nodeName)
    .flatMap((sandbox) => sandbox.egress?.address ?? []);
  return egressInterface(request, egress, held);
}

/** The source NAT of one pod's egress pair. `state` is of the pair's family. */
export function addEgressSnat(
  state: IptablesState,
  sandbox: PodSandbox,
  nodeAddress: string,
  randomizeSnat: NodeNetwork['randomizeSnat'],
): void {
  const { egress, containerId } = sandbox;
  const target = parseIp(nodeAddress);
  if (egress === undefined || target === undefined) return;
  const chain = cniChainName(egress.family === 4 ? 'E4-' : 'E6-', containerId);
  const said = commentOf(`name: "aws-cni" id: "${containerId}"`);
  const multicast = egress.family === 4 ? '224.0.0.0/4' : 'ff00::/8';
  const random =
    randomizeSnat === 'none' ? 'none' : randomizeSnat === 'hashrandom' ? 'random' : 'random-fully';
  const made: readonly IptablesRule[] = [
    rule([...addressMatch('destination', multicast), said], { kind: 'accept' }),
    rule([said], { kind: 'snat', address: target, random }),
  ];
  state.newChain('nat', chain);
  for (const one of made) state.appendUnique('nat', chain, one);
  const source = addressMatch('source', egress.address.split('/')[0]!);
  state.appendUnique('nat', 'POSTROUTING', rule([...source, said], jumpTo(chain)));
}
