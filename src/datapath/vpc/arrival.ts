/**
 * datapath/vpc/arrival — a packet comes to whoever has its destination address: over the subnet's
 * border, past the security groups, to the interface; and what stands behind that interface.
 */
import { formatIp } from '../../net/index.ts';
import type { Holder } from './interface-addresses.ts';
import { answerAtNatGateway } from './nat-gateway.ts';
import { type Next, note, type Passage, stop } from './passage.ts';
import { checkSecurityGroups } from './security-groups.ts';
import { crossBorder } from './subnet-border.ts';
import { anyContains, type SubnetPlace, type VpcPlace } from './topology.ts';

/** EKS describes the interfaces it keeps for a control plane this way. */
const CONTROL_PLANE = /^Amazon EKS (?!Fargate )(\S+)$/;

const timedOut = (passage: Passage, code: string, text: string): Next =>
  stop(passage, { layer: 'vpc', kind: 'local', disposition: 'timed-out', text, code });

/** To the address in this subnet; the border is crossed already. */
function inSubnet(passage: Passage, { subnet, vpc }: SubnetPlace): Next {
  const { fabric, packet } = passage;
  const { vpcId } = vpc.vpc;
  const holder = fabric.addresses.at(vpcId, packet.destination);
  if (holder !== undefined) return { kind: 'arrive', holder };
  const nat = fabric.topology.natGatewayAt(vpcId, packet.destination);
  if (nat !== undefined) return answerAtNatGateway(passage, nat);
  const address = formatIp(packet.destination);
  const text = `no interface in ${subnet.subnetId} has ${address}: nobody answers`;
  return timedOut(passage, 'UNKNOWN_DESTINATION', text);
}

/** To the destination inside the VPC, from one of its subnets or from a gateway. */
export function deliverLocally(
  passage: Passage,
  vpc: VpcPlace,
  from: SubnetPlace | undefined,
): Next {
  const { packet, recorder } = passage;
  const { vpcId } = vpc.vpc;
  if (from !== undefined && anyContains(from.cidrs, packet.destination)) {
    const text = `${formatIp(packet.destination)} is in ${from.subnet.subnetId} itself`;
    note(passage, 'subnet', 'same-subnet', 'forward', `${text}: no route, no network ACL`);
    return inSubnet(passage, from);
  }
  const to = vpc.subnets.longestMatch(packet.destination)?.value;
  if (to === undefined) {
    recorder.enter(vpcId, 'vpc');
    const text = `no subnet of ${vpcId} has ${formatIp(packet.destination)}`;
    return timedOut(passage, 'NO_POSSIBLE_DESTINATION', text);
  }
  recorder.enter(to.subnet.subnetId, 'subnet');
  return crossBorder(passage, to, 'ingress') ?? inSubnet(passage, to);
}

/** At the interface: its groups, then whatever it is the interface of. */
export function arriveAt(passage: Passage, { eni }: Holder): Next {
  const { fabric, packet, recorder } = passage;
  if (eni.interfaceType === 'nat_gateway') {
    const nat = fabric.topology.natGatewayAt(eni.vpcId, packet.destination);
    if (nat !== undefined) return answerAtNatGateway(passage, nat);
  }
  recorder.enter(eni.networkInterfaceId, 'vpc');
  passage.zone = eni.availabilityZone;
  const denied = checkSecurityGroups(passage, eni, 'ingress');
  if (denied !== undefined) return denied;
  const clusterName = CONTROL_PLANE.exec(eni.description)?.[1];
  if (clusterName !== undefined && eni.attachment?.instanceId === undefined)
    return { kind: 'control-plane', clusterName, networkInterface: eni, packet };
  if (eni.interfaceType !== 'vpc_endpoint')
    return { kind: 'interface', networkInterface: eni, packet };
  const endpoint = fabric.topology.endpointOf(eni.networkInterfaceId);
  if (endpoint === undefined) return { kind: 'interface', networkInterface: eni, packet };
  const { serviceName, vpcEndpointId } = endpoint;
  return {
    kind: 'aws-service',
    service: serviceName,
    via: vpcEndpointId,
    networkInterface: eni,
    packet,
  };
}
