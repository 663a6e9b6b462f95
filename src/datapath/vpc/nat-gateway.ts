/**
 * datapath/vpc/nat-gateway — packets through a NAT gateway, public or private, and their answers.
 *
 * Source: VPC User Guide, "NAT gateway basics": TCP, UDP and ICMP; ports 1024-65535; no security
 * group, but the network ACL of its subnet; connections from outside are dropped.
 */
import type { NatGateway } from '../../model/ec2/gateways.ts';
import {
  formatPacket,
  formatProtocol,
  isIcmp,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  parseIp,
} from '../../net/index.ts';
import type { Remedy } from '../trace.ts';
import { gatewayElement, type Next, type Passage, rewrite, stop } from './passage.ts';
import { checkLength, NAT_MTU } from './path-mtu.ts';
import { crossBorder } from './subnet-border.ts';
import type { SubnetPlace } from './topology.ts';

const kind = 'nat-gateway';

const dropped = (
  passage: Passage,
  nat: NatGateway,
  text: string,
  code: string,
  remedy?: Remedy,
): Next =>
  stop(passage, {
    layer: 'vpc',
    kind,
    disposition: 'timed-out',
    text: `${nat.natGatewayId} ${text}`,
    code,
    decisive: [gatewayElement(nat.natGatewayId)],
    remedy,
  });

const notSimulated = (passage: Passage, text: string): Next =>
  stop(passage, {
    layer: 'vpc',
    kind,
    disposition: 'not-simulated',
    text,
    code: 'UNKNOWN_RESOURCE',
  });

const unknownSubnet = (passage: Passage, { subnetId, natGatewayId }: NatGateway): Next =>
  notSimulated(passage, `${subnetId} of ${natGatewayId}, or its VPC, is in no document`);

/** What it has sent itself comes back to it: its own subnet's way out is the gateway. */
function inPrivateSubnet(passage: Passage, { natGatewayId, subnetId }: NatGateway): Next {
  const text = `give ${subnetId} a route table that leads to an internet gateway, or move ${natGatewayId} to a subnet with one`;
  return stop(passage, {
    layer: 'vpc',
    kind,
    disposition: 'blackholed',
    text: `${natGatewayId} is in ${subnetId}, whose routes lead back to ${natGatewayId}: a circle`,
    code: 'ROUTING_LOOP',
    decisive: [gatewayElement(natGatewayId)],
    remedy: { text },
  });
}

/** Out through the gateway: another source, another port, and the gateway's own subnet's routes. */
export function throughNatGateway(passage: Passage, nat: NatGateway, from: SubnetPlace): Next {
  const { fabric, memory, packet, recorder } = passage;
  const place = fabric.topology.subnet(nat.subnetId);
  if (place === undefined) return unknownSubnet(passage, nat);
  if (place.vpc === from.vpc && place.subnet.subnetId !== from.subnet.subnetId) {
    recorder.enter(nat.subnetId, 'subnet');
    const denied = crossBorder(passage, place, 'ingress');
    if (denied !== undefined) return denied;
  }
  recorder.enter(nat.natGatewayId, 'vpc');
  const { vpcId } = from.vpc.vpc;
  if (nat.vpcId !== vpcId)
    return dropped(passage, nat, `is not in ${vpcId}`, 'BAD_STATE_ATTACHMENT');
  if (nat.state !== 'available') {
    const text = 'point the route to a NAT gateway that is available, in a public subnet';
    return dropped(passage, nat, `is ${nat.state}`, 'BAD_STATE', { text });
  }
  const address = parseIp(nat.privateIp);
  if (packet.source === address) return inPrivateSubnet(passage, nat);
  const { protocol } = packet;
  if (protocol !== PROTOCOL_TCP && protocol !== PROTOCOL_UDP && !isIcmp(packet)) {
    const text = `takes TCP, UDP and ICMP only, not protocol ${formatProtocol(protocol)}`;
    return dropped(passage, nat, text, 'PROTOCOL_RESTRICTION');
  }
  if (typeof packet.source !== 'number' || typeof address !== 'number')
    return notSimulated(passage, `${nat.natGatewayId} with IPv6 (NAT64) is not simulated`);
  const tooLong = checkLength(passage, NAT_MTU, nat.natGatewayId, [
    gatewayElement(nat.natGatewayId),
  ]);
  if (tooLong !== undefined) return tooLong;
  if (passage.isReply) {
    const text = `never saw the packet this answers: ${formatPacket(packet)}`;
    return dropped(passage, nat, text, 'NAT_ASYMMETRIC_REPLY');
  }
  const after = memory.translate(nat.natGatewayId, packet, address);
  rewrite(passage, kind, after, [gatewayElement(nat.natGatewayId)]);
  passage.sender = undefined;
  passage.zone = place.subnet.availabilityZone;
  return { kind: 'route', from: place };
}

/** A packet for the gateway's own address: an answer it translated once, or nothing it takes. */
export function answerAtNatGateway(passage: Passage, nat: NatGateway): Next {
  const { fabric, memory, packet, recorder } = passage;
  recorder.enter(nat.natGatewayId, 'vpc');
  const place = fabric.topology.subnet(nat.subnetId);
  if (place === undefined) return unknownSubnet(passage, nat);
  const after = memory.untranslate(nat.natGatewayId, packet);
  if (after === undefined) {
    const text = `takes no connections from outside: ${formatPacket(packet)} answers nothing`;
    return dropped(passage, nat, text, 'NGW_DEST_ADDRESS_PRESERVATION');
  }
  rewrite(passage, kind, after, [gatewayElement(nat.natGatewayId)]);
  passage.sender = undefined;
  passage.isReply = true;
  passage.zone = place.subnet.availabilityZone;
  return { kind: 'route', from: place };
}
