/**
 * formats/eksctl/vpc-ipv6 — the dual-stack VPC eksctl makes for an IPv6 cluster.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/cfn/builder/vpc_ipv6.go:35 CreateTemplate.
 */
import { chooseZones } from './availability-zones.ts';
import { type Builder, logicalZone } from './builder.ts';
import type { ClusterNetwork, ClusterSubnet } from './network.ts';
import { ipv4BlocksOfIpv6, ipv6Block } from './subnet-layout.ts';
import {
  createNat,
  createPublicRouting,
  createRouteTable,
  createSubnet,
  createVpc,
  vpcIpv6Cidr,
} from './vpc-ipv4.ts';

const DEFAULT_CIDR = '192.168.0.0/16';

/** Private tables: IPv4 through the NAT gateway, IPv6 through the egress-only gateway. */
function createPrivateRouting(
  builder: Builder,
  network: Pick<ClusterNetwork, 'vpcId' | 'publicSubnets' | 'privateSubnets'>,
): string[] {
  const { ec2 } = builder.cloud;
  const { vpcId, publicSubnets, privateSubnets } = network;
  const nat =
    publicSubnets[0] === undefined ? '' : createNat(builder, publicSubnets[0].subnetId, '');
  const egress =
    nat === ''
      ? ''
      : builder.must(
          ec2.createEgressOnlyInternetGateway({
            vpcId,
            tags: builder.tags('EgressOnlyInternetGateway'),
          }),
          ['vpc'],
        ).egressOnlyInternetGatewayId;
  return privateSubnets.map(({ zone, subnetId }) => {
    const logicalId = `PrivateRouteTable${logicalZone(zone)}`;
    const routeTableId = createRouteTable(builder, vpcId, logicalId, [subnetId]);
    if (nat === '') return routeTableId;
    builder.must(
      ec2.createRoute({
        routeTableId,
        destination: { kind: 'ipv4', cidr: '0.0.0.0/0' },
        target: { kind: 'nat-gateway', id: nat },
      }),
      ['vpc'],
    );
    builder.must(
      ec2.createRoute({
        routeTableId,
        destination: { kind: 'ipv6', cidr: '::/0' },
        target: { kind: 'egress-only-internet-gateway', id: egress },
      }),
      ['vpc'],
    );
    return routeTableId;
  });
}

/** Builds the network of an IPv6 cluster. */
export function buildIpv6Vpc(builder: Builder): ClusterNetwork {
  const { spec } = builder;
  const { ec2 } = builder.cloud;
  const zones = [...new Set(chooseZones(builder))];
  const cidr = spec.vpc?.cidr ?? DEFAULT_CIDR;
  const blocks =
    ipv4BlocksOfIpv6(cidr, zones.length) ??
    builder.refuse(
      ['vpc', 'cidr'],
      'CIDR block size must be between a /16 netmask and /28 netmask',
      'Use a larger VPC block, or fewer zones.',
    );
  if (spec.vpc?.ipv6Cidr !== undefined) {
    builder.note(
      ['vpc', 'ipv6Cidr'],
      'address pools of your own are not simulated: an Amazon-provided /56 stands in',
    );
  }
  const vpcId = createVpc(builder, cidr, true);
  const vpcV6 = vpcIpv6Cidr(builder, vpcId)!;
  const subnetsOf = (isPublic: boolean): ClusterSubnet[] =>
    zones.map((zone, i) => {
      const index = isPublic ? i : zones.length + i;
      const subnetId = createSubnet(builder, {
        vpcId,
        zone,
        isPublic,
        cidr: blocks[index]!,
        ipv6Cidr: ipv6Block(vpcV6, index),
        logicalId: `${isPublic ? 'Public' : 'Private'}Subnet${logicalZone(zone)}`,
      });
      const input = { subnetId, assignIpv6AddressOnCreation: true };
      builder.must(ec2.modifySubnetAttribute(input), ['vpc']);
      return { key: zone, zone, subnetId };
    });
  const isPrivate = spec.privateCluster?.enabled === true;
  const publicSubnets = isPrivate ? [] : subnetsOf(true);
  const privateSubnets = subnetsOf(false);
  if (!isPrivate) createPublicRouting(builder, vpcId, publicSubnets, true);
  const tables = createPrivateRouting(builder, { vpcId, publicSubnets, privateSubnets });
  return { vpcId, vpcCidr: cidr, publicSubnets, privateSubnets, privateRouteTableIds: tables };
}
