/**
 * controllers/vpc-resource/security-group-policy — which security groups a pod gets of its own.
 *
 * Upstream: aws/amazon-vpc-resource-controller-k8s@b8d425119 pkg/utils/helper.go:31-190.
 */
import type { Labels } from '../../model/kubernetes/meta.ts';
import type { SecurityGroupPolicy } from '../../model/kubernetes/networking.ts';
import { matchesSelector } from '../../model/kubernetes/selectors.ts';

export interface PolicySubject {
  readonly namespace: string;
  readonly podLabels: Labels | undefined;
  /** Labels of the pod's ServiceAccount; undefined = there is no such ServiceAccount. */
  readonly serviceAccountLabels: Labels | undefined;
}

/** Each group once, where it was first seen. */
export const withoutDuplicates = (groups: readonly string[]): readonly string[] => [
  ...new Set(groups),
];

/** Every selector that is there must match; a policy without selector or groups does not count. */
function policyMatches(
  { metadata, spec }: Pick<SecurityGroupPolicy, 'metadata' | 'spec'>,
  subject: PolicySubject,
): boolean {
  if (metadata.namespace !== subject.namespace) return false;
  const { podSelector, serviceAccountSelector } = spec;
  const hasPods = podSelector !== undefined && podSelector !== null;
  const hasAccounts = serviceAccountSelector !== undefined && serviceAccountSelector !== null;
  if (!hasPods && !hasAccounts) return false;
  if (hasPods && !matchesSelector(podSelector, subject.podLabels ?? {})) return false;
  return !hasAccounts || matchesSelector(serviceAccountSelector, subject.serviceAccountLabels);
}

/** Union over the policies in list order; undefined = the ServiceAccount cannot be found. */
export function matchingSecurityGroups(
  policies: readonly Pick<SecurityGroupPolicy, 'metadata' | 'spec'>[],
  subject: PolicySubject,
): readonly string[] | undefined {
  if (subject.serviceAccountLabels === undefined) return undefined;
  return withoutDuplicates(
    policies
      .filter((policy) => policyMatches(policy, subject))
      .flatMap((policy) => policy.spec.securityGroups?.groupIds ?? []),
  );
}
