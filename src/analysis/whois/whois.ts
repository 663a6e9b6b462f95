/**
 * analysis/whois — whose an address is: interface, pod, node, Service, gateway, reserved, public,
 * or nobody's and in which block.
 */
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { canonicalIpText, cidrTextContains } from '../../net/index.ts';
import { knownRanges, remoteIdentities, vpcIdentities } from './block-identity.ts';
import type { Identity } from './identity.ts';
import { interfaceIdentity, type PodsByAddress, podsByAddress } from './interface-identity.ts';
import { SPECIAL_ADDRESSES } from './special-address.data.ts';

const NOTHING = { pods: [], securityGroups: [] } as const;

/** A ClusterIP, an external address of a Service, or an unused one of the Services' block. */
function serviceIdentities(store: TwinStore, address: string): Identity[] {
  for (const service of store.list('Service')) {
    const { clusterIP, clusterIPs = [], externalIPs = [] } = service.spec;
    const isCluster = clusterIP === address || clusterIPs.includes(address);
    if (!isCluster && !externalIPs.includes(address)) continue;
    const name = keyOf(service);
    const what = isCluster
      ? `ClusterIP of the Service ${name}: kube-proxy on every node rewrites it to an endpoint`
      : `external address of the Service ${name}: nodes take it, whoever routes it there`;
    return [{ address, kind: 'service', what, service: name, ...NOTHING }];
  }
  for (const { serviceIpv4Cidr, serviceIpv6Cidr } of store.list('eks/cluster')) {
    const block = [serviceIpv4Cidr, serviceIpv6Cidr].find(
      (cidr) => cidr !== undefined && cidrTextContains(cidr, address),
    );
    if (block === undefined) continue;
    const what = `in the Services' block ${block}, but no Service has it: nothing answers`;
    return [{ address, kind: 'free', what, ...NOTHING }];
  }
  return [];
}

function specialIdentities(store: TwinStore, address: string): Identity[] {
  const special = SPECIAL_ADDRESSES.find(({ cidr }) => cidrTextContains(cidr, address));
  if (special === undefined) return [];
  const pods = store
    .list('node/pod-sandbox')
    .filter(({ egress }) => egress?.address.split('/')[0] === address)
    .map(({ namespace, podName }) => `${namespace}/${podName}`);
  return [{ address, kind: 'reserved', what: special.what, ...NOTHING, pods }];
}

/** A public address: of an interface, a NAT gateway, or an Elastic IP that nothing has. */
function publicIdentities(store: TwinStore, pods: PodsByAddress, address: string): Identity[] {
  const elastic = store.list('ec2/elastic-ip').find(({ publicIp }) => publicIp === address);
  const sort = elastic === undefined ? 'public address' : `Elastic IP ${elastic.allocationId}`;
  for (const eni of store.list('ec2/network-interface')) {
    const inside = eni.privateIpAddresses.find((one) => one.public?.publicIp === address);
    const found = inside && interfaceIdentity(store, pods, eni, inside.address);
    if (found === undefined) continue;
    const what = `${sort} of ${inside!.address}: ${found.what}`;
    return [{ ...found, address, kind: 'public', what, publicIp: address }];
  }
  for (const nat of store.list('ec2/nat-gateway')) {
    if (nat.publicIp !== address || nat.state === 'deleted') continue;
    const what = `${sort} of the NAT gateway ${nat.natGatewayId}: what leaves by it comes from here`;
    return [{ address, kind: 'public', what, publicIp: address, ...NOTHING }];
  }
  const instance = store.list('ec2/instance').find((one) => one.publicIpAddress === address);
  if (instance !== undefined) {
    const what = `public address of the instance ${instance.instanceId}`;
    const { instanceId } = instance;
    return [{ address, kind: 'public', what, instance: instanceId, ...NOTHING }];
  }
  if (elastic === undefined) return [];
  const what = `${sort}, not associated with anything`;
  return [{ address, kind: 'public', what, publicIp: address, ...NOTHING }];
}

/** Interfaces that have the address themselves or in a prefix. */
function interfaceIdentities(store: TwinStore, pods: PodsByAddress, address: string): Identity[] {
  const found: Identity[] = [];
  for (const eni of store.list('ec2/network-interface')) {
    const identity = interfaceIdentity(store, pods, eni, address);
    if (identity !== undefined) found.push(identity);
  }
  return found;
}

/** A pod whose address is of no interface: another CNI's network. */
function overlayIdentities(store: TwinStore, pods: PodsByAddress, address: string): Identity[] {
  const keys = pods.get(address) ?? [];
  if (keys.length === 0) return [];
  const node = store.get('Pod', keys[0]!)?.spec.nodeName;
  const what = `address of pod ${keys.join(', ')}, which no network interface has`;
  return [{ address, kind: 'interface', what, ...NOTHING, pods: keys, ...(node ? { node } : {}) }];
}

/** A further network of a pod (Multus, an egress pair) whose addresses AWS does not know. */
function furtherIdentities(store: TwinStore, address: string): Identity[] {
  return store.list('node/pod-sandbox').flatMap(({ namespace, podName, interfaces }) => {
    const held = interfaces.find((one) => one.address.split('/')[0] === address);
    if (held === undefined) return [];
    const key = `${namespace}/${podName}`;
    const node = store.get('Pod', key)?.spec.nodeName;
    const what = `address of ${held.name} of pod ${key}, which no network interface has: the VPC does not know it`;
    return [
      { address, kind: 'interface', what, ...NOTHING, pods: [key], ...(node ? { node } : {}) },
    ];
  });
}

/**
 * Everything that has the address, or the blocks it is in; VPCs with the same block give several.
 * Never empty.
 *
 * @param address  canonical text
 */
export function whoHas(store: TwinStore, address: string): readonly Identity[] {
  const pods = podsByAddress(store);
  const held = [...specialIdentities(store, address), ...interfaceIdentities(store, pods, address)];
  if (held.length > 0) return held;
  const others = [
    serviceIdentities(store, address),
    publicIdentities(store, pods, address),
    overlayIdentities(store, pods, address),
    furtherIdentities(store, address),
    vpcIdentities(store, address),
    remoteIdentities(store, address),
  ].find((found) => found.length > 0);
  if (others !== undefined) return others;
  const what = 'nothing in these files has it, and no block holds it: somewhere beyond the VPC';
  return [{ address, kind: 'unknown', what, ...NOTHING, ranges: knownRanges(store) }];
}

/** The identity of an interface by its id: that of its primary address. */
export function whoIs(store: TwinStore, eni: NetworkInterface): Identity | undefined {
  const address = eni.privateIpAddresses[0]?.address ?? eni.ipv6Addresses[0];
  return address === undefined
    ? undefined
    : interfaceIdentity(store, podsByAddress(store), eni, canonicalIpText(address) ?? address);
}
