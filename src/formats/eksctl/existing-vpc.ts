/**
 * formats/eksctl/existing-vpc — a ClusterConfig that names a VPC and subnets which exist already:
 * they must be in the twin (from exports or a template), or be described well enough to declare.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/apis/eksctl.io/v1alpha5/vpc.go:285 ImportSubnet,
 * pkg/vpc/vpc.go ImportSubnetsFromSpec, ValidateExistingPublicSubnets.
 */
import type { DescribedSubnet } from '../../cloud/ec2/operations.ts';
import { isAwsError } from '../../model/aws-error.ts';
import type { SubnetId, VpcId } from '../../model/ec2/ids.ts';
import { canonicalCidrText } from '../../net/index.ts';
import type { Builder } from './builder.ts';
import type { SubnetMapping, SubnetSpec } from './cluster-config.ts';
import { declareVpc } from './declared-vpc.ts';
import type { ClusterNetwork, ClusterSubnet } from './network.ts';
import { zoneOf } from './subnet-zone.ts';

type Topology = 'public' | 'private';

const canonical = (cidr: string): string => canonicalCidrText(cidr) ?? cidr;

/** Which exports to pass; the user copies these lines. */
export function exportsHint(region: string, vpcId: string | undefined): string {
  const filter = vpcId === undefined ? '' : ` --filters Name=vpc-id,Values=${vpcId}`;
  const ids = vpcId === undefined ? '' : ` --vpc-ids ${vpcId}`;
  return [
    'Export what exists and pass the folder with -f:',
    `aws ec2 describe-vpcs${ids} --region ${region} > vpcs.json`,
    `aws ec2 describe-subnets${filter} --region ${region} > subnets.json`,
    `aws ec2 describe-route-tables${filter} --region ${region} > route-tables.json`,
    `aws ec2 describe-security-groups${filter} --region ${region} > security-groups.json`,
    `aws ec2 describe-internet-gateways --region ${region} > internet-gateways.json`,
    `aws ec2 describe-nat-gateways --region ${region} > nat-gateways.json`,
  ].join('\n    ');
}

function subnetsOfTwin(builder: Builder, vpcId: string | undefined): readonly DescribedSubnet[] {
  const filters = vpcId === undefined ? [] : [{ name: 'vpc-id', values: [vpcId] }];
  const found = builder.cloud.ec2.describeSubnets({ filters });
  return isAwsError(found) ? [] : found;
}

/** The subnet of the twin that an entry of vpc.subnets means. */
function findSubnet(
  builder: Builder,
  subnets: readonly DescribedSubnet[],
  topology: Topology,
  key: string,
  spec: SubnetSpec,
): DescribedSubnet {
  const path = ['vpc', 'subnets', topology, key];
  const zone = zoneOf(key, spec);
  const fits = subnets.filter(
    (subnet) =>
      (spec.id === undefined || subnet.subnetId === spec.id) &&
      (spec.id !== undefined || zone === undefined || subnet.availabilityZone === zone) &&
      (spec.id !== undefined || !spec.cidr || subnet.cidrBlock === canonical(spec.cidr)),
  );
  const found = fits[0];
  if (found === undefined) {
    builder.refuse(
      path,
      `no subnet of the twin is ${spec.id ?? spec.cidr ?? zone ?? key}`,
      exportsHint(builder.cloud.region, builder.spec.vpc?.id),
    );
  }
  if (spec.id === undefined && fits.length > 1 && spec.cidr !== undefined) {
    builder.refuse(
      path,
      `unable to unambiguously import subnet by <AZ,CIDR> pair, found both ${fits[0]?.subnetId} and ${fits[1]?.subnetId}`,
      'Give the id of the subnet.',
    );
  }
  if (spec.cidr !== undefined && canonical(spec.cidr) !== found.cidrBlock) {
    builder.refuse(
      [...path, 'cidr'],
      `mismatch found between local and remote VPC config: subnet CIDR "${spec.cidr}", found in config file, is not the same as subnet CIDR "${found.cidrBlock}", found in remote VPC config`,
      'Remove cidr, or correct it.',
    );
  }
  return found;
}

function importSubnets(
  builder: Builder,
  vpcId: string,
  subnets: readonly DescribedSubnet[],
  topology: Topology,
): ClusterSubnet[] {
  const mapping: SubnetMapping = builder.spec.vpc?.subnets?.[topology] ?? {};
  return Object.entries(mapping).map(([key, spec]) => {
    const found = findSubnet(builder, subnets, topology, key, spec);
    if (found.vpcId !== vpcId) {
      builder.refuse(
        ['vpc', 'subnets', topology, key],
        `subnet with ID "${found.subnetId}" is not in the attached VPC with ID "${vpcId}"`,
        'Use subnets of one VPC.',
      );
    }
    return { key, zone: found.availabilityZone, subnetId: found.subnetId };
  });
}

/** pkg/vpc/vpc.go ValidateExistingPublicSubnets: nodes there would get no public address. */
function checkPublicSubnets(
  builder: Builder,
  subnets: readonly DescribedSubnet[],
  used: readonly ClusterSubnet[],
): void {
  const wrong = used.filter(
    ({ subnetId }) => !subnets.find((s) => s.subnetId === subnetId)?.mapPublicIpOnLaunch,
  );
  if (wrong.length === 0) return;
  builder.refuse(
    ['vpc', 'subnets', 'public', wrong[0]!.key],
    `found mis-configured or non-public subnets ${JSON.stringify(wrong.map((s) => s.subnetId))}. Expected public subnets with property "MapPublicIpOnLaunch" enabled. Without it new nodes won't get an IP assigned`,
    'Run aws ec2 modify-subnet-attribute --map-public-ip-on-launch, or list the subnet as private.',
  );
}

/** Every subnet is described by zone and block, so the network can be declared. */
function isDescribed(builder: Builder): boolean {
  const { public: open = {}, private: closed = {} } = builder.spec.vpc?.subnets ?? {};
  return [...Object.entries(open), ...Object.entries(closed)].every(
    ([key, spec]) => zoneOf(key, spec) !== undefined && spec.cidr !== undefined,
  );
}

function checkVpcCidr(builder: Builder, actual: string): void {
  const given = builder.spec.vpc?.cidr;
  if (given === undefined || canonical(given) === actual) return;
  builder.refuse(
    ['vpc', 'cidr'],
    `VPC CIDR block "${given}" is not the same as the VPC's "${actual}"`,
    'Remove vpc.cidr, or correct it.',
  );
}

/** A minimum of two subnets of either sort, in two zones (v1alpha5/vpc.go HasSufficientSubnets). */
function checkSufficient(
  builder: Builder,
  open: readonly ClusterSubnet[],
  closed: readonly ClusterSubnet[],
): void {
  const few = (subnets: readonly unknown[]): boolean => subnets.length === 1;
  if ((open.length >= 2 || closed.length >= 2) && !few(open) && !few(closed)) return;
  builder.refuse(
    ['vpc', 'subnets'],
    'insufficient number of subnets, at least 2x public and/or 2x private subnets are required',
    'List two subnets in two zones.',
  );
}

/**
 * The network a config points at.
 *
 * @throws InputError naming the exports to pass when the twin does not hold it
 */
export function importVpc(builder: Builder): ClusterNetwork {
  const { ec2 } = builder.cloud;
  const { spec } = builder;
  const open = Object.keys(spec.vpc?.subnets?.public ?? {});
  const closed = Object.keys(spec.vpc?.subnets?.private ?? {});
  const subnets = subnetsOfTwin(builder, spec.vpc?.id);
  const ids = [
    ...Object.values(spec.vpc?.subnets?.public ?? {}),
    ...Object.values(spec.vpc?.subnets?.private ?? {}),
  ].map(({ id }) => id);
  const known = subnets.find(({ subnetId }) => ids.includes(subnetId));
  const vpcId = spec.vpc?.id ?? known?.vpcId ?? subnets[0]?.vpcId;
  const vpcs = vpcId === undefined ? [] : ec2.describeVpcs({ vpcIds: [vpcId] });
  const vpc = isAwsError(vpcs) ? undefined : vpcs[0];
  if (vpc === undefined) {
    if (isDescribed(builder)) return declareVpc(builder);
    builder.refuse(
      ['vpc'],
      `the VPC ${spec.vpc?.id ?? 'of these subnets'} is not in the twin, and the config does not give every subnet's zone and cidr`,
      exportsHint(builder.cloud.region, spec.vpc?.id),
    );
  }
  checkVpcCidr(builder, vpc.cidrBlock);
  const publicSubnets = importSubnets(builder, vpc.vpcId, subnets, 'public');
  const privateSubnets = importSubnets(builder, vpc.vpcId, subnets, 'private');
  checkPublicSubnets(builder, subnets, publicSubnets);
  if (open.length + closed.length > 0) checkSufficient(builder, publicSubnets, privateSubnets);
  const tables = builder.must(ec2.describeRouteTables({}), ['vpc']);
  const isPrivate = new Set<SubnetId>(privateSubnets.map(({ subnetId }) => subnetId));
  const privateRouteTableIds = tables
    .filter((table) => table.associations.some((it) => it.subnetId && isPrivate.has(it.subnetId)))
    .map(({ routeTableId }) => routeTableId);
  const { cidrBlock: vpcCidr } = vpc;
  return { vpcId: vpc.vpcId, vpcCidr, publicSubnets, privateSubnets, privateRouteTableIds };
}

/** `vpc.controlPlaneSubnetIDs` without `vpc.subnets`: the VPC those subnets are in. */
export function importByControlPlane(builder: Builder): ClusterNetwork {
  const { ec2 } = builder.cloud;
  const ids = builder.spec.vpc?.controlPlaneSubnetIDs ?? [];
  const found = ec2.describeSubnets({ subnetIds: ids });
  if (isAwsError(found) || found.length === 0) {
    builder.refuse(
      ['vpc', 'controlPlaneSubnetIDs'],
      `the subnets ${ids.join(', ')} are not in the twin`,
      exportsHint(builder.cloud.region, builder.spec.vpc?.id),
    );
  }
  const vpcId: VpcId = found[0]!.vpcId;
  const vpc = builder.must(ec2.describeVpcs({ vpcIds: [vpcId] }), ['vpc'])[0]!;
  const subnetsWhere = (open: boolean): ClusterSubnet[] =>
    subnetsOfTwin(builder, vpcId)
      .filter((subnet) => subnet.mapPublicIpOnLaunch === open)
      .map(({ subnetId, availabilityZone: zone }) => ({ key: subnetId, zone, subnetId }));
  return {
    vpcId,
    vpcCidr: vpc.cidrBlock,
    publicSubnets: subnetsWhere(true),
    privateSubnets: subnetsWhere(false),
    privateRouteTableIds: [],
  };
}
