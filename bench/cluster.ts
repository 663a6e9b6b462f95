/**
 * bench/cluster — the cluster that benchmarks run on: a VPC of five /16 blocks, three zones,
 * m5.4xlarge nodes with prefix delegation in nine private subnets, which reach the world through
 * one NAT gateway.
 */
import type { Cloud } from '../src/cloud/cloud.ts';
import { isAwsError } from '../src/model/aws-error.ts';

const ZONES = ['us-west-2a', 'us-west-2b', 'us-west-2c'];
/** Two /17 subnets in each /16 block; what would be the tenth holds the public one. */
const SUBNETS = 9;
const EVERYWHERE = { kind: 'ipv4', cidr: '0.0.0.0/0' } as const;

export interface ClusterSize {
  readonly nodes: number;
  /** EKS's `enableNetworkPolicy`: who applies policies turns it on. */
  readonly hasNetworkPolicy: boolean;
}

const must = <T>(result: T): Exclude<T, { readonly kind: 'aws-error' }> => {
  if (isAwsError(result)) throw new Error(`${result.code}: ${result.message}`);
  return result as Exclude<T, { readonly kind: 'aws-error' }>;
};

/** A subnet whose routes lead to the internet gateway, and the NAT gateway in it. */
function buildWayOut({ ec2 }: Cloud, vpcId: string): { readonly natGatewayId: string } {
  const { internetGatewayId } = must(ec2.createInternetGateway({}));
  must(ec2.attachInternetGateway({ internetGatewayId, vpcId }));
  const [availabilityZone = ''] = ZONES;
  const { subnetId } = must(
    ec2.createSubnet({ vpcId, cidrBlock: '10.4.128.0/24', availabilityZone }),
  );
  const { routeTableId } = must(ec2.createRouteTable({ vpcId }));
  const target = { kind: 'internet-gateway', id: internetGatewayId } as const;
  must(ec2.createRoute({ routeTableId, destination: EVERYWHERE, target }));
  must(ec2.associateRouteTable({ routeTableId, subnetId }));
  const { allocationId } = must(ec2.allocateAddress({}));
  return must(ec2.createNatGateway({ subnetId, allocationId }));
}

/** The VPC: prefixes come from reservations, as AWS advises, so that primaries do not spoil them. */
function buildVpc(cloud: Cloud): string[] {
  const { ec2 } = cloud;
  const { vpcId } = must(ec2.createVpc({ cidrBlock: '10.0.0.0/16' }));
  for (let i = 1; i <= SUBNETS >> 1; i++) {
    must(ec2.associateVpcCidrBlock({ vpcId, cidrBlock: `10.${i}.0.0/16` }));
  }
  const { natGatewayId } = buildWayOut(cloud, vpcId);
  const { routeTableId } = must(ec2.createRouteTable({ vpcId }));
  const target = { kind: 'nat-gateway', id: natGatewayId } as const;
  must(ec2.createRoute({ routeTableId, destination: EVERYWHERE, target }));
  return Array.from({ length: SUBNETS }, (_, i) => {
    const [block, half] = [i >> 1, (i & 1) * 128];
    const { subnetId } = must(
      ec2.createSubnet({
        vpcId,
        cidrBlock: `10.${block}.${half}.0/17`,
        availabilityZone: ZONES[i % ZONES.length]!,
      }),
    );
    must(ec2.associateRouteTable({ routeTableId, subnetId }));
    for (const [offset, bits] of [
      [64, 18],
      [32, 19],
      [16, 20],
    ] as const) {
      const cidr = `10.${block}.${half + offset}.0/${bits}`;
      must(ec2.createSubnetCidrReservation({ subnetId, cidr, type: 'prefix' }));
    }
    return subnetId;
  });
}

/** An EKS cluster of so many nodes, spread over the subnets. */
export function buildCluster(cloud: Cloud, { nodes, hasNetworkPolicy }: ClusterSize): void {
  const subnetIds = buildVpc(cloud);
  const { eks } = cloud;
  must(eks.createCluster({ name: 'bench', version: '1.33', subnetIds: subnetIds.slice(0, 3) }));
  const env = { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' };
  const enableNetworkPolicy = String(hasNetworkPolicy);
  const configurationValues = JSON.stringify({ env, enableNetworkPolicy });
  must(eks.createAddon({ clusterName: 'bench', addonName: 'vpc-cni', configurationValues }));
  must(eks.createAddon({ clusterName: 'bench', addonName: 'kube-proxy' }));
  must(eks.createAddon({ clusterName: 'bench', addonName: 'coredns' }));
  subnetIds.forEach((subnetId, i) => {
    const size = Math.floor(nodes / SUBNETS) + (i < nodes % SUBNETS ? 1 : 0);
    if (size === 0) return;
    must(
      eks.createNodegroup({
        clusterName: 'bench',
        nodegroupName: `ng-${i}`,
        subnetIds: [subnetId],
        instanceTypes: ['m5.4xlarge'],
        desiredSize: size,
        maxSize: size,
        cni: { prefixDelegation: true },
      }),
    );
  });
}
