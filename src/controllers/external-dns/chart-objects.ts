/**
 * controllers/external-dns/chart-objects — what external-dns's chart puts into a cluster, with the
 * chart's values as they come, but for the provider: AWS.
 *
 * Upstream: kubernetes-sigs/external-dns charts/external-dns (v0.21.0). Roles are left out: who may
 * do what is not simulated.
 */
import type { KubernetesObject, Labels } from '../../model/kubernetes/meta.ts';

const NAME = 'external-dns';
const NAMESPACE = 'kube-system';
const VERSION = 'v0.21.0';
const SELECTOR: Labels = { 'app.kubernetes.io/name': NAME, 'app.kubernetes.io/instance': NAME };
const LABELS: Labels = {
  'app.kubernetes.io/managed-by': 'Helm',
  ...SELECTOR,
  'app.kubernetes.io/version': VERSION.slice(1),
};

/** Everything the chart installs, in an order the API server takes. */
export const chartObjects = (): KubernetesObject[] => [
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: SELECTOR },
      template: {
        metadata: { labels: SELECTOR },
        spec: {
          serviceAccountName: NAME,
          securityContext: { fsGroup: 65534, runAsNonRoot: true },
          containers: [
            {
              name: NAME,
              image: `registry.k8s.io/external-dns/external-dns:${VERSION}`,
              args: [
                '--log-level=info',
                '--log-format=text',
                '--interval=1m',
                '--source=service',
                '--source=ingress',
                '--policy=upsert-only',
                '--registry=txt',
                '--provider=aws',
              ],
              ports: [{ name: 'http', containerPort: 7979, protocol: 'TCP' }],
            },
          ],
        },
      },
    },
  },
];
