/**
 * cloud/ec2/private-address-actions — addresses and prefixes given to and taken from an interface
 * that exists: what ipamd does all day.
 */
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import { instanceType } from '../../model/ec2/instance-type.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { Region } from '../region.ts';
import { freeAddressOf, withPublic } from './elastic-ip.ts';
import { slotsUsed, tooManyAddresses, unattachedAddressesMax } from './new-interface.ts';
import { invalidValue, missingParameter, noNetworkInterface } from './not-found.ts';
import type {
  AssignedPrivateIpAddresses,
  AssignPrivateIpAddressesInput,
  Ec2Operations,
} from './operations.ts';

type PrivateAddressActions = Pick<
  Ec2Operations,
  | 'assignPrivateIpAddresses'
  | 'unassignPrivateIpAddresses'
  | 'assignIpv6Addresses'
  | 'unassignIpv6Addresses'
>;

export const privateAddressActions = (region: Region): PrivateAddressActions => ({
  assignPrivateIpAddresses: (input) => assign(region, input),
  unassignPrivateIpAddresses: (input) => unassign(region, input),
  assignIpv6Addresses: (input) => assignIpv6(region, input),
  unassignIpv6Addresses: (input) => unassignIpv6(region, input),
});

/** Slots per interface of the instance that has it. */
function addressesMax(region: Region, eni: NetworkInterface): number {
  const instance = region.store.get('ec2/instance', eni.attachment?.instanceId ?? '');
  const type = instance === undefined ? undefined : instanceType(instance.instanceType);
  return type?.ipv4PerEni ?? unattachedAddressesMax();
}

/** EC2 delegates prefixes to Nitro and bare metal only; undefined when it would here. */
function prefixRefusal(region: Region, eni: NetworkInterface): AwsError | undefined {
  const instance = region.store.get('ec2/instance', eni.attachment?.instanceId ?? '');
  const type = instance === undefined ? undefined : instanceType(instance.instanceType);
  if (type === undefined || type.prefixDelegation) return undefined;
  return invalidValue(
    `Instance type ${type.name} of ${instance!.instanceId} does not support prefixes on network ` +
      'interfaces; they need a Nitro or bare metal instance.',
  );
}

function assign(
  region: Region,
  input: AssignPrivateIpAddressesInput,
): AssignedPrivateIpAddresses | AwsError {
  const eni = region.store.get('ec2/network-interface', input.networkInterfaceId);
  if (eni === undefined) return noNetworkInterface(input.networkInterfaceId);
  const subnet = region.store.get('ec2/subnet', eni.subnetId)!;
  const addresses = input.privateIpAddresses ?? [];
  const prefixes = input.ipv4Prefixes ?? [];
  const addressCount = input.secondaryPrivateIpAddressCount ?? 0;
  const prefixCount = input.ipv4PrefixCount ?? 0;
  const asked = addresses.length + prefixes.length + addressCount + prefixCount;
  if (asked === 0) return missingParameter('secondaryPrivateIpAddressCount');
  const refusal = prefixes.length + prefixCount > 0 ? prefixRefusal(region, eni) : undefined;
  if (refusal !== undefined) return refusal;
  if (slotsUsed(eni) + asked > addressesMax(region, eni)) return tooManyAddresses();
  const moved = input.allowReassignment === true ? othersWith(region, eni, addresses) : [];
  const chosen = choose(region, subnet, input, moved);
  if (isAwsError(chosen)) return chosen;
  for (const { holder, address } of moved) takeFrom(region, holder, [address], []);
  region.store.put('ec2/network-interface', eni.networkInterfaceId, {
    ...eni,
    privateIpAddresses: [
      ...eni.privateIpAddresses,
      ...chosen.addresses.map((address) => ({ address, primary: false })),
    ],
    ipv4Prefixes: [...eni.ipv4Prefixes, ...chosen.prefixes],
  });
  return {
    networkInterfaceId: eni.networkInterfaceId,
    privateIpAddresses: chosen.addresses,
    ipv4Prefixes: chosen.prefixes,
  };
}

interface Moved {
  readonly holder: NetworkInterface;
  readonly address: string;
}

/** Secondary addresses of other interfaces of the subnet that are to come over. */
function othersWith(region: Region, eni: NetworkInterface, addresses: readonly string[]): Moved[] {
  if (addresses.length === 0) return [];
  const wanted = new Set(addresses);
  const moved: Moved[] = [];
  for (const holder of region.store.lookup('ec2/network-interface', 'subnet', eni.subnetId)) {
    if (holder.networkInterfaceId === eni.networkInterfaceId) continue;
    for (const { address, primary } of holder.privateIpAddresses)
      if (!primary && wanted.has(address)) moved.push({ holder, address });
  }
  return moved;
}

interface Chosen {
  readonly addresses: readonly string[];
  readonly prefixes: readonly string[];
}

function choose(
  region: Region,
  subnet: Subnet,
  input: AssignPrivateIpAddressesInput,
  moved: readonly Moved[],
): Chosen | AwsError {
  const claim = region.addresses.claim(subnet);
  const draw = (): Chosen | AwsError => {
    const movedAddresses = new Set(moved.map(({ address }) => address));
    for (const address of input.privateIpAddresses ?? []) {
      if (movedAddresses.has(address)) continue;
      const taken = claim.address(address);
      if (isAwsError(taken)) return taken;
    }
    for (const prefix of input.ipv4Prefixes ?? []) {
      const taken = claim.prefix(prefix);
      if (isAwsError(taken)) return taken;
    }
    const addresses = claim.addresses(input.secondaryPrivateIpAddressCount ?? 0);
    if (isAwsError(addresses)) return addresses;
    const prefixes = claim.prefixes(input.ipv4PrefixCount ?? 0);
    if (isAwsError(prefixes)) return prefixes;
    return {
      addresses: [...(input.privateIpAddresses ?? []), ...addresses],
      prefixes: [...(input.ipv4Prefixes ?? []), ...prefixes],
    };
  };
  const chosen = draw();
  claim.end();
  return chosen;
}

/** Removes addresses and prefixes the interface has. */
function takeFrom(
  region: Region,
  given: NetworkInterface,
  addresses: readonly string[],
  prefixes: readonly string[],
): void {
  let eni = region.store.get('ec2/network-interface', given.networkInterfaceId)!;
  for (const { address, public: publicAddress } of eni.privateIpAddresses) {
    if (publicAddress === undefined || !addresses.includes(address)) continue;
    freeAddressOf(region, publicAddress);
    eni = withPublic(eni, address, undefined);
  }
  const gone = new Set([...addresses, ...prefixes]);
  region.store.put('ec2/network-interface', eni.networkInterfaceId, {
    ...eni,
    privateIpAddresses:
      addresses.length === 0
        ? eni.privateIpAddresses
        : eni.privateIpAddresses.filter(({ address }) => !gone.has(address)),
    ipv4Prefixes:
      prefixes.length === 0 ? eni.ipv4Prefixes : eni.ipv4Prefixes.filter((it) => !gone.has(it)),
  });
}

type UnassignInput = Parameters<Ec2Operations['unassignPrivateIpAddresses']>[0];

function unassign(region: Region, input: UnassignInput): true | AwsError {
  const { networkInterfaceId, privateIpAddresses = [], ipv4Prefixes = [] } = input;
  const eni = region.store.get('ec2/network-interface', networkInterfaceId);
  if (eni === undefined) return noNetworkInterface(networkInterfaceId);
  if (privateIpAddresses.length + ipv4Prefixes.length === 0)
    return missingParameter('privateIpAddresses');
  const primary = eni.privateIpAddresses[0]!.address;
  if (privateIpAddresses.includes(primary)) {
    return invalidValue(
      `Address ${primary} is the primary address of interface ${networkInterfaceId} and cannot ` +
        'be unassigned',
    );
  }
  const held = new Set(eni.privateIpAddresses.map(({ address }) => address));
  const all = [
    ...privateIpAddresses.filter((address) => !held.has(address)),
    ...ipv4Prefixes.filter((prefix) => !eni.ipv4Prefixes.includes(prefix)),
  ];
  if (all.length > 0) return notAssigned(all, networkInterfaceId);
  takeFrom(region, eni, privateIpAddresses, ipv4Prefixes);
  return true;
}

const notAssigned = (what: readonly string[], networkInterfaceId: string): AwsError =>
  invalidValue(`Some of [${what.join(', ')}] are not assigned to interface ${networkInterfaceId}`);

type AssignIpv6Input = Parameters<Ec2Operations['assignIpv6Addresses']>[0];
type AssignedIpv6 = ReturnType<Ec2Operations['assignIpv6Addresses']>;

function assignIpv6(region: Region, input: AssignIpv6Input): AssignedIpv6 {
  const eni = region.store.get('ec2/network-interface', input.networkInterfaceId);
  if (eni === undefined) return noNetworkInterface(input.networkInterfaceId);
  const addressCount = input.ipv6AddressCount ?? 0;
  const prefixCount = input.ipv6PrefixCount ?? 0;
  const names = [...(input.ipv6Addresses ?? []), ...(input.ipv6Prefixes ?? [])];
  const asked = names.length + addressCount + prefixCount;
  if (asked === 0) return missingParameter('ipv6AddressCount');
  const prefixed = prefixCount + (input.ipv6Prefixes?.length ?? 0) > 0;
  const refusal = prefixed ? prefixRefusal(region, eni) : undefined;
  if (refusal !== undefined) return refusal;
  const used = eni.ipv6Addresses.length + eni.ipv6Prefixes.length;
  if (used + asked > addressesMax(region, eni)) return tooManyAddresses();
  const chosen = chooseIpv6(region, eni, input);
  if (isAwsError(chosen)) return chosen;
  const { networkInterfaceId } = eni;
  region.store.put('ec2/network-interface', networkInterfaceId, {
    ...eni,
    ipv6Addresses: [...eni.ipv6Addresses, ...chosen.addresses],
    ipv6Prefixes: [...eni.ipv6Prefixes, ...chosen.prefixes],
  });
  return { networkInterfaceId, ipv6Addresses: chosen.addresses, ipv6Prefixes: chosen.prefixes };
}

function chooseIpv6(
  region: Region,
  eni: NetworkInterface,
  input: AssignIpv6Input,
): Chosen | AwsError {
  const claim = region.addresses.claim(region.store.get('ec2/subnet', eni.subnetId)!);
  const draw = (): Chosen | AwsError => {
    for (const address of input.ipv6Addresses ?? []) {
      const taken = claim.ipv6Address(address);
      if (isAwsError(taken)) return taken;
    }
    for (const prefix of input.ipv6Prefixes ?? []) {
      const taken = claim.ipv6Prefix(prefix);
      if (isAwsError(taken)) return taken;
    }
    const addresses = claim.ipv6Addresses(input.ipv6AddressCount ?? 0);
    if (isAwsError(addresses)) return addresses;
    const prefixes = claim.ipv6Prefixes(input.ipv6PrefixCount ?? 0);
    if (isAwsError(prefixes)) return prefixes;
    return {
      addresses: [...(input.ipv6Addresses ?? []), ...addresses],
      prefixes: [...(input.ipv6Prefixes ?? []), ...prefixes],
    };
  };
  const chosen = draw();
  claim.end();
  return chosen;
}

type UnassignIpv6Input = Parameters<Ec2Operations['unassignIpv6Addresses']>[0];

function unassignIpv6(region: Region, input: UnassignIpv6Input): true | AwsError {
  const { networkInterfaceId, ipv6Addresses = [], ipv6Prefixes = [] } = input;
  const eni = region.store.get('ec2/network-interface', networkInterfaceId);
  if (eni === undefined) return noNetworkInterface(networkInterfaceId);
  const unknown = [
    ...ipv6Addresses.filter((it) => !eni.ipv6Addresses.includes(it)),
    ...ipv6Prefixes.filter((it) => !eni.ipv6Prefixes.includes(it)),
  ];
  if (unknown.length > 0) return notAssigned(unknown, networkInterfaceId);
  region.store.put('ec2/network-interface', networkInterfaceId, {
    ...eni,
    ipv6Addresses: eni.ipv6Addresses.filter((it) => !ipv6Addresses.includes(it)),
    ipv6Prefixes: eni.ipv6Prefixes.filter((it) => !ipv6Prefixes.includes(it)),
  });
  return true;
}
