/**
 * formats/eksctl/build-cluster — what `eksctl create cluster -f` would leave behind in AWS: the
 * VPC (new or existing), security groups, endpoints, the cluster, its add-ons and node groups.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/ctl/create/cluster.go:584, pkg/cfn/builder/cluster.go,
 * vpc_endpoint.go. Writes: through the cloud only.
 */
import type { Cloud } from '../../cloud/cloud.ts';
import { isAwsError } from '../../model/aws-error.ts';
import type { EksCluster } from '../../model/eks/cluster.ts';
import type { Note } from '../../model/input-error.ts';
import type { Random } from '../../sim/random.ts';
import { cniSettings, createAddon, plannedAddons } from './add-ons.ts';
import { Builder } from './builder.ts';
import { type ClusterConfig, hasSubnets, isIpv6 } from './cluster-config.ts';
import { exportsHint, importByControlPlane, importVpc } from './existing-vpc.ts';
import type { ClusterNetwork } from './network.ts';
import { type BuiltCluster, createNodeGroup } from './node-groups.ts';
import { type ClusterGroups, createClusterGroups, joinClusterGroup } from './security-groups.ts';
import { buildIpv4Vpc } from './vpc-ipv4.ts';
import { buildIpv6Vpc } from './vpc-ipv6.ts';

const DEFAULT_VERSION = '1.34';
/** endpoint_service.go: what nodes of a fully private cluster cannot live without. */
const REQUIRED_ENDPOINTS = ['ec2', 'ecr.api', 'ecr.dkr', 'sts'];

function buildNetwork(builder: Builder): ClusterNetwork {
  const { spec, cloud } = builder;
  if (hasSubnets(spec)) return importVpc(builder);
  if ((spec.vpc?.controlPlaneSubnetIDs?.length ?? 0) > 0) return importByControlPlane(builder);
  if (spec.vpc?.id !== undefined) {
    builder.refuse(
      ['vpc', 'id'],
      `vpc.id is set (${spec.vpc.id}) but no subnets are given under vpc.subnets`,
      `List its subnets under vpc.subnets. ${exportsHint(cloud.region, spec.vpc.id)}`,
    );
  }
  return isIpv6(spec) ? buildIpv6Vpc(builder) : buildIpv4Vpc(builder);
}

/** Interface endpoints with the shared node group, and S3 on the private tables. */
function createEndpoints(builder: Builder, network: ClusterNetwork, shared: string): void {
  const { spec, cloud } = builder;
  const isPrivate = spec.privateCluster;
  if (isPrivate?.enabled !== true || isPrivate.skipEndpointCreation === true) return;
  const logging = (spec.cloudWatch?.clusterLogging?.enableTypes?.length ?? 0) > 0;
  const services = new Set([
    ...REQUIRED_ENDPOINTS,
    ...(isPrivate.additionalEndpointServices ?? []),
    ...(logging ? ['logs'] : []),
  ]);
  const path = ['privateCluster'];
  const { vpcId } = network;
  for (const service of services) {
    builder.must(
      cloud.ec2.createVpcEndpoint({
        vpcId,
        serviceName: `com.amazonaws.${cloud.region}.${service}`,
        type: 'Interface',
        subnetIds: network.privateSubnets.map(({ subnetId }) => subnetId),
        groups: [shared],
        privateDnsEnabled: true,
        tags: builder.tags(`VPCEndpoint${service.replaceAll('.', '').toUpperCase()}`),
      }),
      path,
    );
  }
  builder.must(
    cloud.ec2.createVpcEndpoint({
      vpcId,
      serviceName: `com.amazonaws.${cloud.region}.s3`,
      type: 'Gateway',
      routeTableIds: network.privateRouteTableIds,
      tags: builder.tags('VPCEndpointS3'),
    }),
    path,
  );
}

/** Where the control plane puts its interfaces. */
function controlPlaneSubnets(builder: Builder, network: ClusterNetwork): string[] {
  const { spec } = builder;
  const given = spec.vpc?.controlPlaneSubnetIDs ?? [];
  if (given.length > 0) return [...given];
  const privateOnly =
    spec.vpc?.controlPlaneOnPrivateSubnets === true || spec.autoModeConfig?.enabled === true;
  const subnets =
    privateOnly && network.privateSubnets.length > 0
      ? network.privateSubnets
      : [...network.publicSubnets, ...network.privateSubnets];
  return subnets.map(({ subnetId }) => subnetId);
}

function createCluster(
  builder: Builder,
  network: ClusterNetwork,
  groups: ClusterGroups,
): EksCluster {
  const { spec, cloud } = builder;
  const isPrivate = spec.privateCluster?.enabled === true;
  const endpoints = spec.vpc?.clusterEndpoints;
  const remote = spec.remoteNetworkConfig;
  const version = spec.metadata?.version ?? DEFAULT_VERSION;
  const result = cloud.eks.createCluster({
    name: builder.name,
    version,
    subnetIds: controlPlaneSubnets(builder, network),
    securityGroupIds: groups.controlPlane,
    endpointPublicAccess: isPrivate ? false : (endpoints?.publicAccess ?? endpoints === undefined),
    endpointPrivateAccess: isPrivate ? true : (endpoints?.privateAccess ?? false),
    publicAccessCidrs: spec.vpc?.publicAccessCIDRs,
    ipFamily: isIpv6(spec) ? 'ipv6' : 'ipv4',
    serviceIpv4Cidr: spec.kubernetesNetworkConfig?.serviceIPv4CIDR || undefined,
    authenticationMode: spec.accessConfig?.authenticationMode ?? 'API_AND_CONFIG_MAP',
    remoteNodeNetworks: remote?.remoteNodeNetworks?.flatMap(({ cidrs }) => cidrs ?? []),
    remotePodNetworks: remote?.remotePodNetworks?.flatMap(({ cidrs }) => cidrs ?? []),
    tags: builder.tags('ControlPlane'),
  });
  if (isAwsError(result) && /version/i.test(result.message)) {
    builder.refuse(
      ['metadata', 'version'],
      `${result.code}: ${result.message} (version "${version}")`,
      `Name a version EKS runs today, or remove it: eksctl's default is ${DEFAULT_VERSION}.`,
    );
  }
  return builder.must(result, ['metadata', 'name']);
}

function createFargateProfiles(builder: Builder, built: BuiltCluster): void {
  const { network } = built;
  for (const [i, profile] of (builder.spec.fargateProfiles ?? []).entries()) {
    const path = ['fargateProfiles', i];
    const named = (name: string): string =>
      [...network.privateSubnets, ...network.publicSubnets].find(({ key }) => key === name)
        ?.subnetId ?? name;
    const subnetIds = (profile.subnets ?? []).map(named);
    builder.must(
      builder.cloud.eks.createFargateProfile({
        clusterName: built.cluster.name,
        fargateProfileName: profile.name!,
        subnetIds: subnetIds.length > 0 ? subnetIds : network.privateSubnets.map((s) => s.subnetId),
        selectors: (profile.selectors ?? []).map(({ namespace = '', labels }) => ({
          namespace,
          ...(labels === undefined ? {} : { labels }),
        })),
        tags: { ...builder.stackTags(), ...profile.tags },
      }),
      path,
    );
  }
}

/**
 * Builds what a ClusterConfig says in the cloud.
 *
 * @param random  chooses zones and made-up names; same seed, same cluster
 * @param notes   gains what is declared but not simulated
 * @returns the cluster
 * @throws InputError at the field eksctl or AWS would refuse
 */
export function applyClusterConfig(
  config: ClusterConfig,
  cloud: Cloud,
  random: Random,
  notes: Note[],
): EksCluster {
  const builder = new Builder(cloud, config, random, notes);
  const { spec } = config;
  const region = spec.metadata?.region;
  if (region !== cloud.region) {
    builder.refuse(
      ['metadata', 'region'],
      `the cluster is in ${region}, but this twin is in ${cloud.region}`,
      'Build one twin per region: pass the files of one region at a time.',
    );
  }
  notes.push(...config.notes);
  if (spec.vpc?.hostnameType !== undefined) {
    builder.note(
      ['vpc', 'hostnameType'],
      'hostnameType is read and not simulated: ip-name is used',
    );
  }
  const addons = plannedAddons(builder);
  const cni = cniSettings(builder, addons);
  const network = buildNetwork(builder);
  const groups = createClusterGroups(builder, network.vpcId);
  createEndpoints(builder, network, groups.sharedNode);
  const cluster = createCluster(builder, network, groups);
  joinClusterGroup(builder, groups.sharedNode, cluster.clusterSecurityGroupId);
  const built: BuiltCluster = { cluster, network, groups, cni };
  for (const addon of addons) if (addon.beforeNodes) createAddon(builder, cluster.name, addon);
  for (const [i, group] of (spec.nodeGroups ?? []).entries()) {
    createNodeGroup(builder, group, false, built, ['nodeGroups', i]);
  }
  for (const [i, group] of (spec.managedNodeGroups ?? []).entries()) {
    createNodeGroup(builder, group, true, built, ['managedNodeGroups', i]);
  }
  for (const addon of addons) if (!addon.beforeNodes) createAddon(builder, cluster.name, addon);
  createFargateProfiles(builder, built);
  return cluster;
}
