/** conformance/awsapi/eks — EKS's actions, as the SDK spells them (camelCase members). */
import { awsError, isAwsError } from '../../src/model/aws-error.ts';
import { eksKey } from '../../src/model/eks/cluster.ts';
import { asJson, done, type Handlers, one } from './wire.ts';

/** What EKS takes when no version is named. */
const DEFAULT_VERSION = '1.34';

export const eksHandlers: Handlers = {
  CreateCluster: (request, backend) => {
    const vpc = request.object('resourcesVpcConfig');
    const network = request.object('kubernetesNetworkConfig');
    const made = backend.cloud.eks.createCluster({
      name: request.text('name'),
      version: request.optional('version') ?? DEFAULT_VERSION,
      roleArn: request.optional('roleArn'),
      subnetIds: vpc?.texts('subnetIds') ?? [],
      securityGroupIds: vpc?.texts('securityGroupIds'),
      endpointPublicAccess: vpc?.flag('endpointPublicAccess'),
      endpointPrivateAccess: vpc?.flag('endpointPrivateAccess'),
      publicAccessCidrs: vpc?.texts('publicAccessCidrs'),
      ipFamily: network?.optional('ipFamily') === 'ipv6' ? 'ipv6' : undefined,
      serviceIpv4Cidr: network?.optional('serviceIpv4Cidr'),
      tags: request.object('tags')?.json as Record<string, string> | undefined,
    });
    return one(backend, 'cluster', 'eks/cluster', made);
  },
  DescribeCluster: (request, backend) => {
    const name = request.text('name');
    const cluster = backend.store.get('eks/cluster', name);
    return cluster === undefined
      ? awsError('ResourceNotFoundException', `No cluster found for name: ${name}.`)
      : { cluster: asJson(backend, 'eks/cluster', cluster) };
  },
  ListClusters: (_request, { store }) => ({
    clusters: store.list('eks/cluster').map(({ name }) => name),
  }),
  DeleteCluster: (request, { cloud }) =>
    done(cloud.eks.deleteCluster({ name: request.text('name') })),
  UpdateClusterVersion: (request, { cloud }) => {
    const changed = cloud.eks.updateClusterVersion({
      name: request.text('name'),
      version: request.text('version'),
    });
    return isAwsError(changed) ? changed : { update: { type: 'VersionUpdate' } };
  },
  CreateNodegroup: (request, backend) => {
    const scaling = request.object('scalingConfig');
    const made = backend.cloud.eks.createNodegroup({
      clusterName: request.text('clusterName'),
      nodegroupName: request.text('nodegroupName'),
      subnetIds: request.texts('subnets') ?? [],
      instanceTypes: request.texts('instanceTypes'),
      minSize: scaling?.number('minSize'),
      desiredSize: scaling?.number('desiredSize'),
      maxSize: scaling?.number('maxSize'),
      labels: request.object('labels')?.json as Record<string, string> | undefined,
    });
    return one(backend, 'nodegroup', 'eks/nodegroup', made);
  },
  DescribeNodegroup: (request, backend) => {
    const name = request.text('nodegroupName');
    const group = backend.store.get('eks/nodegroup', eksKey(request.text('clusterName'), name));
    return group === undefined
      ? awsError('ResourceNotFoundException', `No node group found for name: ${name}.`)
      : { nodegroup: asJson(backend, 'eks/nodegroup', group) };
  },
};
