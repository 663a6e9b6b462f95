/**
 * datapath/walk/target-connection — the connection a load balancer's node opens to a target: a new
 * one from its own interface, or the client's passed on with the client's address.
 *
 * Source: Network Load Balancers, "Client IP preservation"; network ACLs for load balancers: ports
 * 1024-65535 come back, so the lowest is taken as a NAT gateway's is.
 */
import { addressesOfInterface } from '../../model/ec2/network-interface.ts';
import { familyOf, formatIp, type Ip, type Packet, PROTOCOL_TCP } from '../../net/index.ts';
import type { AskedRequest } from '../elb/http-request.ts';
import type { ReadyTarget } from '../elb/ready-group.ts';
import type { Element, Verdict } from '../trace.ts';
import { type Balanced, refusedBy } from './balanced.ts';
import type { Taken } from './exchange.ts';
import type { Flow } from './flow.ts';

const FIRST_PORT = 1024;

/** Where a target is reached; a verdict where nobody can say. */
export function targetAddress(target: ReadyTarget): Ip | Verdict {
  const { address, id } = target;
  if (address !== undefined) return address;
  const text = `target ${id} is in no document: where it is cannot be said`;
  return { disposition: 'not-simulated', text, code: 'UNKNOWN_RESOURCE' };
}

/** A new connection of the node's own; undefined: its interface has no address of the family. */
export function ownConnection(
  { exchange, node, before, packet }: Balanced,
  address: Ip,
  port: number,
  request?: AskedRequest | undefined,
): Flow | undefined {
  const { networkInterfaceId, balancer } = node;
  const eni = exchange.world.store.get('ec2/network-interface', networkInterfaceId);
  const source = eni && addressesOfInterface(eni).find((it) => familyOf(it) === familyOf(address));
  if (source === undefined) return undefined;
  return {
    origin: { kind: 'interface', networkInterfaceId, label: balancer.label },
    packet: {
      ...packet,
      source,
      destination: address,
      sourcePort: FIRST_PORT + before,
      destinationPort: port,
    },
    request,
  };
}

/** The client's connection passed on as it is. */
export function passedOnConnection(
  { node, packet, flow }: Balanced,
  address: Ip,
  port: number,
): Flow {
  const { networkInterfaceId, balancer } = node;
  return {
    origin: {
      kind: 'interface',
      networkInterfaceId,
      label: balancer.label,
      passesOn: true,
    },
    packet: { ...packet, destination: address, destinationPort: port },
    request: flow.request,
  };
}

/** Says what the connection looks like from there on. */
export function sayConnection(
  { exchange, packet }: Balanced,
  to: Packet,
  text: string,
  decisive: readonly Element[],
): void {
  exchange.there.step({
    layer: 'load-balancer',
    kind: to.source === packet.source ? 'pass-on' : 'new-connection',
    action: 'rewrite',
    text,
    evidence: { decisive },
    rewritten: { before: packet, after: to },
  });
}

/** The node has no address that could reach the target. */
export function withoutFamily(balanced: Balanced, address: Ip): Taken {
  const { exchange, node, packet } = balanced;
  const text =
    `${node.balancer.label} has no IPv${familyOf(address)} address in ${node.zone.zoneName}: it ` +
    `cannot reach ${formatIp(address)}`;
  const verdict: Verdict = { disposition: 'timed-out', text, code: 'NO_POSSIBLE_DESTINATION' };
  const says = packet.protocol === PROTOCOL_TCP ? 'reset' : undefined;
  return refusedBy(exchange, 'target', verdict, { says });
}
