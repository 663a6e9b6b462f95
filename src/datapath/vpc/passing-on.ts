/**
 * datapath/vpc/passing-on — packets that a Network Load Balancer passes on with the client's own
 * address as their source, and the way their answers take: back through the load balancer,
 * whatever the target's route table says.
 *
 * Source: Network Load Balancers, "Client IP preservation" and "Update the security groups":
 * targets may refer to the load balancer's groups, not to those of its clients; the network ACLs
 * of both subnets see the client's address.
 */
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { formatIp } from '../../net/index.ts';
import { arriveAt } from './arrival.ts';
import type { Holder } from './interface-addresses.ts';
import { gatewayElement, type Next, note, type Passage, stop } from './passage.ts';
import { checkSecurityGroups } from './security-groups.ts';
import { crossBorder } from './subnet-border.ts';

/** Out of the load balancer's interface, to the target. */
export function passOn(passage: Passage, holder: Holder): Next {
  const { eni } = holder;
  const { networkInterfaceId } = eni;
  passage.zone = eni.availabilityZone;
  passage.recorder.enter(networkInterfaceId, 'vpc');
  // Whose address it is does not matter: groups may refer to the load balancer's.
  passage.sender = holder;
  const denied = checkSecurityGroups(passage, eni, 'egress');
  if (denied !== undefined) return denied;
  passage.memory.passOn(networkInterfaceId, passage.packet);
  const from = passage.fabric.topology.subnet(eni.subnetId);
  if (from !== undefined) return { kind: 'route', from };
  return stop(passage, {
    layer: 'subnet',
    kind: 'route-table',
    disposition: 'not-simulated',
    text: `${eni.subnetId} of ${networkInterfaceId}, or its VPC, is in no document`,
    code: 'UNKNOWN_RESOURCE',
  });
}

/** The way of an answer that a load balancer waits for; undefined: none does. */
export function backToBalancer(passage: Passage, eni: NetworkInterface): Next | undefined {
  const { memory, packet, fabric, recorder } = passage;
  const id = memory.passedOnBy(packet);
  const holder = id === undefined ? undefined : fabric.addresses.holder(id);
  if (holder === undefined) return undefined;
  const from = fabric.topology.subnet(eni.subnetId);
  const to = fabric.topology.subnet(holder.eni.subnetId);
  const text = `${id} takes the answer, wherever the routes lead: the flow came through it`;
  note(passage, 'vpc', 'passed-on', 'forward', text, [gatewayElement(id!)]);
  if (from !== undefined && to !== undefined && from.subnet.subnetId !== to.subnet.subnetId) {
    recorder.enter(from.subnet.subnetId, 'subnet');
    const refused = crossBorder(passage, from, 'egress');
    if (refused !== undefined) return refused;
    recorder.enter(to.subnet.subnetId, 'subnet');
    const kept = crossBorder(passage, to, 'ingress');
    if (kept !== undefined) return kept;
  } else {
    const same = `${formatIp(holder.addresses[0]!)} is in ${eni.subnetId} itself`;
    note(passage, 'subnet', 'same-subnet', 'forward', `${same}: no route, no network ACL`);
  }
  return arriveAt(passage, holder);
}
