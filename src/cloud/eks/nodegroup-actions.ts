/** cloud/eks/nodegroup-actions — node groups as EKS keeps them; it launches nothing itself. */
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { SecurityGroupId, SubnetId } from '../../model/ec2/ids.ts';
import { type InstanceType, instanceType } from '../../model/ec2/instance-type.ts';
import { type EksCluster, eksKey, type NodeGroup } from '../../model/eks/cluster.ts';
import { managedGroupMaxPods } from '../../model/eks/max-pods.ts';
import { noSubnet } from '../ec2/not-found.ts';
import type { Region } from '../region.ts';
import { groupsRefusal } from './control-plane-interfaces.ts';
import { fromEc2, inUse, invalidParameter, noCluster } from './eks-error.ts';
import type {
  CreateNodegroupInput,
  EksOperations,
  UpdateNodegroupConfigInput,
} from './operations.ts';

type NodegroupActions = Pick<
  EksOperations,
  'createNodegroup' | 'updateNodegroupConfig' | 'deleteNodegroup'
>;

export const nodegroupActions = (region: Region): NodegroupActions => ({
  createNodegroup: (input) => create(region, input),
  updateNodegroupConfig: (input) => update(region, input),
  deleteNodegroup({ clusterName, nodegroupName }) {
    const gone = region.store.delete('eks/nodegroup', eksKey(clusterName, nodegroupName));
    return gone === true ? true : noNodegroup(nodegroupName);
  },
});

const noNodegroup = (name: string): AwsError => ({
  kind: 'aws-error',
  code: 'ResourceNotFoundException',
  message: `No node group found for name: ${name}.`,
});

/** EKS's own default. */
const DEFAULT_TYPES = ['t3.medium'];
/** eksctl's and the EKS AMI's default: pods reach IMDS in one hop more. */
const DEFAULT_HOP_LIMIT = 2;

function create(region: Region, input: CreateNodegroupInput): NodeGroup | AwsError {
  const { clusterName, nodegroupName } = input;
  const cluster = region.store.get('eks/cluster', clusterName);
  if (cluster === undefined) return noCluster(clusterName);
  const key = eksKey(clusterName, nodegroupName);
  if (region.store.get('eks/nodegroup', key) !== undefined) {
    return inUse(
      `NodeGroup already exists with name ${nodegroupName} and cluster name ${clusterName}`,
    );
  }
  const managed = input.managed ?? true;
  const types = soundTypes(input.instanceTypes ?? DEFAULT_TYPES);
  if (isAwsError(types)) return types;
  const sizes = soundSizes(input);
  if (isAwsError(sizes)) return sizes;
  const refusal =
    subnetsRefusal(region, cluster, input.subnetIds) ??
    groupsRefusal(region, cluster.vpcId, input.securityGroupIds ?? []);
  if (refusal !== undefined) return refusal;
  const given = (input.securityGroupIds ?? []) as readonly SecurityGroupId[];
  const fallback = managed ? [cluster.clusterSecurityGroupId] : [];
  const enforced = managed && input.imageId === undefined;
  const group: NodeGroup = {
    clusterName,
    nodegroupName,
    managed,
    subnetIds: input.subnetIds as readonly SubnetId[],
    instanceTypes: types.map(({ name }) => name),
    capacityType: input.capacityType ?? 'ON_DEMAND',
    amiType: input.amiType ?? defaultAmiType(types, input.imageId),
    imageId: input.imageId,
    ...sizes,
    labels: input.labels ?? {},
    taints: input.taints ?? [],
    securityGroupIds: given.length > 0 ? given : fallback,
    maxPodsPerNode: input.maxPodsPerNode,
    maxPodsExpression: input.maxPodsExpression,
    associatePublicIpAddress: input.associatePublicIpAddress,
    httpPutResponseHopLimit: input.httpPutResponseHopLimit ?? DEFAULT_HOP_LIMIT,
    version: input.version ?? cluster.version,
    enforcedMaxPods: enforced ? managedGroupMaxPods(types, input.cni ?? {}) : undefined,
    instanceTags: input.instanceTags ?? {},
    status: 'ACTIVE',
    healthIssues: [],
    createdAtMs: region.clock.now(),
    tags: input.tags ?? {},
  };
  region.store.put('eks/nodegroup', key, group);
  return group;
}

function defaultAmiType(types: readonly InstanceType[], imageId: string | undefined): string {
  if (imageId !== undefined) return 'CUSTOM';
  return types[0]?.arch === 'arm64' ? 'AL2023_ARM_64_STANDARD' : 'AL2023_x86_64_STANDARD';
}

function soundTypes(names: readonly string[]): readonly InstanceType[] | AwsError {
  const types: InstanceType[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    const type = instanceType(name);
    if (type === undefined) unknown.push(name);
    else types.push(type);
  }
  if (unknown.length > 0) {
    return invalidParameter(
      `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
    );
  }
  return types.length > 0 ? types : invalidParameter('instanceTypes must not be empty.');
}

type Sizes = Pick<NodeGroup, 'minSize' | 'desiredSize' | 'maxSize'>;

/** EKS's defaults are 1, 2 and 2; what is given moves the others along. */
function soundSizes(
  input: Pick<CreateNodegroupInput, 'minSize' | 'desiredSize' | 'maxSize'>,
): Sizes | AwsError {
  const desiredSize =
    input.desiredSize ?? Math.max(input.minSize ?? 0, Math.min(2, input.maxSize ?? 2));
  const minSize = input.minSize ?? Math.min(1, desiredSize);
  const maxSize = input.maxSize ?? Math.max(desiredSize, minSize, 1);
  if (minSize < 0 || maxSize < 1)
    return invalidParameter('Minimum capacity must be at least 0 and maximum capacity at least 1');
  if (minSize > maxSize) {
    return invalidParameter(
      `Minimum capacity ${minSize} can't be greater than maximum capacity ${maxSize}`,
    );
  }
  if (desiredSize < minSize) {
    return invalidParameter(
      `Minimum capacity ${minSize} can't be greater than desired size ${desiredSize}`,
    );
  }
  if (desiredSize > maxSize) {
    return invalidParameter(
      `Desired capacity ${desiredSize} can't be greater than max size ${maxSize}`,
    );
  }
  return { minSize, desiredSize, maxSize };
}

function subnetsRefusal(
  { store }: Region,
  cluster: EksCluster,
  subnetIds: readonly string[],
): AwsError | undefined {
  if (subnetIds.length === 0) return invalidParameter('subnets must not be empty.');
  for (const id of subnetIds) {
    const subnet = store.get('ec2/subnet', id);
    if (subnet === undefined) return fromEc2(noSubnet(id));
    if (subnet.vpcId !== cluster.vpcId) {
      return invalidParameter(
        `Subnet ${id} is not in the VPC ${cluster.vpcId} of cluster ${cluster.name}.`,
      );
    }
  }
  return undefined;
}

function update(region: Region, input: UpdateNodegroupConfigInput): NodeGroup | AwsError {
  const key = eksKey(input.clusterName, input.nodegroupName);
  const group = region.store.get('eks/nodegroup', key);
  if (group === undefined) return noNodegroup(input.nodegroupName);
  const sizes = soundSizes({
    minSize: input.minSize ?? group.minSize,
    desiredSize: input.desiredSize ?? group.desiredSize,
    maxSize: input.maxSize ?? group.maxSize,
  });
  if (isAwsError(sizes)) return sizes;
  const changed: NodeGroup = {
    ...group,
    ...sizes,
    labels: input.labels ?? group.labels,
    taints: input.taints ?? group.taints,
  };
  region.store.put('eks/nodegroup', key, changed);
  return changed;
}
