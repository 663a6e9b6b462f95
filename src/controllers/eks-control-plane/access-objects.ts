/**
 * controllers/eks-control-plane/access-objects — RBAC and service accounts of a new cluster, as
 * objects.
 */
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  CONTROLLER_ACCOUNTS,
  ROLE_BINDINGS,
  ROLES,
  type RuleRow,
} from './access-rules.data.ts';

const RBAC = 'rbac.authorization.k8s.io';
const SYSTEM = 'kube-system';

const ruleOf = ([groups, resources, verbs]: RuleRow): object => ({
  apiGroups: groups.split(' ').map((group) => (group === 'core' ? '' : group)),
  resources: resources.split(' '),
  verbs: verbs.split(' '),
});

const role = (name: string, rules: readonly RuleRow[], namespace?: string): KubernetesObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: namespace === undefined ? 'ClusterRole' : 'Role',
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  rules: rules.map(ruleOf),
});

function subjectOf(text: string): object {
  const colon = text.indexOf(':');
  const kind = text.slice(0, colon);
  const name = text.slice(colon + 1);
  if (kind !== 'ServiceAccount') return { apiGroup: RBAC, kind, name };
  const [namespace, account] = name.split('/');
  return { kind, name: account, namespace };
}

const binding = (
  [name, roleName, subject]: readonly [string, string, string],
  namespace?: string,
): KubernetesObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  roleRef: {
    apiGroup: RBAC,
    kind: namespace === undefined ? 'ClusterRole' : 'Role',
    name: roleName,
  },
  subjects: [subjectOf(subject)],
});

/** Roles, bindings and the controllers' service accounts. */
export const ACCESS_OBJECTS: readonly KubernetesObject[] = [
  ...Object.entries(CLUSTER_ROLES).map(([name, rules]) => role(name, rules)),
  ...CLUSTER_ROLE_BINDINGS.map((row) => binding(row)),
  ...Object.entries(ROLES).map(([name, rules]) => role(name, rules, SYSTEM)),
  ...ROLE_BINDINGS.map((row) => binding(row, SYSTEM)),
  ...CONTROLLER_ACCOUNTS.split(' ').map((name) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: SYSTEM },
  })),
];
