/** api/aws/eks/eks — EKS's operations that are built, by name. */
import type { EKS } from '@aws-sdk/client-eks';
import { untyped } from '../operation.ts';
import { addons } from './addons.ts';
import { clusters } from './clusters.ts';
import { fargateProfiles } from './fargate-profiles.ts';
import { nodegroups } from './nodegroups.ts';
import { updates } from './updates.ts';

export const HANDLERS = untyped<EKS>({
  ...clusters,
  ...nodegroups,
  ...addons,
  ...fargateProfiles,
  ...updates,
});
