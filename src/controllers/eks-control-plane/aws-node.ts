/**
 * controllers/eks-control-plane/aws-node — the vpc-cni add-on's objects.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 charts/aws-vpc-cni/values.yaml (environment defaults:
 * the manifest's, not the code's) and templates/daemonset.yaml, configmap.yaml, eniconfig.yaml.
 */
import type { Container, EnvVar } from '../../model/kubernetes/core.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { type AddonContext, eksImage, inKubeSystem, linuxNodes } from './addon-context.ts';
import { branch, isOn, type Tree, texts } from './configuration-values.ts';

/** values.yaml env. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  ADDITIONAL_ENI_TAGS: '{}',
  ANNOTATE_POD_IP: 'false',
  AWS_VPC_CNI_NODE_PORT_SUPPORT: 'true',
  AWS_VPC_ENI_MTU: '9001',
  AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'false',
  AWS_VPC_K8S_CNI_EXTERNALSNAT: 'false',
  AWS_VPC_K8S_CNI_LOGLEVEL: 'DEBUG',
  AWS_VPC_K8S_CNI_LOG_FILE: '/host/var/log/aws-routed-eni/ipamd.log',
  AWS_VPC_K8S_CNI_RANDOMIZESNAT: 'prng',
  AWS_VPC_K8S_CNI_VETHPREFIX: 'eni',
  AWS_VPC_K8S_PLUGIN_LOG_FILE: '/var/log/aws-routed-eni/plugin.log',
  AWS_VPC_K8S_PLUGIN_LOG_LEVEL: 'DEBUG',
  CLUSTER_ENDPOINT: '',
  CLUSTER_NAME: '',
  DISABLE_INTROSPECTION: 'false',
  DISABLE_METRICS: 'false',
  DISABLE_NETWORK_RESOURCE_PROVISIONING: 'false',
  ENABLE_IMDS_ONLY_MODE: 'false',
  ENABLE_IPv4: 'true',
  ENABLE_IPv6: 'false',
  ENABLE_MULTI_NIC: 'false',
  ENABLE_POD_ENI: 'false',
  ENABLE_PREFIX_DELEGATION: 'false',
  ENABLE_SUBNET_DISCOVERY: 'true',
  NETWORK_POLICY_ENFORCING_MODE: 'standard',
  VPC_CNI_VERSION: '',
  VPC_ID: '',
  WARM_ENI_TARGET: '1',
  WARM_PREFIX_TARGET: '1',
};

/** Node agent shipped with a CNI minor version (values.yaml nodeAgent.image.tag). */
const NODE_AGENTS: Readonly<Record<string, string>> = {
  '1.18': 'v1.1.3',
  '1.19': 'v1.2.1',
  '1.20': 'v1.2.7',
  '1.21': 'v1.3.1',
};
const NEWEST_NODE_AGENT = 'v1.3.1';

const LABELS = {
  'app.kubernetes.io/instance': 'aws-vpc-cni',
  'app.kubernetes.io/name': 'aws-node',
  'k8s-app': 'aws-node',
};

const envVars = (values: Readonly<Record<string, string>>): EnvVar[] =>
  Object.keys(values)
    .sort()
    .map((name) => ({ name, value: values[name]! }));

const fieldRef = (name: string, fieldPath: string): EnvVar => ({
  name,
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
});

/** The environment of container aws-node: the manifest's, then what EKS fills in, then the user's. */
const awsNodeEnvironment = (context: AddonContext): Record<string, string> => {
  const { cluster, addon, configuration } = context;
  const isIpv6 = cluster.ipFamily === 'ipv6';
  return {
    ...ENVIRONMENT,
    CLUSTER_ENDPOINT: cluster.endpoint,
    CLUSTER_NAME: cluster.name,
    VPC_CNI_VERSION: addon.addonVersion.replace(/-eksbuild.*$/, ''),
    VPC_ID: cluster.vpcId,
    // IPv6 clusters get both at creation; the add-on refuses IPv6 without prefixes.
    ...(isIpv6
      ? { ENABLE_IPv4: 'false', ENABLE_IPv6: 'true', ENABLE_PREFIX_DELEGATION: 'true' }
      : {}),
    ...texts(branch(configuration, 'env')),
  };
};

const GRPC_PROBE = {
  exec: {
    command: ['/app/grpc-health-probe', '-addr=:50051', '-connect-timeout=5s', '-rpc-timeout=5s'],
  },
  timeoutSeconds: 10,
};

const awsNodeContainer = (context: AddonContext): Container => ({
  name: 'aws-node',
  image: eksImage(context.region, 'amazon-k8s-cni', context.addon.addonVersion),
  ports: [{ name: 'metrics', containerPort: 61678 }],
  livenessProbe: { ...GRPC_PROBE, initialDelaySeconds: 60 },
  readinessProbe: { ...GRPC_PROBE, initialDelaySeconds: 1 },
  env: [
    ...envVars(awsNodeEnvironment(context)),
    fieldRef('MY_NODE_NAME', 'spec.nodeName'),
    fieldRef('MY_POD_NAME', 'metadata.name'),
  ],
  resources: resourcesOf(context.configuration),
  securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
});

const resourcesOf = (tree: Tree): NonNullable<Container['resources']> => {
  const given = branch(tree, 'resources') as NonNullable<Container['resources']>;
  return { ...given, requests: { cpu: '25m', ...given.requests } };
};

const nodeAgentContainer = ({ addon, cluster, configuration, region }: AddonContext): Container => {
  const minor = /^v?(\d+\.\d+)/.exec(addon.addonVersion)?.[1] ?? '';
  const agent = branch(configuration, 'nodeAgent');
  const tag = `${NODE_AGENTS[minor] ?? NEWEST_NODE_AGENT}-eksbuild.1`;
  return {
    name: 'aws-eks-nodeagent',
    image: eksImage(region, 'amazon/aws-network-policy-agent', tag),
    args: [
      `--enable-ipv6=${cluster.ipFamily === 'ipv6'}`,
      `--enable-network-policy=${isOn(configuration, 'enableNetworkPolicy')}`,
      `--enable-cloudwatch-logs=${isOn(agent, 'enableCloudWatchLogs')}`,
      `--enable-policy-event-logs=${isOn(agent, 'enablePolicyEventLogs')}`,
      '--log-file=/var/log/aws-routed-eni/network-policy-agent.log',
      `--metrics-bind-addr=:${String(agent.metricsBindAddr ?? 8162)}`,
      `--health-probe-bind-addr=:${String(agent.healthProbeBindAddr ?? 8163)}`,
      `--conntrack-cache-cleanup-period=${String(agent.conntrackCacheCleanupPeriod ?? 300)}`,
    ],
    ports: [{ name: 'agentmetrics', containerPort: 8162 }],
    env: [fieldRef('MY_NODE_NAME', 'spec.nodeName')],
    resources: resourcesOf(agent),
    securityContext: { capabilities: { add: ['NET_ADMIN'] }, privileged: true },
  };
};

const initContainer = ({ addon, cluster, configuration, region }: AddonContext): Container => ({
  name: 'aws-vpc-cni-init',
  image: eksImage(region, 'amazon-k8s-cni-init', addon.addonVersion),
  env: envVars({
    DISABLE_TCP_EARLY_DEMUX: 'false',
    ENABLE_IPv6: String(cluster.ipFamily === 'ipv6'),
    ...texts(branch(branch(configuration, 'init'), 'env')),
  }),
  resources: resourcesOf(branch(configuration, 'init')),
  securityContext: { privileged: true },
});

const daemonSet = (context: AddonContext): KubernetesObject => {
  const { addon, configuration } = context;
  const labels = { ...LABELS, 'app.kubernetes.io/version': addon.addonVersion.split('-')[0]! };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: inKubeSystem('aws-node', labels),
    spec: {
      selector: { matchLabels: { 'k8s-app': 'aws-node' } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: {
        metadata: { labels: { ...LABELS, ...texts(branch(configuration, 'podLabels')) } },
        spec: {
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          serviceAccountName: 'aws-node',
          terminationGracePeriodSeconds: 10,
          tolerations: configuration.tolerations ?? [{ operator: 'Exists' }],
          affinity: configuration.affinity ?? { nodeAffinity: linuxNodes(true) },
          initContainers: [initContainer(context)],
          containers: [awsNodeContainer(context), nodeAgentContainer(context)],
        },
      },
    },
  };
};

/** templates/configmap.yaml; the network policy and the resource controller read it. */
const configMap = ({ configuration }: AddonContext): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: inKubeSystem('amazon-vpc-cni', LABELS),
  data: {
    'branch-eni-cooldown': String(configuration.branchENICooldown ?? 60),
    'enable-network-policy-controller': String(isOn(configuration, 'enableNetworkPolicy')),
    'enable-windows-ipam': String(isOn(configuration, 'enableWindowsIpam')),
    'enable-windows-prefix-delegation': String(
      isOn(configuration, 'enableWindowsPrefixDelegation'),
    ),
    'minimum-ip-target': String(configuration.minimumWindowsIPTarget ?? 3),
    'warm-ip-target': String(configuration.warmWindowsIPTarget ?? 1),
    'warm-prefix-target': String(configuration.warmWindowsPrefixTarget ?? 0),
  },
});

/** templates/eniconfig.yaml: one ENIConfig per zone named in `eniConfig.subnets`. */
const eniConfigs = ({ configuration }: AddonContext): KubernetesObject[] => {
  const eniConfig = branch(configuration, 'eniConfig');
  if (!isOn(eniConfig, 'create')) return [];
  const subnets = branch(eniConfig, 'subnets');
  return Object.keys(subnets).map((zone) => {
    const { id, securityGroups } = branch(subnets, zone);
    return {
      apiVersion: 'crd.k8s.amazonaws.com/v1alpha1',
      kind: 'ENIConfig',
      metadata: { name: zone },
      spec: { subnet: id, ...(securityGroups === undefined ? {} : { securityGroups }) },
    };
  });
};

/** Everything the vpc-cni add-on puts into the cluster. */
export const awsNodeObjects = (context: AddonContext): KubernetesObject[] => [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inKubeSystem('aws-node', LABELS) },
  configMap(context),
  ...eniConfigs(context),
  daemonSet(context),
];
