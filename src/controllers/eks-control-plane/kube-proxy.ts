/**
 * controllers/eks-control-plane/kube-proxy — the kube-proxy add-on's objects.
 *
 * Source of the configuration text: shared spec eks-defaults.md §2 (an EKS cluster's ConfigMap in
 * containers-roadmap#142, and the best-practices guide's ipvs page).
 */
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { type AddonContext, eksImage, inKubeSystem, linuxNodes } from './addon-context.ts';
import { branch } from './configuration-values.ts';

const LABELS = { 'eks.amazonaws.com/component': 'kube-proxy', 'k8s-app': 'kube-proxy' };

/** KubeProxyConfiguration as EKS ships it; the add-on's schema takes `mode` and `ipvs.scheduler`. */
const kubeProxyConfig = ({ cluster, configuration }: AddonContext): string => {
  const scheduler = String(branch(configuration, 'ipvs').scheduler ?? '');
  const any = cluster.ipFamily === 'ipv6' ? "'::'" : '0.0.0.0';
  const anyPort = (port: number): string =>
    cluster.ipFamily === 'ipv6' ? `'[::]:${port}'` : `0.0.0.0:${port}`;
  return `apiVersion: kubeproxy.config.k8s.io/v1alpha1
bindAddress: ${any}
clientConnection:
  acceptContentTypes: ""
  burst: 10
  contentType: application/vnd.kubernetes.protobuf
  kubeconfig: /var/lib/kube-proxy/kubeconfig
  qps: 5
clusterCIDR: ""
configSyncPeriod: 15m0s
conntrack:
  maxPerCore: 32768
  min: 131072
  tcpCloseWaitTimeout: 1h0m0s
  tcpEstablishedTimeout: 24h0m0s
enableProfiling: false
healthzBindAddress: ${anyPort(10256)}
hostnameOverride: ""
iptables:
  masqueradeAll: false
  masqueradeBit: 14
  minSyncPeriod: 0s
  syncPeriod: 30s
ipvs:
  excludeCIDRs: null
  minSyncPeriod: 0s
  scheduler: "${scheduler}"
  syncPeriod: 30s
kind: KubeProxyConfiguration
metricsBindAddress: ${anyPort(10249)}
mode: "${String(configuration.mode ?? 'iptables')}"
nodePortAddresses: null
oomScoreAdj: -998
`;
};

const kubeconfig = (endpoint: string): string => `kind: Config
apiVersion: v1
clusters:
- cluster:
    certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
    server: ${endpoint}
  name: default
contexts:
- context:
    cluster: default
    namespace: default
    user: default
  name: default
current-context: default
users:
- name: default
  user:
    tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
`;

/** `v1.33.10-eksbuild.13` is published as `v1.33.10-minimal-eksbuild.13`. */
const imageTag = (addonVersion: string): string =>
  addonVersion.replace(/(?<!minimal)-eksbuild/, '-minimal-eksbuild');

const daemonSet = ({ addon, configuration, region }: AddonContext): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: inKubeSystem('kube-proxy', LABELS),
  spec: {
    selector: { matchLabels: { 'k8s-app': 'kube-proxy' } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
    template: {
      metadata: { labels: { 'k8s-app': 'kube-proxy' } },
      spec: {
        hostNetwork: true,
        priorityClassName: 'system-node-critical',
        serviceAccountName: 'kube-proxy',
        tolerations: [{ operator: 'Exists' }],
        affinity: { nodeAffinity: linuxNodes(true) },
        containers: [
          {
            name: 'kube-proxy',
            image: eksImage(region, 'eks/kube-proxy', imageTag(addon.addonVersion)),
            command: [
              'kube-proxy',
              '--v=2',
              '--config=/var/lib/kube-proxy-config/config',
              '--hostname-override=$(NODE_NAME)',
            ],
            env: [
              {
                name: 'NODE_NAME',
                valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } },
              },
            ],
            resources: { requests: { cpu: '100m' }, ...branch(configuration, 'resources') },
            securityContext: { privileged: true },
          },
        ],
      },
    },
  },
});

/** Everything the kube-proxy add-on puts into the cluster. */
export const kubeProxyObjects = (context: AddonContext): KubernetesObject[] => {
  const { endpoint } = context.cluster;
  const configMap = (name: string, data: Record<string, string>): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: inKubeSystem(name, LABELS),
    data,
  });
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inKubeSystem('kube-proxy', LABELS) },
    configMap('kube-proxy', { kubeconfig: kubeconfig(endpoint) }),
    configMap('kube-proxy-config', { config: kubeProxyConfig(context) }),
    daemonSet(context),
  ];
};
