/**
 * What terraform-aws-modules/vpc does to EC2, call by call: created, read back, changed, destroyed.
 *
 * Upstream: hashicorp/terraform-provider-aws internal/service/ec2: vpc_.go (create, three attributes
 * read one by one, default ACL, main table and default group by filters), vpc_subnet.go, vpc_nat_gateway.go,
 * vpc_default_network_acl.go (entries deleted, then made), vpc_default_route_table.go, ec2_eip.go,
 * vpc_endpoint.go, vpc_flow_log.go; every create is followed by its read.
 */
import type { EC2, Tag } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runningTwin } from '../../src/api/running-twin.fixture.ts';
import { settledTwin, smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import { type ServedAws, servedAws } from './served-aws.ts';

let api: ServedAws;
let ec2: EC2;

beforeAll(async () => {
  api = await servedAws(runningTwin(await settledTwin(smallCluster(1), '')));
  ec2 = api.ec2;
}, 60_000);
afterAll(() => api.close());

const tags = (name: string): Tag[] => [
  { Key: 'Name', Value: name },
  { Key: 'Terraform', Value: 'true' },
];
const of = (ResourceType: string, name: string) =>
  [{ ResourceType, Tags: tags(name) }] as { ResourceType: never; Tags: Tag[] }[];
const where = (filters: Readonly<Record<string, string>>) =>
  Object.entries(filters).map(([Name, value]) => ({ Name, Values: [value] }));
const code = (name: string) => expect.objectContaining({ name });

/** What one run made, for the tests after it. */
const made = {
  vpc: '',
  igw: '',
  public: [] as string[],
  private: [] as string[],
  publicTable: '',
  privateTable: '',
  eip: '',
  nat: '',
  group: '',
  gatewayEndpoint: '',
  interfaceEndpoint: '',
  flowLog: '',
  associations: [] as string[],
};

async function attribute(name: 'enableDnsSupport' | 'enableDnsHostnames') {
  const read = await ec2.describeVpcAttribute({ VpcId: made.vpc, Attribute: name });
  return name === 'enableDnsSupport' ? read.EnableDnsSupport : read.EnableDnsHostnames;
}

describe('apply', () => {
  test('aws_vpc: made, its DNS attributes set one a call and read back', async () => {
    const { Vpc } = await ec2.createVpc({
      CidrBlock: '10.60.0.0/16',
      InstanceTenancy: 'default',
      AmazonProvidedIpv6CidrBlock: false,
      TagSpecifications: of('vpc', 'tf'),
    });
    made.vpc = Vpc!.VpcId!;
    const { Vpcs } = await ec2.describeVpcs({ VpcIds: [made.vpc] });
    expect(Vpcs).toMatchObject([
      { State: 'available', CidrBlock: '10.60.0.0/16', InstanceTenancy: 'default' },
    ]);
    expect(Vpcs![0]!.Tags).toEqual(tags('tf'));
    expect(await attribute('enableDnsHostnames')).toEqual({ Value: false });
    await ec2.modifyVpcAttribute({ VpcId: made.vpc, EnableDnsHostnames: { Value: true } });
    expect(await attribute('enableDnsHostnames')).toEqual({ Value: true });
    expect(await attribute('enableDnsSupport')).toEqual({ Value: true });
    const metrics = { VpcId: made.vpc, Attribute: 'enableNetworkAddressUsageMetrics' } as const;
    expect((await ec2.describeVpcAttribute(metrics)).EnableNetworkAddressUsageMetrics).toEqual({
      Value: false,
    });
    await ec2.modifyVpcAttribute({
      VpcId: made.vpc,
      EnableNetworkAddressUsageMetrics: { Value: true },
    });
    expect((await ec2.describeVpcAttribute(metrics)).EnableNetworkAddressUsageMetrics).toEqual({
      Value: true,
    });
  });

  test('aws_default_network_acl: entries taken away and made again, tags put on', async () => {
    const filters = where({ default: 'true', 'vpc-id': made.vpc });
    const { NetworkAcls } = await ec2.describeNetworkAcls({ Filters: filters });
    expect(NetworkAcls).toHaveLength(1);
    const [acl] = NetworkAcls!;
    const NetworkAclId = acl!.NetworkAclId!;
    for (const { RuleNumber, Egress } of acl!.Entries!.filter((it) => it.RuleNumber! < 32_767))
      await ec2.deleteNetworkAclEntry({ NetworkAclId, RuleNumber, Egress });
    for (const Egress of [false, true]) {
      const any = { NetworkAclId, Egress, Protocol: '-1', RuleAction: 'allow' } as const;
      const ports = { From: 0, To: 0 };
      await ec2.createNetworkAclEntry({
        ...any,
        RuleNumber: 100,
        CidrBlock: '0.0.0.0/0',
        PortRange: ports,
      });
      await ec2.createNetworkAclEntry({ ...any, RuleNumber: 101, Ipv6CidrBlock: '::/0' });
    }
    await ec2.createTags({ Resources: [NetworkAclId], Tags: tags('tf-default') });
    const { NetworkAcls: again } = await ec2.describeNetworkAcls({ NetworkAclIds: [NetworkAclId] });
    expect(again![0]!.Tags).toEqual(tags('tf-default'));
    expect(again![0]!.Entries!.map(({ RuleNumber }) => RuleNumber)).toEqual([
      100, 101, 32_767, 100, 101, 32_767,
    ]);
    expect(again![0]!.Entries![1]).toMatchObject({ Ipv6CidrBlock: '::/0', RuleAction: 'allow' });
  });

  test('aws_default_route_table and aws_default_security_group: found by filters, emptied', async () => {
    const main = where({ 'association.main': 'true', 'vpc-id': made.vpc });
    const { RouteTables } = await ec2.describeRouteTables({ Filters: main });
    expect(RouteTables).toMatchObject([
      {
        Associations: [{ Main: true, AssociationState: { State: 'associated' } }],
        Routes: [{ DestinationCidrBlock: '10.60.0.0/16', GatewayId: 'local', State: 'active' }],
        PropagatingVgws: [],
      },
    ]);
    await ec2.createTags({
      Resources: [RouteTables![0]!.RouteTableId!],
      Tags: tags('tf-default'),
    });
    const standard = where({ 'group-name': 'default', 'vpc-id': made.vpc });
    const { SecurityGroups } = await ec2.describeSecurityGroups({ Filters: standard });
    const [group] = SecurityGroups!;
    const { GroupId, IpPermissions, IpPermissionsEgress } = group!;
    await ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions });
    await ec2.revokeSecurityGroupEgress({ GroupId, IpPermissions: IpPermissionsEgress });
    const { SecurityGroups: emptied } = await ec2.describeSecurityGroups({
      GroupIds: [GroupId!],
    });
    expect(emptied).toMatchObject([{ IpPermissions: [], IpPermissionsEgress: [] }]);
    await expect(ec2.deleteSecurityGroup({ GroupId })).rejects.toEqual(code('CannotDelete'));
  });

  test('aws_subnet: three zones, public ones with MapPublicIpOnLaunch, waited for and read', async () => {
    const { AvailabilityZones } = await ec2.describeAvailabilityZones({
      Filters: where({ 'opt-in-status': 'opt-in-not-required' }),
    });
    const zones = AvailabilityZones!.map(({ ZoneName }) => ZoneName!).slice(0, 3);
    for (const [i, AvailabilityZone] of zones.entries()) {
      for (const kind of ['public', 'private'] as const) {
        const { Subnet } = await ec2.createSubnet({
          VpcId: made.vpc,
          AvailabilityZone,
          CidrBlock: `10.60.${kind === 'public' ? 100 + i : i}.0/24`,
          TagSpecifications: of('subnet', `tf-${kind}-${AvailabilityZone}`),
        });
        const SubnetId = Subnet!.SubnetId!;
        made[kind].push(SubnetId);
        if (kind === 'public')
          await ec2.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch: { Value: true } });
        const { Subnets } = await ec2.describeSubnets({ SubnetIds: [SubnetId] });
        expect(Subnets).toMatchObject([
          {
            State: 'available',
            AvailabilityZone,
            MapPublicIpOnLaunch: kind === 'public',
            AvailableIpAddressCount: 251,
            PrivateDnsNameOptionsOnLaunch: { HostnameType: 'ip-name' },
          },
        ]);
      }
    }
    const overlap = ec2.createSubnet({ VpcId: made.vpc, CidrBlock: '10.60.0.128/25' });
    await expect(overlap).rejects.toEqual(code('InvalidSubnet.Conflict'));
  });

  test('aws_internet_gateway: made, attached, seen as available', async () => {
    const { InternetGateway } = await ec2.createInternetGateway({
      TagSpecifications: of('internet-gateway', 'tf'),
    });
    made.igw = InternetGateway!.InternetGatewayId!;
    await ec2.attachInternetGateway({ InternetGatewayId: made.igw, VpcId: made.vpc });
    const { InternetGateways } = await ec2.describeInternetGateways({
      InternetGatewayIds: [made.igw],
    });
    expect(InternetGateways![0]!.Attachments).toEqual([{ State: 'available', VpcId: made.vpc }]);
  });

  test('aws_route_table, aws_route and aws_route_table_association: each read back', async () => {
    const table = async (name: string): Promise<string> => {
      const { RouteTable } = await ec2.createRouteTable({
        VpcId: made.vpc,
        TagSpecifications: of('route-table', name),
      });
      return RouteTable!.RouteTableId!;
    };
    made.publicTable = await table('tf-public');
    made.privateTable = await table('tf-private');
    const RouteTableId = made.publicTable;
    const { Return } = await ec2.createRoute({
      RouteTableId,
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId: made.igw,
    });
    expect(Return).toBe(true);
    for (const [tableId, subnets] of [
      [made.publicTable, made.public],
      [made.privateTable, made.private],
    ] as const) {
      for (const SubnetId of subnets) {
        const { AssociationId } = await ec2.associateRouteTable({
          RouteTableId: tableId,
          SubnetId,
        });
        made.associations.push(AssociationId!);
        const { RouteTables } = await ec2.describeRouteTables({
          Filters: where({ 'association.route-table-association-id': AssociationId! }),
        });
        expect(RouteTables!.map((it) => it.RouteTableId)).toEqual([tableId]);
      }
    }
    const { RouteTables } = await ec2.describeRouteTables({ RouteTableIds: [RouteTableId] });
    expect(RouteTables![0]!.Routes).toMatchObject([
      { GatewayId: 'local' },
      { DestinationCidrBlock: '0.0.0.0/0', GatewayId: made.igw, State: 'active' },
    ]);
  });

  test('aws_eip and aws_nat_gateway: allocated, waited for, routed to', async () => {
    const { AllocationId, Domain } = await ec2.allocateAddress({
      Domain: 'vpc',
      TagSpecifications: of('elastic-ip', 'tf'),
    });
    expect(Domain).toBe('vpc');
    made.eip = AllocationId!;
    const read = await ec2.describeAddresses({ AllocationIds: [made.eip] });
    expect(read.Addresses).toMatchObject([{ Domain: 'vpc', NetworkBorderGroup: 'us-west-2' }]);
    const reverse = await ec2.describeAddressesAttribute({
      AllocationIds: [made.eip],
      Attribute: 'domain-name',
    });
    expect(reverse.Addresses).toEqual([]);
    const { NatGateway } = await ec2.createNatGateway({
      AllocationId: made.eip,
      SubnetId: made.public[0],
      ClientToken: 'terraform-1',
      TagSpecifications: of('natgateway', 'tf'),
    });
    expect(NatGateway!.State).toBe('pending');
    made.nat = NatGateway!.NatGatewayId!;
    const { NatGateways } = await ec2.describeNatGateways({ NatGatewayIds: [made.nat] });
    expect(NatGateways).toMatchObject([
      {
        State: 'available',
        ConnectivityType: 'public',
        NatGatewayAddresses: [{ AllocationId: made.eip, IsPrimary: true, Status: 'succeeded' }],
      },
    ]);
    await ec2.createRoute({
      RouteTableId: made.privateTable,
      DestinationCidrBlock: '0.0.0.0/0',
      NatGatewayId: made.nat,
    });
    const { Addresses } = await ec2.describeAddresses({ AllocationIds: [made.eip] });
    const [eni] = NatGateways![0]!.NatGatewayAddresses!;
    expect(Addresses![0]!.NetworkInterfaceId).toBe(eni!.NetworkInterfaceId);
  });

  test('aws_security_group: the allow-all egress is revoked, rules are made one by one', async () => {
    const { GroupId } = await ec2.createSecurityGroup({
      GroupName: 'tf-endpoints',
      Description: 'Managed by Terraform',
      VpcId: made.vpc,
      TagSpecifications: of('security-group', 'tf-endpoints'),
    });
    made.group = GroupId!;
    await ec2.revokeSecurityGroupEgress({
      GroupId,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    const { SecurityGroupRules } = await ec2.authorizeSecurityGroupIngress({
      GroupId,
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 443,
          ToPort: 443,
          IpRanges: [{ CidrIp: '10.60.0.0/16', Description: 'HTTPS from VPC' }],
        },
      ],
      TagSpecifications: of('security-group-rule', 'https'),
    });
    const [rule] = SecurityGroupRules!;
    expect(rule).toMatchObject({ IsEgress: false, CidrIpv4: '10.60.0.0/16', FromPort: 443 });
    const SecurityGroupRuleId = rule!.SecurityGroupRuleId!;
    await ec2.modifySecurityGroupRules({
      GroupId,
      SecurityGroupRules: [
        {
          SecurityGroupRuleId,
          SecurityGroupRule: {
            IpProtocol: 'tcp',
            FromPort: 443,
            ToPort: 443,
            CidrIpv4: '10.60.0.0/17',
            Description: 'HTTPS from half of it',
          },
        },
      ],
    });
    const read = await ec2.describeSecurityGroupRules({
      SecurityGroupRuleIds: [SecurityGroupRuleId],
    });
    expect(read.SecurityGroupRules).toMatchObject([
      { CidrIpv4: '10.60.0.0/17', Description: 'HTTPS from half of it', Tags: tags('https') },
    ]);
  });

  test('aws_vpc_endpoint: a gateway with its prefix list, an interface with its interfaces', async () => {
    const region = 'us-west-2';
    const services = await ec2.describeVpcEndpointServices({
      Filters: where({ 'service-name': `com.amazonaws.${region}.s3`, 'service-type': 'Gateway' }),
    });
    const [s3] = services.ServiceDetails!;
    const gateway = await ec2.createVpcEndpoint({
      VpcId: made.vpc,
      ServiceName: s3!.ServiceName,
      VpcEndpointType: 'Gateway',
      RouteTableIds: [made.privateTable],
      TagSpecifications: of('vpc-endpoint', 's3'),
    });
    made.gatewayEndpoint = gateway.VpcEndpoint!.VpcEndpointId!;
    const lists = await ec2.describePrefixLists({
      Filters: where({ 'prefix-list-name': s3!.ServiceName! }),
    });
    expect(lists.PrefixLists).toHaveLength(1);
    await ec2.modifyVpcEndpoint({
      VpcEndpointId: made.gatewayEndpoint,
      AddRouteTableIds: [made.publicTable],
    });
    const { RouteTables } = await ec2.describeRouteTables({ RouteTableIds: [made.publicTable] });
    expect(RouteTables![0]!.Routes).toContainEqual({
      DestinationPrefixListId: lists.PrefixLists![0]!.PrefixListId,
      GatewayId: made.gatewayEndpoint,
      Origin: 'CreateRoute',
      State: 'active',
    });
    const made2 = await ec2.createVpcEndpoint({
      VpcId: made.vpc,
      ServiceName: `com.amazonaws.${region}.sts`,
      VpcEndpointType: 'Interface',
      PrivateDnsEnabled: true,
      SubnetIds: made.private.slice(0, 2),
      SecurityGroupIds: [made.group],
    });
    made.interfaceEndpoint = made2.VpcEndpoint!.VpcEndpointId!;
    const read = await ec2.describeVpcEndpoints({ VpcEndpointIds: [made.interfaceEndpoint] });
    const [endpoint] = read.VpcEndpoints!;
    expect(endpoint).toMatchObject({
      State: 'available',
      PrivateDnsEnabled: true,
      Groups: [{ GroupId: made.group, GroupName: 'tf-endpoints' }],
    });
    const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({
      NetworkInterfaceIds: endpoint!.NetworkInterfaceIds!,
    });
    expect(new Set(NetworkInterfaces!.map((it) => it.SubnetId))).toEqual(
      new Set(made.private.slice(0, 2)),
    );
  });

  test('aws_flow_log: made and described by id', async () => {
    const { FlowLogIds, Unsuccessful } = await ec2.createFlowLogs({
      ResourceType: 'VPC',
      ResourceIds: [made.vpc],
      TrafficType: 'ALL',
      LogDestinationType: 'cloud-watch-logs',
      LogDestination: 'arn:aws:logs:us-west-2:111122223333:log-group:/aws/vpc-flow-log/tf',
      DeliverLogsPermissionArn: 'arn:aws:iam::111122223333:role/flow-logs',
      MaxAggregationInterval: 60,
      TagSpecifications: of('vpc-flow-log', 'tf'),
    });
    expect(Unsuccessful).toEqual([]);
    made.flowLog = FlowLogIds![0]!;
    const { FlowLogs } = await ec2.describeFlowLogs({ FlowLogIds: [made.flowLog] });
    expect(FlowLogs).toMatchObject([
      { ResourceId: made.vpc, FlowLogStatus: 'ACTIVE', MaxAggregationInterval: 60 },
    ]);
  });
});

describe('apply again', () => {
  test('changes tags and one attribute a call; what was not changed stays', async () => {
    const [SubnetId] = made.private;
    await ec2.deleteTags({ Resources: [SubnetId!], Tags: [{ Key: 'Terraform' }] });
    await ec2.createTags({
      Resources: [SubnetId!],
      Tags: [{ Key: 'kubernetes.io/role/internal-elb', Value: '1' }],
    });
    const { Subnets } = await ec2.describeSubnets({
      Filters: where({ 'tag:kubernetes.io/role/internal-elb': '1', 'vpc-id': made.vpc }),
    });
    expect(Subnets!.map((it) => it.SubnetId)).toEqual([SubnetId]);
    expect(Subnets![0]!.Tags!.map(({ Key }) => Key)).toEqual([
      'Name',
      'kubernetes.io/role/internal-elb',
    ]);
    const { Tags } = await ec2.describeTags({ Filters: where({ 'resource-id': SubnetId! }) });
    expect(Tags!.every((it) => it.ResourceType === 'subnet')).toBe(true);
    const both = ec2.modifySubnetAttribute({
      SubnetId,
      MapPublicIpOnLaunch: { Value: true },
      AssignIpv6AddressOnCreation: { Value: false },
    });
    await expect(both).rejects.toEqual(code('InvalidParameterCombination'));
  });

  test('moves a subnet to another table and back', async () => {
    const [AssociationId] = made.associations;
    const moved = await ec2.replaceRouteTableAssociation({
      AssociationId,
      RouteTableId: made.privateTable,
    });
    const back = await ec2.replaceRouteTableAssociation({
      AssociationId: moved.NewAssociationId,
      RouteTableId: made.publicTable,
    });
    made.associations[0] = back.NewAssociationId!;
    const { RouteTables } = await ec2.describeRouteTables({
      Filters: where({ 'association.subnet-id': made.public[0]! }),
    });
    expect(RouteTables!.map((it) => it.RouteTableId)).toEqual([made.publicTable]);
  });
});

describe('destroy', () => {
  const violation = code('DependencyViolation');

  test('in the wrong order is refused as AWS refuses it', async () => {
    await expect(ec2.deleteVpc({ VpcId: made.vpc })).rejects.toMatchObject({
      name: 'DependencyViolation',
      message: `The vpc '${made.vpc}' has dependencies and cannot be deleted.`,
    });
    await expect(ec2.deleteSubnet({ SubnetId: made.public[0] })).rejects.toEqual(violation);
    await expect(ec2.deleteSecurityGroup({ GroupId: made.group })).rejects.toEqual(violation);
    await expect(ec2.deleteRouteTable({ RouteTableId: made.publicTable })).rejects.toEqual(
      violation,
    );
    const detach = { InternetGatewayId: made.igw, VpcId: made.vpc };
    await expect(ec2.detachInternetGateway(detach)).rejects.toEqual(violation);
    await expect(ec2.releaseAddress({ AllocationId: made.eip })).rejects.toEqual(
      code('InvalidIPAddress.InUse'),
    );
  });

  test('in the right order leaves nothing', async () => {
    const { Unsuccessful } = await ec2.deleteFlowLogs({ FlowLogIds: [made.flowLog] });
    expect(Unsuccessful).toEqual([]);
    const endpoints = [made.gatewayEndpoint, made.interfaceEndpoint];
    expect((await ec2.deleteVpcEndpoints({ VpcEndpointIds: endpoints })).Unsuccessful).toEqual([]);
    const [id] = endpoints;
    await expect(ec2.describeVpcEndpoints({ VpcEndpointIds: [id!] })).rejects.toEqual(
      code('InvalidVpcEndpointId.NotFound'),
    );
    for (const RouteTableId of [made.publicTable, made.privateTable])
      await ec2.deleteRoute({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0' });
    await ec2.deleteNatGateway({ NatGatewayId: made.nat });
    const { NatGateways } = await ec2.describeNatGateways({ NatGatewayIds: [made.nat] });
    expect(NatGateways![0]!.State).toBe('deleted');
    await ec2.releaseAddress({ AllocationId: made.eip });
    for (const AssociationId of made.associations)
      await ec2.disassociateRouteTable({ AssociationId });
    for (const RouteTableId of [made.publicTable, made.privateTable])
      await ec2.deleteRouteTable({ RouteTableId });
    await ec2.detachInternetGateway({ InternetGatewayId: made.igw, VpcId: made.vpc });
    await ec2.deleteInternetGateway({ InternetGatewayId: made.igw });
    await ec2.deleteSecurityGroup({ GroupId: made.group });
    for (const SubnetId of [...made.public, ...made.private]) {
      const filters = where({ 'subnet-id': SubnetId });
      expect((await ec2.describeNetworkInterfaces({ Filters: filters })).NetworkInterfaces).toEqual(
        [],
      );
      await ec2.deleteSubnet({ SubnetId });
    }
    await ec2.deleteVpc({ VpcId: made.vpc });
    await expect(ec2.describeVpcs({ VpcIds: [made.vpc] })).rejects.toEqual(
      code('InvalidVpcID.NotFound'),
    );
    await expect(ec2.deleteVpc({ VpcId: made.vpc })).rejects.toEqual(code('InvalidVpcID.NotFound'));
    const left = where({ 'vpc-id': made.vpc });
    expect((await ec2.describeNetworkAcls({ Filters: left })).NetworkAcls).toEqual([]);
    expect((await ec2.describeRouteTables({ Filters: left })).RouteTables).toEqual([]);
    expect((await ec2.describeSecurityGroups({ Filters: left })).SecurityGroups).toEqual([]);
  });
});
