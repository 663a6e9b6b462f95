/**
 * conformance/adapters/kubeproxy-iptables — the rules the real kube-proxy 1.30.5 writes in iptables
 * mode, and where flows go through them.
 *
 * Schema: kubeproxy in ../shared/vectors/README.md. Each case is its rules, compared rule by rule,
 * and each of its flows, run packet by packet through our rules.
 */

import {
  DEFAULT_SETTINGS,
  localDetector,
  type ProxySettings,
} from '../../src/controllers/kube-proxy/proxy-settings.ts';
import { RuleBook, type RuleNode } from '../../src/controllers/kube-proxy/rule-book.ts';
import { ServiceViews } from '../../src/controllers/kube-proxy/service-views.ts';
import { type HookEnd, hookBranches } from '../../src/datapath/linux/hook-branches.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../src/model/kinds.ts';
import type { Node, Service } from '../../src/model/kubernetes/core.ts';
import { keyOf } from '../../src/model/kubernetes/meta.ts';
import type { EndpointSlice } from '../../src/model/kubernetes/networking.ts';
import { iptablesRuleText } from '../../src/model/linux/iptables-text.ts';
import type { NetworkNamespace } from '../../src/model/linux/namespace.ts';
import type { Iptables } from '../../src/model/linux/netfilter.ts';
import {
  formatIp,
  type Ip,
  type Packet,
  parseCidr,
  parseIp,
  parseProtocol,
} from '../../src/net/index.ts';
import { Store } from '../../src/sim/store.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { normalRule, type RuleTexts, ruleTexts, wordsOf } from '../iptables-restore.ts';
import type { KubeProxyFlow, KubeProxyNode } from '../kubeproxy-vector.ts';

/** The iptables mode has settings of its own. */
interface VectorNode extends KubeProxyNode {
  readonly localhostNodePorts: boolean;
  readonly tcpLiberal: boolean;
}

interface VectorCase {
  readonly name: string;
  readonly node: VectorNode;
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly iptablesRestore?: string;
  readonly flows: readonly KubeProxyFlow[];
}

const isVector = (json: unknown): json is { readonly cases: readonly VectorCase[] } => {
  const [first] = (json as { cases?: readonly VectorCase[] } | null)?.cases ?? [];
  return typeof first?.iptablesRestore === 'string' && Array.isArray(first.endpointSlices);
};

const settingsOf = (node: VectorNode): ProxySettings => ({
  ...DEFAULT_SETTINGS,
  masqueradeAll: node.masqueradeAll,
  detectLocalMode:
    node.detectLocal === 'none' ? 'ClusterCIDR' : (node.detectLocal as 'ClusterCIDR'),
  clusterCidrs: node.detectLocal === 'none' ? [] : [parseCidr(node.clusterCIDR)!],
  interfaceNamePrefix: node.interfacePrefix,
  nodePortAddresses: node.nodePortAddresses ?? [],
  localhostNodePorts: node.localhostNodePorts,
  isTcpLiberal: node.tcpLiberal,
});

function tablesOf({ node, services, endpointSlices }: VectorCase): Iptables {
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  for (const service of services) store.put('Service', keyOf(service), service);
  for (const slice of endpointSlices) store.put('EndpointSlice', keyOf(slice), slice);
  const family = node.ipv6 ? 6 : 4;
  const settings = settingsOf(node);
  const nodeIp = parseIp(node.nodeIP)!;
  const user: RuleNode = {
    nodeName: node.hostname,
    zone: node.labels['topology.kubernetes.io/zone'],
    hints: 'annotated',
    nodeIp,
    nodeIps: [nodeIp],
    addresses: node.addresses.map((text) => parseCidr(text)!.first),
  };
  const detector = localDetector(settings, family, { spec: {} } as Node);
  const book = new RuleBook(family, settings, detector);
  return book.tables(new ServiceViews(store).ports(family), user);
}

/** Our tables as text, read as theirs is. */
function ourTexts(tables: Iptables): RuleTexts {
  const texts: RuleTexts = new Map();
  for (const table of Object.values(tables)) {
    const chains = new Map<string, string[]>();
    for (const { name } of table.chains()) {
      const rules = table.chain(name)?.rules ?? [];
      chains.set(
        name,
        rules.map((rule) => normalRule(wordsOf(iptablesRuleText(rule)))),
      );
    }
    texts.set(table.name, chains);
  }
  return texts;
}

/** Whose rule it is: upstream walks Services in an order of its own making. */
const serviceOf = (rule: string): string =>
  /"[^"]*?([\w.-]+\/[\w.-]+(?::[\w-]*)?)/.exec(rule)?.[1] ?? '~';

/** The rules, Service by Service; each Service's stay in their order. */
const byService = (rules: readonly string[]): string[] =>
  rules
    .map((rule, i) => ({ rule, service: serviceOf(rule), i }))
    .sort((a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : a.i - b.i))
    .map(({ rule }) => rule);

const MANY_SERVICES = new Set([
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
]);

/** Built-in chains after `ensure-rule -I` of each, on top of what the kubelet left. */
function builtIns(text: string, isIpv6: boolean): RuleTexts {
  const chains: RuleTexts = new Map();
  const kubelet = isIpv6 ? [] : ['INPUT', 'OUTPUT'];
  chains.set(
    'filter',
    new Map(kubelet.map((chain) => [chain, [normalRule(['-j', 'KUBE-FIREWALL'])]])),
  );
  for (const line of text.split('\n')) {
    const found = /^# ensure-rule -I table=(\w+) chain=(\w+) \[(.*)\]$/.exec(line);
    if (found === null) continue;
    const [, table = '', chain = '', words = ''] = found;
    const rule = normalRule(
      wordsOf(words.replace(/--comment (.*?) (?=-[mj] )/, '--comment "$1" ')),
    );
    const rules = chains.get(table) ?? new Map<string, string[]>();
    chains.set(table, rules);
    const there = rules.get(chain) ?? [];
    if (!there.includes(rule)) rules.set(chain, [rule, ...there]);
  }
  return chains;
}

/** The kubelet makes KUBE-FIREWALL and its rule, whatever kube-proxy is told. */
const isKubelets = (chain: string): boolean => chain === 'KUBE-FIREWALL';

/** The first difference of one table, in one line. */
function tableDiffers(
  table: string,
  wanted: ReadonlyMap<string, readonly string[]>,
  ours: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  for (const [chain, rules] of wanted) {
    const inOrder = (all: readonly string[]): string =>
      (MANY_SERVICES.has(chain) ? byService(all) : all).join('\n');
    const got = ours.get(chain);
    if (isKubelets(chain) || (got !== undefined && inOrder(rules) === inOrder(got))) continue;
    return `${table} ${chain}: want ${inOrder(rules)} | got ${got && inOrder(got)}`;
  }
  for (const [chain, rules] of ours) {
    if (wanted.has(chain) || rules.length === 0 || isKubelets(chain)) continue;
    return `${table} ${chain}: want no such chain`;
  }
  const isLast = (rules: readonly string[] | undefined): boolean =>
    rules?.at(-1)?.includes('this must be the last rule') === true;
  const [want, got] = [wanted.get('KUBE-SERVICES'), ours.get('KUBE-SERVICES')];
  return isLast(want) === isLast(got) ? undefined : `${table} KUBE-SERVICES: ends otherwise`;
}

/** The first difference between the rules, in one line. */
function rulesDiffer(vector: VectorCase, tables: Iptables): string | undefined {
  const wanted = ruleTexts(vector.iptablesRestore!);
  for (const [table, chains] of builtIns(vector.iptablesRestore!, vector.node.ipv6))
    for (const [chain, rules] of chains) wanted.get(table)!.set(chain, rules);
  const ours = ourTexts(tables);
  for (const [table, chains] of wanted) {
    const difference = tableDiffers(table, chains, ours.get(table) ?? new Map());
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** A node with two links; what leaves by the second is masqueraded to another address. */
function namespaceOf({ node }: VectorCase, tables: Iptables): NetworkNamespace {
  const link = (name: string, kind: 'loopback' | 'ena', at: readonly number[]) => ({
    name,
    kind,
    macAddress: '02:00:00:00:00:01',
    mtu: 1500,
    addresses: at.map((i) => node.addresses[i]!),
  });
  return {
    id: `node/${node.hostname}`,
    links: [
      link('lo', 'loopback', [0, 1]),
      link('eth0', 'ena', [2, 3]),
      link('eth1', 'ena', [4, 5]),
    ],
    neighbours: [],
    rules: [],
    routes: [],
    sysctls: { 'net.ipv4.ip_forward': '1' },
    iptables: node.ipv6 ? { ipv4: {}, ipv6: tables } : { ipv4: tables, ipv6: {} },
    nftables: [],
    sockets: [],
    areSocketsKnown: true,
  };
}

const textOf = (ip: Ip, port: number): string =>
  typeof ip === 'number' ? `${formatIp(ip)}:${port}` : `[${formatIp(ip)}]:${port}`;

const isMoved = (sent: Packet, packet: Packet): boolean =>
  sent.destination !== packet.destination || sent.destinationPort !== packet.destinationPort;

/** What became of it: endpoints, REJECT, DROP, ACCEPT, or nothing. */
function outputOf({ packet: sent, stopped, isAcceptedByRule }: HookEnd, packet: Packet): string {
  if (stopped !== undefined) return stopped.answer === undefined ? 'DROP' : 'REJECT';
  if (isMoved(sent, packet)) return textOf(sent.destination, sent.destinationPort);
  return isAcceptedByRule ? 'ACCEPT' : '';
}

/**
 * The packet through the node's hooks. The vectors' tracer does not ask where a packet comes in: one
 * of the node's own that nothing met is sent in once more, by the loopback to the node itself, from
 * outside to others.
 */
function endsOf(vector: VectorCase, tables: Iptables, packet: Packet): readonly HookEnd[] {
  const namespace = namespaceOf(vector, tables);
  const through = (inLink: string | undefined): readonly HookEnd[] =>
    hookBranches(namespace, packet, inLink, 'eth1').map(({ result }) => result);
  const own = new Set(vector.node.addresses.map((text) => parseCidr(text)!.first));
  if (!own.has(packet.source)) return through('eth0');
  const ends = through(undefined);
  if (ends.some((end) => outputOf(end, packet) !== '')) return ends;
  return through(own.has(packet.destination) ? 'lo' : 'eth0');
}

function flowDiffers(
  vector: VectorCase,
  tables: Iptables,
  flow: KubeProxyFlow,
): string | undefined {
  const packet: Packet = {
    protocol: parseProtocol(flow.protocol)!,
    source: parseIp(flow.sourceIP)!,
    destination: parseIp(flow.destIP)!,
    sourcePort: 40_000,
    destinationPort: flow.destPort,
    icmpType: -1,
    icmpCode: -1,
    sizeBytes: 60,
    dontFragment: false,
  };
  const ends = endsOf(vector, tables, packet);
  const output = [...new Set(ends.map((end) => outputOf(end, packet)))].join(', ');
  if (output !== flow.output)
    return `want ${flow.output || 'no match'} | got ${output || 'no match'}`;
  const masq = ends.some((end) => end.isMasqueraded);
  return masq === flow.masq ? undefined : `want masquerade ${flow.masq} | got ${masq}`;
}

function runCase(vector: VectorCase): CaseResult[] {
  const tables = tablesOf(vector);
  return [
    { name: `iptables ${vector.name}: rules`, failure: rulesDiffer(vector, tables) },
    ...vector.flows.map((flow) => ({
      name: `iptables ${vector.name}: flow ${flow.name}`,
      failure: flowDiffers(vector, tables, flow),
    })),
  ];
}

export const adapter: Adapter = {
  name: 'kubeproxy/iptables',
  accepts: (_path, json) => isVector(json),
  run: (json) => (json as { readonly cases: readonly VectorCase[] }).cases.flatMap(runCase),
};
