/**
 * datapath/vpc/peering — packets over a VPC peering connection: between the two VPCs' own
 * addresses, and no further.
 *
 * Source: VPC Peering Guide, "VPC peering basics" and "limitations": no transit, no edge to edge.
 */
import { formatIp } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import { type Next, note, type Passage, stop } from './passage.ts';
import { checkLength, INTERNET_MTU } from './path-mtu.ts';
import { anyContains, type SubnetPlace } from './topology.ts';

const kind = 'vpc-peering';

const dropped = (passage: Passage, element: Element, text: string, code: string): Next =>
  stop(passage, { layer: 'vpc', kind, disposition: 'timed-out', text, code, decisive: [element] });

/** Over the connection, into the other VPC. */
export function throughPeering(passage: Passage, id: string, from: SubnetPlace): Next {
  const { fabric, packet, recorder } = passage;
  const { vpcId } = from.vpc.vpc;
  recorder.enter(id, 'vpc');
  const peering = fabric.store.get('ec2/vpc-peering-connection', id);
  if (peering === undefined) return { kind: 'outside', place: 'vpc', via: id, vpcId, packet };
  const element: Element = {
    kind: 'vpc-peering-connection',
    object: id,
    field: `status ${peering.status}`,
  };
  const { requesterVpcId, accepterVpcId, status } = peering;
  if (status !== 'active') return dropped(passage, element, `${id} is ${status}`, 'BAD_STATE');
  if (vpcId !== requesterVpcId && vpcId !== accepterVpcId)
    return dropped(passage, element, `${id} does not join ${vpcId}`, 'BAD_STATE_ATTACHMENT');
  const source = formatIp(packet.source);
  if (!anyContains(from.vpc.cidrs, packet.source)) {
    const text = `${id} carries packets of ${vpcId} only, and ${source} is none of its addresses`;
    return dropped(passage, element, text, 'PCX_REQUIRES_ADDRESS_IN_VPC_CIDR');
  }
  const otherId = requesterVpcId === vpcId ? accepterVpcId : requesterVpcId;
  const other = fabric.topology.vpc(otherId);
  if (other === undefined) {
    note(passage, 'vpc', kind, 'forward', `${id} leads to ${otherId}, in no document`, [element]);
    return { kind: 'outside', place: 'vpc', via: id, vpcId, packet };
  }
  const address = formatIp(packet.destination);
  if (!anyContains(other.cidrs, packet.destination)) {
    const text = `${id} leads to ${otherId} and no further: ${address} is none of its addresses`;
    return dropped(passage, element, text, 'PCX_REQUIRES_ADDRESS_IN_VPC_CIDR');
  }
  const isSameRegion = other.region === from.vpc.region;
  const tooLong = isSameRegion ? undefined : checkLength(passage, INTERNET_MTU, id, [element]);
  if (tooLong !== undefined) return tooLong;
  if (!isSameRegion) passage.isSenderKnown = false;
  note(passage, 'vpc', kind, 'forward', `${id} carries it from ${vpcId} to ${otherId}`, [element]);
  return { kind: 'local', vpc: other, from: undefined };
}
