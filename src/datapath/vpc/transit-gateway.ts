/**
 * datapath/vpc/transit-gateway — packets through transit gateways: in by an attachment, looked up
 * in the table the attachment is associated with, out by another.
 *
 * Source: Transit Gateways Guide, "How transit gateways work", "Network ACLs": a VPC's packets
 * enter in their own zone or not at all; they leave in their own zone where the other VPC has one;
 * the attachment's subnet then routes them.
 */
import type { TransitGatewayAttachment } from '../../model/ec2/gateways.ts';
import { formatCidr, formatIp, hostCidr } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import { gatewayElement, type Next, note, type Passage, stop } from './passage.ts';
import { checkLength, TRANSIT_MTU } from './path-mtu.ts';
import { crossBorder } from './subnet-border.ts';
import type { SubnetPlace } from './topology.ts';

const kind = 'transit-gateway';
const attachmentElement = (attachmentId: string): Element => gatewayElement(attachmentId);

function attachedSubnets(
  { fabric }: Passage,
  attachment: TransitGatewayAttachment,
): readonly SubnetPlace[] {
  const ids = new Set<string>(attachment.subnetIds);
  for (const id of attachment.networkInterfaceIds) {
    const subnetId = fabric.addresses.holder(id)?.eni.subnetId;
    if (subnetId !== undefined) ids.add(subnetId);
  }
  return [...ids].map((id) => fabric.topology.subnet(id)).filter((it) => it !== undefined);
}

/** From a subnet to the transit gateway, by the attachment's interface in the same zone. */
export function throughTransitGateway(passage: Passage, id: string, from: SubnetPlace): Next {
  const { fabric, recorder } = passage;
  const { vpcId } = from.vpc.vpc;
  const attachment = fabric.topology.attachment(id, vpcId);
  if (attachment === undefined) {
    recorder.enter(id, 'vpc');
    return stop(passage, {
      layer: 'vpc',
      kind,
      disposition: 'blackholed',
      text: `${vpcId} is not attached to ${id}`,
      code: 'BAD_STATE_ATTACHMENT',
      remedy: {
        text: `attach ${vpcId} to ${id}`,
        command:
          `aws ec2 create-transit-gateway-vpc-attachment --transit-gateway-id ${id} ` +
          `--vpc-id ${vpcId} --subnet-ids ${from.subnet.subnetId}`,
      },
    });
  }
  const places = attachedSubnets(passage, attachment);
  const zone = from.subnet.availabilityZone;
  const entry = places.find(({ subnet }) => subnet.availabilityZone === zone);
  const { attachmentId } = attachment;
  if (places.length === 0) {
    const text = `no document tells the subnets of ${attachmentId}: taken to be in every zone`;
    note(passage, 'vpc', kind, 'note', text);
  } else if (entry === undefined) {
    return stop(passage, {
      layer: 'vpc',
      kind,
      disposition: 'blackholed',
      text: `${attachmentId} has no subnet in ${zone}: packets of ${zone} do not get to ${id}`,
      code: 'TGW_ATTACH_VPC_AZ_RESTRICTION',
      decisive: [attachmentElement(attachmentId)],
      remedy: {
        text: `add a subnet of ${zone} to ${attachmentId}`,
        command:
          'aws ec2 modify-transit-gateway-vpc-attachment --transit-gateway-attachment-id ' +
          `${attachmentId} --add-subnet-ids ${from.subnet.subnetId}`,
      },
    });
  } else {
    recorder.enter(entry.subnet.subnetId, 'subnet');
    const by = [attachmentElement(attachmentId)];
    note(passage, 'vpc', kind, 'forward', `enters ${id} by ${attachmentId}`, by);
    const denied = crossBorder(passage, entry, 'ingress');
    if (denied !== undefined) return denied;
  }
  recorder.enter(id, 'vpc');
  const by = [gatewayElement(id), attachmentElement(attachmentId)];
  const tooLong = checkLength(passage, TRANSIT_MTU, id, by);
  if (tooLong !== undefined) return tooLong;
  passage.zone = zone;
  if (fabric.isReferringOff(id, attachment)) passage.isSenderKnown = false;
  return { kind: 'transit', attachmentId, transitGatewayId: id };
}

/** The route table an attachment is associated with, on its side of a peering. */
const associatedTable = (
  { associatedRouteTableId, peer, transitGatewayId }: TransitGatewayAttachment,
  gatewayId: string,
): string | undefined =>
  gatewayId === transitGatewayId ? associatedRouteTableId : peer?.associatedRouteTableId;

/** At the transit gateway: the attachment's table says by which attachment it leaves. */
export function inTransit(passage: Passage, attachmentId: string, gatewayId: string): Next {
  const { fabric, packet, recorder } = passage;
  recorder.enter(gatewayId, 'vpc');
  const attachment = fabric.store.get('ec2/transit-gateway-attachment', attachmentId);
  const tableId = attachment === undefined ? undefined : associatedTable(attachment, gatewayId);
  const table = tableId === undefined ? undefined : fabric.topology.transitTable(tableId);
  if (tableId === undefined || table === undefined) {
    return stop(passage, {
      layer: 'vpc',
      kind,
      disposition: 'blackholed',
      text:
        tableId === undefined
          ? `${attachmentId} is associated with no route table of ${gatewayId}`
          : `${tableId} of ${gatewayId} is in no document`,
      code: 'TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION',
      decisive: [attachmentElement(attachmentId)],
    });
  }
  const association: Element = {
    kind: 'transit-gateway-association',
    object: tableId,
    rule: attachmentId,
  };
  const chosen = table.choose(packet.destination);
  const address = formatIp(packet.destination);
  if (chosen === undefined) {
    return stop(passage, {
      layer: 'vpc',
      kind,
      disposition: 'no-route',
      text: `${tableId} of ${gatewayId} has no route to ${address}`,
      code: 'TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT',
      decisive: [association],
      considered: table.routes.map(({ element }) => element),
      remedy: {
        text: `add a route to ${address} to ${tableId}, or propagate the attachment that has it`,
        command:
          'aws ec2 create-transit-gateway-route --transit-gateway-route-table-id ' +
          `${tableId} --destination-cidr-block ${formatCidr(hostCidr(packet.destination))} ` +
          '--transit-gateway-attachment-id ATTACHMENT-ID',
      },
    });
  }
  const decisive = [chosen.element, association];
  const { route } = chosen;
  if (route.state === 'blackhole' || route.attachmentId === undefined) {
    return stop(passage, {
      layer: 'vpc',
      kind,
      disposition: 'blackholed',
      text: `${tableId}: ${chosen.text}: dropped`,
      code: 'TGW_RTB_BAD_STATE_ROUTE',
      decisive,
      remedy: {
        text: `replace the blackhole route ${route.destinationCidrBlock} of ${tableId}`,
        command:
          'aws ec2 delete-transit-gateway-route --transit-gateway-route-table-id ' +
          `${tableId} --destination-cidr-block ${route.destinationCidrBlock}`,
      },
    });
  }
  note(passage, 'vpc', kind, 'forward', `${tableId}: ${chosen.text}`, decisive);
  return leaveTransit(passage, route.attachmentId, gatewayId);
}

/** Out by an attachment: into a VPC, to a peered transit gateway, or out of AWS. */
function leaveTransit(passage: Passage, attachmentId: string, gatewayId: string): Next {
  const { fabric, packet, memory } = passage;
  const attachment = fabric.store.get('ec2/transit-gateway-attachment', attachmentId);
  const element = attachmentElement(attachmentId);
  const leave = (place: 'vpn' | 'direct-connect' | 'vpc', text: string): Next => {
    note(passage, 'vpc', kind, 'forward', text, [element]);
    memory.track(attachmentId, packet, element);
    return { kind: 'outside', place, via: attachmentId, vpcId: gatewayId, packet };
  };
  if (attachment === undefined)
    return leave('vpc', `${attachmentId} is in no document: what hangs on it is unknown`);
  const { resourceType, resourceId, transitGatewayId } = attachment;
  if (resourceType === 'vpn' || resourceType === 'direct-connect-gateway') {
    const place = resourceType === 'vpn' ? 'vpn' : 'direct-connect';
    return leave(place, `${attachmentId} takes it to ${resourceId}: beyond is not simulated`);
  }
  if (resourceType === 'peering') {
    passage.isSenderKnown = false;
    const other = gatewayId === transitGatewayId ? resourceId : transitGatewayId;
    return { kind: 'transit', attachmentId, transitGatewayId: other };
  }
  const vpc = fabric.topology.vpc(resourceId);
  if (vpc === undefined)
    return leave('vpc', `${attachmentId} leads to ${resourceId}, unknown here`);
  if (fabric.isReferringOff(gatewayId, attachment)) passage.isSenderKnown = false;
  const places = attachedSubnets(passage, attachment);
  const place = places.find((it) => it.subnet.availabilityZone === passage.zone) ?? places[0];
  if (place === undefined) return { kind: 'local', vpc, from: undefined };
  passage.recorder.enter(place.subnet.subnetId, 'subnet');
  return { kind: 'route', from: place };
}

/** In from beyond a VPN or Direct Connect attachment. */
export function fromTransitAttachment(passage: Passage, attachmentId: string): Next {
  const { fabric, memory, packet } = passage;
  const attachment = fabric.store.get('ec2/transit-gateway-attachment', attachmentId);
  if (attachment === undefined) {
    return stop(passage, {
      layer: 'vpc',
      kind,
      disposition: 'not-simulated',
      text: `${attachmentId} is in no document`,
      code: 'UNKNOWN_RESOURCE',
    });
  }
  if (memory.answered(attachmentId, packet) !== undefined) passage.isReply = true;
  return { kind: 'transit', attachmentId, transitGatewayId: attachment.transitGatewayId };
}
