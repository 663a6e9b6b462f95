/**
 * controllers/fargate/profile-match — which Fargate profile a pod belongs to.
 *
 * Source: EKS user guide, "Define which Pods use AWS Fargate when launched": namespace and all
 * labels of one selector must match; `*` and `?` are wildcards; with several profiles the first by
 * name wins, unless the pod's label names one that matches.
 */
import type { FargateProfile } from '../../model/eks/cluster.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { controllerOf } from '../../model/kubernetes/meta.ts';

export const PROFILE_LABEL = 'eks.amazonaws.com/fargate-profile';

/** Matches text against a pattern with `*` and `?`. */
export const matchesWildcard = (pattern: string, text: string): boolean => {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(text);
};

const isSelected = (profile: FargateProfile, { metadata }: Pod): boolean =>
  profile.selectors.some(
    ({ namespace, labels }) =>
      matchesWildcard(namespace, metadata.namespace ?? 'default') &&
      Object.entries(labels ?? {}).every(([key, pattern]) => {
        const value = metadata.labels?.[key];
        return value !== undefined && matchesWildcard(pattern, value);
      }),
  );

/** The profile a new pod goes to; undefined when it stays with the default scheduler. */
export const profileFor = (
  profiles: readonly FargateProfile[],
  pod: Pod,
): FargateProfile | undefined => {
  // A DaemonSet's pods belong to nodes that exist; Fargate makes a node for a pod.
  if (controllerOf(pod)?.kind === 'DaemonSet' || pod.spec.nodeName !== undefined) return undefined;
  const matching = profiles
    .filter((profile) => profile.status === 'ACTIVE' && isSelected(profile, pod))
    .sort((a, b) => (a.fargateProfileName < b.fargateProfileName ? -1 : 1));
  const named = pod.metadata.labels?.[PROFILE_LABEL];
  return matching.find(({ fargateProfileName }) => fargateProfileName === named) ?? matching[0];
};
