/**
 * controllers/eks-control-plane/metrics-server — the metrics-server add-on's objects.
 *
 * Upstream: kubernetes-sigs/metrics-server manifests with the EKS community add-on's differences:
 * two replicas, secure port 10251, host network off.
 */
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { type AddonContext, eksImage, inKubeSystem } from './addon-context.ts';

const SELECTOR = {
  'app.kubernetes.io/instance': 'metrics-server',
  'app.kubernetes.io/name': 'metrics-server',
};
const PORT = 10251;

const probe = (path: string, initialDelaySeconds: number): object => ({
  httpGet: { path, port: 'https', scheme: 'HTTPS' },
  initialDelaySeconds,
  periodSeconds: 10,
  failureThreshold: 3,
});

const deployment = ({ addon, configuration, region }: AddonContext): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: inKubeSystem('metrics-server', SELECTOR),
  spec: {
    replicas: Number(configuration.replicas ?? 2),
    selector: { matchLabels: SELECTOR },
    template: {
      metadata: { labels: SELECTOR },
      spec: {
        serviceAccountName: 'metrics-server',
        priorityClassName: 'system-cluster-critical',
        containers: [
          {
            name: 'metrics-server',
            image: eksImage(region, 'eks/metrics-server', addon.addonVersion),
            args: [
              `--secure-port=${PORT}`,
              '--cert-dir=/tmp',
              '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
              '--kubelet-use-node-status-port',
              '--metric-resolution=15s',
            ],
            ports: [{ name: 'https', containerPort: PORT, protocol: 'TCP' }],
            livenessProbe: probe('/livez', 0),
            readinessProbe: probe('/readyz', 20),
            resources: { requests: { cpu: '100m', memory: '200Mi' }, limits: { memory: '400Mi' } },
          },
        ],
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'topology.kubernetes.io/zone',
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: { matchLabels: SELECTOR },
          },
        ],
      },
    },
  },
});

/** Everything the metrics-server add-on puts into the cluster. */
export const metricsServerObjects = (context: AddonContext): KubernetesObject[] => [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inKubeSystem('metrics-server', SELECTOR) },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: inKubeSystem('metrics-server', SELECTOR),
    spec: {
      type: 'ClusterIP',
      selector: SELECTOR,
      ports: [
        { name: 'https', port: 443, protocol: 'TCP', targetPort: 'https', appProtocol: 'https' },
      ],
    },
  },
  deployment(context),
];
