/**
 * api/aws/eks/clusters — clusters: listed, described, made, changed, deleted. The cluster that runs
 * in the twin is described with the address and the authority of the API server it is served by.
 */
import type { Cluster, EKS } from '@aws-sdk/client-eks';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { EksCluster } from '../../../model/eks/cluster.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { clusterOf, page } from './requests.ts';
import { update } from './updates.ts';

/** What EKS takes when no version is named; as of the twin's first day, by recollection. */
const DEFAULT_MINOR = 34;
const STANDARD_SUPPORT_FROM = 32;
const EXTENDED_SUPPORT_FROM = 29;
const NEWEST_MINOR = 35;

const LOG_TYPES = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'] as const;

function described(call: AwsCall, cluster: EksCluster): Cluster {
  const { served, store } = call;
  const isServed = store.list('eks/cluster')[0]?.name === cluster.name;
  const issuer = cluster.endpoint.replace(/^https:\/\/([0-9A-F]{32}).*$/, '$1');
  const { region } = call.cloud;
  return {
    ...shown(call, 'eks/cluster', cluster),
    ...(isServed
      ? {
          endpoint: served.kubernetesUrl,
          certificateAuthority: {
            data: Buffer.from(served.certificateAuthority).toString('base64'),
          },
        }
      : {}),
    identity: { oidc: { issuer: `https://oidc.eks.${region}.amazonaws.com/id/${issuer}` } },
    logging: { clusterLogging: [{ types: [...LOG_TYPES], enabled: false }] },
    health: { issues: [] },
    upgradePolicy: { supportType: 'EXTENDED' },
    deletionProtection: false,
  };
}

export const clusters: Handlers<EKS> = {
  ListClusters(input, call) {
    const names = call.store.list('eks/cluster').map(({ name }) => name);
    const part = page(call, input, names.sort());
    return isAwsError(part) ? part : { clusters: part.items, nextToken: part.nextToken };
  },

  DescribeCluster(input, call) {
    const cluster = clusterOf(call, input.name);
    return isAwsError(cluster) ? cluster : { cluster: described(call, cluster) };
  },

  CreateCluster(input, call) {
    const { resourcesVpcConfig: vpc, kubernetesNetworkConfig: network } = input;
    const blocks = (given: readonly { cidrs?: string[] | undefined }[] | undefined) =>
      given?.flatMap(({ cidrs }) => cidrs ?? []);
    const made = call.cloud.eks.createCluster({
      name: input.name!,
      version: input.version ?? `1.${DEFAULT_MINOR}`,
      roleArn: input.roleArn,
      subnetIds: vpc?.subnetIds ?? [],
      securityGroupIds: vpc?.securityGroupIds,
      endpointPublicAccess: vpc?.endpointPublicAccess,
      endpointPrivateAccess: vpc?.endpointPrivateAccess,
      publicAccessCidrs: vpc?.publicAccessCidrs,
      ipFamily: network?.ipFamily,
      serviceIpv4Cidr: network?.serviceIpv4Cidr,
      authenticationMode: input.accessConfig?.authenticationMode,
      remoteNodeNetworks: blocks(input.remoteNetworkConfig?.remoteNodeNetworks),
      remotePodNetworks: blocks(input.remoteNetworkConfig?.remotePodNetworks),
      tags: input.tags,
    });
    if (isAwsError(made)) return made;
    return { cluster: { ...shown(call, 'eks/cluster', made), status: 'CREATING' } };
  },

  DeleteCluster(input, call) {
    const cluster = clusterOf(call, input.name);
    if (isAwsError(cluster)) return cluster;
    const gone = call.cloud.eks.deleteCluster({ name: cluster.name });
    if (isAwsError(gone)) return gone;
    return { cluster: { ...shown(call, 'eks/cluster', cluster), status: 'DELETING' } };
  },

  UpdateClusterConfig(input, call) {
    const { resourcesVpcConfig: vpc, ...rest } = input;
    if (vpc === undefined) return notSimulated(rest);
    const changed = call.cloud.eks.updateClusterConfig({
      name: input.name!,
      endpointPublicAccess: vpc.endpointPublicAccess,
      endpointPrivateAccess: vpc.endpointPrivateAccess,
      publicAccessCidrs: vpc.publicAccessCidrs,
      subnetIds: vpc.subnetIds,
      securityGroupIds: vpc.securityGroupIds,
    });
    if (isAwsError(changed)) return changed;
    const isPlace = vpc.subnetIds !== undefined || vpc.securityGroupIds !== undefined;
    const params = {
      EndpointPublicAccess: vpc.endpointPublicAccess,
      EndpointPrivateAccess: vpc.endpointPrivateAccess,
      PublicAccessCidrs: vpc.publicAccessCidrs,
      Subnets: vpc.subnetIds,
      SecurityGroups: vpc.securityGroupIds,
    };
    return {
      update: update(call, {
        clusterName: changed.name,
        type: isPlace ? 'VpcConfigUpdate' : 'EndpointAccessUpdate',
        params,
      }),
    };
  },

  UpdateClusterVersion(input, call) {
    const name = input.name!;
    const changed = call.cloud.eks.updateClusterVersion({ name, version: input.version! });
    if (isAwsError(changed)) return changed;
    const params = { Version: changed.version, PlatformVersion: changed.platformVersion };
    return { update: update(call, { clusterName: name, type: 'VersionUpdate', params }) };
  },

  DescribeClusterVersions(input, call) {
    const wanted = input.clusterVersions;
    const versions = [];
    for (let minor = NEWEST_MINOR; minor >= EXTENDED_SUPPORT_FROM; minor--) {
      const clusterVersion = `1.${minor}`;
      const isStandard = minor >= STANDARD_SUPPORT_FROM;
      if (wanted !== undefined && wanted.length > 0 && !wanted.includes(clusterVersion)) continue;
      if (input.defaultOnly === true && minor !== DEFAULT_MINOR) continue;
      versions.push({
        clusterVersion,
        clusterType: 'eks',
        defaultPlatformVersion: 'eks.1',
        defaultVersion: minor === DEFAULT_MINOR,
        status: isStandard ? ('standard-support' as const) : ('extended-support' as const),
        versionStatus: isStandard ? ('STANDARD_SUPPORT' as const) : ('EXTENDED_SUPPORT' as const),
      });
    }
    const ofStatus = versions.filter(
      (it) => input.versionStatus === undefined || it.versionStatus === input.versionStatus,
    );
    const part = page(call, input, ofStatus);
    return isAwsError(part) ? part : { clusterVersions: part.items, nextToken: part.nextToken };
  },
};

/** Only the network of a cluster is simulated: a change of anything else is not taken. */
const notSimulated = (input: object) => {
  const asked = Object.entries(input)
    .filter(([name, value]) => name !== 'name' && name !== 'clientRequestToken' && value)
    .map(([name]) => name);
  return awsError(
    asked.length === 0 ? 'InvalidParameterException' : 'UnsupportedOperation',
    asked.length === 0
      ? 'No changes needed for the logging config provided.'
      : `Changing ${asked.join(', ')} of a cluster is not implemented by ekstwin.`,
  );
};
