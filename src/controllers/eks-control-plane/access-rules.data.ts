/**
 * controllers/eks-control-plane/access-rules.data — who may do what in a new EKS cluster: the roles
 * and bindings that people look for, with the rules that matter to its network. RBAC is kept and
 * shown; nothing here is refused by it.
 *
 * Upstream: amazon-vpc-cni-k8s charts/aws-vpc-cni/templates/clusterrole.yaml; kubernetes/kubernetes
 * plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go; EKS's own roles by name only, with
 * the rules that their work needs.
 */

/** API groups, resources and verbs of one rule, each separated by blanks; `core` is `''`. */
export type RuleRow = readonly [groups: string, resources: string, verbs: string];

const READ = 'get list watch';
const ALL = '*';

/** The rules of ClusterRoles, by name. */
export const CLUSTER_ROLES: Readonly<Record<string, readonly RuleRow[]>> = {
  'cluster-admin': [[ALL, ALL, ALL]],
  admin: [
    [ALL, ALL, `${READ} create update patch delete deletecollection`],
    ['rbac.authorization.k8s.io', 'roles rolebindings', `${READ} create update patch delete`],
  ],
  edit: [[ALL, ALL, `${READ} create update patch delete deletecollection`]],
  view: [[ALL, ALL, READ]],
  'aws-node': [
    ['crd.k8s.amazonaws.com', 'eniconfigs', 'list watch get'],
    ['core', 'namespaces', 'list watch get'],
    ['core', 'pods', 'list watch get'],
    ['core', 'nodes', 'list watch get'],
    ['core events.k8s.io', 'events', 'create patch list'],
    ['networking.k8s.aws', 'policyendpoints', 'get list watch'],
    ['networking.k8s.aws', 'policyendpoints/status', 'get'],
    ['vpcresources.k8s.aws', 'cninodes', 'get list watch patch'],
  ],
  'system:coredns': [
    ['core', 'endpoints services pods namespaces', 'list watch'],
    ['core', 'nodes', 'get'],
    ['discovery.k8s.io', 'endpointslices', 'list watch'],
  ],
  'system:node-proxier': [
    ['core', 'endpoints services', 'list watch'],
    ['core', 'nodes', 'get list watch'],
    ['core events.k8s.io', 'events', 'create patch update'],
    ['discovery.k8s.io', 'endpointslices', 'list watch'],
  ],
  'system:node': [
    ['core', 'nodes', 'create get list watch update patch'],
    ['core', 'nodes/status pods/status', 'patch update'],
    ['core', 'pods', 'get list watch create delete'],
    ['core', 'pods/eviction', 'create'],
    ['core', 'services configmaps secrets', READ],
    ['core', 'events', 'create patch update'],
    ['coordination.k8s.io', 'leases', 'get create update patch delete'],
  ],
  'system:aggregated-metrics-reader': [['metrics.k8s.io', 'pods nodes', READ]],
  'system:metrics-server': [
    ['core', 'nodes/metrics', 'get'],
    ['core', 'pods nodes', READ],
  ],
  'eks:node-bootstrapper': [
    [
      'certificates.k8s.io',
      'certificatesigningrequests/selfnodeserver certificatesigningrequests/selfnodeclient',
      'create',
    ],
  ],
  'vpc-resource-controller-role': [
    ['vpcresources.k8s.aws', 'securitygrouppolicies cninodes', `${READ} create update patch`],
    ['core', 'nodes pods', `${READ} patch update`],
  ],
  'eks:network-policy-controller': [
    ['networking.k8s.io', 'networkpolicies', `${READ} patch update`],
    ['networking.k8s.aws', 'policyendpoints', `${READ} create update patch delete`],
    ['core', 'namespaces pods services', READ],
  ],
};

/** Binding, ClusterRole, and `Group:name`, `User:name` or `ServiceAccount:namespace/name`. */
export const CLUSTER_ROLE_BINDINGS: readonly (readonly [string, string, string])[] = [
  ['cluster-admin', 'cluster-admin', 'Group:system:masters'],
  ['aws-node', 'aws-node', 'ServiceAccount:kube-system/aws-node'],
  ['system:coredns', 'system:coredns', 'ServiceAccount:kube-system/coredns'],
  ['eks:kube-proxy', 'system:node-proxier', 'ServiceAccount:kube-system/kube-proxy'],
  ['eks:kube-proxy-fargate', 'system:node-proxier', 'Group:system:node-proxier'],
  ['eks:node-bootstrapper', 'eks:node-bootstrapper', 'Group:system:bootstrappers'],
  ['system:metrics-server', 'system:metrics-server', 'ServiceAccount:kube-system/metrics-server'],
  [
    'vpc-resource-controller-rolebinding',
    'vpc-resource-controller-role',
    'ServiceAccount:kube-system/eks-vpc-resource-controller',
  ],
  [
    'eks:network-policy-controller',
    'eks:network-policy-controller',
    'User:eks:network-policy-controller',
  ],
];

/** The rules of Roles in kube-system, by name. */
export const ROLES: Readonly<Record<string, readonly RuleRow[]>> = {
  'eks-vpc-resource-controller-role': [
    ['core', 'configmaps', `${READ} update create`],
    ['coordination.k8s.io', 'leases', 'create get list update patch'],
  ],
  'eks:authenticator': [['core', 'configmaps', READ]],
  'eks:certificate-controller': [['core', 'configmaps', 'get create update']],
  'extension-apiserver-authentication-reader': [['core', 'configmaps', READ]],
  'system::leader-locking-kube-controller-manager': [
    ['coordination.k8s.io', 'leases', 'get update'],
  ],
  'system::leader-locking-kube-scheduler': [['coordination.k8s.io', 'leases', 'get update']],
};

/** Binding, Role in kube-system, subject. */
export const ROLE_BINDINGS: readonly (readonly [string, string, string])[] = [
  [
    'eks-vpc-resource-controller-rolebinding',
    'eks-vpc-resource-controller-role',
    'ServiceAccount:kube-system/eks-vpc-resource-controller',
  ],
  ['eks:authenticator', 'eks:authenticator', 'User:eks:authenticator'],
  ['eks:certificate-controller', 'eks:certificate-controller', 'User:eks:certificate-controller'],
  [
    'metrics-server-auth-reader',
    'extension-apiserver-authentication-reader',
    'ServiceAccount:kube-system/metrics-server',
  ],
  [
    'system::leader-locking-kube-controller-manager',
    'system::leader-locking-kube-controller-manager',
    'User:system:kube-controller-manager',
  ],
  [
    'system::leader-locking-kube-scheduler',
    'system::leader-locking-kube-scheduler',
    'User:system:kube-scheduler',
  ],
];

/** Service accounts of the control plane's controllers in kube-system. */
export const CONTROLLER_ACCOUNTS =
  'attachdetach-controller aws-cloud-provider certificate-controller ' +
  'clusterrole-aggregation-controller cronjob-controller daemon-set-controller ' +
  'deployment-controller disruption-controller eks-vpc-resource-controller endpoint-controller ' +
  'endpointslice-controller endpointslicemirroring-controller ephemeral-volume-controller ' +
  'expand-controller generic-garbage-collector horizontal-pod-autoscaler job-controller ' +
  'namespace-controller node-controller persistent-volume-binder pod-garbage-collector ' +
  'pv-protection-controller pvc-protection-controller replicaset-controller ' +
  'replication-controller resourcequota-controller root-ca-cert-publisher ' +
  'service-account-controller service-controller statefulset-controller tagging-controller ' +
  'token-cleaner ttl-after-finished-controller ttl-controller';
