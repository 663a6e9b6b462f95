/**
 * controllers/kube-proxy/base-chains — the chains every node has whatever Services there are: the
 * kubelet's, kube-proxy's jumps from the built-in chains, masquerading, forwarding.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/iptables/proxier.go iptablesJumpChains,
 * iptablesKubeletJumpChains, syncProxyRules; pkg/kubelet/kubelet_network_linux.go (KUBE-FIREWALL,
 * the hint chain and the canary, as they are since KEP-3178 moved the rest out).
 */

import {
  commentOf,
  conntrackIn,
  destinationIn,
  jumpTo,
  markSet,
  ruleOf,
  sourceIn,
} from '../../model/linux/iptables-words.ts';
import {
  BUILT_IN_CHAINS,
  type IptablesChain,
  type IptablesRule,
  type IptablesTableName,
} from '../../model/linux/netfilter.ts';
import type { IpFamily } from '../../net/index.ts';
import { LOOPBACK } from './node-ports.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { MARK_MASQ } from './service-chains.ts';

/** Chains by their names; what a table has before any Service. */
export type BaseChains = Readonly<
  Partial<Record<IptablesTableName, ReadonlyMap<string, IptablesChain>>>
>;

type Draft = Record<'mangle' | 'nat' | 'filter', Map<string, IptablesRule[]>>;

const jumps = (
  table: 'nat' | 'filter',
  from: string,
  to: string,
  comment: string,
  isNew = false,
) => ({ table, from, to, comment, isNew });

/** In kube-proxy's order; each is put at the head of its chain, so the last stands first. */
const JUMPS = [
  jumps('filter', 'INPUT', 'KUBE-EXTERNAL-SERVICES', 'externally-visible service portals', true),
  jumps('filter', 'FORWARD', 'KUBE-EXTERNAL-SERVICES', 'externally-visible service portals', true),
  jumps('filter', 'INPUT', 'KUBE-NODEPORTS', 'health check service ports'),
  jumps('filter', 'FORWARD', 'KUBE-SERVICES', 'service portals', true),
  jumps('filter', 'OUTPUT', 'KUBE-SERVICES', 'service portals', true),
  jumps('filter', 'FORWARD', 'KUBE-FORWARD', 'forwarding rules'),
  jumps('filter', 'INPUT', 'KUBE-PROXY-FIREWALL', 'load balancer firewall', true),
  jumps('filter', 'OUTPUT', 'KUBE-PROXY-FIREWALL', 'load balancer firewall', true),
  jumps('filter', 'FORWARD', 'KUBE-PROXY-FIREWALL', 'load balancer firewall', true),
  jumps('nat', 'OUTPUT', 'KUBE-SERVICES', 'service portals'),
  jumps('nat', 'PREROUTING', 'KUBE-SERVICES', 'service portals'),
  jumps('nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'postrouting rules'),
];

/** Built-in chains that jump to KUBE-FIREWALL. */
const FIREWALLED = ['INPUT', 'OUTPUT'];
/** Chains that only show their owner when somebody else flushed the tables. */
const CANARY_TABLES = ['mangle', 'nat', 'filter'] as const;

const emptyDraft = (): Draft => ({ mangle: new Map(), nat: new Map(), filter: new Map() });

function prepend(chains: Map<string, IptablesRule[]>, name: string, rule: IptablesRule): void {
  const rules = chains.get(name) ?? [];
  chains.set(name, rules);
  rules.unshift(rule);
}

function addCanaries(draft: Draft, name: string): void {
  for (const table of CANARY_TABLES) draft[table].set(name, []);
}

/** What the kubelet leaves, with or without kube-proxy. */
function addKubelet(draft: Draft, family: IpFamily): void {
  addCanaries(draft, 'KUBE-KUBELET-CANARY');
  draft.mangle.set('KUBE-IPTABLES-HINT', []);
  if (family === 6) return;
  // route_localnet lets packets for 127.0.0.0/8 in from outside; this stops them.
  draft.filter.set('KUBE-FIREWALL', [
    ruleOf(
      { kind: 'drop' },
      sourceIn(LOOPBACK[4], true),
      destinationIn(LOOPBACK[4]),
      commentOf('block incoming localnet connections'),
      conntrackIn(['RELATED', 'ESTABLISHED', 'DNAT'], true),
    ),
  ]);
  for (const chain of FIREWALLED) {
    prepend(draft.filter, chain, ruleOf(jumpTo('KUBE-FIREWALL')));
  }
}

function forwardRules({ isTcpLiberal, masqueradeMark }: ProxySettings): IptablesRule[] {
  const accept = { kind: 'accept' } as const;
  return [
    ...(isTcpLiberal ? [] : [ruleOf({ kind: 'drop' }, conntrackIn(['INVALID']))]),
    ruleOf(accept, commentOf('kubernetes forwarding rules'), markSet(masqueradeMark)),
    ruleOf(
      accept,
      commentOf('kubernetes forwarding conntrack rule'),
      conntrackIn(['RELATED', 'ESTABLISHED']),
    ),
  ];
}

function postroutingRules({ masqueradeMark: mark }: ProxySettings): IptablesRule[] {
  return [
    ruleOf({ kind: 'return' }, markSet(mark, true)),
    // Taken off, so that a packet that comes round again is not masqueraded again.
    ruleOf({ kind: 'mark', value: mark, mask: 0 }),
    ruleOf(
      { kind: 'masquerade', random: 'random-fully' },
      commentOf('kubernetes service traffic requiring SNAT'),
    ),
  ];
}

function addProxy(draft: Draft, family: IpFamily, settings: ProxySettings): void {
  addCanaries(draft, 'KUBE-PROXY-CANARY');
  for (const { table, from, to, comment, isNew } of JUMPS) {
    const matches = [...(isNew ? [conntrackIn(['NEW'])] : []), commentOf(`kubernetes ${comment}`)];
    prepend(draft[table], from, ruleOf(jumpTo(to), ...matches));
  }
  if (family === 6) {
    // The kubelet makes this chain for IPv4 only, kube-proxy the jumps for both.
    draft.filter.set('KUBE-FIREWALL', []);
    for (const chain of FIREWALLED) {
      prepend(draft.filter, chain, ruleOf(jumpTo('KUBE-FIREWALL')));
    }
  }
  const { masqueradeMark: mark } = settings;
  draft.filter.set('KUBE-FORWARD', forwardRules(settings));
  draft.nat.set('KUBE-POSTROUTING', postroutingRules(settings));
  draft.nat.set(MARK_MASQ, [ruleOf({ kind: 'mark', value: mark, mask: mark })]);
}

function finished(draft: Draft): BaseChains {
  const tables: Partial<Record<IptablesTableName, ReadonlyMap<string, IptablesChain>>> = {};
  for (const table of CANARY_TABLES) {
    const chains = new Map<string, IptablesChain>();
    for (const name of BUILT_IN_CHAINS[table]) {
      chains.set(name, { name, policy: 'ACCEPT', rules: draft[table].get(name) ?? [] });
    }
    for (const [name, rules] of draft[table]) {
      if (!chains.has(name)) chains.set(name, { name, rules });
    }
    tables[table] = chains;
  }
  return tables;
}

/** A node's chains without Services; without settings those of a node where no kube-proxy ran. */
export function baseChains(family: IpFamily, settings?: ProxySettings): BaseChains {
  const draft = emptyDraft();
  addKubelet(draft, family);
  if (settings !== undefined) addProxy(draft, family, settings);
  return finished(draft);
}
