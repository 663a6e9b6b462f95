/**
 * datapath/policy/compiled-policy — a NetworkPolicy read once: its rules with their paths, blocks
 * parsed, ports as numbers or names. One per policy object, so a change is a new one.
 *
 * Upstream: kubernetes/api networking/v1 types.go.
 */
import type { LabelSelector } from '../../model/kubernetes/meta.ts';
import { policyTypesOf } from '../../model/kubernetes/network-policy.ts';
import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../model/kubernetes/networking.ts';
import type { PolicyType } from '../../model/kubernetes/policy-endpoint.ts';
import { type Cidr, type Protocol, parseCidrOrIp, parseProtocol } from '../../net/index.ts';

export type Direction = 'ingress' | 'egress';

/** As policies write a direction. */
export const POLICY_TYPE: Readonly<Record<Direction, PolicyType>> = {
  ingress: 'Ingress',
  egress: 'Egress',
};

export interface RulePort {
  readonly protocol: Protocol;
  /** Absent = every port of the protocol. */
  readonly port?: number | string | undefined;
  readonly endPort: number;
  /** `8080/TCP`, `http/TCP`, `all ports/UDP`. */
  readonly text: string;
}

interface BlockPeer {
  readonly path: string;
  readonly kind: 'block';
  readonly cidr: Cidr;
  readonly except: readonly Cidr[];
}

interface SelectorPeer {
  readonly path: string;
  readonly kind: 'pods';
  /** Absent = the policy's own namespace. */
  readonly namespaces?: LabelSelector | undefined;
  /** Absent = every pod. */
  readonly pods?: LabelSelector | undefined;
}

export type RulePeer = BlockPeer | SelectorPeer;

export interface CompiledRule {
  /** `ingress[0]`. */
  readonly path: string;
  /** Absent = everybody, outside the cluster too. */
  readonly peers?: readonly RulePeer[] | undefined;
  /** Absent = every port of every protocol. */
  readonly ports?: readonly RulePort[] | undefined;
}

export interface CompiledPolicy {
  readonly policy: NetworkPolicy;
  /** `networkpolicy default/api`. */
  readonly object: string;
  readonly namespace: string;
  readonly types: readonly PolicyType[];
  readonly ingress: readonly CompiledRule[];
  readonly egress: readonly CompiledRule[];
}

const compiled = new WeakMap<NetworkPolicy, CompiledPolicy>();

/** The policy, compiled; kept as long as the object lives. */
export function compilePolicy(policy: NetworkPolicy): CompiledPolicy {
  const known = compiled.get(policy);
  if (known !== undefined) return known;
  const { name, namespace = '' } = policy.metadata;
  const made: CompiledPolicy = {
    policy,
    object: `networkpolicy ${namespace}/${name}`,
    namespace,
    types: policyTypesOf(policy.spec),
    ingress: (policy.spec.ingress ?? []).map((rule, i) =>
      compileRule(`ingress[${i}]`, 'from', rule.from, rule.ports),
    ),
    egress: (policy.spec.egress ?? []).map((rule, i) =>
      compileRule(`egress[${i}]`, 'to', rule.to, rule.ports),
    ),
  };
  compiled.set(policy, made);
  return made;
}

function compileRule(
  path: string,
  word: string,
  peers: readonly NetworkPolicyPeer[] | undefined,
  ports: readonly NetworkPolicyPort[] | undefined,
): CompiledRule {
  return {
    path,
    ...((peers ?? []).length === 0
      ? {}
      : { peers: peers!.flatMap((peer, i) => compilePeer(`${path}.${word}[${i}]`, peer)) }),
    ...((ports ?? []).length === 0 ? {} : { ports: ports!.map(compilePort) }),
  };
}

function compilePeer(path: string, peer: NetworkPolicyPeer): RulePeer[] {
  if (peer.ipBlock == null) {
    return [
      {
        path,
        kind: 'pods',
        namespaces: peer.namespaceSelector ?? undefined,
        pods: peer.podSelector ?? undefined,
      },
    ];
  }
  const cidr = parseCidrOrIp(peer.ipBlock.cidr);
  // Exports are taken as they are: a block nobody can read matches nobody.
  if (cidr === undefined) return [];
  const except = (peer.ipBlock.except ?? []).flatMap((text) => parseCidrOrIp(text) ?? []);
  return [{ path, kind: 'block', cidr, except }];
}

function compilePort({ port, protocol = 'TCP', endPort }: NetworkPolicyPort): RulePort {
  const number = parseProtocol(protocol) ?? -1;
  if (port == null) return { protocol: number, endPort: 0, text: `all ports/${protocol}` };
  const last = typeof port === 'number' ? (endPort ?? port) : 0;
  const range = typeof port === 'number' && last !== port ? `${port}-${last}` : String(port);
  return { protocol: number, port, endPort: last, text: `${range}/${protocol}` };
}

/** `8080/TCP, 53/UDP` or `all ports`. */
export const portsText = (ports: readonly RulePort[] | undefined): string =>
  ports === undefined ? 'all ports' : ports.map(({ text }) => text).join(', ');
