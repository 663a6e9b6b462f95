/** api/aws/eks/addons — EKS's add-ons: their objects in the cluster follow what is set here. */
import type { EKS, Addon as SdkAddon } from '@aws-sdk/client-eks';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import { ADDON_NAMES, defaultAddonVersion } from '../../../model/eks/addon-versions.ts';
import { type Addon, eksKey } from '../../../model/eks/cluster.ts';
import { EPOCH_MS } from '../../../model/time.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { clusterOf, page } from './requests.ts';
import { update } from './updates.ts';

function addonOf(
  call: AwsCall,
  clusterName: string | undefined,
  addonName: string | undefined,
): Addon | AwsError {
  const cluster = clusterOf(call, clusterName);
  if (isAwsError(cluster)) return cluster;
  return (
    call.store.get('eks/addon', eksKey(cluster.name, addonName ?? '')) ??
    awsError(
      'ResourceNotFoundException',
      `No addon: ${addonName} found in cluster: ${cluster.name}`,
    )
  );
}

function described(call: AwsCall, addon: Addon): SdkAddon {
  const { region, accountId } = call.cloud;
  return {
    ...shown(call, 'eks/addon', addon),
    addonArn: `arn:aws:eks:${region}:${accountId}:addon/${addon.clusterName}/${addon.addonName}`,
    modifiedAt: new Date(EPOCH_MS + addon.createdAtMs),
    health: { issues: [] },
  };
}

const LISTED_VERSIONS = ['1.35', '1.34', '1.33', '1.32', '1.31', '1.30', '1.29'];

export const addons: Handlers<EKS> = {
  ListAddons(input, call) {
    const cluster = clusterOf(call, input.clusterName);
    if (isAwsError(cluster)) return cluster;
    const names = call.store
      .list('eks/addon')
      .filter((it) => it.clusterName === cluster.name)
      .map(({ addonName }) => addonName)
      .sort();
    const part = page(call, input, names);
    return isAwsError(part) ? part : { addons: part.items, nextToken: part.nextToken };
  },

  DescribeAddon(input, call) {
    const addon = addonOf(call, input.clusterName, input.addonName);
    return isAwsError(addon) ? addon : { addon: described(call, addon) };
  },

  CreateAddon(input, call) {
    const addon = call.cloud.eks.createAddon({
      clusterName: input.clusterName!,
      addonName: input.addonName!,
      addonVersion: input.addonVersion,
      configurationValues: input.configurationValues,
      tags: input.tags,
    });
    if (isAwsError(addon)) return addon;
    return { addon: { ...described(call, addon), status: 'CREATING' } };
  },

  UpdateAddon(input, call) {
    const { configurationValues, addonVersion, resolveConflicts } = input;
    const changed = call.cloud.eks.updateAddon({
      clusterName: input.clusterName!,
      addonName: input.addonName!,
      addonVersion,
      configurationValues,
    });
    if (isAwsError(changed)) return changed;
    const { clusterName, addonName } = changed;
    const params = {
      AddonVersion: addonVersion,
      ResolveConflicts: resolveConflicts,
      ConfigurationValues: configurationValues,
    };
    return { update: update(call, { clusterName, addonName, type: 'AddonUpdate', params }) };
  },

  DeleteAddon(input, call) {
    const addon = addonOf(call, input.clusterName, input.addonName);
    if (isAwsError(addon)) return addon;
    const { clusterName, addonName } = addon;
    const gone = call.cloud.eks.deleteAddon({ clusterName, addonName });
    return isAwsError(gone) ? gone : { addon: { ...described(call, addon), status: 'DELETING' } };
  },

  DescribeAddonVersions(input, call) {
    const { addonName, kubernetesVersion } = input;
    const names = ADDON_NAMES.filter((it) => addonName === undefined || it === addonName);
    if (names.length === 0) {
      return awsError(
        'ResourceNotFoundException',
        `The addon ${addonName} is not one that ekstwin knows.`,
      );
    }
    const versions = kubernetesVersion === undefined ? LISTED_VERSIONS : [kubernetesVersion];
    const part = page(
      call,
      input,
      names.map((name) => ({
        addonName: name,
        addonVersions: versionsOf(name, versions),
        publisher: 'eks',
        owner: 'aws',
      })),
    );
    return isAwsError(part) ? part : { addons: part.items, nextToken: part.nextToken };
  },
};

/** The one version the twin knows for each version of Kubernetes, each once. */
function versionsOf(addonName: string, clusterVersions: readonly string[]) {
  const clusters = new Map<string, string[]>();
  for (const clusterVersion of clusterVersions) {
    const version = defaultAddonVersion(addonName, clusterVersion);
    if (version === undefined) continue;
    clusters.set(version, [...(clusters.get(version) ?? []), clusterVersion]);
  }
  return [...clusters].map(([addonVersion, those]) => ({
    addonVersion,
    architecture: ['amd64', 'arm64'],
    compatibilities: those.map((clusterVersion) => ({
      clusterVersion,
      platformVersions: ['*'],
      defaultVersion: true,
    })),
  }));
}
