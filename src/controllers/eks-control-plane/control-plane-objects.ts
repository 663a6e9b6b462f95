/**
 * controllers/eks-control-plane/control-plane-objects — what EKS's control plane itself writes into
 * a new cluster: API services, leases of its leaders, its ConfigMaps, webhooks and CSI driver.
 *
 * Upstream: kubernetes/kube-aggregator pkg/controllers/autoregister; kubernetes/kubernetes
 * pkg/controlplane/controller/clusterauthenticationtrust; EKS user guide, aws-auth. Roles of IAM
 * are not simulated: aws-auth names them as eksctl does, without the random end.
 */
import type { EksCluster, NodeGroup } from '../../model/eks/cluster.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { RESOURCES } from '../../model/kubernetes/resources.ts';
import { timestamp } from '../../model/time.ts';
import { addonsOf } from './addon-context.ts';

const SYSTEM = 'kube-system';

interface Group {
  readonly group: string;
  readonly version: string;
}

const apiService = ({ group, version }: Group, service?: object): KubernetesObject => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: {
    name: `${version}.${group}`,
    ...(service === undefined
      ? { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } }
      : {}),
  },
  spec: {
    ...(group === '' ? {} : { group }),
    groupPriorityMinimum: group === '' ? 18_000 : service === undefined ? 17_000 : 100,
    version,
    versionPriority: service === undefined ? 15 : 100,
    ...(service === undefined ? {} : { service, insecureSkipTLSVerify: true }),
  },
  status: {
    conditions: [
      {
        type: 'Available',
        status: 'True',
        reason: service === undefined ? 'Local' : 'Passed',
        message:
          service === undefined ? 'Local APIServices are always available' : 'all checks passed',
        lastTransitionTime: timestamp(0),
      },
    ],
  },
});

/** Every group and version that the registry serves, each once. */
function servedGroups(): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { group, versions } of RESOURCES) {
    for (const version of versions) groups.set(`${version}.${group}`, { group, version });
  }
  return [...groups.values()];
}

const lease = (name: string, holderIdentity: string): KubernetesObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace: SYSTEM },
  spec: { holderIdentity, leaseDurationSeconds: 15, leaseTransitions: 0 },
});

const configMap = (name: string, data: Readonly<Record<string, string>>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: SYSTEM },
  data,
});

const webhooks = (
  kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration',
  name: string,
  hooks: readonly (readonly [name: string, resource: string, policy: string])[],
): KubernetesObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name },
  webhooks: hooks.map(([hook, resource, failurePolicy]) => ({
    name: hook,
    admissionReviewVersions: ['v1'],
    clientConfig: { url: `https://127.0.0.1:23443/${hook}` },
    failurePolicy,
    matchPolicy: 'Equivalent',
    rules: [
      {
        apiGroups: [''],
        apiVersions: ['v1'],
        operations: ['CREATE'],
        resources: [resource],
        scope: '*',
      },
    ],
    sideEffects: 'None',
    timeoutSeconds: 10,
  })),
});

const accountOf = ({ arn }: EksCluster): string => arn.split(':')[4] ?? '';

const roleOf = (cluster: EksCluster, group: string): string => {
  const name = `eksctl-${cluster.name}-nodegroup-${group}-NodeInstanceRole`;
  return `arn:aws:iam::${accountOf(cluster)}:role/${name}`;
};

/** The ConfigMap that lets nodes in, where the cluster still reads it. */
function awsAuth(store: TwinStore, cluster: EksCluster): KubernetesObject[] {
  if (cluster.authenticationMode === 'API') return [];
  const groups: NodeGroup[] = store
    .list('eks/nodegroup')
    .filter(({ clusterName }) => clusterName === cluster.name);
  if (groups.length === 0) return [];
  const mapRoles = groups.map(
    ({ nodegroupName }) => `- groups:
  - system:bootstrappers
  - system:nodes
  rolearn: ${roleOf(cluster, nodegroupName)}
  username: system:node:{{EC2PrivateDNSName}}
`,
  );
  return [configMap('aws-auth', { mapRoles: mapRoles.join('') })];
}

/** What the control plane writes, whatever add-ons there are. */
export const controlPlaneObjects = (
  store: TwinStore,
  cluster: EksCluster,
): readonly KubernetesObject[] => [
  ...servedGroups().map((group) => apiService(group)),
  ...(addonsOf(store, cluster).includes('metrics-server')
    ? [
        apiService(
          { group: 'metrics.k8s.io', version: 'v1beta1' },
          { name: 'metrics-server', namespace: SYSTEM, port: 443 },
        ),
      ]
    : []),
  lease('kube-controller-manager', 'ip-172-16-0-1.ec2.internal_control-plane'),
  lease('kube-scheduler', 'ip-172-16-0-1.ec2.internal_control-plane'),
  lease('cloud-controller-manager', 'ip-172-16-0-1.ec2.internal_control-plane'),
  lease('amazon-network-policy-controller-k8s', 'ip-172-16-0-1.ec2.internal_control-plane'),
  configMap('extension-apiserver-authentication', {
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-username-headers': '["X-Remote-User"]',
  }),
  ...awsAuth(store, cluster),
  webhooks('MutatingWebhookConfiguration', 'pod-identity-webhook', [
    ['iam-for-pods.amazonaws.com', 'pods', 'Ignore'],
  ]),
  webhooks('MutatingWebhookConfiguration', 'vpc-resource-mutating-webhook', [
    ['mpod.vpc.k8s.aws', 'pods', 'Ignore'],
  ]),
  webhooks('ValidatingWebhookConfiguration', 'vpc-resource-validating-webhook', [
    ['vpod.vpc.k8s.aws', 'pods', 'Ignore'],
    ['vnode.vpc.k8s.aws', 'nodes', 'Ignore'],
  ]),
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: 'efs.csi.aws.com' },
    spec: {
      attachRequired: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      podInfoOnMount: false,
      requiresRepublish: false,
      storageCapacity: false,
      volumeLifecycleModes: ['Persistent'],
    },
  },
];
