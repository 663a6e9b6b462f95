/** cloud/eks/addon-actions — add-ons and Fargate profiles. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { SubnetId } from '../../model/ec2/ids.ts';
import type { RouteTable } from '../../model/ec2/route-table.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import { defaultAddonVersion } from '../../model/eks/addon-versions.ts';
import {
  type Addon,
  type EksCluster,
  eksKey,
  type FargateProfile,
} from '../../model/eks/cluster.ts';
import { noSubnet } from '../ec2/not-found.ts';
import type { Region } from '../region.ts';
import { fromEc2, inUse, invalidParameter, noCluster } from './eks-error.ts';
import type { EksOperations } from './operations.ts';

type AddonActions = Pick<
  EksOperations,
  'createAddon' | 'updateAddon' | 'deleteAddon' | 'createFargateProfile' | 'deleteFargateProfile'
>;

export const addonActions = (region: Region): AddonActions => ({
  createAddon({ clusterName, addonName, addonVersion, configurationValues, tags }) {
    const cluster = region.store.get('eks/cluster', clusterName);
    if (cluster === undefined) return noCluster(clusterName);
    const key = eksKey(clusterName, addonName);
    if (region.store.get('eks/addon', key) !== undefined) return inUse('Addon already exists.');
    const version = addonVersion ?? defaultAddonVersion(addonName, cluster.version);
    if (version === undefined) {
      return invalidParameter(
        `Addon ${addonName} specified is not supported in ${cluster.version} kubernetes version`,
      );
    }
    const addon: Addon = {
      clusterName,
      addonName,
      addonVersion: version,
      configurationValues,
      status: 'ACTIVE',
      createdAtMs: region.clock.now(),
      tags: tags ?? {},
    };
    region.store.put('eks/addon', key, addon);
    return addon;
  },

  updateAddon({ clusterName, addonName, addonVersion, configurationValues }) {
    const key = eksKey(clusterName, addonName);
    const addon = region.store.get('eks/addon', key);
    if (addon === undefined) return noAddon(addonName, clusterName);
    const changed: Addon = {
      ...addon,
      addonVersion: addonVersion ?? addon.addonVersion,
      configurationValues: configurationValues ?? addon.configurationValues,
    };
    region.store.put('eks/addon', key, changed);
    return changed;
  },

  deleteAddon({ clusterName, addonName }) {
    const gone = region.store.delete('eks/addon', eksKey(clusterName, addonName));
    return gone === true ? true : noAddon(addonName, clusterName);
  },

  createFargateProfile: (input) => createProfile(region, input),

  deleteFargateProfile({ clusterName, fargateProfileName }) {
    const key = eksKey(clusterName, fargateProfileName);
    if (region.store.delete('eks/fargate-profile', key) === true) return true;
    return awsError(
      'ResourceNotFoundException',
      `No Fargate Profile found with name: ${fargateProfileName}.`,
    );
  },
});

const noAddon = (addonName: string, clusterName: string): AwsError =>
  awsError('ResourceNotFoundException', `No addon: ${addonName} found in cluster: ${clusterName}`);

/** Source: EKS CreateFargateProfile, "up to five selectors". */
const SELECTORS_MAX = 5;

type ProfileInput = Parameters<EksOperations['createFargateProfile']>[0];

function createProfile(region: Region, input: ProfileInput): FargateProfile | AwsError {
  const { clusterName, fargateProfileName, selectors } = input;
  const cluster = region.store.get('eks/cluster', clusterName);
  if (cluster === undefined) return noCluster(clusterName);
  const key = eksKey(clusterName, fargateProfileName);
  if (region.store.get('eks/fargate-profile', key) !== undefined) {
    return inUse(`A Fargate Profile already exists with this name in this cluster.`);
  }
  if (selectors.length === 0 || selectors.length > SELECTORS_MAX)
    return invalidParameter(
      `A Fargate Profile must have between 1 and ${SELECTORS_MAX} selectors.`,
    );
  const subnetIds = profileSubnets(region, cluster, input.subnetIds);
  if (isAwsError(subnetIds)) return subnetIds;
  const profile: FargateProfile = {
    clusterName,
    fargateProfileName,
    subnetIds,
    selectors,
    status: 'ACTIVE',
    createdAtMs: region.clock.now(),
    tags: input.tags ?? {},
  };
  region.store.put('eks/fargate-profile', key, profile);
  return profile;
}

/** Fargate pods run in private subnets only: none with a route to an internet gateway. */
function profileSubnets(
  region: Region,
  cluster: EksCluster,
  given: readonly string[] | undefined,
): readonly SubnetId[] | AwsError {
  const sound: SubnetId[] = [];
  for (const id of given ?? cluster.subnetIds) {
    const subnet = region.store.get('ec2/subnet', id);
    if (subnet === undefined) return fromEc2(noSubnet(id));
    if (subnet.vpcId !== cluster.vpcId)
      return invalidParameter(`Subnet ${id} is not in the VPC ${cluster.vpcId} of the cluster.`);
    if (!isPublic(region, subnet)) sound.push(subnet.subnetId);
    else if (given !== undefined) {
      return invalidParameter(`Subnet ${id} provided in Fargate Profile is not a private subnet`);
    }
  }
  return sound.length > 0
    ? sound
    : invalidParameter('No private subnets found in the cluster for the Fargate Profile.');
}

/** A subnet whose table, its own or the VPC's main one, leads to an internet gateway. */
function isPublic({ store }: Region, { vpcId, subnetId }: Subnet): boolean {
  const tables = store.lookup('ec2/route-table', 'vpc', vpcId);
  const table: RouteTable | undefined =
    tables.find((it) => it.associations.some((held) => held.subnetId === subnetId)) ??
    tables.find((it) => it.associations.some((held) => held.main));
  return table?.routes.some(({ target }) => target.kind === 'internet-gateway') ?? false;
}
