/** cli/render/network — the network as a tree: VPC, subnets, gateways, nodes, interfaces, pods. */

import type { Instance } from '../../model/ec2/instance.ts';
import { instanceType } from '../../model/ec2/instance-type.ts';
import { type NetworkInterface, primaryAddress } from '../../model/ec2/network-interface.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type { View } from './printer.ts';
import { routeTableOf, routeText, subnetReach } from './vpc.ts';

/** A line and what hangs below it. */
interface Branch {
  readonly text: string;
  readonly below: readonly Branch[];
}

/** Pods named on one interface before the rest is counted. */
const PODS_SHOWN_MAX = 4;

/** The tree of every VPC in the twin, as lines of text. */
export function networkTree(view: View): string[] {
  return view.store.list('ec2/vpc').flatMap((vpc) => draw(vpcBranch(view, vpc)));
}

function draw({ text, below }: Branch, indent = ''): string[] {
  const lines = indent === '' ? [text] : [];
  below.forEach((branch, i) => {
    const last = i === below.length - 1;
    lines.push(`${indent}${last ? '└─ ' : '├─ '}${branch.text}`);
    lines.push(
      ...draw({ text: '', below: branch.below }, `${indent}${last ? '   ' : '│  '}`).filter(
        (line) => line !== '',
      ),
    );
  });
  return lines;
}

function vpcBranch(view: View, vpc: Vpc): Branch {
  const name = vpc.tags.Name === undefined ? '' : ` ${vpc.tags.Name}`;
  const blocks = [...vpc.cidrBlocks, ...vpc.ipv6CidrBlocks].map((it) => it.cidrBlock).join(', ');
  const subnets = view.store
    .lookup('ec2/subnet', 'vpc', vpc.vpcId)
    .toSorted((a, b) => (sortText(a) < sortText(b) ? -1 : 1));
  return {
    text: `VPC${name} ${blocks} (${vpc.vpcId})`,
    below: subnets.map((subnet) => subnetBranch(view, subnet)),
  };
}

const sortText = ({ cidrBlock }: Subnet): string =>
  cidrBlock.replace(/\d+/g, (digits) => digits.padStart(3, '0'));

function subnetBranch(view: View, subnet: Subnet): Branch {
  const free = view.availableAddresses(subnet.subnetId) ?? 0;
  const routes = (routeTableOf(view.store, subnet)?.routes ?? []).filter(
    (it) => it.target.kind !== 'local',
  );
  const name = subnet.tags.Name === undefined ? '' : ` ${subnet.tags.Name}`;
  const out = routes.length === 0 ? 'no route out' : routes.map(routeText).join(', ');
  const enis = view.store.lookup('ec2/network-interface', 'subnet', subnet.subnetId);
  const instances = enis.flatMap((eni) => {
    const own = eni.attachment?.deviceIndex === 0 ? eni.attachment.instanceId : undefined;
    return own === undefined ? [] : [view.store.get('ec2/instance', own)!];
  });
  const services = enis.filter((eni) => eni.requesterManaged);
  return {
    text: `${subnetReach(view.store, subnet)} ${subnet.cidrBlock} ${subnet.availabilityZone}${name}: ${free} free; ${out}`,
    below: [
      ...services.map((eni) => ({ text: `${primaryAddress(eni)} ${eni.description}`, below: [] })),
      ...instances.map((instance) => nodeBranch(view, instance)),
    ],
  };
}

function nodeBranch(view: View, instance: Instance): Branch {
  const node = view.store.lookup('Node', 'instance', instance.instanceId)[0];
  const enis = view.store
    .lookup('ec2/network-interface', 'instance', instance.instanceId)
    .toSorted((a, b) => a.attachment!.deviceIndex - b.attachment!.deviceIndex);
  const slots = instanceType(instance.instanceType)?.maxEnis;
  const pods = node === undefined ? [] : view.store.lookup('Pod', 'node', node.metadata.name);
  return {
    text: `node ${node?.metadata.name ?? instance.instanceId} ${instance.instanceType}, ${enis.length} of ${slots} ENIs, ${pods.length} pods`,
    below: enis.map((eni) => ({ text: eniText(view, eni, pods), below: [] })),
  };
}

function eniText(view: View, eni: NetworkInterface, pods: readonly Pod[]): string {
  const own = pods.filter((pod) => carries(view, eni, pod));
  const names = own
    .slice(0, PODS_SHOWN_MAX)
    .map((pod) => `${pod.metadata.name} ${pod.status?.podIP}`);
  const more = own.length > PODS_SHOWN_MAX ? [`+${own.length - PODS_SHOWN_MAX} more`] : [];
  const blocks = eni.ipv4Prefixes.length + eni.ipv6Prefixes.length;
  const held =
    blocks > 0 ? `${blocks} prefixes` : `${eni.privateIpAddresses.length - 1} secondary addresses`;
  const said = own.length === 0 ? 'no pods' : [...names, ...more].join(', ');
  const kind = eni.interfaceType === 'interface' ? '' : ` (${eni.interfaceType})`;
  return `eth${eni.attachment!.deviceIndex}${kind} ${primaryAddress(eni)}, ${held}: ${said}`;
}

const carries = (view: View, eni: NetworkInterface, pod: Pod): boolean => {
  const sandbox = view.store.get(
    'node/pod-sandbox',
    `${pod.metadata.namespace}/${pod.metadata.name}`,
  );
  return sandbox?.interfaces[0]?.networkInterfaceId === eni.networkInterfaceId;
};
