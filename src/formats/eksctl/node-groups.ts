/**
 * formats/eksctl/node-groups — managed and self-managed node groups with all of eksctl's defaults.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/vpc/vpc.go:762 SelectNodeGroupSubnets, defaults.go:118,
 * validation.go:1437 (sizes), cfn/builder/managed_launch_template.go, nodegroup.go.
 */
import type { CreateNodegroupInput } from '../../cloud/eks/operations.ts';
import type { EksCluster, NodeTaint } from '../../model/eks/cluster.ts';
import type { Path } from '../source.ts';
import { amiTypeOf } from './ami-family.ts';
import type { Builder } from './builder.ts';
import { isWindows, type NodeGroupSpec } from './cluster-config.ts';
import type { ClusterNetwork, ClusterSubnet } from './network.ts';
import { type ClusterGroups, managedGroups, selfManagedGroups } from './security-groups.ts';

const DEFAULT_TYPE = 'm5.large';
const DEFAULT_COUNT = 2;

/** What the vpc-cni add-on says at this moment; EKS reads it for max pods. */
export interface CniSettings {
  readonly prefixDelegation: boolean;
  readonly customNetworking: boolean;
}

export interface BuiltCluster {
  readonly cluster: EksCluster;
  readonly network: ClusterNetwork;
  readonly groups: ClusterGroups;
  readonly cni: CniSettings;
}

const kindOf = (group: NodeGroupSpec): 'private' | 'public' =>
  group.privateNetworking === true ? 'private' : 'public';

function subnetsByZone(
  builder: Builder,
  group: NodeGroupSpec,
  mapping: readonly ClusterSubnet[],
  path: Path,
): string[] {
  const zones = group.availabilityZones ?? [];
  const all = mapping.map(({ key }) => key).join(' ');
  const problem = `could not find ${kindOf(group)} subnets for zones ${JSON.stringify(zones)} (allSubnets=[${all}] localZones=[] subnets=[])`;
  if (mapping.length < zones.length) {
    builder.refuse(
      [...path, 'availabilityZones'],
      `${problem}: mapping does not have enough subnets: (allSubnets=[${all}])`,
      `The cluster has ${mapping.length} ${kindOf(group)} subnets.`,
    );
  }
  return zones.flatMap((zone, i) => {
    const found = mapping.filter((subnet) => subnet.zone === zone);
    if (found.length > 0) return found.map(({ subnetId }) => subnetId as string);
    return builder.refuse(
      [...path, 'availabilityZones', i],
      `${problem}: mapping does not have subnet with zone "${zone}": (allSubnets=[${all}])`,
      `The cluster's ${kindOf(group)} subnets are in: ${mapping.map((s) => s.zone).join(', ')}.`,
    );
  });
}

/** One name or id under `subnets:`. */
function subnetNamed(
  builder: Builder,
  group: NodeGroupSpec,
  name: string,
  network: ClusterNetwork,
  path: Path,
): string {
  const named = (mapping: readonly ClusterSubnet[]): string | undefined =>
    mapping.find(({ key, subnetId }) => key === name || subnetId === name)?.subnetId;
  const closed = named(network.privateSubnets);
  const open = named(network.publicSubnets);
  if (group.privateNetworking === true) {
    if (closed === undefined && open !== undefined) {
      builder.note(path, `public subnet ${name} is used with privateNetworking enabled`);
    }
    if (closed !== undefined || open !== undefined) return (closed ?? open)!;
  } else {
    if (open !== undefined) return open;
    if (closed !== undefined) {
      builder.refuse(
        path,
        `subnet ${name} is specified as private in ClusterConfig, thus must only be used when \`privateNetworking\` is enabled`,
        'Add privateNetworking: true to the node group.',
      );
    }
  }
  const { ec2 } = builder.cloud;
  const subnet = builder.must(ec2.describeSubnets({ subnetIds: [name] }), path)[0];
  if (subnet?.vpcId === network.vpcId) return subnet.subnetId;
  return builder.refuse(
    path,
    `subnet with ID "${name}" is not in the attached VPC with ID "${network.vpcId}"`,
    'Use a subnet of the cluster’s VPC.',
  );
}

/** Where a group's instances go. */
function subnetsOf(
  builder: Builder,
  group: NodeGroupSpec,
  network: ClusterNetwork,
  path: Path,
): string[] {
  const mapping = group.privateNetworking === true ? network.privateSubnets : network.publicSubnets;
  let subnets: string[];
  if ((group.subnets?.length ?? 0) > 0) {
    subnets = group.subnets!.map((name, i) =>
      subnetNamed(builder, group, name, network, [...path, 'subnets', i]),
    );
  } else if ((group.availabilityZones?.length ?? 0) > 0) {
    subnets = subnetsByZone(builder, group, mapping, path);
  } else {
    subnets = mapping.map(({ subnetId }) => subnetId);
  }
  if (subnets.length === 0) {
    builder.refuse(
      path,
      group.privateNetworking === true
        ? 'none or too few private subnets to use with --node-private-networking'
        : `no public subnets for ${group.name}; only private subnets are given`,
      group.privateNetworking === true
        ? 'List private subnets under vpc.subnets.private.'
        : 'Add privateNetworking: true to the node group.',
    );
  }
  return group.efaEnabled === true ? subnets.slice(0, 1) : subnets;
}

/** min, desired and max as eksctl fills them in (validation.go:1437). */
function sizesOf(group: NodeGroupSpec): {
  readonly minSize: number;
  readonly desiredSize: number;
  readonly maxSize: number;
} {
  const minSize = group.minSize ?? group.desiredCapacity ?? DEFAULT_COUNT;
  const desiredSize = group.desiredCapacity ?? minSize;
  const maxSize = group.maxSize ?? (Math.max(desiredSize, minSize) || 1);
  return { minSize, desiredSize, maxSize };
}

function instanceTypesOf(group: NodeGroupSpec): readonly string[] | undefined {
  const mixed = group.instancesDistribution?.instanceTypes ?? group.instanceTypes ?? [];
  if (mixed.length > 0) return mixed;
  if (group.launchTemplate !== undefined && group.instanceType === undefined) return undefined;
  return [group.instanceType ?? DEFAULT_TYPE];
}

/** The Name tag of a group's instances (cfn/builder/nodegroup.go generateNodeName). */
function instanceName(builder: Builder, group: NodeGroupSpec): string {
  const prefix = group.instancePrefix === undefined ? '' : `${group.instancePrefix}-`;
  return `${prefix}${group.instanceName ?? `${builder.name}-${group.name}-Node`}`;
}

/** kubelet's maxPods: eksctl's own field, or the kubelet's in kubeletExtraConfig. */
function maxPodsOf(group: NodeGroupSpec): number | undefined {
  if (group.maxPodsPerNode !== undefined && group.maxPodsPerNode > 0) return group.maxPodsPerNode;
  const extra = group.kubeletExtraConfig?.maxPods;
  return typeof extra === 'number' ? extra : undefined;
}

const taintsOf = (group: NodeGroupSpec): NodeTaint[] =>
  (group.taints ?? []).map(({ key = '', value, effect }) => ({
    key,
    ...(value === undefined || value === '' ? {} : { value }),
    effect: effect as NodeTaint['effect'],
  }));

/** Windows nodes are declared: the group exists with no node. */
const noNodes = { minSize: 0, desiredSize: 0, maxSize: 1 };

/** Creates one node group. */
export function createNodeGroup(
  builder: Builder,
  group: NodeGroupSpec,
  managed: boolean,
  built: BuiltCluster,
  path: Path,
): void {
  const { network, cluster } = built;
  const name = group.name!;
  const stack = builder.nodeGroupStack(name);
  const place = { vpcId: network.vpcId, vpcCidr: network.vpcCidr, path };
  const subnetIds = subnetsOf(builder, group, network, path);
  const brought = group.launchTemplate?.id;
  if (brought !== undefined) {
    builder.note(
      [...path, 'launchTemplate'],
      `${name}: what launch template ${brought} holds is not in this file; EKS's defaults are used (cluster security group, t3.medium unless instanceTypes says otherwise)`,
    );
  }
  const securityGroupIds = managed
    ? brought === undefined
      ? managedGroups(builder, group, place, cluster.clusterSecurityGroupId)
      : undefined
    : selfManagedGroups(builder, group, place, built.groups);
  const types = instanceTypesOf(group);
  const ownTags = {
    'alpha.eksctl.io/nodegroup-name': name,
    'alpha.eksctl.io/nodegroup-type': managed ? 'managed' : 'unmanaged',
  };
  const owned = managed ? {} : { [`kubernetes.io/cluster/${builder.name}`]: 'owned' };
  const input: CreateNodegroupInput = {
    clusterName: cluster.name,
    nodegroupName: name,
    managed,
    subnetIds,
    instanceTypes: types,
    capacityType: group.spot === true ? 'SPOT' : 'ON_DEMAND',
    amiType: amiTypeOf(group.amiFamily ?? 'AmazonLinux2023', types?.[0] ?? DEFAULT_TYPE),
    imageId: group.ami?.startsWith('ami-') === true ? group.ami : undefined,
    ...(isWindows(group) ? noNodes : sizesOf(group)),
    labels: {
      'alpha.eksctl.io/cluster-name': builder.name,
      'alpha.eksctl.io/nodegroup-name': name,
      ...group.labels,
    },
    taints: taintsOf(group),
    securityGroupIds,
    maxPodsPerNode: maxPodsOf(group),
    httpPutResponseHopLimit: group.disablePodIMDS === true ? 1 : 2,
    cni: built.cni,
    instanceTags: {
      ...builder.stackTags(),
      ...group.tags,
      ...ownTags,
      ...owned,
      Name: instanceName(builder, group),
    },
    tags: { ...builder.tags('ManagedNodeGroup', stack), ...group.tags, ...ownTags },
  };
  builder.must(builder.cloud.eks.createNodegroup(input), path);
}
