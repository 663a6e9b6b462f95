/**
 * load-balancer/chart/webhook-objects — the webhook configurations of the controller's chart, and
 * the Service in front of what they call.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 helm/aws-load-balancer-controller
 * templates/webhook.yaml, templates/service.yaml, values.yaml. Certificates are left out: nobody
 * here checks them.
 */
import type { KubernetesObject, LabelSelector, Labels } from '../../../model/kubernetes/meta.ts';

const SERVICE = 'aws-load-balancer-webhook-service';
const CONFIGURATION = 'aws-load-balancer-webhook';
const NAMESPACE = 'kube-system';
const PORT = 443;

interface Asked {
  readonly name: string;
  readonly path: string;
  readonly group: string;
  readonly version?: string;
  readonly resource: string;
  readonly operations?: readonly string[];
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly namespaces?: LabelSelector;
  /** Objects of the chart itself are left alone. */
  readonly exceptOwn?: true;
}

const CREATE = ['CREATE'];
const WRITES = ['CREATE', 'UPDATE'];

const labelled = (key: string): LabelSelector => ({
  matchExpressions: [{ key, operator: 'In', values: ['enabled'] }],
});

const MUTATING: readonly Asked[] = [
  {
    name: 'mpod.elbv2.k8s.aws',
    path: '/mutate-v1-pod',
    group: '',
    resource: 'pods',
    failurePolicy: 'Ignore',
    namespaces: labelled('elbv2.k8s.aws/pod-readiness-gate-inject'),
    exceptOwn: true,
  },
  {
    name: 'quicid.elbv2.k8s.aws',
    path: '/mutate-v1-pod-server-id',
    group: '',
    resource: 'pods',
    namespaces: labelled('elbv2.k8s.aws/quic-server-id-inject'),
    exceptOwn: true,
  },
  {
    name: 'mservice.elbv2.k8s.aws',
    path: '/mutate-v1-service',
    group: '',
    resource: 'services',
    exceptOwn: true,
  },
  {
    name: 'mtargetgroupbinding.elbv2.k8s.aws',
    path: '/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding',
    group: 'elbv2.k8s.aws',
    version: 'v1beta1',
    resource: 'targetgroupbindings',
    operations: WRITES,
  },
];

const VALIDATING: readonly Asked[] = [
  {
    name: 'vingressclassparams.elbv2.k8s.aws',
    path: '/validate-elbv2-k8s-aws-v1beta1-ingressclassparams',
    group: 'elbv2.k8s.aws',
    version: 'v1beta1',
    resource: 'ingressclassparams',
    operations: WRITES,
    exceptOwn: true,
  },
  {
    name: 'vtargetgroupbinding.elbv2.k8s.aws',
    path: '/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding',
    group: 'elbv2.k8s.aws',
    version: 'v1beta1',
    resource: 'targetgroupbindings',
    operations: WRITES,
  },
  {
    name: 'vingress.elbv2.k8s.aws',
    path: '/validate-networking-v1-ingress',
    group: 'networking.k8s.io',
    resource: 'ingresses',
    operations: WRITES,
  },
];

const EXCEPT_OWN: LabelSelector = {
  matchExpressions: [
    {
      key: 'app.kubernetes.io/name',
      operator: 'NotIn',
      values: ['aws-load-balancer-controller'],
    },
  ],
};

const webhook = (it: Asked): object => ({
  name: it.name,
  clientConfig: { service: { namespace: NAMESPACE, name: SERVICE, path: it.path, port: PORT } },
  failurePolicy: it.failurePolicy ?? 'Fail',
  admissionReviewVersions: ['v1'],
  ...(it.namespaces === undefined ? {} : { namespaceSelector: it.namespaces }),
  ...(it.exceptOwn === undefined ? {} : { objectSelector: EXCEPT_OWN }),
  rules: [
    {
      apiGroups: [it.group],
      apiVersions: [it.version ?? 'v1'],
      operations: it.operations ?? CREATE,
      resources: [it.resource],
    },
  ],
  sideEffects: 'None',
  timeoutSeconds: 10,
});

/** @param labels  of all objects of the chart @param selector  of the controller's pods */
export const webhookObjects = (labels: Labels, selector: Labels): KubernetesObject[] => [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: SERVICE,
      namespace: NAMESPACE,
      labels: {
        ...labels,
        'app.kubernetes.io/component': 'webhook',
        'prometheus.io/service-monitor': 'false',
      },
    },
    spec: {
      ports: [{ port: PORT, name: 'webhook-server', targetPort: 'webhook-server' }],
      selector,
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: CONFIGURATION, labels },
    webhooks: MUTATING.map(webhook),
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: CONFIGURATION, labels },
    webhooks: VALIDATING.map(webhook),
  },
];
