/**
 * model/kubernetes/addresses — the addresses that pods and nodes say they have, as texts and as
 * numbers.
 *
 * Upstream: kubernetes/api core/v1 types.go PodStatus (podIP is podIPs' first), NodeAddressType.
 */
import { type Ip, parseIp } from '../../net/index.ts';
import type { Node, Pod } from './core.ts';

/** A pod's addresses as its status has them, primary first; exports may have podIP alone. */
export function ipsOfPod({ status }: Pod): readonly string[] {
  const { podIP, podIPs } = status ?? {};
  const all = new Set([podIP, ...(podIPs ?? []).map(({ ip }) => ip)]);
  return [...all].flatMap((ip) => (ip === undefined || ip === '' ? [] : [ip]));
}

const numbers = new WeakMap<Pod, readonly Ip[]>();

/** A pod's addresses, primary first; the same list for the same pod. */
export function addressesOfPod(pod: Pod): readonly Ip[] {
  const known = numbers.get(pod);
  if (known !== undefined) return known;
  const made = ipsOfPod(pod).flatMap((text) => parseIp(text) ?? []);
  numbers.set(pod, made);
  return made;
}

/** A node's own addresses: its InternalIPs. */
export const addressesOfNode = (node: Node | undefined): readonly Ip[] =>
  (node?.status?.addresses ?? []).flatMap(({ type, address }) =>
    type === 'InternalIP' ? (parseIp(address) ?? []) : [],
  );
