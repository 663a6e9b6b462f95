import { describe, expect, test } from 'vitest';
import { codeOf, must, type Network, network } from '../cloud.fixture.ts';

const cluster = ({ cloud, a, b }: Network) =>
  must(
    cloud.eks.createCluster({
      name: 'demo',
      version: '1.33',
      subnetIds: [a.subnetId, b.subnetId],
    }),
  );

const free = ({ cloud }: Network): number[] =>
  must(cloud.ec2.describeSubnets({})).map((it) => it.availableIpAddressCount);

describe('clusters', () => {
  test('put two interfaces in different zones behind the cluster security group', () => {
    const net = network();
    const made = cluster(net);
    const enis = made.networkInterfaceIds.map((id) => net.store.get('ec2/network-interface', id)!);
    expect(enis.map((eni) => eni.availabilityZone)).toEqual(['us-west-2a', 'us-west-2b']);
    expect(enis[0]).toMatchObject({
      description: 'Amazon EKS demo',
      requesterManaged: true,
      groups: [made.clusterSecurityGroupId],
    });
    const group = net.store.get('ec2/security-group', made.clusterSecurityGroupId)!;
    expect(group.groupName).toMatch(/^eks-cluster-sg-demo-\d{9}$/);
    expect(group.tags['aws:eks:cluster-name']).toBe('demo');
    expect(group.rules.map((rule) => rule.direction)).toEqual(['ingress', 'egress', 'egress']);
    expect(made.endpoint).toMatch(
      /^https:\/\/[0-9A-F]{32}\.\w{3}\.us-west-2\.eks\.amazonaws\.com$/,
    );
    expect(made.serviceIpv4Cidr).toBe('172.20.0.0/16');
    expect(free(net)).toEqual([250, 250]);
  });

  test('need subnets in two zones', () => {
    const { cloud, a } = network();
    const ask = { name: 'demo', version: '1.33', subnetIds: [a.subnetId] };
    expect(cloud.eks.createCluster(ask)).toEqual({
      kind: 'aws-error',
      code: 'InvalidParameterException',
      message: 'Subnets specified must be in at least two different AZs',
    });
    const unknown = cloud.eks.createCluster({ ...ask, subnetIds: ['subnet-0123456789abcdef0'] });
    expect(codeOf(unknown)).toBe('InvalidParameterException');
  });

  test('need six free addresses in each subnet', () => {
    const net = network();
    const { ec2, eks } = net.cloud;
    const subnet = must(
      ec2.createSubnet({
        vpcId: net.vpc.vpcId,
        cidrBlock: '10.0.2.0/28',
        availabilityZone: 'us-west-2c',
      }),
    );
    const { subnetId } = subnet;
    for (let i = 0; i < 6; i++) must(ec2.createNetworkInterface({ subnetId }));
    const subnetIds = [net.a.subnetId, subnetId];
    expect(eks.createCluster({ name: 'demo', version: '1.33', subnetIds })).toMatchObject({
      code: 'InvalidRequestException',
      message:
        `Provided subnets ${subnetId} Free IPs: 5 , need at least 6 IPs in each subnet to be ` +
        'free for this operation',
    });
    expect(net.store.count('ec2/network-interface')).toBe(6);
  });

  test('go up one minor version at a time, with new interfaces before the old ones go', () => {
    const net = network();
    const { eks } = net.cloud;
    const before = cluster(net);
    const jump = eks.updateClusterVersion({ name: 'demo', version: '1.35' });
    expect(jump).toMatchObject({
      message: 'Unsupported Kubernetes minor version update from 1.33 to 1.35',
    });
    const most: number[] = [];
    net.store.subscribe('ec2/network-interface', () =>
      most.push(net.store.count('ec2/network-interface')),
    );
    const after = must(eks.updateClusterVersion({ name: 'demo', version: '1.34' }));
    expect(Math.max(...most)).toBe(4);
    expect(after.networkInterfaceIds.some((id) => before.networkInterfaceIds.includes(id))).toBe(
      false,
    );
    expect(free(net)).toEqual([250, 250]);
  });

  test('go with their interfaces, group and add-ons, once node groups are gone', () => {
    const net = network();
    const { eks } = net.cloud;
    cluster(net);
    const group = { clusterName: 'demo', nodegroupName: 'ng' };
    must(eks.createNodegroup({ ...group, subnetIds: [net.a.subnetId] }));
    must(eks.createAddon({ clusterName: 'demo', addonName: 'vpc-cni' }));
    expect(codeOf(eks.deleteCluster({ name: 'demo' }))).toBe('ResourceInUseException');
    must(eks.deleteNodegroup(group));
    must(eks.deleteCluster({ name: 'demo' }));
    expect(free(net)).toEqual([251, 251]);
    expect(net.store.count('eks/addon')).toBe(0);
    expect(net.store.list('ec2/security-group').map((it) => it.groupName)).toEqual(['default']);
  });
});

describe('node groups', () => {
  test('managed ones get the cluster security group and a max pods that EKS worked out', () => {
    const net = network();
    const made = cluster(net);
    const create = (nodegroupName: string, extra: object) =>
      must(
        net.cloud.eks.createNodegroup({
          clusterName: 'demo',
          nodegroupName,
          subnetIds: [net.a.subnetId],
          instanceTypes: ['m5.large'],
          ...extra,
        }),
      );
    const plain = create('plain', {});
    expect(plain.securityGroupIds).toEqual([made.clusterSecurityGroupId]);
    expect(plain.enforcedMaxPods?.maxPods).toBe(29);
    expect(create('pd', { cni: { prefixDelegation: true } }).enforcedMaxPods?.maxPods).toBe(110);
    expect(create('own-ami', { imageId: 'ami-1' }).enforcedMaxPods).toBeUndefined();
  });

  test('refuse types nobody sells and sizes out of order', () => {
    const net = network();
    cluster(net);
    const ask = { clusterName: 'demo', nodegroupName: 'ng', subnetIds: [net.a.subnetId] };
    const { eks } = net.cloud;
    const unknown = eks.createNodegroup({ ...ask, instanceTypes: ['m5.enormous'] });
    expect(codeOf(unknown)).toBe('InvalidParameterException');
    const small = eks.createNodegroup({ ...ask, desiredSize: 3, maxSize: 2 });
    expect(small).toMatchObject({
      message: "Desired capacity 3 can't be greater than max size 2",
    });
  });
});

describe('Fargate profiles', () => {
  test('take private subnets only', () => {
    const net = network();
    cluster(net);
    const { ec2, eks } = net.cloud;
    const { vpcId } = net.vpc;
    const { internetGatewayId: id } = must(ec2.createInternetGateway({}));
    must(ec2.attachInternetGateway({ internetGatewayId: id, vpcId }));
    const { routeTableId } = must(ec2.createRouteTable({ vpcId }));
    const destination = { kind: 'ipv4', cidr: '0.0.0.0/0' } as const;
    must(ec2.createRoute({ routeTableId, destination, target: { kind: 'internet-gateway', id } }));
    must(ec2.associateRouteTable({ routeTableId, subnetId: net.a.subnetId }));
    const ask = { clusterName: 'demo', selectors: [{ namespace: 'batch' }] };
    const profile = must(eks.createFargateProfile({ ...ask, fargateProfileName: 'fp' }));
    expect(profile.subnetIds).toEqual([net.b.subnetId]);
    const subnetIds = [net.a.subnetId];
    expect(eks.createFargateProfile({ ...ask, fargateProfileName: 'x', subnetIds })).toMatchObject({
      message: `Subnet ${net.a.subnetId} provided in Fargate Profile is not a private subnet`,
    });
  });
});
