/**
 * datapath/vpc/vpn-gateway — packets to and from what lies beyond a virtual private gateway. What
 * happens there (tunnels, routers, BGP) is declared, not simulated.
 */
import { contains, formatIp, parseCidr } from '../../net/index.ts';
import { deliverLocally } from './arrival.ts';
import { edgeRoute } from './edge-route.ts';
import { gatewayElement, type Next, note, type Passage, stop } from './passage.ts';
import { checkLength, INTERNET_MTU } from './path-mtu.ts';
import type { SubnetPlace } from './topology.ts';

const kind = 'vpn-gateway';

const dropped = (passage: Passage, id: string, text: string, code: string): Next =>
  stop(passage, {
    layer: 'vpc',
    kind,
    disposition: 'timed-out',
    text,
    code,
    decisive: [gatewayElement(id)],
  });

/** Out by the gateway. */
export function throughVpnGateway(passage: Passage, id: string, from: SubnetPlace): Next {
  const { fabric, packet, recorder, memory } = passage;
  const { vpcId } = from.vpc.vpc;
  recorder.enter(id, 'vpc');
  const gateway = fabric.store.get('ec2/vpn-gateway', id);
  const element = gatewayElement(id);
  if (gateway !== undefined && gateway.vpcId !== vpcId)
    return dropped(passage, id, `${id} is not attached to ${vpcId}`, 'BAD_STATE_ATTACHMENT');
  const cidrs = (gateway?.remoteCidrs ?? []).map(parseCidr).filter((it) => it !== undefined);
  if (cidrs.length > 0 && !cidrs.some((it) => contains(it, packet.destination))) {
    const text = `nothing beyond ${id} announces ${formatIp(packet.destination)}`;
    return dropped(passage, id, text, 'NO_ROUTE_TO_DESTINATION');
  }
  const tooLong = checkLength(passage, INTERNET_MTU, id, [element]);
  if (tooLong !== undefined) return tooLong;
  const text = `${id} takes it out of AWS: what lies beyond is not simulated`;
  note(passage, 'vpc', kind, 'forward', text, [element]);
  memory.track(id, packet, element);
  return { kind: 'outside', place: 'vpn', via: id, vpcId, packet };
}

/** In by the gateway: to the VPC's own addresses, and no further. */
export function fromVpnGateway(passage: Passage, id: string): Next {
  const { fabric, packet, recorder, memory } = passage;
  recorder.enter(id, 'vpc');
  const gateway = fabric.store.get('ec2/vpn-gateway', id);
  const vpc = gateway?.vpcId === undefined ? undefined : fabric.topology.vpc(gateway.vpcId);
  if (vpc === undefined)
    return dropped(passage, id, `${id} is attached to no VPC known here`, 'BAD_STATE_ATTACHMENT');
  if (memory.answered(id, packet) !== undefined) passage.isReply = true;
  note(passage, 'vpc', kind, 'forward', `${id} brings it into ${vpc.vpc.vpcId}`, [
    gatewayElement(id),
  ]);
  return edgeRoute(passage, id, vpc) ?? deliverLocally(passage, vpc, undefined);
}
