/** cli/render/eks — EKS clusters, node groups, add-ons and Fargate profiles as tables. */
import type { Addon, EksCluster, FargateProfile, NodeGroup } from '../../model/eks/cluster.ts';
import type { Printer } from './printer.ts';

const access = (cluster: EksCluster): string => {
  const open = [
    ...(cluster.endpointPublicAccess ? ['public'] : []),
    ...(cluster.endpointPrivateAccess ? ['private'] : []),
  ];
  return open.join('+');
};

export const clusterColumns: Printer<EksCluster> = () => [
  { head: 'NAME', cell: (it) => it.name },
  { head: 'VERSION', cell: (it) => it.version },
  { head: 'STATUS', cell: (it) => it.status },
  { head: 'ENDPOINT-ACCESS', cell: access },
  { head: 'SERVICE-CIDR', cell: (it) => it.serviceIpv4Cidr ?? it.serviceIpv6Cidr },
  { head: 'VPC', cell: (it) => it.vpcId },
  { head: 'X-ENIS', cell: (it) => it.networkInterfaceIds.length, right: true },
  { head: 'SECURITY-GROUP', cell: (it) => it.clusterSecurityGroupId },
  { head: 'ENDPOINT', wide: true, cell: (it) => it.endpoint },
];

export const nodeGroupColumns: Printer<NodeGroup> = () => [
  { head: 'NAME', cell: (it) => it.nodegroupName },
  { head: 'CLUSTER', cell: (it) => it.clusterName },
  { head: 'KIND', cell: (it) => (it.managed ? 'managed' : 'self-managed') },
  { head: 'STATUS', cell: (it) => it.status },
  { head: 'TYPES', cell: (it) => it.instanceTypes.join(',') },
  { head: 'MIN', right: true, cell: (it) => it.minSize },
  { head: 'DESIRED', right: true, cell: (it) => it.desiredSize },
  { head: 'MAX', right: true, cell: (it) => it.maxSize },
  { head: 'MAX-PODS', cell: (it) => it.maxPodsPerNode ?? it.enforcedMaxPods?.maxPods },
  { head: 'ISSUES', cell: (it) => it.healthIssues.map(({ code }) => code).join(',') || undefined },
  { head: 'SUBNETS', wide: true, cell: (it) => it.subnetIds.join(',') },
];

export const addonColumns: Printer<Addon> = () => [
  { head: 'NAME', cell: (it) => it.addonName },
  { head: 'CLUSTER', cell: (it) => it.clusterName },
  { head: 'VERSION', cell: (it) => it.addonVersion },
  { head: 'STATUS', cell: (it) => it.status },
  { head: 'CONFIGURATION', wide: true, cell: (it) => it.configurationValues },
];

export const fargateProfileColumns: Printer<FargateProfile> = () => [
  { head: 'NAME', cell: (it) => it.fargateProfileName },
  { head: 'CLUSTER', cell: (it) => it.clusterName },
  { head: 'STATUS', cell: (it) => it.status },
  {
    head: 'SELECTORS',
    cell: (it) =>
      it.selectors
        .map(({ namespace, labels }) =>
          [namespace, ...Object.entries(labels ?? {}).map(([k, v]) => `${k}=${v}`)].join('/'),
        )
        .join(' '),
  },
  { head: 'SUBNETS', right: true, cell: (it) => it.subnetIds.length },
];
