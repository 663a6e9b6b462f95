/**
 * datapath/vpc/middlebox — a route to an interface or an instance: the packet goes there, whatever
 * its destination, and the instance forwards it or not.
 *
 * Source: VPC User Guide, "Middlebox routing"; EC2 User Guide, "Source/destination checking".
 */
import { formatIp } from '../../net/index.ts';
import type { Holder } from './interface-addresses.ts';
import { type Next, type Passage, stop } from './passage.ts';
import { crossBorder } from './subnet-border.ts';
import type { SubnetPlace, VpcPlace } from './topology.ts';

/** The interface a target names: itself, or an instance's first. */
function interfaceOf(
  { fabric }: Passage,
  kind: 'network-interface' | 'instance',
  id: string,
): Holder | undefined {
  if (kind === 'network-interface') return fabric.addresses.holder(id);
  const first = fabric.store
    .lookup('ec2/network-interface', 'instance', id)
    .find((it) => it.attachment?.deviceIndex === 0);
  return first === undefined ? undefined : fabric.addresses.holder(first.networkInterfaceId);
}

/** To the interface of a route; `from` is absent where the packet comes in by a gateway. */
export function throughInterface(
  passage: Passage,
  kind: 'network-interface' | 'instance',
  id: string,
  from: SubnetPlace | undefined,
  vpc: VpcPlace,
): Next {
  const { fabric, packet, recorder } = passage;
  const holder = interfaceOf(passage, kind, id);
  if (holder === undefined || holder.eni.vpcId !== vpc.vpc.vpcId) {
    return stop(passage, {
      layer: 'vpc',
      kind: 'middlebox',
      disposition: 'not-simulated',
      text: `the route leads to ${id}, which is in no document of ${vpc.vpc.vpcId}`,
      code: 'UNKNOWN_RESOURCE',
    });
  }
  const { eni } = holder;
  const place = fabric.topology.subnet(eni.subnetId);
  if (place !== undefined && place.subnet.subnetId !== from?.subnet.subnetId) {
    recorder.enter(eni.subnetId, 'subnet');
    const denied = crossBorder(passage, place, 'ingress');
    if (denied !== undefined) return denied;
  }
  const isItsOwn = fabric.addresses.at(eni.vpcId, packet.destination) === holder;
  if (isItsOwn || !eni.sourceDestCheck) return { kind: 'arrive', holder };
  recorder.enter(eni.networkInterfaceId, 'vpc');
  const object = eni.networkInterfaceId;
  return stop(passage, {
    layer: 'vpc',
    kind: 'source-dest-check',
    disposition: 'denied-by-source-dest-check',
    text: `${formatIp(packet.destination)} is no address of ${object}, which checks destinations`,
    code: 'ENI_SOURCE_DEST_CHECK_RESTRICTION',
    decisive: [{ kind: 'network-interface', object, field: 'sourceDestCheck true' }],
    remedy: {
      text: `let ${object} forward packets of others`,
      command:
        `aws ec2 modify-network-interface-attribute --network-interface-id ${object} ` +
        '--no-source-dest-check',
    },
  });
}
