/**
 * load-balancer/chart/chart-objects — what `helm install aws-load-balancer-controller` puts into a
 * cluster, with the chart's values as they come.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 helm/aws-load-balancer-controller.
 * Left out: roles, certificates and the IAM role: who may do what is not simulated.
 */
import { installedDefinitions } from '../../../cluster/installed-definitions.ts';
import type { KubernetesObject, Labels } from '../../../model/kubernetes/meta.ts';
import { webhookObjects } from './webhook-objects.ts';

const NAME = 'aws-load-balancer-controller';
const NAMESPACE = 'kube-system';
const VERSION = 'v3.5.0';
const CLASS = 'alb';

const SELECTOR: Labels = {
  'app.kubernetes.io/name': NAME,
  'app.kubernetes.io/instance': NAME,
};

const LABELS: Labels = {
  'app.kubernetes.io/managed-by': 'Helm',
  'helm.sh/chart': `${NAME}-${VERSION.slice(1)}`,
  ...SELECTOR,
  'app.kubernetes.io/version': VERSION,
};

/** The chart's crds folder. */
export const CHART_DEFINITIONS: readonly string[] = [
  'albtargetcontrolconfigs.elbv2.k8s.aws',
  'globalaccelerators.aga.k8s.aws',
  'ingressclassparams.elbv2.k8s.aws',
  'targetgroupbindings.elbv2.k8s.aws',
  'listenerruleconfigurations.gateway.k8s.aws',
  'loadbalancerconfigurations.gateway.k8s.aws',
  'targetgroupconfigurations.gateway.k8s.aws',
];

const probe = (path: string, initialDelaySeconds: number): object => ({
  httpGet: { path, port: 61779, scheme: 'HTTP' },
  initialDelaySeconds,
  timeoutSeconds: 10,
  failureThreshold: 2,
});

const deployment = (clusterName: string): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
  spec: {
    replicas: 2,
    revisionHistoryLimit: 10,
    selector: { matchLabels: SELECTOR },
    template: {
      metadata: {
        labels: SELECTOR,
        annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' },
      },
      spec: {
        serviceAccountName: NAME,
        priorityClassName: 'system-cluster-critical',
        terminationGracePeriodSeconds: 10,
        securityContext: { fsGroup: 65534 },
        containers: [
          {
            name: NAME,
            image: `public.ecr.aws/eks/${NAME}:${VERSION}`,
            args: [`--cluster-name=${clusterName}`, `--ingress-class=${CLASS}`],
            ports: [
              { name: 'webhook-server', containerPort: 9443, protocol: 'TCP' },
              { name: 'metrics-server', containerPort: 8080, protocol: 'TCP' },
            ],
            livenessProbe: probe('/healthz', 30),
            readinessProbe: probe('/readyz', 10),
          },
        ],
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 100,
                podAffinityTerm: {
                  labelSelector: {
                    matchExpressions: [
                      { key: 'app.kubernetes.io/name', operator: 'In', values: [NAME] },
                    ],
                  },
                  topologyKey: 'kubernetes.io/hostname',
                },
              },
            ],
          },
        },
      },
    },
  },
});

/** Everything the chart installs, in an order the API server takes. */
export const chartObjects = (clusterName: string): KubernetesObject[] => [
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
  },
  ...installedDefinitions(CHART_DEFINITIONS),
  deployment(clusterName),
  {
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'IngressClassParams',
    metadata: { name: CLASS, labels: LABELS },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: CLASS, labels: LABELS },
    spec: { controller: 'ingress.k8s.aws/alb' },
  },
  ...webhookObjects(LABELS, SELECTOR),
];
