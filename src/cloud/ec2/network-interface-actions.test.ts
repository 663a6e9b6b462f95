import { describe, expect, test } from 'vitest';
import { codeOf, must, type Network, network } from '../cloud.fixture.ts';

const launch = ({ cloud, a }: Network, instanceType = 't3.medium') =>
  must(
    cloud.ec2.runInstances({
      imageId: 'ami-1',
      instanceType,
      minCount: 1,
      maxCount: 1,
      subnetId: a.subnetId,
    }),
  )[0]!;

const primaryOf = ({ store }: Network, instanceId: string) =>
  store.lookup('ec2/network-interface', 'instance', instanceId)[0]!;

describe('instances', () => {
  test('are launched with a primary interface at device 0 that goes with them', () => {
    const net = network();
    const instance = launch(net);
    const eni = primaryOf(net, instance.instanceId);
    expect(eni.attachment).toMatchObject({ deviceIndex: 0, deleteOnTermination: true });
    expect(instance.privateIpAddress).toBe(eni.privateIpAddresses[0]!.address);
    expect(instance.privateDnsName).toBe(
      `ip-${instance.privateIpAddress.replaceAll('.', '-')}.us-west-2.compute.internal`,
    );
    expect(instance.publicIpAddress).toBeUndefined();
    const [gone] = must(net.cloud.ec2.terminateInstances({ instanceIds: [instance.instanceId] }));
    expect(gone!.state).toBe('terminated');
    expect(net.store.count('ec2/network-interface')).toBe(0);
  });

  test('get a public address when the subnet maps one', () => {
    const net = network();
    const { subnetId } = net.a;
    must(net.cloud.ec2.modifySubnetAttribute({ subnetId, mapPublicIpOnLaunch: true }));
    const instance = launch(net);
    const eni = primaryOf(net, instance.instanceId);
    expect(eni.privateIpAddresses[0]!.public?.publicIp).toBe(instance.publicIpAddress);
    expect(instance.publicIpAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  test('are as many as there are addresses for, or none', () => {
    const { cloud, vpc } = network();
    const cidrBlock = '10.0.2.0/28';
    const { subnetId } = must(cloud.ec2.createSubnet({ vpcId: vpc.vpcId, cidrBlock }));
    const ask = { imageId: 'ami-1', instanceType: 't3.medium', subnetId };
    expect(must(cloud.ec2.runInstances({ ...ask, minCount: 1, maxCount: 20 }))).toHaveLength(11);
    const refused = cloud.ec2.runInstances({ ...ask, minCount: 1, maxCount: 1 });
    expect(codeOf(refused)).toBe('InsufficientFreeAddressesInSubnet');
  });
});

describe('attachments', () => {
  test('are as many as the type has room for: t3.medium has three', () => {
    const net = network();
    const { ec2 } = net.cloud;
    const { instanceId } = launch(net);
    const attach = (deviceIndex: number) => {
      const eni = must(ec2.createNetworkInterface({ subnetId: net.a.subnetId }));
      const { networkInterfaceId } = eni;
      return ec2.attachNetworkInterface({ networkInterfaceId, instanceId, deviceIndex });
    };
    expect([attach(1), attach(2)].map(codeOf)).toEqual(['ok', 'ok']);
    expect(attach(3)).toMatchObject({
      code: 'AttachmentLimitExceeded',
      message: 'Interface count 4 exceeds the limit for t3.medium',
    });
    expect(attach(1)).toMatchObject({
      message: `Instance '${instanceId}' already has an interface attached at device index '1'.`,
    });
  });

  test('do not cross zones, and the primary one stays', () => {
    const net = network();
    const { ec2 } = net.cloud;
    const { instanceId } = launch(net);
    const { networkInterfaceId } = must(ec2.createNetworkInterface({ subnetId: net.b.subnetId }));
    const refused = ec2.attachNetworkInterface({ networkInterfaceId, instanceId, deviceIndex: 1 });
    expect(codeOf(refused)).toBe('InvalidParameterValue');
    const { attachmentId } = primaryOf(net, instanceId).attachment!;
    expect(ec2.detachNetworkInterface({ attachmentId })).toMatchObject({
      code: 'OperationNotPermitted',
      message: 'The network interface at device index 0 cannot be detached.',
    });
  });

  test('an attached interface is not deleted; a detached one is', () => {
    const net = network();
    const { ec2 } = net.cloud;
    const { instanceId } = launch(net);
    const eni = must(ec2.createNetworkInterface({ subnetId: net.a.subnetId }));
    const { networkInterfaceId } = eni;
    const attached = ec2.attachNetworkInterface({ networkInterfaceId, instanceId, deviceIndex: 1 });
    const { attachmentId } = must(attached);
    expect(ec2.deleteNetworkInterface({ networkInterfaceId })).toMatchObject({
      message: `Network interface '${networkInterfaceId}' is currently in use.`,
    });
    must(ec2.detachNetworkInterface({ attachmentId }));
    expect(codeOf(ec2.deleteNetworkInterface({ networkInterfaceId }))).toBe('ok');
  });
});

describe('addresses of an interface', () => {
  test('a t3.medium holds six per interface, prefixes counted', () => {
    const net = network();
    const { ec2 } = net.cloud;
    const { networkInterfaceId } = primaryOf(net, launch(net).instanceId);
    const assign = (count: number) =>
      ec2.assignPrivateIpAddresses({ networkInterfaceId, ipv4PrefixCount: count });
    expect(must(assign(5)).ipv4Prefixes).toHaveLength(5);
    expect(assign(1)).toMatchObject({
      code: 'PrivateIpAddressLimitExceeded',
      message: 'Number of private addresses will exceed limit.',
    });
  });

  test('a Xen instance gets no prefix', () => {
    const net = network();
    const { networkInterfaceId } = primaryOf(net, launch(net, 'm4.large').instanceId);
    const refused = net.cloud.ec2.assignPrivateIpAddresses({
      networkInterfaceId,
      ipv4PrefixCount: 1,
    });
    expect(codeOf(refused)).toBe('InvalidParameterValue');
  });

  test('a secondary address moves between interfaces when reassignment is allowed', () => {
    const { cloud, store, a } = network();
    const { ec2 } = cloud;
    const { subnetId } = a;
    const from = must(ec2.createNetworkInterface({ subnetId, secondaryPrivateIpAddressCount: 1 }));
    const to = must(ec2.createNetworkInterface({ subnetId }));
    const privateIpAddresses = [from.privateIpAddresses[1]!.address];
    const move = (allowReassignment: boolean) =>
      ec2.assignPrivateIpAddresses({
        networkInterfaceId: to.networkInterfaceId,
        privateIpAddresses,
        allowReassignment,
      });
    expect(codeOf(move(false))).toBe('InvalidIPAddress.InUse');
    expect(codeOf(move(true))).toBe('ok');
    const left = store.get('ec2/network-interface', from.networkInterfaceId)!;
    expect(left.privateIpAddresses).toHaveLength(1);
    expect(must(ec2.describeSubnets({ subnetIds: [subnetId] }))[0]!.availableIpAddressCount).toBe(
      248,
    );
  });

  test('IPv6 addresses and /80 prefixes come out of the subnet’s /64', () => {
    const { cloud, vpc, a } = network();
    const { ec2 } = cloud;
    const added = must(
      ec2.associateVpcCidrBlock({ vpcId: vpc.vpcId, amazonProvidedIpv6CidrBlock: true }),
    );
    const ipv6CidrBlock = added.cidrBlock.replace('/56', '/64');
    must(ec2.associateSubnetCidrBlock({ subnetId: a.subnetId, ipv6CidrBlock }));
    const { networkInterfaceId } = must(ec2.createNetworkInterface({ subnetId: a.subnetId }));
    const made = must(
      ec2.assignIpv6Addresses({ networkInterfaceId, ipv6AddressCount: 1, ipv6PrefixCount: 1 }),
    );
    expect(made.ipv6Addresses).toHaveLength(1);
    expect(made.ipv6Prefixes[0]).toMatch(/\/80$/);
  });
});

describe('interfaces AWS made for itself', () => {
  test('are not a user’s to detach or delete', () => {
    const { cloud, a } = network();
    const { ec2 } = cloud;
    const eni = must(
      ec2.createNetworkInterface({ subnetId: a.subnetId, requesterId: 'amazon-elb' }),
    );
    expect(eni).toMatchObject({ requesterManaged: true, status: 'in-use' });
    const { networkInterfaceId } = eni;
    const { attachmentId } = eni.attachment!;
    expect(ec2.detachNetworkInterface({ attachmentId })).toMatchObject({
      code: 'OperationNotPermitted',
      message: "You are not allowed to manage 'ela-attach' attachments.",
    });
    expect(codeOf(ec2.deleteNetworkInterface({ networkInterfaceId }))).toBe(
      'OperationNotPermitted',
    );
    const byService = ec2.deleteNetworkInterface({ networkInterfaceId, requesterId: 'amazon-elb' });
    expect(byService).toBe(true);
  });
});

describe('trunk and branch', () => {
  test('a VLAN is used once per trunk, and branches stop at the type’s limit', () => {
    const net = network();
    const { ec2 } = net.cloud;
    const { subnetId } = net.a;
    const { instanceId } = launch(net, 'm5.large');
    const trunk = must(ec2.createNetworkInterface({ subnetId, interfaceType: 'trunk' }));
    const trunkInterfaceId = trunk.networkInterfaceId;
    const at = { networkInterfaceId: trunkInterfaceId, instanceId, deviceIndex: 1 };
    must(ec2.attachNetworkInterface(at));
    const branch = (vlanId: number) => {
      const eni = must(ec2.createNetworkInterface({ subnetId }));
      const branchInterfaceId = eni.networkInterfaceId;
      return ec2.associateTrunkInterface({ trunkInterfaceId, branchInterfaceId, vlanId });
    };
    const { associationId } = must(branch(1));
    expect(codeOf(branch(1))).toBe('InvalidParameterValue');
    for (let vlanId = 2; vlanId <= 9; vlanId++) must(branch(vlanId));
    expect(codeOf(branch(10))).toBe('AttachmentLimitExceeded');
    must(ec2.disassociateTrunkInterface({ associationId }));
    expect(codeOf(branch(10))).toBe('ok');
  });
});

describe('describe', () => {
  test('filters by tag, wildcard and index alike', () => {
    const net = network();
    const { ec2 } = net.cloud;
    const { instanceId } = launch(net);
    const { subnetId } = net.a;
    must(
      ec2.createNetworkInterface({ subnetId, description: 'aws-K8S-i-1', tags: { node: 'i-1' } }),
    );
    const count = (...filters: { name: string; values: string[] }[]) =>
      must(ec2.describeNetworkInterfaces({ filters })).length;
    expect(count({ name: 'attachment.instance-id', values: [instanceId] })).toBe(1);
    expect(count({ name: 'subnet-id', values: [subnetId] })).toBe(2);
    expect(count({ name: 'description', values: ['aws-K8S-*'] })).toBe(1);
    expect(count({ name: 'tag:node', values: ['i-?'] })).toBe(1);
    expect(
      count({ name: 'tag-key', values: ['node'] }, { name: 'status', values: ['in-use'] }),
    ).toBe(0);
    expect(count({ name: 'description', values: ['aws\\-K8S-i-1'] })).toBe(1);
    const refused = ec2.describeNetworkInterfaces({ filters: [{ name: 'bogus', values: ['x'] }] });
    expect(refused).toMatchObject({ message: "The filter 'bogus' is invalid" });
  });
});
