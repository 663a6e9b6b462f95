/** cloud/eks/cluster-actions — clusters: made, upgraded, reconfigured, deleted. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { NetworkInterfaceId, SecurityGroupId } from '../../model/ec2/ids.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { EksCluster } from '../../model/eks/cluster.ts';
import {
  canonicalCidrText,
  cidrTextContainsCidr,
  cidrTextsOverlap,
  containsCidr,
  parseCidr4,
  RFC1918,
} from '../../net/index.ts';
import { partitionOf, type Region } from '../region.ts';
import {
  FREE_TO_CREATE,
  FREE_TO_UPDATE,
  groupsRefusal,
  makeClusterSecurityGroup,
  makeInterfaces,
  regroupInterfaces,
  removeInterfaces,
  roomRefusal,
  soundSubnets,
} from './control-plane-interfaces.ts';
import { inUse, invalidParameter, noCluster } from './eks-error.ts';
import type { CreateClusterInput, EksOperations, UpdateClusterConfigInput } from './operations.ts';

type ClusterActions = Pick<
  EksOperations,
  'createCluster' | 'deleteCluster' | 'updateClusterVersion' | 'updateClusterConfig'
>;

export const clusterActions = (region: Region): ClusterActions => ({
  createCluster: (input) => create(region, input),
  deleteCluster: ({ name }) => remove(region, name),
  updateClusterVersion: ({ name, version }) => upgrade(region, name, version),
  updateClusterConfig: (input) => reconfigure(region, input),
});

const put = (region: Region, cluster: EksCluster): EksCluster => {
  region.store.put('eks/cluster', cluster.name, cluster);
  return cluster;
};

/** The middle of the endpoint's name, as EKS spreads clusters over its own accounts. */
const ENDPOINT_SUFFIXES = ['gr7', 'yl4', 'sk1'];

/**
 * `https://<32 hex>.gr7.us-west-2.eks.amazonaws.com`; IPv6 clusters made since October 2024 have
 * the dual-stack form `….eks-cluster.<region>.api.aws` (EKS User Guide, cluster-endpoint).
 */
/** Whom the public endpoint lets in unless told: everybody, by both families of an IPv6 cluster. */
const everywhere = (ipFamily: CreateClusterInput['ipFamily']): readonly string[] =>
  ipFamily === 'ipv6' ? ['0.0.0.0/0', '::/0'] : ['0.0.0.0/0'];

function endpointOf({ ids, name }: Region, ipFamily: 'ipv4' | 'ipv6'): string {
  const id = ids.hex(32).toUpperCase();
  return ipFamily === 'ipv6'
    ? `https://${id}.eks-cluster.${name}.api.aws`
    : `https://${id}.${ids.oneOf(ENDPOINT_SUFFIXES)}.${name}.eks.amazonaws.com`;
}

/** Minor versions EKS ever had in the form the twin follows; older ones are refused. */
const MINOR_MIN = 23;
const MINOR_MAX = 36;

const minorOf = (version: string): number | undefined => {
  const minor = /^1\.(\d+)$/.exec(version)?.[1];
  return minor === undefined ? undefined : Number(minor);
};

const isSupported = (version: string): boolean => {
  const minor = minorOf(version);
  return minor !== undefined && minor >= MINOR_MIN && minor <= MINOR_MAX;
};

function create(region: Region, input: CreateClusterInput): EksCluster | AwsError {
  const { name } = input;
  if (region.store.get('eks/cluster', name) !== undefined)
    return inUse(`Cluster already exists with name: ${name}`);
  if (!/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/.test(name))
    return invalidParameter(`The cluster name ${name} is not valid.`);
  if (!isSupported(input.version)) return invalidParameter('unsupported Kubernetes version');
  const subnets = soundSubnets(region, input.subnetIds);
  if (isAwsError(subnets)) return subnets;
  const vpc = region.store.get('ec2/vpc', subnets[0].vpcId)!;
  const refusal =
    groupsRefusal(region, vpc.vpcId, input.securityGroupIds ?? []) ??
    accessRefusal(input.endpointPublicAccess ?? true, input.endpointPrivateAccess ?? false) ??
    ipv6Refusal(input, vpc, subnets) ??
    roomRefusal(region, subnets, FREE_TO_CREATE);
  if (refusal !== undefined) return refusal;
  const services = serviceBlocks(region, input, vpc);
  if (isAwsError(services)) return services;
  const publicAccessCidrs = soundCidrs(input.publicAccessCidrs ?? everywhere(input.ipFamily));
  if (isAwsError(publicAccessCidrs)) return publicAccessCidrs;
  const ipFamily = input.ipFamily ?? 'ipv4';
  const group = makeClusterSecurityGroup(region, name, vpc, ipFamily);
  const securityGroupIds = [...(input.securityGroupIds ?? [])] as SecurityGroupId[];
  const enis = makeInterfaces(region, name, subnets, [group.groupId, ...securityGroupIds]);
  if (isAwsError(enis)) {
    region.store.delete('ec2/security-group', group.groupId);
    return enis;
  }
  const partition = partitionOf(region.name);
  return put(region, {
    name,
    arn: `arn:${partition}:eks:${region.name}:${region.accountId}:cluster/${name}`,
    version: input.version,
    platformVersion: 'eks.1',
    status: 'ACTIVE',
    endpoint: endpointOf(region, ipFamily),
    roleArn: input.roleArn ?? `arn:${partition}:iam::${region.accountId}:role/${name}-cluster`,
    vpcId: vpc.vpcId,
    subnetIds: subnets.map(({ subnetId }) => subnetId),
    securityGroupIds,
    clusterSecurityGroupId: group.groupId,
    endpointPublicAccess: input.endpointPublicAccess ?? true,
    endpointPrivateAccess: input.endpointPrivateAccess ?? false,
    publicAccessCidrs,
    ipFamily,
    ...services,
    authenticationMode: input.authenticationMode ?? 'API_AND_CONFIG_MAP',
    networkInterfaceIds: enis.map((it): NetworkInterfaceId => it.networkInterfaceId),
    remoteNodeNetworks: input.remoteNodeNetworks ?? [],
    remotePodNetworks: input.remotePodNetworks ?? [],
    createdAtMs: region.clock.now(),
    tags: input.tags ?? {},
  });
}

function accessRefusal(publicAccess: boolean, privateAccess: boolean): AwsError | undefined {
  if (publicAccess || privateAccess) return undefined;
  return invalidParameter('Private and public endpoint access cannot be false');
}

function ipv6Refusal(
  { ipFamily, serviceIpv4Cidr }: CreateClusterInput,
  vpc: Vpc,
  subnets: readonly Subnet[],
): AwsError | undefined {
  if (ipFamily !== 'ipv6') return undefined;
  if (serviceIpv4Cidr !== undefined) {
    return invalidParameter(
      'You cannot specify a serviceIpv4Cidr when ipFamily is ipv6: EKS assigns the service CIDR.',
    );
  }
  const without = subnets.find(({ ipv6CidrBlock }) => ipv6CidrBlock === undefined);
  if (vpc.ipv6CidrBlocks.length > 0 && without === undefined) return undefined;
  return invalidParameter(
    `Subnets must have an IPv6 CIDR block for an IPv6 cluster: ${without?.subnetId ?? vpc.vpcId}`,
  );
}

/** Source: EKS CreateCluster, kubernetesNetworkConfig: a private block of /24 to /12. */
const SERVICE_BITS_MIN = 12;
const SERVICE_BITS_MAX = 24;

type ServiceBlocks = Pick<EksCluster, 'serviceIpv4Cidr' | 'serviceIpv6Cidr'>;

function serviceBlocks(
  region: Region,
  { ipFamily, serviceIpv4Cidr: given }: CreateClusterInput,
  vpc: Vpc,
): ServiceBlocks | AwsError {
  if (ipFamily === 'ipv6') {
    const [a, b, c] = [region.ids.hex(2), region.ids.hex(4), region.ids.hex(4)];
    return { serviceIpv6Cidr: canonicalCidrText(`fd${a}:${b}:${c}::/108`) };
  }
  const inTen = vpc.cidrBlocks.some((it) => cidrTextContainsCidr('10.0.0.0/8', it.cidrBlock));
  if (given === undefined) return { serviceIpv4Cidr: inTen ? '172.20.0.0/16' : '10.100.0.0/16' };
  const cidr = parseCidr4(given);
  const bits = cidr?.bits ?? 0;
  const isPrivate = cidr !== undefined && RFC1918.some((block) => containsCidr(block, cidr));
  if (!isPrivate || bits < SERVICE_BITS_MIN || bits > SERVICE_BITS_MAX) {
    return invalidParameter(
      `serviceIpv4Cidr ${given} must be within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 and ` +
        'between /24 and /12.',
    );
  }
  const clash = vpc.cidrBlocks.find((it) => cidrTextsOverlap(it.cidrBlock, given));
  if (clash !== undefined) {
    return invalidParameter(
      `serviceIpv4Cidr ${given} overlaps with the VPC CIDR block ${clash.cidrBlock}.`,
    );
  }
  return { serviceIpv4Cidr: canonicalCidrText(given) };
}

function soundCidrs(texts: readonly string[]): readonly string[] | AwsError {
  const sound: string[] = [];
  for (const text of texts) {
    const cidr = canonicalCidrText(text);
    if (cidr === undefined)
      return invalidParameter(`The following CIDRs are invalid in publicAccessCidrs: [${text}]`);
    sound.push(cidr);
  }
  return sound;
}

function remove(region: Region, name: string): true | AwsError {
  const cluster = region.store.get('eks/cluster', name);
  if (cluster === undefined) return noCluster(name);
  const ofCluster = (noun: { readonly clusterName: string }) => noun.clusterName === name;
  if (region.store.list('eks/nodegroup').some((it) => ofCluster(it) && it.managed))
    return inUse('Cluster has nodegroups attached');
  if (region.store.list('eks/fargate-profile').some(ofCluster))
    return inUse('Cluster has Fargate profiles attached');
  for (const { value: addon, key } of [...region.store.entries('eks/addon')])
    if (ofCluster(addon)) region.store.delete('eks/addon', key);
  removeInterfaces(region, cluster.networkInterfaceIds);
  // EKS leaves the group behind when nodes of the user's still have it.
  const groupId = cluster.clusterSecurityGroupId;
  const used = region.store.list('ec2/network-interface').some((it) => it.groups.includes(groupId));
  if (!used) region.store.delete('ec2/security-group', groupId);
  region.store.delete('eks/cluster', name);
  return true;
}

const subnetsOf = ({ store }: Region, { subnetIds }: EksCluster): Subnet[] =>
  subnetIds.flatMap((id) => store.get('ec2/subnet', id) ?? []);

const groupsOf = (cluster: EksCluster): readonly SecurityGroupId[] => [
  cluster.clusterSecurityGroupId,
  ...cluster.securityGroupIds,
];

function upgrade(region: Region, name: string, version: string): EksCluster | AwsError {
  const cluster = region.store.get('eks/cluster', name);
  if (cluster === undefined) return noCluster(name);
  if (!isSupported(version)) return invalidParameter('unsupported Kubernetes version');
  // rancher/rancher#21043.
  if (minorOf(version) !== minorOf(cluster.version)! + 1) {
    return invalidParameter(
      `Unsupported Kubernetes minor version update from ${cluster.version} to ${version}`,
    );
  }
  const subnets = subnetsOf(region, cluster);
  const refusal = roomRefusal(region, subnets, FREE_TO_UPDATE);
  if (refusal !== undefined) return refusal;
  const enis = makeInterfaces(region, name, subnets, groupsOf(cluster));
  if (isAwsError(enis)) return enis;
  removeInterfaces(region, cluster.networkInterfaceIds);
  return put(region, {
    ...cluster,
    version,
    platformVersion: 'eks.1',
    networkInterfaceIds: enis.map((it): NetworkInterfaceId => it.networkInterfaceId),
  });
}

function reconfigure(region: Region, input: UpdateClusterConfigInput): EksCluster | AwsError {
  const cluster = region.store.get('eks/cluster', input.name);
  if (cluster === undefined) return noCluster(input.name);
  const changed: EksCluster = {
    ...cluster,
    endpointPublicAccess: input.endpointPublicAccess ?? cluster.endpointPublicAccess,
    endpointPrivateAccess: input.endpointPrivateAccess ?? cluster.endpointPrivateAccess,
    securityGroupIds: (input.securityGroupIds as SecurityGroupId[]) ?? cluster.securityGroupIds,
  };
  const refusal =
    accessRefusal(changed.endpointPublicAccess, changed.endpointPrivateAccess) ??
    groupsRefusal(region, cluster.vpcId, changed.securityGroupIds);
  if (refusal !== undefined) return refusal;
  const publicAccessCidrs = soundCidrs(input.publicAccessCidrs ?? cluster.publicAccessCidrs);
  if (isAwsError(publicAccessCidrs)) return publicAccessCidrs;
  const moved = moveSubnets(region, { ...changed, publicAccessCidrs }, input.subnetIds);
  if (isAwsError(moved)) return moved;
  if (input.securityGroupIds !== undefined)
    regroupInterfaces(region, moved.networkInterfaceIds, groupsOf(moved));
  return put(region, moved);
}

/** Other subnets: same VPC, and new X-ENIs in them before the old ones go. */
function moveSubnets(
  region: Region,
  cluster: EksCluster,
  subnetIds: readonly string[] | undefined,
): EksCluster | AwsError {
  if (subnetIds === undefined) return cluster;
  const subnets = soundSubnets(region, subnetIds);
  if (isAwsError(subnets)) return subnets;
  if (subnets[0].vpcId !== cluster.vpcId) {
    return awsError(
      'InvalidParameterException',
      'Provided subnets belong to a different VPC than the existing subnets of the cluster.',
    );
  }
  const refusal = roomRefusal(region, subnets, FREE_TO_UPDATE);
  if (refusal !== undefined) return refusal;
  const enis = makeInterfaces(region, cluster.name, subnets, groupsOf(cluster));
  if (isAwsError(enis)) return enis;
  removeInterfaces(region, cluster.networkInterfaceIds);
  return {
    ...cluster,
    subnetIds: subnets.map(({ subnetId }) => subnetId),
    networkInterfaceIds: enis.map((it): NetworkInterfaceId => it.networkInterfaceId),
  };
}
