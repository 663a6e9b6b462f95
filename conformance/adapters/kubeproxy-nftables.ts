/**
 * conformance/adapters/kubeproxy-nftables — Services and EndpointSlices on a node -> the table that
 * the real kube-proxy 1.30.5 writes in nftables mode, and where packets go through it.
 *
 * Text is compared after normalising: the dump (`add` commands, `mark or 0x…`) is read and printed
 * as `nft list ruleset` would, and elements of sets and maps are sorted, because kube-proxy takes
 * Services in Go's random order. Nothing is left out: what the reader does not know it refuses.
 *
 * The flows are those of upstream's iptables mode. Where nftables mode differs by design, a flow is
 * skipped by what it is, never by its name: see `differs`.
 *
 * Schema: shared vectors README, kubeproxy. Each case is one text and its flows.
 */
import { type EndpointUser, endpointsOf } from '../../src/controllers/kube-proxy/endpoints.ts';
import { NftablesIndex } from '../../src/controllers/kube-proxy/nftables-index.ts';
import { type NftNode, nftablesTable } from '../../src/controllers/kube-proxy/nftables-table.ts';
import type { LocalDetector } from '../../src/controllers/kube-proxy/proxy-settings.ts';
import { servicePorts } from '../../src/controllers/kube-proxy/service-port.ts';
import type { PortView } from '../../src/controllers/kube-proxy/service-views.ts';
import { type HookEnd, hookBranches } from '../../src/datapath/linux/hook-branches.ts';
import { parseNftRuleset } from '../../src/formats/linux/nft-parse.ts';
import { formatNftRuleset } from '../../src/formats/linux/nft-ruleset.ts';
import type { Service } from '../../src/model/kubernetes/core.ts';
import type { EndpointSlice } from '../../src/model/kubernetes/networking.ts';
import type { NetworkNamespace } from '../../src/model/linux/namespace.ts';
import type { NftTable } from '../../src/model/linux/nftables.ts';
import {
  contains,
  familyOf,
  formatIp,
  type Ip,
  type Packet,
  parseCidr,
  parseIp,
  parseProtocol,
} from '../../src/net/index.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import type { KubeProxyFlow as Flow, KubeProxyNode } from '../kubeproxy-vector.ts';

interface Case {
  readonly name: string;
  readonly node: KubeProxyNode;
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly nftables: string;
  readonly flows: readonly Flow[];
}

const MASQUERADE_MARK = 0x4000;
const SOURCE_PORT = 40_000;

const isSet = (json: unknown): json is { readonly cases: readonly Case[] } => {
  const first = (json as { cases?: readonly Partial<Case>[] } | null)?.cases?.[0];
  return typeof first?.nftables === 'string' && Array.isArray(first.flows);
};

const isLoopback = (ip: Ip): boolean =>
  ip === 1n || (typeof ip === 'number' && contains(parseCidr('127.0.0.0/8')!, ip));

/** The node's addresses of the case's family. */
function addressesOf({ node }: Case): readonly Ip[] {
  const ips = node.addresses.map((text) => parseIp(text.split('/')[0]!)!);
  return ips.filter((ip) => familyOf(ip) === (node.ipv6 ? 6 : 4));
}

/** By default the node's own first address; else those in the blocks, without loopback. */
function nodePortIps(one: Case): readonly Ip[] {
  const own = addressesOf(one).filter((ip) => !isLoopback(ip));
  const { nodePortAddresses, nodeIP, ipv6 } = one.node;
  if (nodePortAddresses === null) {
    return ipv6 ? own.slice(0, 1) : own.filter((ip) => formatIp(ip) === nodeIP);
  }
  const blocks = nodePortAddresses.map((text) => parseCidr(text)!);
  return own.filter((ip) => blocks.some((block) => contains(block, ip)));
}

function detectorOf({ node }: Case): LocalDetector {
  if (node.detectLocal === 'none') return { kind: 'none' };
  if (node.detectLocal === 'InterfaceNamePrefix') {
    return { kind: 'in-interface', name: `${node.interfacePrefix}+` };
  }
  return { kind: 'source', cidr: parseCidr(node.clusterCIDR)! };
}

const sliceOf = ({ metadata }: Service, slice: EndpointSlice): boolean =>
  slice.metadata.namespace === metadata.namespace &&
  slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name;

function tableOf(one: Case): NftTable {
  const family = one.node.ipv6 ? 6 : 4;
  const views = one.services.flatMap((service): PortView[] => {
    const slices = one.endpointSlices.filter((slice) => sliceOf(service, slice));
    return servicePorts(service, family).map((port) => ({
      port,
      endpoints: endpointsOf(port, slices, family),
    }));
  });
  const { masqueradeAll, hostname, labels, nodeIP } = one.node;
  const index = new NftablesIndex({ family, masqueradeAll, detector: detectorOf(one) }, views);
  const user: EndpointUser = {
    nodeName: hostname,
    zone: labels['topology.kubernetes.io/zone'],
    hints: 'annotated',
  };
  const node: NftNode = {
    ...user,
    nodeIp: parseIp(nodeIP),
    nodePortIps: nodePortIps(one),
    masqueradeMark: MASQUERADE_MARK,
  };
  return nftablesTable(index, node);
}

/** Text with the elements of every set and map in order. */
function normalised(tables: readonly NftTable[]): string {
  return formatNftRuleset(tables).replace(
    /elements = \{ ([^}]*) \}/g,
    (_, list: string) => `elements = { ${list.split(/,\s+/).sort().join(', ')} }`,
  );
}

/** The first line that differs. */
function difference(wanted: string, got: string): string | undefined {
  const [want, have] = [wanted.split('\n'), got.split('\n')];
  for (let i = 0; i < Math.max(want.length, have.length); i++) {
    if (want[i] === have[i]) continue;
    const [left, right] = [want[i]?.trim() ?? 'end', have[i]?.trim() ?? 'end'];
    return `line ${i + 1}: wanted ${left}, got ${right}`;
  }
  return undefined;
}

/** The node as a namespace that has this table and nothing else. */
function namespaceOf(one: Case, table: NftTable): NetworkNamespace {
  const texts = one.node.addresses;
  const isLo = (text: string): boolean => isLoopback(parseIp(text.split('/')[0]!)!);
  const link = { macAddress: '02:00:00:00:00:01', mtu: 9001 };
  return {
    id: `node/${one.node.hostname}`,
    links: [
      { ...link, name: 'lo', kind: 'loopback', addresses: texts.filter(isLo) },
      { ...link, name: 'eth0', kind: 'ena', addresses: texts.filter((text) => !isLo(text)) },
    ],
    neighbours: [],
    rules: [{ priority: 32_766, match: { kind: 'all' }, table: 254 }],
    routes: [{ destination: 'default', device: 'eth0', table: 254 }],
    sysctls: {},
    iptables: { ipv4: {}, ipv6: {} },
    nftables: [table],
    sockets: [],
    areSocketsKnown: true,
  };
}

/** Why nftables mode is meant to treat the flow otherwise than iptables mode; undefined: it is not. */
function differs(one: Case, { output, destIP, destPort }: Flow): string | undefined {
  if (output === 'ACCEPT') return 'nftables mode has no rule that accepts health check node ports';
  const ip = parseIp(destIP)!;
  const ports = one.services.flatMap(({ spec }) => spec.ports ?? []);
  const isNodePort = ports.some(({ nodePort }) => nodePort === destPort);
  if (isNodePort && addressesOf(one).includes(ip) && !nodePortIps(one).includes(ip)) {
    return 'nftables mode takes node ports on the primary address only, and never on loopback';
  }
  const ofIp = one.services.filter(({ spec }) => spec.clusterIP === destIP);
  const hasPort = ofIp.some(({ spec }) => spec.ports?.some(({ port }) => port === destPort));
  return ofIp.length > 0 && !hasPort
    ? 'nftables mode rejects ports that a ClusterIP does not have'
    : undefined;
}

/**
 * What 1.30's nftables mode makes of the flow. It drops the node's own packets to an external
 * address of a Service with policy Local and no endpoint on the node, because `filter-output` looks
 * before DNAT would short-circuit them: kubernetes/kubernetes#131765, mended by #132456 in 1.34.
 */
function wantedOf(one: Case, { sourceIP, destIP, output }: Flow): string {
  const isOwn = addressesOf(one).includes(parseIp(sourceIP)!);
  const isLocalOnly = one.services.some(
    ({ spec, status }) =>
      spec.externalTrafficPolicy === 'Local' &&
      (spec.externalIPs?.includes(destIP) === true ||
        status?.loadBalancer?.ingress?.some(({ ip }) => ip === destIP) === true),
  );
  const drops = one.nftables
    .split('\n')
    .some(
      (line) => line.includes(` no-endpoint-services { ${destIP} . `) && line.endsWith(': drop }'),
    );
  return isOwn && isLocalOnly && drops ? 'DROP' : output;
}

function packetOf(flow: Flow): Packet {
  return {
    protocol: parseProtocol(flow.protocol)!,
    source: parseIp(flow.sourceIP)!,
    destination: parseIp(flow.destIP)!,
    sourcePort: SOURCE_PORT,
    destinationPort: flow.destPort,
    icmpType: -1,
    icmpCode: -1,
    sizeBytes: 60,
    dontFragment: true,
  };
}

/** In the vectors' words: `REJECT`, `DROP`, where it was sent, or nothing where it stayed. */
function outputOf(sent: Packet, { packet, stopped }: HookEnd): string {
  if (stopped !== undefined) return stopped.answer === undefined ? 'DROP' : 'REJECT';
  const isSame =
    packet.destination === sent.destination && packet.destinationPort === sent.destinationPort;
  if (isSame) return '';
  const host = formatIp(packet.destination);
  const text = typeof packet.destination === 'number' ? host : `[${host}]`;
  return `${text}:${packet.destinationPort}`;
}

function runFlow(one: Case, namespace: NetworkNamespace, flow: Flow): CaseResult {
  const name = `${one.name}: ${flow.name}`;
  const skipped = differs(one, flow);
  if (skipped !== undefined) return { name, skipped };
  const sent = packetOf(flow);
  const isLocal = addressesOf(one).includes(sent.source);
  const branches = hookBranches(namespace, sent, isLocal ? undefined : 'eth0', 'eth0');
  const outputs = branches.map(({ result }) => outputOf(sent, result)).sort();
  const total = branches.reduce((sum, { probability }) => sum + probability, 0);
  const masq = branches.some(({ result }) => result.isMasqueraded);
  const output = outputs.join(', ');
  if (Math.abs(total - 1) > 1e-9) return { name, failure: `chances sum to ${total}` };
  const wanted = wantedOf(one, flow);
  if (output !== wanted.split(', ').sort().join(', ')) {
    return { name, failure: `wanted "${wanted}", got "${output}"` };
  }
  return masq === flow.masq || wanted !== flow.output
    ? { name }
    : { name, failure: `wanted masquerading ${flow.masq}, got ${masq}` };
}

function runCase(one: Case): readonly CaseResult[] {
  const table = tableOf(one);
  const wanted = parseNftRuleset({ path: one.name, text: one.nftables });
  const failure = difference(normalised(wanted), normalised([table]));
  const namespace = namespaceOf(one, table);
  return [
    failure === undefined ? { name: one.name } : { name: one.name, failure },
    ...one.flows.map((flow) => runFlow(one, namespace, flow)),
  ];
}

export const adapter: Adapter = {
  name: 'kubeproxy/nftables',
  accepts: (_path, json) => isSet(json),
  run: (json) => (isSet(json) ? json.cases.flatMap(runCase) : []),
};
