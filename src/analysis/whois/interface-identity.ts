/**
 * analysis/whois/interface-identity — an address that an ENI has: what the interface is for and
 * which pods answer at it.
 */

import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { primaryAddress } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { ipsOfPod } from '../../model/kubernetes/addresses.ts';
import { isPodTerminal } from '../../model/kubernetes/condition.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { cidrTextContains } from '../../net/index.ts';
import { type AddressUse, useOfEni } from '../capacity/address-user.ts';
import type { Identity, Named } from './identity.ts';

/** Running pods by their address, hostNetwork pods under their node's. */
export type PodsByAddress = ReadonlyMap<string, readonly string[]>;

export function podsByAddress(store: TwinStore): PodsByAddress {
  const found = new Map<string, string[]>();
  for (const pod of store.list('Pod')) {
    if (isPodTerminal(pod)) continue;
    for (const address of ipsOfPod(pod))
      found.set(address, [...(found.get(address) ?? []), keyOf(pod)]);
  }
  return found;
}

/** What an ENI's use is called, in a sentence about its address. */
const USE_TEXT: Readonly<Record<AddressUse, string>> = {
  'node-primary': 'primary address of a node',
  'eni-primary': "primary address of a node's further ENI; no pod gets it",
  'trunk-eni': "address of a node's trunk ENI, which carries the branch ENIs of pods",
  pod: 'address of a pod',
  warm: "in a node's warm pool, not given to a pod yet",
  cooling: 'given back by a pod, not given out again yet',
  'prefix-idle': "in a node's prefix, not given to a pod yet",
  'branch-pod': 'branch ENI of a pod with its own security groups',
  'fargate-pod': 'ENI of a Fargate pod',
  'control-plane': "the control plane's own ENI (X-ENI): the API server reaches nodes from here",
  'load-balancer': 'a load balancer node',
  'nat-gateway': 'a NAT gateway',
  endpoint: 'an interface VPC endpoint',
  'transit-gateway': 'a transit gateway attachment',
  rds: 'an RDS database',
  efs: 'an EFS mount target',
  lambda: 'a Lambda function',
  instance: 'an EC2 instance that is no node of the cluster',
  'leaked-eni': 'an ENI that the VPC CNI left behind',
  other: 'a network interface',
};

const nameOf = (tags: Readonly<Record<string, string>>): { name?: string } =>
  tags.Name === undefined ? {} : { name: tags.Name };

/** How the interface has the address; undefined: it does not. */
function holding(eni: NetworkInterface, address: string): string | undefined {
  if (primaryAddress(eni) === address) return 'primary';
  if (eni.privateIpAddresses.some((one) => one.address === address)) return 'secondary';
  if (eni.ipv6Addresses.includes(address)) return 'ipv6';
  return [...eni.ipv4Prefixes, ...eni.ipv6Prefixes].find((prefix) =>
    cidrTextContains(prefix, address),
  );
}

/** Says what a pool address of a node is: a pod's, or one that waits for a pod. */
function poolText(how: string, pods: readonly string[]): string {
  const from = how === 'secondary' ? 'secondary address' : `in the prefix ${how}`;
  return pods.length > 0
    ? `address of pod ${pods.join(', ')} (${from} of a node's ENI)`
    : `${from} of a node's ENI, not given to a pod now`;
}

function nodeText(pods: readonly string[]): string {
  return pods.length === 0
    ? USE_TEXT['node-primary']
    : `${USE_TEXT['node-primary']}; its hostNetwork pods answer here too`;
}

/** The groups with their names. */
const groupsOf = (store: TwinStore, eni: NetworkInterface): readonly Named[] =>
  eni.groups.map((id) => {
    const group = store.get('ec2/security-group', id);
    return { id, ...(group === undefined ? {} : { name: group.groupName }) };
  });

/** Subnet and VPC of an interface. */
export function placeOf(
  store: TwinStore,
  { subnetId, vpcId }: { readonly subnetId?: string; readonly vpcId: string },
): Pick<Identity, 'subnet' | 'vpc'> {
  const subnet = subnetId === undefined ? undefined : store.get('ec2/subnet', subnetId);
  const vpc = store.get('ec2/vpc', vpcId);
  return {
    ...(subnet === undefined
      ? {}
      : {
          subnet: {
            id: subnet.subnetId,
            ...nameOf(subnet.tags),
            cidr: subnet.cidrBlock,
            zone: subnet.availabilityZone,
          },
        }),
    vpc: { id: vpcId, ...nameOf(vpc?.tags ?? {}) },
  };
}

const LISTEN_TEXT = (eni: NetworkInterface): string =>
  eni.listens === undefined || eni.listens.length === 0
    ? ''
    : `, listens on ${eni.listens.map((one) => `${one.protocol} ${one.port}`).join(', ')}`;

/** undefined: the interface does not have the address. */
export function interfaceIdentity(
  store: TwinStore,
  pods: PodsByAddress,
  eni: NetworkInterface,
  address: string,
): Identity | undefined {
  const how = holding(eni, address);
  if (how === undefined) return undefined;
  const here = pods.get(address) ?? [];
  const fargate = new Map([...pods].flatMap(([ip, keys]) => (keys[0] ? [[ip, keys[0]]] : [])));
  const { use, nodeName, because } = useOfEni(store, eni, fargate);
  const isPool = use === 'node-primary' || use === 'eni-primary' || use === 'trunk-eni';
  const isOwn = how === 'primary' || how === 'ipv6';
  const what =
    isPool && !isOwn
      ? poolText(how, here)
      : use === 'node-primary'
        ? nodeText(here)
        : `${USE_TEXT[use]}${LISTEN_TEXT(eni)}`;
  const publicIp = eni.privateIpAddresses.find((one) => one.address === address)?.public?.publicIp;
  const trunk = eni.trunk && store.get('ec2/network-interface', eni.trunk.trunkInterfaceId);
  const instance = (trunk ?? eni).attachment?.instanceId;
  const node =
    nodeName ??
    (instance && store.lookup('Node', 'instance', instance)[0]?.metadata.name) ??
    (here[0] && store.get('Pod', here[0])?.spec.nodeName);
  return {
    address,
    kind: 'interface',
    what,
    pods: here,
    ...(node ? { node } : {}),
    ...(instance === undefined ? {} : { instance }),
    networkInterface: {
      id: eni.networkInterfaceId,
      ...(eni.description === '' ? {} : { name: eni.description }),
    },
    because,
    ...(publicIp === undefined ? {} : { publicIp }),
    ...placeOf(store, eni),
    securityGroups: groupsOf(store, eni),
  };
}
