/**
 * datapath/policy/firewall-map — what the node agent makes of a pod identifier's rules: a trie of
 * blocks, each with at most 24 ports. The longest block decides alone, so it inherits the ports
 * of those that hold it, but for the ones that except it.
 *
 * Upstream: aws/aws-network-policy-agent@c8619c0 pkg/fwruleprocessor/fw_rule_processor.go
 * ComputeMapEntriesFromEndpointRules, checkAndDeriveL4InfoFromAnyMatchingCIDRsTrie, IsNodeIP;
 * pkg/utils/utils.go ComputeTrieValue; pkg/ebpf/c/tc.v4ingress.bpf.c
 * evaluateNamespacePolicyByLookUp.
 */
import type { EndpointInfo, PolicyEndpoint } from '../../model/kubernetes/policy-endpoint.ts';
import {
  type Cidr,
  canonicalCidr,
  contains,
  firstAddress,
  formatCidr,
  type Ip,
  type Packet,
  PrefixTrie,
  parseCidr,
  parseProtocol,
} from '../../net/index.ts';

/** MAX_PORT_PROTOCOL: how many ports one block can have in the kernel's map. */
export const PORTS_PER_BLOCK = 24;

/** Every protocol (ANY_IP_PROTOCOL). */
const ANY = -1;

/** A line of a PolicyEndpoint. */
export interface FirewallRule {
  readonly cidr: Cidr;
  readonly info: EndpointInfo;
  readonly endpoint: PolicyEndpoint;
}

export interface FirewallPort {
  readonly protocol: number;
  /** 0 = every port. */
  readonly port: number;
  readonly endPort: number;
  /** Where it comes from: the rule, or the wider one it was inherited from. */
  readonly rule: FirewallRule;
}

interface Block {
  readonly cidr: Cidr;
  readonly ports: readonly FirewallPort[];
  /** More than 24 ports: which of them the agent keeps is chance; here the first ones. */
  readonly dropped: number;
  readonly excepts: readonly Cidr[];
  /** Not a rule of its own, but somebody's except. */
  readonly exceptOf: FirewallRule | undefined;
}

export type FirewallAnswer =
  | { readonly kind: 'allow'; readonly port: FirewallPort; readonly overflow: boolean }
  /** Somebody's except covers the address and no rule is as narrow. */
  | { readonly kind: 'excepted'; readonly rule: FirewallRule; readonly block: string }
  | { readonly kind: 'no-port'; readonly block: string; readonly overflow: boolean }
  | { readonly kind: 'no-block' };

const isHost = ({ family, bits }: Cidr): boolean => bits === (family === 4 ? 32 : 128);

export class FirewallMap {
  /** Blocks wider than one address, and what rules except. */
  readonly #trie = new PrefixTrie<Block>();
  /** Rules for one address each, most of them all: their blocks are made when asked for. */
  readonly #hosts = new Map<Ip, FirewallRule[] | Block>();
  /** Network addresses of the blocks wider than one address. */
  readonly #networks = new Set<Ip>();
  /** How many rules it holds. */
  readonly size: number;

  /**
   * @param rules  in a fixed order
   * @param family  the cluster's: rules of the other one are left out
   * @param nodeIp  the agent leaves out rules whose network address is the node's; given only
   *   where `hasNetwork` says that it matters, so that nodes share maps
   */
  constructor(rules: readonly FirewallRule[], family: 4 | 6, nodeIp?: Ip) {
    this.size = rules.length;
    const sorted = rules
      .filter(({ cidr }) => cidr.family === family)
      .sort((a, b) => a.cidr.bits - b.cidr.bits);
    for (const rule of sorted) {
      const isOne = isHost(rule.cidr);
      const network = isOne ? rule.cidr.first : firstAddress(rule.cidr);
      if (!isOne) this.#networks.add(network);
      if (network === nodeIp) continue;
      if (isOne) this.#addHost(network, rule);
      else this.#add(rule);
    }
    for (const rule of sorted) this.#except(rule, family);
  }

  /** True when a block wider than one address begins at this one. */
  hasNetwork(ip: Ip): boolean {
    return this.#networks.has(ip);
  }

  /** What the program finds for a packet whose other end is `ip`. */
  lookup(ip: Ip, packet: Packet): FirewallAnswer {
    const block = this.#blockOf(ip);
    if (block === undefined) return { kind: 'no-block' };
    if (block.exceptOf !== undefined) {
      return { kind: 'excepted', rule: block.exceptOf, block: formatCidr(block.cidr) };
    }
    const overflow = block.dropped > 0;
    const port = block.ports.find((it) => covers(it, packet));
    if (port !== undefined) return { kind: 'allow', port, overflow };
    return { kind: 'no-port', block: formatCidr(block.cidr), overflow };
  }

  /** The rule whose except is exactly this address: it replaces even the node's own entry. */
  exceptedHost(ip: Ip): FirewallRule | undefined {
    const block = this.#blockOf(ip);
    return block !== undefined && isHost(block.cidr) ? block.exceptOf : undefined;
  }

  /** The narrowest block that holds the address. */
  #blockOf(ip: Ip): Block | undefined {
    const host = this.#hosts.get(ip);
    if (host !== undefined) {
      if (!Array.isArray(host)) return host;
      const made = limited(this.#hostBlock(host));
      this.#hosts.set(ip, made);
      return made;
    }
    const block = this.#trie.longestMatch(ip)?.value;
    return block && limited(block);
  }

  #addHost(ip: Ip, rule: FirewallRule): void {
    const same = this.#hosts.get(ip);
    if (Array.isArray(same)) same.push(rule);
    else this.#hosts.set(ip, [rule]);
  }

  #hostBlock(rules: readonly FirewallRule[]): Block {
    const { cidr } = rules[0]!;
    let ports = this.#inherited(cidr);
    for (const rule of rules) ports = unique([...portsOf(rule), ...ports]);
    return { cidr, ports, excepts: [], dropped: 0, exceptOf: undefined };
  }

  #add(rule: FirewallRule): void {
    const own = portsOf(rule);
    const excepts = exceptsOf(rule);
    const before = this.#trie.get(rule.cidr);
    this.#trie.insert(rule.cidr, {
      cidr: rule.cidr,
      // Once each: in nested blocks what is inherited would double with every level.
      ports: unique([...own, ...(before?.ports ?? this.#inherited(rule.cidr))]),
      excepts: [...excepts, ...(before?.excepts ?? [])],
      dropped: 0,
      exceptOf: undefined,
    });
  }

  #inherited(cidr: Cidr): readonly FirewallPort[] {
    if (this.#trie.size === 0) return NO_PORTS;
    const network = firstAddress(cidr);
    return this.#trie.allMatches(network).flatMap(({ value }) => {
      if (isHost(value.cidr)) return [];
      return value.excepts.some((it) => contains(it, network)) ? [] : value.ports;
    });
  }

  #except(rule: FirewallRule, family: 4 | 6): void {
    for (const cidr of exceptsOf(rule)) {
      if (cidr.family !== family || this.#trie.has(cidr)) continue;
      if (isHost(cidr) && this.#hosts.has(cidr.first)) continue;
      const block = { cidr, ports: [], excepts: [], dropped: 0, exceptOf: rule };
      this.#trie.insert(cidr, block);
    }
  }
}

const NO_PORTS: readonly FirewallPort[] = [];
const NO_BLOCKS: readonly Cidr[] = [];

function limited(block: Block): Block {
  const dropped = Math.max(0, block.ports.length - PORTS_PER_BLOCK);
  return dropped === 0
    ? block
    : { ...block, ports: block.ports.slice(0, PORTS_PER_BLOCK), dropped };
}

function unique(ports: readonly FirewallPort[]): readonly FirewallPort[] {
  if (ports.length < 2) return ports;
  const seen = new Set<string>();
  return ports.filter(({ protocol, port, endPort }) => {
    const key = `${protocol}|${port}|${endPort}`;
    return !seen.has(key) && seen.add(key);
  });
}

function portsOf(rule: FirewallRule): readonly FirewallPort[] {
  const ports = rule.info.ports ?? [];
  if (ports.length === 0) return [{ protocol: ANY, port: 0, endPort: 0, rule }];
  return ports.map(({ protocol, port = 0, endPort = 0 }) => ({
    protocol: protocol === undefined ? ANY : (parseProtocol(protocol) ?? ANY),
    port,
    endPort,
    rule,
  }));
}

const exceptsOf = ({ info }: FirewallRule): readonly Cidr[] =>
  info.except === undefined
    ? NO_BLOCKS
    : info.except.flatMap((text) => {
        const cidr = parseCidr(text);
        return cidr === undefined ? [] : [canonicalCidr(cidr)];
      });

/** ICMP has port 0 in the program, so only entries for every port match it. */
const covers = ({ protocol, port, endPort }: FirewallPort, packet: Packet): boolean => {
  if (protocol !== ANY && protocol !== packet.protocol) return false;
  const to = packet.destinationPort;
  return port === 0 || to === port || (to > port && to <= endPort);
};
