/**
 * cloud/eks/control-plane-interfaces — the control plane's own interfaces in the customer's
 * subnets (X-ENIs), the subnets they may be in, and the cluster security group on them.
 *
 * Source: EKS User Guide, network-reqs and sec-group-reqs (shared spec eks-defaults §4.1, §9).
 */
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { SecurityGroupId, SecurityGroupRuleId } from '../../model/ec2/ids.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { RulePeer, SecurityGroup, SecurityGroupRule } from '../../model/ec2/security-group.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import { newInterface, removeInterface } from '../ec2/new-interface.ts';
import { noSecurityGroup, noSubnet } from '../ec2/not-found.ts';
import type { Region } from '../region.ts';
import { fromEc2, invalidParameter, invalidRequest } from './eks-error.ts';

/** "at least six IP addresses available" per subnet when a cluster is made. */
export const FREE_TO_CREATE = 6;
/** What an update asks for (aws/containers-roadmap#1693). */
export const FREE_TO_UPDATE = 5;

const INTERFACES_MIN = 2;
const INTERFACES_MAX = 4;

const REQUESTER = 'amazon-eks';

/** Subnets of one VPC in at least two zones, or EKS's refusal. */
export function soundSubnets(
  { store }: Region,
  subnetIds: readonly string[],
): readonly [Subnet, ...Subnet[]] | AwsError {
  const subnets: Subnet[] = [];
  for (const id of new Set(subnetIds)) {
    const subnet = store.get('ec2/subnet', id);
    if (subnet === undefined) return fromEc2(noSubnet(id));
    subnets.push(subnet);
  }
  const [first, ...others] = subnets;
  if (first === undefined) return invalidParameter('subnetIds must not be empty.');
  if (others.some(({ vpcId }) => vpcId !== first.vpcId))
    return invalidParameter('Subnets specified must be in the same VPC.');
  // awsdocs/amazon-eks-user-guide#795.
  if (others.every((it) => it.availabilityZone === first.availabilityZone))
    return invalidParameter('Subnets specified must be in at least two different AZs');
  return [first, ...others];
}

/** Refuses when a subnet has too few free addresses (elastic-ipfs/infrastructure#221). */
export function roomRefusal(
  region: Region,
  subnets: readonly Subnet[],
  needed: number,
): AwsError | undefined {
  const short = subnets.filter((subnet) => region.addresses.available(subnet) < needed);
  if (short.length === 0) return undefined;
  const list = short
    .map((subnet) => `${subnet.subnetId} Free IPs: ${region.addresses.available(subnet)}`)
    .join(' ');
  return invalidRequest(
    `Provided subnets ${list} , need at least ${needed} IPs in each subnet to be free for this ` +
      'operation',
  );
}

/** Security groups the user wants on the X-ENIs: they must exist, in the cluster's VPC. */
export function groupsRefusal(
  { store }: Region,
  vpcId: string,
  groups: readonly string[],
): AwsError | undefined {
  for (const id of groups) {
    const group = store.get('ec2/security-group', id);
    if (group === undefined) return fromEc2(noSecurityGroup(id));
    if (group.vpcId !== vpcId)
      return invalidParameter(`Security group ${id} is not in the VPC ${vpcId} of the subnets.`);
  }
  return undefined;
}

/**
 * Makes the X-ENIs: two, or one per zone up to four, each zone's subnet drawn from those given.
 * On an error none is left behind.
 */
export function makeInterfaces(
  region: Region,
  clusterName: string,
  subnets: readonly Subnet[],
  groups: readonly SecurityGroupId[],
): readonly NetworkInterface[] | AwsError {
  const byZone = new Map<string, Subnet[]>();
  for (const subnet of subnets) {
    const zone = byZone.get(subnet.availabilityZone) ?? [];
    byZone.set(subnet.availabilityZone, [...zone, subnet]);
  }
  const zones = [...byZone.values()];
  const count = Math.min(Math.max(INTERFACES_MIN, zones.length), INTERFACES_MAX);
  const made: NetworkInterface[] = [];
  for (let i = 0; i < count; i++) {
    const subnet = region.ids.oneOf(zones[i % zones.length]!);
    const eni = newInterface(region, {
      subnetId: subnet.subnetId,
      description: `Amazon EKS ${clusterName}`,
      groups,
      requesterId: REQUESTER,
      // The API server, as nodes and pods of the VPC reach it.
      listens: [{ protocol: 'tcp', port: 443 }],
    });
    if (isAwsError(eni)) {
      for (const earlier of made) removeInterface(region, earlier);
      return fromEc2(eni);
    }
    made.push(eni);
  }
  return made;
}

/** Deletes X-ENIs that are still there. */
export function removeInterfaces(region: Region, ids: readonly string[]): void {
  for (const id of ids) {
    const eni = region.store.get('ec2/network-interface', id);
    if (eni !== undefined) removeInterface(region, eni);
  }
}

/** Gives the X-ENIs other groups. */
export function regroupInterfaces(
  { store }: Region,
  ids: readonly string[],
  groups: readonly SecurityGroupId[],
): void {
  for (const id of ids) {
    const eni = store.get('ec2/network-interface', id);
    if (eni !== undefined) store.put('ec2/network-interface', id, { ...eni, groups });
  }
}

/** `eks-cluster-sg-<cluster>-<id>`: all in from itself, all out, all out to itself. */
export function makeClusterSecurityGroup(
  region: Region,
  clusterName: string,
  vpc: Vpc,
  ipFamily: 'ipv4' | 'ipv6',
): SecurityGroup {
  const groupId = region.ids.next<SecurityGroupId>('sg');
  const digits = Array.from({ length: 9 }, () => region.ids.oneOf([...'0123456789'])).join('');
  const groupName = `eks-cluster-sg-${clusterName}-${digits}`;
  const rule = (direction: SecurityGroupRule['direction'], peer: RulePeer): SecurityGroupRule => ({
    ruleId: region.ids.next<SecurityGroupRuleId>('sgr'),
    direction,
    protocol: '-1',
    fromPort: -1,
    toPort: -1,
    peer,
    tags: {},
  });
  const itself: RulePeer = { kind: 'group', groupId };
  const ingress = rule('ingress', itself);
  // The guide says "0.0.0.0/0 (IPv4) or ::/0 (IPv6)", and that all outbound traffic is allowed to
  // any destination: nodes of an IPv6 cluster call EC2 and ECR over IPv4 and need both.
  const anywhere = rule('egress', { kind: 'ipv4', cidr: '0.0.0.0/0' });
  const anywhere6 = ipFamily === 'ipv6' ? [rule('egress', { kind: 'ipv6', cidr: '::/0' })] : [];
  const group: SecurityGroup = {
    groupId,
    groupName,
    description:
      'EKS created security group applied to ENI that is attached to EKS Control Plane master ' +
      'nodes, as well as any managed workloads.',
    vpcId: vpc.vpcId,
    ownerId: region.accountId,
    rules: [ingress, anywhere, ...anywhere6, rule('egress', itself)],
    tags: {
      Name: groupName,
      [`kubernetes.io/cluster/${clusterName}`]: 'owned',
      'aws:eks:cluster-name': clusterName,
    },
  };
  region.store.put('ec2/security-group', groupId, group);
  return group;
}
