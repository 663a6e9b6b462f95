/**
 * formats/eksctl/declared-vpc — an existing VPC nobody exported, declared from what the config says
 * of it: its blocks and zones, under the ids the config uses. What the config cannot say (routes,
 * gateways) is built as eksctl would build it, and a note says so.
 */
import type { SubnetId, VpcId } from '../../model/ec2/ids.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import { canonicalCidrText } from '../../net/index.ts';
import type { Builder } from './builder.ts';
import type { SubnetMapping } from './cluster-config.ts';
import type { ClusterNetwork, ClusterSubnet } from './network.ts';
import { zoneOf } from './subnet-zone.ts';
import { createNat, createPublicRouting, createRouteTable, createVpc } from './vpc-ipv4.ts';

/** The same nouns under the ids of the map, wherever they mention one. */
function withIds<Nouns>(nouns: Nouns, ids: ReadonlyMap<string, string>): Nouns {
  const text = JSON.stringify(nouns);
  return JSON.parse(text, (_, value) =>
    typeof value === 'string' ? (ids.get(value) ?? value) : value,
  ) as Nouns;
}

interface MadeSubnet extends ClusterSubnet {
  readonly noun: Subnet;
  readonly wantedId: string | undefined;
}

function createSubnets(
  builder: Builder,
  vpcId: VpcId,
  topology: 'public' | 'private',
): MadeSubnet[] {
  const { ec2 } = builder.cloud;
  const mapping: SubnetMapping = builder.spec.vpc?.subnets?.[topology] ?? {};
  const isPublic = topology === 'public';
  const role = isPublic ? 'kubernetes.io/role/elb' : 'kubernetes.io/role/internal-elb';
  return Object.entries(mapping).map(([key, spec]) => {
    const path = ['vpc', 'subnets', topology, key];
    const zone = zoneOf(key, spec)!;
    const made = builder.must(
      ec2.createSubnet({
        vpcId,
        cidrBlock: canonicalCidrText(spec.cidr!) ?? spec.cidr!,
        availabilityZone: zone,
        tags: { Name: key, [role]: '1' },
      }),
      path,
    );
    const { subnetId } = made;
    if (isPublic) {
      builder.must(ec2.modifySubnetAttribute({ subnetId, mapPublicIpOnLaunch: true }), path);
    }
    const noun: Subnet = { ...made, mapPublicIpOnLaunch: isPublic };
    return { key, zone, subnetId, noun, wantedId: spec.id };
  });
}

/**
 * Makes the VPC and subnets with EC2's own checks, then takes them out and adopts the same nouns
 * under the ids the config uses.
 */
function declareNouns(
  builder: Builder,
  cidr: string,
): { readonly vpcId: VpcId; readonly open: ClusterSubnet[]; readonly closed: ClusterSubnet[] } {
  const { cloud } = builder;
  const { ec2 } = cloud;
  const path = ['vpc'];
  const made = createVpc(builder, cidr, false);
  const open = createSubnets(builder, made, 'public');
  const closed = createSubnets(builder, made, 'private');
  const subnets = [...open, ...closed];
  const ids = new Map<string, string>([[made, builder.spec.vpc?.id ?? made]]);
  for (const { subnetId, wantedId } of subnets) ids.set(subnetId, wantedId ?? subnetId);
  const filters = [{ name: 'vpc-id', values: [made as string] }];
  const nouns = {
    'ec2/vpc': builder.must(ec2.describeVpcs({ vpcIds: [made] }), path),
    'ec2/subnet': subnets.map(({ noun }) => noun),
    // Without a public subnet nothing tells how they get out: no table is better than a wrong one.
    'ec2/route-table':
      open.length === 0 ? [] : builder.must(ec2.describeRouteTables({ filters }), path),
    'ec2/network-acl': builder.must(ec2.describeNetworkAcls({ filters }), path),
    'ec2/security-group': builder.must(ec2.describeSecurityGroups({ filters }), path),
  };
  for (const { subnetId } of subnets) builder.must(ec2.deleteSubnet({ subnetId }), path);
  builder.must(ec2.deleteVpc({ vpcId: made }), path);
  cloud.adopt(withIds(nouns, ids));
  const renamed = ({ key, zone, subnetId }: MadeSubnet): ClusterSubnet => ({
    key,
    zone,
    subnetId: ids.get(subnetId) as SubnetId,
  });
  return { vpcId: ids.get(made) as VpcId, open: open.map(renamed), closed: closed.map(renamed) };
}

/** Declares the VPC, its subnets, and the routing eksctl's own VPC would have. */
export function declareVpc(builder: Builder): ClusterNetwork {
  const { ec2 } = builder.cloud;
  const cidr = builder.spec.vpc?.cidr;
  if (cidr === undefined) {
    builder.refuse(
      ['vpc'],
      'the VPC is not in the twin and the config does not give its cidr',
      'Add vpc.cidr, or pass aws ec2 describe-vpcs output with -f.',
    );
  }
  const vpcCidr = canonicalCidrText(cidr) ?? cidr;
  const nouns = declareNouns(builder, vpcCidr);
  const { vpcId, open: publicSubnets, closed: privateSubnets } = nouns;
  const first = publicSubnets[0];
  if (first !== undefined) createPublicRouting(builder, vpcId, publicSubnets, false);
  const nat = first === undefined ? undefined : createNat(builder, first.subnetId, '');
  const privateRouteTableIds = privateSubnets.flatMap(({ key, subnetId }) => {
    if (nat === undefined) return [];
    const table = createRouteTable(builder, vpcId, `PrivateRouteTable-${key}`, [subnetId]);
    builder.must(
      ec2.createRoute({
        routeTableId: table,
        destination: { kind: 'ipv4', cidr: '0.0.0.0/0' },
        target: { kind: 'nat-gateway', id: nat },
      }),
      ['vpc'],
    );
    return table;
  });
  builder.note(
    ['vpc'],
    `${vpcId} is declared from this file, not from an export: its subnets are as written; ${
      nat === undefined
        ? 'its routes are not known, and its nodes are taken to reach what they need'
        : 'its routes are taken to be those eksctl makes (one NAT gateway)'
    }; pass aws ec2 describe-* exports to use the real ones`,
  );
  return { vpcId, vpcCidr, publicSubnets, privateSubnets, privateRouteTableIds };
}
