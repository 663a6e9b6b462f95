/**
 * datapath/policy/cluster-firewall-map — what the node agent makes of ClusterNetworkPolicies: a
 * trie of blocks whose ports carry a priority and an action. Admin rules come before
 * NetworkPolicies, Baseline rules after them.
 *
 * Upstream: aws/aws-network-policy-agent@c8619c0 pkg/fwruleprocessor/fw_rule_processor.go
 * ComputeClusterPolicyMapEntriesFromEndpointRules, findMostSpecificOverlap; pkg/utils/utils.go
 * ComputeTrieValueForCPE; pkg/ebpf/c/tc.v4ingress.bpf.c evaluateClusterPolicyByLookUp.
 */
import type {
  ClusterEndpointInfo,
  ClusterPolicyEndpoint,
  PolicyAction,
} from '../../model/kubernetes/policy-endpoint.ts';
import {
  type Cidr,
  firstAddress,
  formatCidr,
  type Ip,
  type Packet,
  PrefixTrie,
  parseProtocol,
} from '../../net/index.ts';
import { PORTS_PER_BLOCK } from './firewall-map.ts';

/** Baseline rules are stored this much behind (BASELINE_TIER_PRIORITY_OFFSET). */
const BASELINE_OFFSET = 2_000;
const ADMIN_MAX = 1_000;
const ANY = -1;
/** On a tie the lowest wins. */
const RANK: Readonly<Record<PolicyAction, number>> = { Deny: 0, Accept: 1, Pass: 2 };

export interface ClusterRule {
  readonly cidr: Cidr;
  readonly info: ClusterEndpointInfo;
  readonly endpoint: ClusterPolicyEndpoint;
}

interface ClusterPort {
  readonly protocol: number;
  readonly port: number;
  readonly endPort: number;
  readonly priority: number;
  readonly rule: ClusterRule;
}

interface Block {
  readonly ports: readonly ClusterPort[];
}

/** What one tier says, and the rule that says so. */
export interface TierAnswer {
  readonly action: PolicyAction;
  readonly rule: ClusterRule;
  readonly block: string;
  /** More than 24 ports in the block: which the agent keeps is chance. */
  readonly overflow: boolean;
}

export class ClusterFirewallMap {
  readonly #trie = new PrefixTrie<Block>();

  readonly #networks = new Set<Ip>();

  /** As FirewallMap's: `nodeIp` only where `hasNetwork` says that it matters. */
  constructor(rules: readonly ClusterRule[], family: 4 | 6, nodeIp?: Ip) {
    const sorted = rules
      .filter(({ cidr }) => cidr.family === family)
      .sort((a, b) => a.cidr.bits - b.cidr.bits);
    for (const rule of sorted) {
      const network = firstAddress(rule.cidr);
      if (rule.cidr.bits < (family === 4 ? 32 : 128)) this.#networks.add(network);
      if (network !== nodeIp) this.#add(rule);
    }
  }

  /** True when a block wider than one address begins at this one. */
  hasNetwork(ip: Ip): boolean {
    return this.#networks.has(ip);
  }

  /** The winning rule of each tier; undefined = no rule of it matches. */
  lookup(
    ip: Ip,
    packet: Packet,
  ): { readonly admin?: TierAnswer | undefined; readonly baseline?: TierAnswer | undefined } {
    const match = this.#trie.longestMatch(ip);
    if (match === undefined) return {};
    const { ports } = match.value;
    const kept = ports.slice(0, PORTS_PER_BLOCK).filter((port) => covers(port, packet));
    const tier = (isOf: (priority: number) => boolean): TierAnswer | undefined => {
      const best = kept
        .filter(({ priority }) => isOf(priority))
        .reduce<ClusterPort | undefined>(
          (a, b) => (a !== undefined && wins(a, b) ? a : b),
          undefined,
        );
      if (best === undefined) return undefined;
      const block = formatCidr(match.cidr);
      const overflow = ports.length > PORTS_PER_BLOCK;
      return { action: best.rule.info.action, rule: best.rule, block, overflow };
    };
    return {
      admin: tier((priority) => priority <= ADMIN_MAX),
      baseline: tier((priority) => priority > ADMIN_MAX),
    };
  }

  #add(rule: ClusterRule): void {
    const own = portsOf(rule);
    const before = this.#trie.get(rule.cidr);
    const inherited = before ?? this.#trie.longestMatch(firstAddress(rule.cidr))?.value;
    this.#trie.insert(rule.cidr, { ports: [...(inherited?.ports ?? []), ...own] });
  }
}

/** `a` stays the best against `b`: lower priority, then Deny before Accept before Pass. */
const wins = (a: ClusterPort, b: ClusterPort): boolean =>
  a.priority < b.priority ||
  (a.priority === b.priority && RANK[a.rule.info.action] <= RANK[b.rule.info.action]);

function portsOf(rule: ClusterRule): readonly ClusterPort[] {
  const { tier, priority: written } = rule.endpoint.spec;
  const priority = written + (tier === 'Baseline' ? BASELINE_OFFSET : 0);
  const ports = rule.info.ports ?? [];
  const everything = { protocol: ANY, port: 0, endPort: 0, priority, rule };
  if (ports.length === 0) return [everything];
  return ports.map(({ protocol, port, endPort }) =>
    protocol === undefined && port === undefined && endPort === undefined
      ? everything
      : {
          // Without a protocol a cluster rule means TCP, where a NetworkPolicy's means any.
          protocol: parseProtocol(protocol ?? 'TCP') ?? ANY,
          port: port ?? 0,
          endPort: endPort ?? 0,
          priority,
          rule,
        },
  );
}

const covers = ({ protocol, port, endPort }: ClusterPort, packet: Packet): boolean => {
  if (protocol === ANY) return true;
  if (protocol !== packet.protocol) return false;
  const to = packet.destinationPort;
  return port === 0 || to === port || (endPort > 0 && to >= port && to <= endPort);
};
