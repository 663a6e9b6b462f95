/**
 * formats/eksctl/vpc-ipv4 — the VPC eksctl makes for an IPv4 cluster.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/cfn/builder/vpc_ipv4.go:90 CreateTemplate,
 * :442 addNATGateways. Logical ids are upstream's, they show in the Name tags.
 */
import type { RouteTableId, SubnetId, VpcId } from '../../model/ec2/ids.ts';
import { chooseZones } from './availability-zones.ts';
import { type Builder, logicalZone } from './builder.ts';
import type { ClusterNetwork, ClusterSubnet } from './network.ts';
import { ipv4Blocks, ipv6Block, SUBNETS_MAX } from './subnet-layout.ts';

const DEFAULT_CIDR = '192.168.0.0/16';
const ANYWHERE = { kind: 'ipv4', cidr: '0.0.0.0/0' } as const;
const ANYWHERE_V6 = { kind: 'ipv6', cidr: '::/0' } as const;

/** Zone → the number of its blocks; the last mention of a zone named twice wins. */
const indexByZone = (zones: readonly string[]): ReadonlyMap<string, number> =>
  new Map(zones.map((zone, index) => [zone, index]));

/** A VPC with DNS support and DNS names. */
export function createVpc(builder: Builder, cidr: string, ipv6: boolean): VpcId {
  const { ec2 } = builder.cloud;
  const vpc = builder.must(
    ec2.createVpc({
      cidrBlock: cidr,
      amazonProvidedIpv6CidrBlock: ipv6,
      tags: builder.tags('VPC'),
    }),
    ['vpc', 'cidr'],
  );
  builder.must(
    ec2.modifyVpcAttribute({
      vpcId: vpc.vpcId,
      enableDnsSupport: true,
      enableDnsHostnames: true,
    }),
    ['vpc'],
  );
  return vpc.vpcId;
}

/** The VPC's IPv6 block, when it has one. */
export const vpcIpv6Cidr = (builder: Builder, vpcId: VpcId): string | undefined =>
  builder.must(builder.cloud.ec2.describeVpcs({ vpcIds: [vpcId] }), ['vpc'])[0]?.ipv6CidrBlocks[0]
    ?.cidrBlock;

export interface SubnetInput {
  readonly vpcId: VpcId;
  readonly zone: string;
  readonly isPublic: boolean;
  readonly cidr: string;
  readonly ipv6Cidr: string | undefined;
  readonly logicalId: string;
}

/** One subnet with the load balancers' role tag; no kubernetes.io/cluster tag. */
export function createSubnet(builder: Builder, input: SubnetInput): SubnetId {
  const { ec2 } = builder.cloud;
  const { spec } = builder;
  const role = input.isPublic ? 'kubernetes.io/role/elb' : 'kubernetes.io/role/internal-elb';
  const at = (spec.availabilityZones ?? []).indexOf(input.zone);
  const path = at < 0 ? ['vpc'] : ['availabilityZones', at];
  const { subnetId } = builder.must(
    ec2.createSubnet({
      vpcId: input.vpcId,
      cidrBlock: input.cidr,
      ipv6CidrBlock: input.ipv6Cidr,
      availabilityZone: input.zone,
      tags: { ...builder.tags(input.logicalId), [role]: '1' },
    }),
    path,
  );
  if (input.isPublic) {
    builder.must(ec2.modifySubnetAttribute({ subnetId, mapPublicIpOnLaunch: true }), path);
  }
  return subnetId;
}

export function createRouteTable(
  builder: Builder,
  vpcId: VpcId,
  logicalId: string,
  subnetIds: readonly SubnetId[],
): RouteTableId {
  const { ec2 } = builder.cloud;
  const table = builder.must(ec2.createRouteTable({ vpcId, tags: builder.tags(logicalId) }), [
    'vpc',
  ]);
  for (const subnetId of subnetIds) {
    const { routeTableId } = table;
    builder.must(ec2.associateRouteTable({ routeTableId, subnetId }), ['vpc']);
  }
  return table.routeTableId;
}

/** An internet gateway on the VPC, and the table that leads there for the public subnets. */
export function createPublicRouting(
  builder: Builder,
  vpcId: VpcId,
  subnets: readonly ClusterSubnet[],
  ipv6: boolean,
): void {
  const { ec2 } = builder.cloud;
  const gateway = builder.must(
    ec2.createInternetGateway({ tags: builder.tags('InternetGateway') }),
    ['vpc'],
  );
  const { internetGatewayId } = gateway;
  builder.must(ec2.attachInternetGateway({ internetGatewayId, vpcId }), ['vpc']);
  const routeTableId = createRouteTable(
    builder,
    vpcId,
    'PublicRouteTable',
    subnets.map(({ subnetId }) => subnetId),
  );
  const target = { kind: 'internet-gateway', id: internetGatewayId } as const;
  builder.must(ec2.createRoute({ routeTableId, destination: ANYWHERE, target }), ['vpc']);
  if (ipv6) {
    builder.must(ec2.createRoute({ routeTableId, destination: ANYWHERE_V6, target }), ['vpc']);
  }
}

/** A NAT gateway with an address of its own, in a public subnet. */
export function createNat(builder: Builder, subnetId: SubnetId, zone: string): string {
  const { ec2 } = builder.cloud;
  const suffix = zone === '' ? '' : logicalZone(zone);
  const path = ['vpc', 'nat'];
  const { allocationId } = builder.must(
    ec2.allocateAddress({ tags: builder.tags(`NATIP${suffix}`) }),
    path,
  );
  const tags = builder.tags(`NATGateway${suffix}`);
  return builder.must(ec2.createNatGateway({ subnetId, allocationId, tags }), path).natGatewayId;
}

/** Private tables, one per zone, each with its way out. */
function createPrivateRouting(
  builder: Builder,
  vpcId: VpcId,
  publicSubnets: readonly ClusterSubnet[],
  privateSubnets: readonly ClusterSubnet[],
  firstZone: string,
): RouteTableId[] {
  const { ec2 } = builder.cloud;
  const mode = builder.spec.vpc?.nat?.gateway ?? 'Single';
  const publicIn = new Map(publicSubnets.map((subnet) => [subnet.zone, subnet.subnetId]));
  const single =
    mode === 'Single' && publicIn.has(firstZone)
      ? createNat(builder, publicIn.get(firstZone)!, '')
      : undefined;
  return privateSubnets.map(({ zone, subnetId }) => {
    const logicalId = `PrivateRouteTable${logicalZone(zone)}`;
    const routeTableId = createRouteTable(builder, vpcId, logicalId, [subnetId]);
    const id =
      mode === 'HighlyAvailable' && publicIn.has(zone)
        ? createNat(builder, publicIn.get(zone)!, zone)
        : single;
    if (id === undefined) return routeTableId;
    const target = { kind: 'nat-gateway', id } as const;
    builder.must(ec2.createRoute({ routeTableId, destination: ANYWHERE, target }), ['vpc', 'nat']);
    return routeTableId;
  });
}

/** What hybrid networks need: the VPN gateway on the VPC, and a route per remote block. */
function createRemoteRouting(builder: Builder, vpcId: VpcId, tables: readonly string[]): void {
  const remote = builder.spec.remoteNetworkConfig;
  const gateway = remote?.vpcGatewayID;
  if (gateway === undefined) return;
  const path = ['remoteNetworkConfig', 'vpcGatewayID'];
  if (gateway.startsWith('tgw-')) {
    builder.note(path, `${gateway} is declared, not attached: its attachment is not simulated`);
    return;
  }
  const { ec2 } = builder.cloud;
  builder.must(ec2.attachVpnGateway({ vpnGatewayId: gateway, vpcId }), path);
  const cidrs = [...(remote?.remoteNodeNetworks ?? []), ...(remote?.remotePodNetworks ?? [])];
  for (const cidr of cidrs.flatMap((network) => network.cidrs ?? [])) {
    for (const routeTableId of tables) {
      const target = { kind: 'vpn-gateway', id: gateway } as const;
      const destination = { kind: 'ipv4', cidr } as const;
      builder.must(ec2.createRoute({ routeTableId, destination, target }), path);
    }
  }
}

/** The blocks of a new VPC, public ones first; refused with eksctl's texts when they do not fit. */
function layOut(builder: Builder, cidr: string, zones: number): readonly string[] {
  if (2 * zones > SUBNETS_MAX) {
    builder.refuse(
      ['availabilityZones'],
      `cannot create more than ${SUBNETS_MAX} subnets, ${2 * zones} requested`,
      'Name at most eight zones.',
    );
  }
  const blocks = ipv4Blocks(cidr, zones);
  if (blocks !== undefined) return blocks;
  return builder.refuse(
    ['vpc', 'cidr'],
    'CIDR block size must be between a /16 netmask and /28 netmask',
    'Use a larger VPC block, or fewer zones.',
  );
}

/** Builds the network of an IPv4 cluster. */
export function buildIpv4Vpc(builder: Builder): ClusterNetwork {
  const { spec } = builder;
  const zones = chooseZones(builder);
  const localZones = spec.localZones ?? [];
  const count = zones.length + localZones.length;
  const cidr = spec.vpc?.cidr ?? DEFAULT_CIDR;
  const blocks = layOut(builder, cidr, count);
  const ipv6 = spec.vpc?.autoAllocateIPv6 === true;
  const vpcId = createVpc(builder, cidr, ipv6);
  const vpcV6 = ipv6 ? vpcIpv6Cidr(builder, vpcId) : undefined;
  const subnetsOf = (isPublic: boolean): ClusterSubnet[] =>
    [...indexByZone(zones)].map(([zone, index]) => {
      const block = isPublic ? index : count + index;
      const logicalId = `Subnet${isPublic ? 'Public' : 'Private'}${logicalZone(zone)}`;
      const ipv6Cidr = vpcV6 === undefined ? undefined : ipv6Block(vpcV6, block);
      const input = { vpcId, zone, isPublic, cidr: blocks[block]!, ipv6Cidr, logicalId };
      return { key: zone, zone, subnetId: createSubnet(builder, input) };
    });
  const isPrivate = spec.privateCluster?.enabled === true;
  const publicSubnets = isPrivate ? [] : subnetsOf(true);
  const privateSubnets = subnetsOf(false);
  if (!isPrivate) createPublicRouting(builder, vpcId, publicSubnets, ipv6);
  const tables = createPrivateRouting(builder, vpcId, publicSubnets, privateSubnets, zones[0]!);
  createRemoteRouting(builder, vpcId, tables);
  if (localZones.length > 0) {
    builder.note(['localZones'], 'local zones are declared, not simulated: no subnets there');
  }
  return { vpcId, vpcCidr: cidr, publicSubnets, privateSubnets, privateRouteTableIds: tables };
}
