/**
 * controllers/eks-control-plane/coredns — the coredns add-on's objects.
 *
 * Upstream: eksctl-io/eksctl@99984adb6 pkg/addons/default/assets/coredns-1.30…1.36.json, which
 * differ in the image only; shared spec eks-defaults.md §3.
 */
import { DEFAULT_COREFILE } from '../../model/coredns/default-corefile.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { type AddonContext, eksImage, inKubeSystem, linuxNodes } from './addon-context.ts';
import { branch } from './configuration-values.ts';
import { serviceAddress } from './service-address.ts';

const LABELS = { 'eks.amazonaws.com/component': 'coredns', 'k8s-app': 'kube-dns' };

/** The host number of kube-dns in the service block: `.10`. */
const DNS_HOST = 10;

const service = ({ cluster }: AddonContext): KubernetesObject => {
  const clusterIP = serviceAddress(cluster, DNS_HOST);
  const port = (name: string, number: number, protocol: string): object => ({
    name,
    port: number,
    protocol,
    targetPort: number,
  });
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...inKubeSystem('kube-dns', {
        'eks.amazonaws.com/component': 'kube-dns',
        'k8s-app': 'kube-dns',
        'kubernetes.io/cluster-service': 'true',
        'kubernetes.io/name': 'CoreDNS',
      }),
      annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
    },
    spec: {
      type: 'ClusterIP',
      ...(clusterIP === undefined ? {} : { clusterIP, clusterIPs: [clusterIP] }),
      selector: { 'k8s-app': 'kube-dns' },
      ports: [port('dns', 53, 'UDP'), port('dns-tcp', 53, 'TCP'), port('metrics', 9153, 'TCP')],
    },
  };
};

const podSpec = ({ addon, configuration, region }: AddonContext): object => ({
  serviceAccountName: 'coredns',
  priorityClassName: 'system-cluster-critical',
  dnsPolicy: 'Default',
  ...(configuration.nodeSelector === undefined ? {} : { nodeSelector: configuration.nodeSelector }),
  tolerations: configuration.tolerations ?? [
    { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
    { key: 'CriticalAddonsOnly', operator: 'Exists' },
  ],
  affinity: configuration.affinity ?? {
    nodeAffinity: linuxNodes(false),
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            labelSelector: {
              matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns'] }],
            },
            topologyKey: 'kubernetes.io/hostname',
          },
        },
      ],
    },
  },
  topologySpreadConstraints: configuration.topologySpreadConstraints ?? [
    {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  containers: [
    {
      name: 'coredns',
      image: eksImage(region, 'eks/coredns', addon.addonVersion),
      args: ['-conf', '/etc/coredns/Corefile'],
      ports: [
        { name: 'dns', containerPort: 53, protocol: 'UDP' },
        { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
        { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
      ],
      livenessProbe: {
        httpGet: { path: '/health', port: 8080, scheme: 'HTTP' },
        initialDelaySeconds: 60,
        periodSeconds: 10,
        timeoutSeconds: 5,
        failureThreshold: 5,
      },
      readinessProbe: {
        httpGet: { path: '/ready', port: 8181, scheme: 'HTTP' },
        periodSeconds: 10,
        timeoutSeconds: 1,
        failureThreshold: 3,
      },
      resources: {
        limits: { memory: '170Mi' },
        requests: { cpu: '100m', memory: '70Mi' },
        ...branch(configuration, 'resources'),
      },
      volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
    },
  ],
  volumes: [
    {
      name: 'config-volume',
      configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] },
    },
  ],
});

const deployment = (context: AddonContext): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: inKubeSystem('coredns', { ...LABELS, 'kubernetes.io/name': 'CoreDNS' }),
  spec: {
    replicas: Number(context.configuration.replicaCount ?? 2),
    selector: { matchLabels: LABELS },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: '25%' } },
    template: { metadata: { labels: LABELS }, spec: podSpec(context) },
  },
});

/** Everything the coredns add-on puts into the cluster. */
export const corednsObjects = (context: AddonContext): KubernetesObject[] => [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inKubeSystem('coredns', LABELS) },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: inKubeSystem('coredns', LABELS),
    data: { Corefile: String(context.configuration.corefile ?? DEFAULT_COREFILE) },
  },
  service(context),
  deployment(context),
];

/** EKS's add-on brings one since v1.9.3-eksbuild.5. */
export const corednsBudget: KubernetesObject = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: inKubeSystem('coredns', LABELS),
  spec: { maxUnavailable: 1, selector: { matchLabels: LABELS } },
};
