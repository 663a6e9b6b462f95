/** api/aws/eks/fargate-profiles — which pods Fargate runs, and in which subnets. */
import type { EKS, FargateProfile as SdkProfile } from '@aws-sdk/client-eks';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import { eksKey, type FargateProfile } from '../../../model/eks/cluster.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { clusterOf, page } from './requests.ts';

function profileOf(
  call: AwsCall,
  clusterName: string | undefined,
  name: string | undefined,
): FargateProfile | AwsError {
  const cluster = clusterOf(call, clusterName);
  if (isAwsError(cluster)) return cluster;
  return (
    call.store.get('eks/fargate-profile', eksKey(cluster.name, name ?? '')) ??
    awsError('ResourceNotFoundException', `No Fargate Profile found with name: ${name}.`)
  );
}

function described(call: AwsCall, profile: FargateProfile): SdkProfile {
  const { region, accountId } = call.cloud;
  const path = `${profile.clusterName}/${profile.fargateProfileName}`;
  return {
    ...shown(call, 'eks/fargate-profile', profile),
    fargateProfileArn: `arn:aws:eks:${region}:${accountId}:fargateprofile/${path}`,
  };
}

export const fargateProfiles: Handlers<EKS> = {
  ListFargateProfiles(input, call) {
    const cluster = clusterOf(call, input.clusterName);
    if (isAwsError(cluster)) return cluster;
    const names = call.store
      .list('eks/fargate-profile')
      .filter((it) => it.clusterName === cluster.name)
      .map(({ fargateProfileName }) => fargateProfileName);
    const part = page(call, input, names);
    return isAwsError(part) ? part : { fargateProfileNames: part.items, nextToken: part.nextToken };
  },

  DescribeFargateProfile(input, call) {
    const profile = profileOf(call, input.clusterName, input.fargateProfileName);
    return isAwsError(profile) ? profile : { fargateProfile: described(call, profile) };
  },

  CreateFargateProfile(input, call) {
    const made = call.cloud.eks.createFargateProfile({
      clusterName: input.clusterName!,
      fargateProfileName: input.fargateProfileName!,
      subnetIds: input.subnets,
      selectors: (input.selectors ?? []).map(({ namespace, labels }) => ({
        namespace: namespace ?? '',
        labels,
      })),
      tags: input.tags,
    });
    if (isAwsError(made)) return made;
    return { fargateProfile: { ...described(call, made), status: 'CREATING' } };
  },

  DeleteFargateProfile(input, call) {
    const profile = profileOf(call, input.clusterName, input.fargateProfileName);
    if (isAwsError(profile)) return profile;
    const { clusterName, fargateProfileName } = profile;
    const gone = call.cloud.eks.deleteFargateProfile({ clusterName, fargateProfileName });
    if (isAwsError(gone)) return gone;
    return { fargateProfile: { ...described(call, profile), status: 'DELETING' } };
  },
};
