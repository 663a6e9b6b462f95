/**
 * datapath/policy/portable — a packet under the NetworkPolicy API's own semantics, judged on pod
 * addresses: policies only add, both ends must agree, a pod always reaches itself, and its node
 * always reaches it.
 *
 * Upstream: kubernetes/api networking/v1 types.go (the API's words); checked against Cyclonus' truth
 * tables and kubernetes/kubernetes test/e2e/network/netpol.
 */

import { addressesOfPod } from '../../model/kubernetes/addresses.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { isOnNetwork, namedContainerPort } from '../../model/kubernetes/network-policy.ts';
import { matchesSelector } from '../../model/kubernetes/selectors.ts';
import { contains, type Ip, type Packet, parseIp, protocolInCapitals } from '../../net/index.ts';
import type { ClusterView } from './cluster-view.ts';
import type {
  CompiledPolicy,
  CompiledRule,
  Direction,
  RulePeer,
  RulePort,
} from './compiled-policy.ts';

/** Where the packet comes from or goes to, seen from the pod that is judged. */
export interface PolicyPeer {
  readonly ip: Ip;
  /** The pod of this address; absent outside the pod network. */
  readonly pod: Pod | undefined;
}

export type PortableJudgement =
  /** No policy isolates the pod in this direction, or it talks to itself. */
  | { readonly kind: 'open' }
  | {
      readonly kind: 'node';
      readonly policies: readonly CompiledPolicy[];
      readonly nodeName: string;
    }
  | {
      readonly kind: 'allowed';
      readonly policy: CompiledPolicy;
      readonly rule: CompiledRule;
      /** Absent where the rule is open to everybody. */
      readonly peer: RulePeer | undefined;
    }
  | { readonly kind: 'denied'; readonly policies: readonly CompiledPolicy[] };

const OPEN: PortableJudgement = { kind: 'open' };

/** The other end of a packet in this direction. */
export function peerOf(view: ClusterView, direction: Direction, packet: Packet): PolicyPeer {
  const ip = direction === 'egress' ? packet.destination : packet.source;
  return { ip, pod: view.podAt(ip) };
}

/** What the policies say about one packet of a pod; addresses as after DNAT. */
export function judgePortably(
  view: ClusterView,
  pod: Pod,
  direction: Direction,
  packet: Packet,
): PortableJudgement {
  const policies = view.isolating(pod, direction);
  if (policies.length === 0 || pod.spec.hostNetwork === true || !isOnNetwork(pod)) return OPEN;
  const ip = direction === 'egress' ? packet.destination : packet.source;
  if (addressesOfPod(pod).includes(ip)) return OPEN;
  if (isOwnNode(pod, ip)) return { kind: 'node', policies, nodeName: pod.spec.nodeName ?? '' };
  const peer = peerOf(view, direction, packet);
  const served = direction === 'ingress' ? pod : peer.pod;
  for (const policy of policies) {
    for (const rule of policy[direction]) {
      if (!portsMatch(rule.ports, packet, served)) continue;
      if (rule.peers === undefined) return { kind: 'allowed', policy, rule, peer: undefined };
      const match = rule.peers.find((it) => peerMatches(view, it, policy.namespace, peer));
      if (match !== undefined) return { kind: 'allowed', policy, rule, peer: match };
    }
  }
  return { kind: 'denied', policies };
}

const hostAddresses = new WeakMap<Pod, { readonly ip: Ip | undefined }>();

/** True when the address is the one of the pod's own node, status.hostIP. */
export function isOwnNode(pod: Pod, ip: Ip): boolean {
  const text = pod.status?.hostIP;
  if (text === undefined) return false;
  let host = hostAddresses.get(pod);
  if (host === undefined) {
    host = { ip: parseIp(text) };
    hostAddresses.set(pod, host);
  }
  return host.ip === ip;
}

/** True when one of the ports is the packet's; `served` resolves names. */
export function portsMatch(
  ports: readonly RulePort[] | undefined,
  packet: Packet,
  served: Pod | undefined,
): boolean {
  if (ports === undefined) return true;
  return ports.some(({ protocol, port, endPort }) => {
    if (protocol !== packet.protocol) return false;
    if (port === undefined) return true;
    if (typeof port === 'number') {
      return packet.destinationPort >= port && packet.destinationPort <= endPort;
    }
    const named =
      served === undefined
        ? undefined
        : namedContainerPort(served, port, protocolInCapitals(protocol));
    return named?.containerPort === packet.destinationPort;
  });
}

/** True when the peer of a rule means this address. */
export function peerMatches(
  view: ClusterView,
  rule: RulePeer,
  policyNamespace: string,
  { ip, pod }: PolicyPeer,
): boolean {
  if (rule.kind === 'block') {
    return contains(rule.cidr, ip) && !rule.except.some((except) => contains(except, ip));
  }
  if (pod === undefined) return false;
  const namespace = pod.metadata.namespace ?? '';
  if (rule.namespaces === undefined) {
    if (namespace !== policyNamespace) return false;
  } else if (!matchesSelector(rule.namespaces, view.namespaceLabels(namespace))) return false;
  return rule.pods === undefined || matchesSelector(rule.pods, pod.metadata.labels);
}
