import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAwsError } from '../../model/aws-error.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { addressAt, formatIpv4, parseCidr4, sizeOf } from '../../net/index.ts';
import { codeOf, emptyAccount, must, network } from '../cloud.fixture.ts';
import type { Cloud } from '../cloud.ts';

/** Every address in use in the subnet, prefixes written out. */
function inUse(store: TwinStore, { subnetId }: Subnet): string[] {
  const used: string[] = [];
  for (const eni of store.lookup('ec2/network-interface', 'subnet', subnetId)) {
    for (const { address } of eni.privateIpAddresses) used.push(address);
    for (const prefix of eni.ipv4Prefixes) {
      const block = parseCidr4(prefix)!;
      for (let i = 0; i < 16; i++) used.push(formatIpv4(addressAt(block, i)));
    }
  }
  return used;
}

const available = (cloud: Cloud, subnet: Subnet): number =>
  must(cloud.ec2.describeSubnets({ subnetIds: [subnet.subnetId] }))[0]!.availableIpAddressCount;

function expectExact(cloud: Cloud, store: TwinStore, subnet: Subnet): void {
  const used = inUse(store, subnet);
  const block = parseCidr4(subnet.cidrBlock)!;
  expect(new Set(used).size).toBe(used.length);
  expect(available(cloud, subnet)).toBe(sizeOf(block) - 5 - used.length);
  const reserved = [0, 1, 2, 3, sizeOf(block) - 1].map((i) => formatIpv4(addressAt(block, i)));
  expect(used.filter((address) => reserved.includes(address))).toEqual([]);
}

/** One call drawn from numbers; whether it works does not matter. */
function step(
  cloud: Cloud,
  store: TwinStore,
  subnet: Subnet,
  [what, which, count]: number[],
): void {
  const { ec2 } = cloud;
  const enis = store.list('ec2/network-interface');
  const eni = enis[which! % Math.max(1, enis.length)];
  const { subnetId } = subnet;
  if (what === 0) ec2.createNetworkInterface({ subnetId, secondaryPrivateIpAddressCount: count });
  if (what === 1) ec2.createNetworkInterface({ subnetId, ipv4PrefixCount: count! % 3 });
  if (what === 2) ec2.runInstances({ ...LAUNCH, maxCount: 1 + (count! % 4), subnetId });
  if (what === 3) {
    const instances = store.list('ec2/instance');
    const instanceIds = instances.slice(which! % 5, (which! % 5) + 1).map((it) => it.instanceId);
    ec2.terminateInstances({ instanceIds });
  }
  if (eni === undefined) return;
  const { networkInterfaceId } = eni;
  if (what === 4) {
    ec2.assignPrivateIpAddresses({ networkInterfaceId, secondaryPrivateIpAddressCount: count });
  }
  if (what === 5) ec2.assignPrivateIpAddresses({ networkInterfaceId, ipv4PrefixCount: 1 });
  if (what === 6) {
    const privateIpAddresses = eni.privateIpAddresses.slice(1, 1 + count!).map((it) => it.address);
    ec2.unassignPrivateIpAddresses({ networkInterfaceId, privateIpAddresses });
  }
  if (what === 7) {
    const ipv4Prefixes = eni.ipv4Prefixes.slice(0, 1);
    ec2.unassignPrivateIpAddresses({ networkInterfaceId, ipv4Prefixes });
  }
  if (what === 8) ec2.deleteNetworkInterface({ networkInterfaceId });
}

const LAUNCH = { imageId: 'ami-1', instanceType: 'm5.large', minCount: 1 } as const;

const steps = fc.array(
  fc.tuple(fc.nat(8), fc.nat(30), fc.nat(6)).map((it) => it as number[]),
  { maxLength: 60 },
);

describe('addresses of a subnet', () => {
  test('whatever is called, the count of free addresses is size − 5 − used, and none is used twice', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(24, 26, 28), (calls, bits) => {
        const { cloud, store } = emptyAccount();
        const vpc = must(cloud.ec2.createVpc({ cidrBlock: '10.0.0.0/16' }));
        const subnet = must(
          cloud.ec2.createSubnet({ vpcId: vpc.vpcId, cidrBlock: `10.0.0.0/${bits}` }),
        );
        for (const call of calls) step(cloud, store, subnet, call);
        expectExact(cloud, store, subnet);
        // A fork goes its own way, with maps of its own.
        const fork = store.fork();
        const twin = emptyAccount({ store: fork }).cloud;
        for (const call of calls.slice(0, 10)) step(twin, fork, subnet, call);
        expectExact(twin, fork, subnet);
        expectExact(cloud, store, subnet);
      }),
      { numRuns: 60 },
    );
  });

  test('an empty /24 has 251 addresses, and the 252nd interface is refused', () => {
    const { cloud, a } = network();
    expect(available(cloud, a)).toBe(251);
    for (let i = 0; i < 251; i++) must(cloud.ec2.createNetworkInterface({ subnetId: a.subnetId }));
    expect(available(cloud, a)).toBe(0);
    expect(cloud.ec2.createNetworkInterface({ subnetId: a.subnetId })).toEqual({
      kind: 'aws-error',
      code: 'InsufficientFreeAddressesInSubnet',
      message: 'The specified subnet does not have enough free addresses to satisfy the request.',
    });
  });

  test('one scattered address per /28 leaves addresses but no prefix', () => {
    const { cloud, a } = network();
    for (let i = 0; i < 16; i++) {
      const privateIpAddress = `10.0.0.${i * 16 + 7}`;
      must(cloud.ec2.createNetworkInterface({ subnetId: a.subnetId, privateIpAddress }));
    }
    expect(available(cloud, a)).toBe(235);
    const refused = cloud.ec2.createNetworkInterface({ subnetId: a.subnetId, ipv4PrefixCount: 1 });
    expect(codeOf(refused)).toBe('InsufficientCidrBlocks');
  });

  test('more prefixes than there are free addresses are answered InvalidParameterValue', () => {
    const { cloud, a } = network();
    const refused = cloud.ec2.createNetworkInterface({ subnetId: a.subnetId, ipv4PrefixCount: 16 });
    expect(isAwsError(refused) && refused.message).toBe(
      "There aren't sufficient free Ipv4 addresses or prefixes",
    );
    expect(available(cloud, a)).toBe(251);
  });

  test('prefixes come out of the prefix reservation, single addresses never do', () => {
    const { cloud, a, store } = network();
    const { subnetId } = a;
    must(
      cloud.ec2.createSubnetCidrReservation({ subnetId, cidr: '10.0.0.128/25', type: 'prefix' }),
    );
    const eni = must(cloud.ec2.createNetworkInterface({ subnetId, ipv4PrefixCount: 7 }));
    expect(eni.ipv4Prefixes.every((it) => Number(it.split('.')[3]!.split('/')[0]) >= 128)).toBe(
      true,
    );
    for (let i = 0; i < 60; i++) must(cloud.ec2.createNetworkInterface({ subnetId }));
    const singles = store
      .lookup('ec2/network-interface', 'subnet', subnetId)
      .map((it) => Number(it.privateIpAddresses[0]!.address.split('.')[3]));
    expect(Math.max(...singles)).toBeLessThan(128);
  });

  test('who waits for an address wakes when one is given back', async () => {
    const { cloud, clock, a } = network();
    const eni = must(cloud.ec2.createNetworkInterface({ subnetId: a.subnetId }));
    const seen: number[] = [];
    clock.spawn(async () => {
      await cloud.signals.freed(a.subnetId);
      seen.push(clock.now());
    });
    clock.after(5_000, () => cloud.ec2.deleteNetworkInterface(eni));
    await clock.settle();
    expect(seen).toEqual([5_000]);
  });

  test('the lowest address comes first when choice is sequential', () => {
    const { cloud, a } = network({ addressChoice: 'sequential' });
    const eni = must(
      cloud.ec2.createNetworkInterface({ subnetId: a.subnetId, secondaryPrivateIpAddressCount: 1 }),
    );
    expect(eni.privateIpAddresses.map((it) => it.address)).toEqual(['10.0.0.4', '10.0.0.5']);
  });
});
