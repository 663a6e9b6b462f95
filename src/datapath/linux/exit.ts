/**
 * datapath/linux/exit — a packet at the end of its way through a namespace: does it fit the link,
 * and does anybody answer for the next hop.
 *
 * The host's end of a pod's veth has no address, so the pod's gateway is known by its permanent
 * neighbour entry only (aws/amazon-vpc-cni-k8s cmd/routed-eni-cni-plugin/driver/driver.go).
 */
import type { Link, NamespaceId } from '../../model/linux/namespace.ts';
import { formatIp, type Ip } from '../../net/index.ts';
import type { Verdict } from '../trace.ts';
import type { CompiledNamespace } from './compiled-namespace.ts';
import type { Outcome, Stopped } from './outcome.ts';
import type { Passage } from './passage.ts';
import type { RouteAnswer } from './policy-routing.ts';
import { stop } from './stop.ts';

/** The namespace of an id, ready for packets. */
export type FindNamespace = (id: NamespaceId) => CompiledNamespace | undefined;

/** Sends the packet off by the route's link. */
export function exit(
  host: CompiledNamespace,
  others: FindNamespace | undefined,
  passage: Passage,
  { route }: RouteAnswer,
  isForwarded: boolean,
): Outcome {
  const { link } = host.links.get(route.device)!;
  const tooBig = sizeRefusal(host, passage, link, isForwarded);
  if (tooBig !== undefined) return tooBig;
  const nextHop = route.via ?? passage.packet.destination;
  const silent = neighbourRefusal(host, others, passage, link, nextHop, route.route?.via);
  if (silent !== undefined) return silent;
  return { kind: 'out', packet: passage.packet, part: passage.part, link, nextHop };
}

function sizeRefusal(
  host: CompiledNamespace,
  passage: Passage,
  link: Link,
  isForwarded: boolean,
): Stopped | undefined {
  const { packet } = passage;
  if (packet.sizeBytes <= link.mtu) return undefined;
  const isIpv6 = typeof packet.destination === 'bigint';
  if (!packet.dontFragment && !(isIpv6 && isForwarded)) {
    passage.packet = { ...packet, sizeBytes: link.mtu };
    passage.recorder.step({
      layer: 'cni',
      kind: 'mtu',
      action: 'note',
      text: `goes on in fragments of at most ${link.mtu} bytes (MTU of ${link.name})`,
      evidence: { decisive: [linkElement(host, link)] },
    });
    return undefined;
  }
  const verdict: Verdict = {
    disposition: 'too-big',
    text: `${packet.sizeBytes} bytes do not fit ${link.name} of ${host.label} (MTU ${link.mtu})`,
    code: 'NODE_MTU',
    remedy: { text: `send at most ${link.mtu} bytes, or let the sender learn the path's MTU` },
  };
  const stopped = stop(passage, 'mtu', verdict, [linkElement(host, link)], 'icmp-too-big');
  return { ...stopped, mtu: link.mtu };
}

const linkElement = (host: CompiledNamespace, link: Link) =>
  ({ kind: 'link', object: host.label, rule: link.name, field: `mtu ${link.mtu}` }) as const;

/** Who is on the other end of a veth pair, where that is known. */
function neighbourRefusal(
  host: CompiledNamespace,
  others: FindNamespace | undefined,
  passage: Passage,
  link: Link,
  nextHop: Ip,
  viaText: string | undefined,
): Stopped | undefined {
  if (link.kind !== 'veth' || link.peer === undefined || others === undefined) return undefined;
  const there = others(link.peer.namespace);
  if (there === undefined)
    return nobody(host, passage, link, formatIp(nextHop), 'its other end is gone');
  const entry = host.neighbour(link.name, nextHop, viaText);
  if (entry !== undefined) {
    const farLink = there.links.get(link.peer.link);
    if (farLink === undefined || farLink.link.macAddress === entry.macAddress) return undefined;
    const text = `its neighbour entry names ${entry.macAddress}, which is not ${link.peer.link}`;
    return nobody(host, passage, link, formatIp(nextHop), text, entry.macAddress);
  }
  // A host answers ARP on any link for any address of its own (arp_ignore is 0).
  if (there.local.has(nextHop)) return undefined;
  const address = formatIp(nextHop);
  return nobody(host, passage, link, address, `nobody there has ${address}`);
}

function nobody(
  host: CompiledNamespace,
  passage: Passage,
  link: Link,
  address: string,
  why: string,
  macAddress?: string,
): Stopped {
  const verdict: Verdict = {
    disposition: 'timed-out',
    text: `nobody answers for ${address} on ${link.name} of ${host.label}: ${why}`,
    code: 'NODE_NO_NEIGHBOUR',
    remedy: { text: 'delete the pod, so that the VPC CNI sets up its interface anew' },
  };
  const decisive =
    macAddress === undefined
      ? ({ kind: 'link', object: host.label, rule: link.name } as const)
      : ({
          kind: 'neighbour',
          object: host.label,
          rule: `${address} dev ${link.name} lladdr ${macAddress}`,
        } as const);
  return stop(passage, 'neighbour', verdict, [decisive], 'icmp-unreachable');
}
