/**
 * test/soak/invariants — what must hold of a twin: at every instant, and at rest. Each check
 * returns sentences about what is broken; none = it holds.
 */

import { isAwsError } from '../../src/model/aws-error.ts';
import type { NetworkInterface } from '../../src/model/ec2/network-interface.ts';
import { RESERVED_PER_SUBNET } from '../../src/model/ec2/subnet.ts';
import type { Pod } from '../../src/model/kubernetes/core.ts';
import { cidrTextContains, parseCidr4, sizeOf } from '../../src/net/index.ts';
import type { Twin } from '../../src/twin/twin.ts';

const podKey = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`;

const ownAddress = ({ spec, status }: Pod): string | undefined =>
  spec.hostNetwork === true || status?.phase === 'Succeeded' || status?.phase === 'Failed'
    ? undefined
    : status?.podIP;

const holds = (eni: NetworkInterface, address: string): boolean =>
  eni.privateIpAddresses.some((it) => it.address === address) ||
  eni.ipv6Addresses.includes(address) ||
  [...eni.ipv4Prefixes, ...eni.ipv6Prefixes].some((prefix) => cidrTextContains(prefix, address));

/** No address on two interfaces, none outside its subnet; AvailableIpAddressCount exact. */
function addressesAreExact(twin: Twin): string[] {
  const wrong: string[] = [];
  for (const subnet of twin.store.list('ec2/subnet')) {
    const owners = new Map<string, string>();
    let used = 0;
    for (const eni of twin.store.lookup('ec2/network-interface', 'subnet', subnet.subnetId)) {
      for (const { address } of eni.privateIpAddresses) {
        used += 1;
        if (!cidrTextContains(subnet.cidrBlock, address))
          wrong.push(`${address} of ${eni.networkInterfaceId} is outside ${subnet.cidrBlock}`);
        const other = owners.get(address);
        if (other !== undefined)
          wrong.push(`${address} is on ${other} and ${eni.networkInterfaceId}`);
        owners.set(address, eni.networkInterfaceId);
      }
      for (const prefix of eni.ipv4Prefixes) {
        used += 16;
        const other = owners.get(prefix);
        if (other !== undefined)
          wrong.push(`${prefix} is on ${other} and ${eni.networkInterfaceId}`);
        owners.set(prefix, eni.networkInterfaceId);
      }
    }
    const described = twin.cloud.ec2.describeSubnets({ subnetIds: [subnet.subnetId] });
    const available = isAwsError(described) ? -1 : described[0]!.availableIpAddressCount;
    const expected = Number(sizeOf(parseCidr4(subnet.cidrBlock)!)) - RESERVED_PER_SUBNET - used;
    if (available !== expected) {
      wrong.push(`${subnet.subnetId} says ${available} available, ${expected} are`);
    }
  }
  return wrong;
}

/** No pod address twice; every one on an interface of the pod's own node. */
function podsHaveTheirAddresses(twin: Twin): string[] {
  const wrong: string[] = [];
  const owners = new Map<string, string>();
  for (const pod of twin.store.list('Pod')) {
    const address = ownAddress(pod);
    const { nodeName } = pod.spec;
    if (address === undefined || nodeName === undefined) continue;
    const node = twin.store.get('Node', nodeName);
    // A dead node's pods keep their status until they are collected; their addresses are EC2's again.
    const instanceId = node?.spec.providerID?.split('/').pop();
    const instance =
      instanceId === undefined ? undefined : twin.store.get('ec2/instance', instanceId);
    if (instance?.state !== 'running') continue;
    const other = owners.get(address);
    if (other !== undefined) wrong.push(`${address} is the address of ${other} and ${podKey(pod)}`);
    owners.set(address, podKey(pod));
    const enis = twin.store.lookup('ec2/network-interface', 'instance', instance.instanceId);
    const branches = enis.flatMap((eni) =>
      twin.store.lookup('ec2/network-interface', 'trunk', eni.networkInterfaceId),
    );
    if (![...enis, ...branches].some((eni) => holds(eni, address))) {
      wrong.push(`${podKey(pod)} has ${address}, which is on no interface of ${nodeName}`);
    }
  }
  return wrong;
}

/** What must hold whatever is under way. */
export const alwaysHolds = (twin: Twin): string[] => [
  ...addressesAreExact(twin),
  ...podsHaveTheirAddresses(twin),
];

/** The datastore of every node agrees with what EC2 says is on the node's interfaces. */
function datastoresAgree(twin: Twin): string[] {
  const wrong: string[] = [];
  for (const node of twin.store.list('Node')) {
    const pool = twin.nodePool(node.metadata.name);
    if (pool === undefined) continue;
    for (const { eniId, cidrs } of pool.enis) {
      const eni = twin.store.get('ec2/network-interface', eniId);
      if (eni === undefined) {
        wrong.push(`${node.metadata.name} keeps ${eniId}, which EC2 does not have`);
        continue;
      }
      const real = new Set([
        ...eni.privateIpAddresses.filter((it) => !it.primary).map((it) => `${it.address}/32`),
        ...eni.ipv4Prefixes,
        ...eni.ipv6Prefixes,
      ]);
      for (const block of cidrs) {
        if (!real.delete(block))
          wrong.push(`${node.metadata.name} keeps ${block}, not on ${eniId}`);
      }
    }
  }
  return wrong;
}

/** Nothing available that the CNI made and forgot; a cluster without nodes has nobody to sweep. */
function nothingLeaked(twin: Twin): string[] {
  const sweeps = ({ metadata }: { readonly metadata: { readonly name: string } }): boolean =>
    twin.nodePool(metadata.name)?.ready === true;
  if (!twin.store.list('Node').some(sweeps)) return [];
  return twin.store
    .list('ec2/network-interface')
    .filter((eni) => eni.status === 'available' && /^aws-(K8S|k8s)-/.test(eni.description))
    .map((eni) => `${eni.networkInterfaceId} (${eni.description}) is leaked`);
}

/** Every pod that exists is Running on a live node, or Pending with an event that says why. */
function podsAreExplained(twin: Twin): string[] {
  const wrong: string[] = [];
  const warned = new Set(
    twin.store
      .list('Event')
      .filter(({ type, involvedObject }) => type === 'Warning' && involvedObject.kind === 'Pod')
      .map(({ involvedObject: it }) => `${it.namespace}/${it.name}`),
  );
  for (const pod of twin.store.list('Pod')) {
    if (pod.metadata.deletionTimestamp !== undefined)
      wrong.push(`${podKey(pod)} never finished terminating`);
    if (pod.status?.phase !== 'Pending' && pod.status?.phase !== undefined) continue;
    if (!warned.has(podKey(pod))) wrong.push(`${podKey(pod)} is Pending and nothing says why`);
  }
  return wrong;
}

/** What must hold once nothing is left to do. */
export const holdsAtRest = (twin: Twin): string[] => [
  ...alwaysHolds(twin),
  ...datastoresAgree(twin),
  ...nothingLeaked(twin),
  ...podsAreExplained(twin),
];
