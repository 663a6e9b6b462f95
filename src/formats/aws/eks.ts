/** formats/aws/eks — `aws eks describe-cluster`, -nodegroup, -addon and -fargate-profile. */
import type {
  Addon,
  EksCluster,
  FargateProfile,
  NodeGroup,
  NodeTaint,
} from '../../model/eks/cluster.ts';
import { type AwsJson, AwsReader, eksTime, type NounFormat, present } from './aws-json.ts';

export const cluster: NounFormat<'eks/cluster'> = {
  kind: 'eks/cluster',
  member: 'cluster',
  file: 'describe-cluster.json',
  toAws: (noun) => ({
    name: noun.name,
    arn: noun.arn,
    createdAt: eksTime(noun.createdAtMs),
    version: noun.version,
    endpoint: noun.endpoint,
    roleArn: noun.roleArn,
    resourcesVpcConfig: {
      subnetIds: noun.subnetIds,
      securityGroupIds: noun.securityGroupIds,
      clusterSecurityGroupId: noun.clusterSecurityGroupId,
      vpcId: noun.vpcId,
      endpointPublicAccess: noun.endpointPublicAccess,
      endpointPrivateAccess: noun.endpointPrivateAccess,
      publicAccessCidrs: noun.publicAccessCidrs,
    },
    kubernetesNetworkConfig: present({
      serviceIpv4Cidr: noun.serviceIpv4Cidr,
      serviceIpv6Cidr: noun.serviceIpv6Cidr,
      ipFamily: noun.ipFamily,
    }),
    status: noun.status,
    platformVersion: noun.platformVersion,
    accessConfig: { authenticationMode: noun.authenticationMode },
    ...(noun.remoteNodeNetworks.length + noun.remotePodNetworks.length === 0
      ? {}
      : {
          remoteNetworkConfig: {
            remoteNodeNetworks: [{ cidrs: noun.remoteNodeNetworks }],
            remotePodNetworks: [{ cidrs: noun.remotePodNetworks }],
          },
        }),
    tags: noun.tags,
  }),
  fromAws(read): EksCluster {
    const vpc = read.object('resourcesVpcConfig')!;
    const network = read.object('kubernetesNetworkConfig');
    const remote = read.object('remoteNetworkConfig');
    const cidrs = (member: string): string[] =>
      remote?.list(member).flatMap((it) => it.texts('cidrs')) ?? [];
    return {
      name: read.text('name'),
      arn: read.text('arn'),
      version: read.text('version'),
      platformVersion: read.optionalText('platformVersion') ?? '',
      status: (read.optionalText('status') ?? 'ACTIVE') as EksCluster['status'],
      endpoint: read.optionalText('endpoint') ?? '',
      roleArn: read.optionalText('roleArn') ?? '',
      vpcId: vpc.id('vpcId'),
      subnetIds: vpc.texts('subnetIds') as unknown as EksCluster['subnetIds'],
      securityGroupIds: vpc.texts('securityGroupIds') as unknown as EksCluster['securityGroupIds'],
      clusterSecurityGroupId: vpc.id('clusterSecurityGroupId'),
      endpointPublicAccess: vpc.flag('endpointPublicAccess', true),
      endpointPrivateAccess: vpc.flag('endpointPrivateAccess'),
      publicAccessCidrs: vpc.texts('publicAccessCidrs'),
      ipFamily: network?.optionalText('ipFamily') === 'ipv6' ? 'ipv6' : 'ipv4',
      serviceIpv4Cidr: network?.optionalText('serviceIpv4Cidr'),
      serviceIpv6Cidr: network?.optionalText('serviceIpv6Cidr'),
      authenticationMode:
        read.object('accessConfig')?.optionalText('authenticationMode') ?? 'CONFIG_MAP',
      // Found among the interfaces described `Amazon EKS <name>` once all documents are read.
      networkInterfaceIds: [],
      remoteNodeNetworks: cidrs('remoteNodeNetworks'),
      remotePodNetworks: cidrs('remotePodNetworks'),
      createdAtMs: read.time('createdAt'),
      tags: read.tags('tags'),
    };
  },
};

/** EKS writes NO_SCHEDULE where Kubernetes writes NoSchedule. */
const EFFECTS: Readonly<Record<string, NodeTaint['effect']>> = {
  NO_SCHEDULE: 'NoSchedule',
  NO_EXECUTE: 'NoExecute',
  PREFER_NO_SCHEDULE: 'PreferNoSchedule',
};

const effectJson = (effect: NodeTaint['effect']): string =>
  Object.keys(EFFECTS).find((it) => EFFECTS[it] === effect)!;

export const nodegroup: NounFormat<'eks/nodegroup'> = {
  kind: 'eks/nodegroup',
  member: 'nodegroup',
  file: 'describe-nodegroup.json',
  toAws: (noun) => ({
    nodegroupName: noun.nodegroupName,
    clusterName: noun.clusterName,
    version: noun.version,
    createdAt: eksTime(noun.createdAtMs),
    status: noun.status,
    capacityType: noun.capacityType,
    scalingConfig: { minSize: noun.minSize, maxSize: noun.maxSize, desiredSize: noun.desiredSize },
    instanceTypes: noun.instanceTypes,
    subnets: noun.subnetIds,
    amiType: noun.amiType,
    labels: noun.labels,
    taints: noun.taints.map(({ key, value, effect }) =>
      present({ key, value, effect: effectJson(effect) }),
    ),
    health: { issues: noun.healthIssues.map(present) },
    tags: noun.tags,
  }),
  fromAws(read): NodeGroup {
    const scaling = read.object('scalingConfig');
    const issues = read.object('health')?.list('issues') ?? [];
    return {
      clusterName: read.text('clusterName'),
      nodegroupName: read.text('nodegroupName'),
      managed: true,
      subnetIds: read.texts('subnets') as unknown as NodeGroup['subnetIds'],
      instanceTypes: read.texts('instanceTypes'),
      capacityType: read.optionalText('capacityType') === 'SPOT' ? 'SPOT' : 'ON_DEMAND',
      amiType: read.optionalText('amiType') ?? 'AL2023_x86_64_STANDARD',
      imageId: undefined,
      minSize: scaling?.number('minSize', 0) ?? 0,
      desiredSize: scaling?.number('desiredSize', 0) ?? 0,
      maxSize: scaling?.number('maxSize', 0) ?? 0,
      labels: read.tags('labels'),
      taints: read.list('taints').map(readTaint),
      securityGroupIds: [],
      httpPutResponseHopLimit: 2,
      version: read.optionalText('version') ?? '',
      instanceTags: {},
      status: (read.optionalText('status') ?? 'ACTIVE') as NodeGroup['status'],
      healthIssues: issues.map((it) => ({
        code: it.text('code'),
        message: it.optionalText('message') ?? '',
        ...(it.has('resourceIds') ? { resourceIds: it.texts('resourceIds') } : {}),
      })),
      createdAtMs: read.time('createdAt'),
      tags: read.tags('tags'),
    };
  },
};

/** Taints as EKS's requests spell them. */
export const readTaints = (taints: readonly AwsJson[]): readonly NodeTaint[] =>
  new AwsReader({ taints }, 'taints').list('taints').map(readTaint);

function readTaint(read: AwsReader): NodeTaint {
  const effect = read.text('effect');
  return {
    key: read.text('key'),
    value: read.optionalText('value'),
    effect: EFFECTS[effect] ?? (effect as NodeTaint['effect']),
  };
}

export const addon: NounFormat<'eks/addon'> = {
  kind: 'eks/addon',
  member: 'addon',
  file: 'describe-addon.json',
  toAws: (noun) =>
    present({
      addonName: noun.addonName,
      clusterName: noun.clusterName,
      status: noun.status,
      addonVersion: noun.addonVersion,
      createdAt: eksTime(noun.createdAtMs),
      configurationValues: noun.configurationValues,
      tags: noun.tags,
    }),
  fromAws: (read): Addon => ({
    addonName: read.text('addonName'),
    clusterName: read.text('clusterName'),
    addonVersion: read.optionalText('addonVersion') ?? '',
    configurationValues: read.optionalText('configurationValues'),
    status: (read.optionalText('status') ?? 'ACTIVE') as Addon['status'],
    createdAtMs: read.time('createdAt'),
    tags: read.tags('tags'),
  }),
};

export const fargateProfile: NounFormat<'eks/fargate-profile'> = {
  kind: 'eks/fargate-profile',
  member: 'fargateProfile',
  file: 'describe-fargate-profile.json',
  toAws: (noun) => ({
    fargateProfileName: noun.fargateProfileName,
    clusterName: noun.clusterName,
    createdAt: eksTime(noun.createdAtMs),
    subnets: noun.subnetIds,
    selectors: noun.selectors.map(({ namespace, labels }) => present({ namespace, labels })),
    status: noun.status,
    tags: noun.tags,
  }),
  fromAws: (read): FargateProfile => ({
    fargateProfileName: read.text('fargateProfileName'),
    clusterName: read.text('clusterName'),
    subnetIds: read.texts('subnets') as unknown as FargateProfile['subnetIds'],
    selectors: read.list('selectors').map((it) => ({
      namespace: it.text('namespace'),
      labels: it.has('labels') ? it.tags('labels') : undefined,
    })),
    status: (read.optionalText('status') ?? 'ACTIVE') as FargateProfile['status'],
    createdAtMs: read.time('createdAt'),
    tags: read.tags('tags'),
  }),
};
