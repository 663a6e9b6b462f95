/**
 * controllers/vpc-resource/pod-groups — a pod's security groups, looked up in the store.
 *
 * Reads: SecurityGroupPolicies of the pod's namespace and its ServiceAccount.
 */

import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { matchingSecurityGroups } from './security-group-policy.ts';

/** The groups; an error's text when the ServiceAccount is not there. */
export function securityGroupsOf(
  store: TwinStore,
  pod: Pod,
): readonly string[] | { readonly error: string } {
  const namespace = pod.metadata.namespace ?? 'default';
  const policies = store
    .list('SecurityGroupPolicy')
    .filter((policy) => policy.metadata.namespace === namespace);
  // Upstream looks the account up even then; without a policy it can only be refused for nothing.
  if (policies.length === 0) return [];
  const name = pod.spec.serviceAccountName ?? 'default';
  const account = store.get('ServiceAccount', `${namespace}/${name}`);
  // Every namespace has the account `default`; files rarely show it.
  const labels = account?.metadata.labels ?? (account || name === 'default' ? {} : undefined);
  const groups = matchingSecurityGroups(policies, {
    namespace,
    podLabels: pod.metadata.labels,
    serviceAccountLabels: labels,
  });
  return groups ?? { error: `ServiceAccount "${name}" not found` };
}
