import { expect, test } from 'vitest';
import type { SubnetId } from '../model/ec2/ids.ts';
import type { NetworkInterface } from '../model/ec2/network-interface.ts';
import { emptyAccount, must, network } from './cloud.fixture.ts';
import { instanceMetadata, metadataReader } from './ec2/imds.ts';

/** An account with two instances, taken out again as an export has it. */
function exported() {
  const { cloud, store, a } = network();
  const ask = { imageId: 'ami-1', instanceType: 'm5.large', minCount: 2, maxCount: 2 };
  must(cloud.ec2.runInstances({ ...ask, subnetId: a.subnetId }));
  return {
    'ec2/vpc': store.list('ec2/vpc'),
    'ec2/subnet': store.list('ec2/subnet'),
    'ec2/security-group': store.list('ec2/security-group'),
    'ec2/network-interface': store.list('ec2/network-interface'),
    'ec2/instance': store.list('ec2/instance'),
  };
}

const freeIn = (account: ReturnType<typeof emptyAccount>, subnetId: string): number =>
  must(account.cloud.ec2.describeSubnets({ subnetIds: [subnetId] }))[0]!.availableIpAddressCount;

test('a sound export contradicts nothing, and its addresses are in use', () => {
  const nouns = exported();
  const account = emptyAccount();
  expect(account.cloud.adopt(nouns)).toEqual([]);
  expect(freeIn(account, nouns['ec2/subnet'][0]!.subnetId)).toBe(249);
});

test('one address on two interfaces is said, and stays in use until both are gone', () => {
  const nouns = exported();
  const [first, second] = nouns['ec2/network-interface'] as [NetworkInterface, NetworkInterface];
  const twin = { ...second, privateIpAddresses: first.privateIpAddresses };
  const account = emptyAccount();
  const said = account.cloud.adopt({ ...nouns, 'ec2/network-interface': [first, twin] });
  const { address } = first.privateIpAddresses[0]!;
  expect(said).toEqual([
    `${address} is on interface ${first.networkInterfaceId} and on interface ` +
      twin.networkInterfaceId,
  ]);
  const { subnetId } = first;
  expect(freeIn(account, subnetId)).toBe(250);
  account.store.delete('ec2/network-interface', twin.networkInterfaceId);
  expect(freeIn(account, subnetId)).toBe(250);
  account.store.delete('ec2/network-interface', first.networkInterfaceId);
  expect(freeIn(account, subnetId)).toBe(251);
});

test('two subnets of one VPC that overlap are said', () => {
  const nouns = exported();
  const [first] = nouns['ec2/subnet'];
  const again = { ...first!, subnetId: 'subnet-0again' as SubnetId };
  const said = emptyAccount().cloud.adopt({
    ...nouns,
    'ec2/subnet': [...nouns['ec2/subnet'], again],
  });
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('subnet-0again');
  expect(said[0]).toMatch(/overlap$/);
});

test('an interface in a subnet nobody exported is said', () => {
  const nouns = exported();
  const [eni] = nouns['ec2/network-interface'];
  const lost = { ...eni!, subnetId: 'subnet-0lost' as SubnetId };
  const said = emptyAccount().cloud.adopt({ ...nouns, 'ec2/network-interface': [lost] });
  expect(said[0]).toBe(
    `interface ${lost.networkInterfaceId} is in subnet subnet-0lost, which is not in the export`,
  );
});

test('a node sees its own interfaces, and now and then what they were', () => {
  const { cloud, clock, store, a } = network();
  const ask = { imageId: 'ami-1', instanceType: 'm5.large', minCount: 1, maxCount: 1 };
  const [instance] = must(cloud.ec2.runInstances({ ...ask, subnetId: a.subnetId }));
  const { instanceId } = instance!;
  let probability = 1;
  const stale = () => ({ probability, forMs: 10_000 });
  const read = metadataReader(store, clock, clock.random, instanceId, stale);
  const { mac, interfaces } = read()!;
  expect(interfaces.get(mac)).toMatchObject({
    deviceNumber: 0,
    subnetIpv4CidrBlock: '10.0.0.0/24',
    vpcIpv4CidrBlocks: ['10.0.0.0/16'],
  });
  const { networkInterfaceId } = must(cloud.ec2.createNetworkInterface({ subnetId: a.subnetId }));
  must(cloud.ec2.attachNetworkInterface({ networkInterfaceId, instanceId, deviceIndex: 1 }));
  expect(read()!.interfaces.size).toBe(1);
  expect(instanceMetadata(store, instanceId)!.interfaces.size).toBe(2);
  probability = 0;
  expect(read()!.interfaces.size).toBe(2);
});
