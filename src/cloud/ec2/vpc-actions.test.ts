import { describe, expect, test } from 'vitest';
import { codeOf, emptyAccount, must, network } from '../cloud.fixture.ts';

describe('VPCs', () => {
  test('come with a main route table, a default network ACL and a default group', () => {
    const { store, cloud } = emptyAccount();
    const vpc = must(cloud.ec2.createVpc({ cidrBlock: '10.0.5.0/16' }));
    expect(vpc.cidrBlock).toBe('10.0.0.0/16');
    const [table] = store.list('ec2/route-table');
    expect(table!.associations[0]!.main).toBe(true);
    expect(table!.routes).toEqual([
      {
        destination: { kind: 'ipv4', cidr: '10.0.0.0/16' },
        target: { kind: 'local' },
        state: 'active',
        origin: 'CreateRouteTable',
      },
    ]);
    expect(store.list('ec2/network-acl')[0]!.entries).toHaveLength(4);
    expect(store.list('ec2/security-group')[0]!.groupName).toBe('default');
    expect(cloud.ec2.deleteVpc({ vpcId: vpc.vpcId })).toBe(true);
    expect(store.count('ec2/route-table') + store.count('ec2/security-group')).toBe(0);
  });

  test.each([
    ['10.0.0.0/15', 'InvalidVpc.Range'],
    ['10.0.0.0/29', 'InvalidVpc.Range'],
    ['127.0.0.0/16', 'InvalidVpc.Range'],
    ['10.0.0.0', 'InvalidParameterValue'],
  ])('%s is no block for a VPC: %s', (cidrBlock, code) => {
    expect(codeOf(emptyAccount().cloud.ec2.createVpc({ cidrBlock }))).toBe(code);
  });

  test('take further blocks of their own sort or CG-NAT, with a local route in every table', () => {
    const { store, cloud, vpc } = network();
    const { vpcId } = vpc;
    const add = (cidrBlock: string) => cloud.ec2.associateVpcCidrBlock({ vpcId, cidrBlock });
    expect(codeOf(add('192.168.0.0/16'))).toBe('InvalidVpc.Range');
    expect(codeOf(add('10.0.128.0/24'))).toBe('InvalidVpc.Range');
    const added = must(add('100.64.0.0/16'));
    expect(codeOf(add('198.19.0.0/16'))).toBe('ok');
    const local = () => store.list('ec2/route-table').map(({ routes }) => routes.length);
    expect(local()).toEqual([3]);
    must(cloud.ec2.createSubnet({ vpcId, cidrBlock: '100.64.0.0/24' }));
    const { associationId } = added;
    const refused = cloud.ec2.disassociateVpcCidrBlock({ associationId });
    expect(codeOf(refused)).toBe('InvalidCidrBlock.InUse');
    must(add('10.1.0.0/16'));
    must(add('10.2.0.0/16'));
    expect(codeOf(add('10.3.0.0/16'))).toBe('CidrLimitExceeded');
  });

  test('are not deleted while a subnet is in them', () => {
    const { cloud, vpc } = network();
    expect(cloud.ec2.deleteVpc({ vpcId: vpc.vpcId })).toMatchObject({
      code: 'DependencyViolation',
      message: `The vpc '${vpc.vpcId}' has dependencies and cannot be deleted.`,
    });
  });
});

describe('subnets', () => {
  test.each([
    ['10.1.0.0/24', 'InvalidSubnet.Range'],
    ['10.0.8.0/29', 'InvalidSubnet.Range'],
    ['10.0.0.128/25', 'InvalidSubnet.Conflict'],
  ])('%s does not fit: %s', (cidrBlock, code) => {
    const { cloud, vpc } = network();
    expect(codeOf(cloud.ec2.createSubnet({ vpcId: vpc.vpcId, cidrBlock }))).toBe(code);
  });

  test('are in a zone of the region', () => {
    const { cloud, vpc, a } = network();
    expect(a.availabilityZoneId).toBe('usw2-az1');
    const refused = cloud.ec2.createSubnet({
      vpcId: vpc.vpcId,
      cidrBlock: '10.0.9.0/24',
      availabilityZone: 'us-west-2x',
    });
    expect(codeOf(refused)).toBe('InvalidParameterValue');
  });
});

describe('routes', () => {
  test('go blackhole when their gateway goes, and come back with it', () => {
    const { store, cloud, vpc } = network();
    const { ec2 } = cloud;
    const { vpcId } = vpc;
    const { internetGatewayId } = must(ec2.createInternetGateway({}));
    const { routeTableId } = must(ec2.createRouteTable({ vpcId }));
    const create = () =>
      ec2.createRoute({
        routeTableId,
        destination: { kind: 'ipv4', cidr: '0.0.0.0/0' },
        target: { kind: 'internet-gateway', id: internetGatewayId },
      });
    expect(create()).toMatchObject({
      message:
        `route table ${routeTableId} and network gateway ${internetGatewayId} belong to ` +
        'different networks',
    });
    must(ec2.attachInternetGateway({ internetGatewayId, vpcId }));
    must(create());
    expect(codeOf(create())).toBe('RouteAlreadyExists');
    const state = () => store.get('ec2/route-table', routeTableId)!.routes[1]!.state;
    must(ec2.detachInternetGateway({ internetGatewayId, vpcId }));
    expect(state()).toBe('blackhole');
    must(ec2.attachInternetGateway({ internetGatewayId, vpcId }));
    expect(state()).toBe('active');
  });

  test('inside the VPC’s block lead to middleboxes only, and the local route stays', () => {
    const { cloud, vpc, a } = network();
    const { ec2 } = cloud;
    const { internetGatewayId } = must(ec2.createInternetGateway({}));
    must(ec2.attachInternetGateway({ internetGatewayId, vpcId: vpc.vpcId }));
    const { routeTableId } = must(ec2.createRouteTable({ vpcId: vpc.vpcId }));
    const destination = { kind: 'ipv4', cidr: '10.0.1.0/24' } as const;
    const target = { kind: 'internet-gateway', id: internetGatewayId } as const;
    const refused = ec2.createRoute({ routeTableId, destination, target });
    expect(codeOf(refused)).toBe('InvalidParameterValue');
    const { networkInterfaceId: id } = must(ec2.createNetworkInterface({ subnetId: a.subnetId }));
    const box = { kind: 'network-interface', id } as const;
    expect(codeOf(ec2.createRoute({ routeTableId, destination, target: box }))).toBe('ok');
    const local = { kind: 'ipv4', cidr: '10.0.0.0/16' } as const;
    const kept = ec2.deleteRoute({ routeTableId, destination: local });
    expect(codeOf(kept)).toBe('InvalidParameterValue');
  });

  test('a subnet has one table of its own; the main one can be replaced', () => {
    const { store, cloud, vpc, a } = network();
    const { ec2 } = cloud;
    const { subnetId } = a;
    const [main] = store.list('ec2/route-table');
    const { routeTableId } = must(ec2.createRouteTable({ vpcId: vpc.vpcId }));
    must(ec2.associateRouteTable({ routeTableId, subnetId }));
    const twice = ec2.associateRouteTable({ routeTableId: main!.routeTableId, subnetId });
    expect(codeOf(twice)).toBe('Resource.AlreadyAssociated');
    expect(codeOf(ec2.deleteRouteTable({ routeTableId }))).toBe('DependencyViolation');
    const { associationId } = main!.associations[0]!;
    must(ec2.replaceRouteTableAssociation({ associationId, routeTableId }));
    const held = store.get('ec2/route-table', routeTableId)!.associations;
    expect(held.map((it) => it.main)).toEqual([false, true]);
    expect(ec2.deleteRouteTable({ routeTableId: main!.routeTableId })).toBe(true);
  });
});

describe('ways out', () => {
  test('a NAT gateway takes one address, an Elastic IP, and leaves blackholes behind', () => {
    const { store, cloud, vpc, a } = network();
    const { ec2 } = cloud;
    const { subnetId, vpcId } = a;
    const { internetGatewayId } = must(ec2.createInternetGateway({}));
    const { allocationId } = must(ec2.allocateAddress({}));
    expect(codeOf(ec2.createNatGateway({ subnetId, allocationId }))).toBe('Gateway.NotAttached');
    must(ec2.attachInternetGateway({ internetGatewayId, vpcId }));
    const nat = must(ec2.createNatGateway({ subnetId, allocationId }));
    const [table] = store.list('ec2/route-table');
    const { routeTableId } = table!;
    const destination = { kind: 'ipv4', cidr: '0.0.0.0/0' } as const;
    const target = { kind: 'nat-gateway', id: nat.natGatewayId } as const;
    must(ec2.createRoute({ routeTableId, destination, target }));
    expect(must(ec2.describeSubnets({}))[0]!.availableIpAddressCount).toBe(250);
    expect(codeOf(ec2.releaseAddress({ allocationId }))).toBe('InvalidIPAddress.InUse');
    const detached = ec2.detachInternetGateway({ internetGatewayId, vpcId: vpc.vpcId });
    expect(codeOf(detached)).toBe('DependencyViolation');
    must(ec2.deleteNatGateway({ natGatewayId: nat.natGatewayId }));
    expect(store.get('ec2/route-table', routeTableId)!.routes[1]!.state).toBe('blackhole');
    expect(must(ec2.describeSubnets({}))[0]!.availableIpAddressCount).toBe(251);
    expect(ec2.releaseAddress({ allocationId })).toBe(true);
  });

  test('an account has five Elastic IPs until AWS raises the quota', () => {
    const { ec2 } = emptyAccount().cloud;
    for (let i = 0; i < 5; i++) must(ec2.allocateAddress({}));
    expect(codeOf(ec2.allocateAddress({}))).toBe('AddressLimitExceeded');
    const raised = emptyAccount({ quotas: { elasticIps: 6 } }).cloud.ec2;
    for (let i = 0; i < 6; i++) must(raised.allocateAddress({}));
  });

  test('a gateway endpoint is a route, an interface endpoint an interface per subnet', () => {
    const { store, cloud, vpc, a, b } = network();
    const { ec2 } = cloud;
    const { vpcId } = vpc;
    const routeTableIds = store.list('ec2/route-table').map((it) => it.routeTableId);
    const serviceName = 'com.amazonaws.us-west-2.s3';
    const gateway = must(ec2.createVpcEndpoint({ vpcId, serviceName, routeTableIds }));
    expect(store.list('ec2/route-table')[0]!.routes[1]).toMatchObject({
      destination: { kind: 'prefix-list', prefixListId: 'pl-68a54001' },
      target: { kind: 'vpc-endpoint', id: gateway.vpcEndpointId },
    });
    const ask = {
      vpcId,
      serviceName: 'com.amazonaws.us-west-2.sts',
      type: 'Interface',
      subnetIds: [a.subnetId, b.subnetId],
    } as const;
    expect(codeOf(ec2.createVpcEndpoint(ask))).toBe('InvalidParameter');
    must(ec2.modifyVpcAttribute({ vpcId, enableDnsHostnames: true }));
    const made = must(ec2.createVpcEndpoint(ask));
    expect(made.networkInterfaceIds).toHaveLength(2);
    const vpcEndpointIds = [made.vpcEndpointId, gateway.vpcEndpointId];
    must(ec2.deleteVpcEndpoints({ vpcEndpointIds }));
    expect(store.count('ec2/network-interface')).toBe(0);
    expect(store.list('ec2/route-table')[0]!.routes).toHaveLength(1);
  });

  test('a transit gateway learns the blocks of the VPCs attached to it', () => {
    const { store, cloud, vpc, a, b } = network();
    const { transitGatewayId, defaultRouteTableId } = must(cloud.ec2.createTransitGateway({}));
    const subnetIds = [a.subnetId, b.subnetId];
    const { vpcId } = vpc;
    must(cloud.ec2.createTransitGatewayVpcAttachment({ transitGatewayId, vpcId, subnetIds }));
    const table = store.get('ec2/transit-gateway-route-table', defaultRouteTableId!)!;
    expect(table.routes.map((it) => it.destinationCidrBlock)).toEqual(['10.0.0.0/16']);
    expect(store.count('ec2/network-interface')).toBe(2);
  });

  test('VPCs with overlapping blocks cannot be peered', () => {
    const { cloud, vpc } = network();
    const { ec2 } = cloud;
    const peer = (cidrBlock: string) => {
      const peerVpcId = must(ec2.createVpc({ cidrBlock })).vpcId;
      return must(ec2.createVpcPeeringConnection({ vpcId: vpc.vpcId, peerVpcId }));
    };
    expect(peer('10.0.128.0/20').status).toBe('failed');
    const sound = peer('10.9.0.0/16');
    expect(must(ec2.acceptVpcPeeringConnection(sound)).status).toBe('active');
  });

  test('a VPN gateway propagates what lies beyond it', () => {
    const { store, cloud, vpc } = network();
    const { ec2 } = cloud;
    const { vpnGatewayId } = must(ec2.createVpnGateway({ remoteCidrs: ['172.16.0.0/16'] }));
    must(ec2.attachVpnGateway({ vpnGatewayId, vpcId: vpc.vpcId }));
    const [table] = store.list('ec2/route-table');
    const { routeTableId } = table!;
    must(ec2.enableVgwRoutePropagation({ routeTableId, gatewayId: vpnGatewayId }));
    expect(store.get('ec2/route-table', routeTableId)!.routes[1]).toMatchObject({
      destination: { cidr: '172.16.0.0/16' },
      origin: 'EnableVgwRoutePropagation',
    });
  });

  test('a database is an interface that answers on its port', () => {
    const { store, cloud, a, b } = network();
    const subnetIds = [a.subnetId, b.subnetId];
    const eni = must(cloud.ec2.createDbInstance({ identifier: 'orders', subnetIds, port: 5432 }));
    expect(eni).toMatchObject({
      requesterManaged: true,
      listens: [{ protocol: 'tcp', port: 5432 }],
    });
    must(cloud.ec2.deleteDbInstance({ identifier: 'orders' }));
    expect(store.count('ec2/network-interface')).toBe(0);
  });
});

describe('network ACLs', () => {
  test('each subnet has one: the default until it is replaced', () => {
    const { store, cloud, vpc, a } = network();
    const { ec2 } = cloud;
    const { networkAclId } = must(ec2.createNetworkAcl({ vpcId: vpc.vpcId }));
    const [byDefault] = store.list('ec2/network-acl');
    const { associationId } = byDefault!.associations.find((it) => it.subnetId === a.subnetId)!;
    must(ec2.replaceNetworkAclAssociation({ associationId, networkAclId }));
    expect(codeOf(ec2.deleteNetworkAcl({ networkAclId }))).toBe('DependencyViolation');
    const entry = {
      networkAclId,
      ruleNumber: 100,
      egress: false,
      protocol: 6,
      action: 'allow',
      cidrBlock: '10.0.0.9/16',
      portRange: { from: 443, to: 443 },
    } as const;
    must(ec2.createNetworkAclEntry(entry));
    expect(codeOf(ec2.createNetworkAclEntry(entry))).toBe('NetworkAclEntryAlreadyExists');
    const held = store.get('ec2/network-acl', networkAclId)!.entries;
    expect(held.find((it) => it.ruleNumber === 100)!.cidrBlock).toBe('10.0.0.0/16');
  });
});
