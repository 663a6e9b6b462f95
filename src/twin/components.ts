/**
 * twin/components — what `--with` adds to a cluster: controllers that EKS does not bring, installed
 * as their charts do; and which of a user's objects install such a controller.
 */
import { chartObjects as externalDnsObjects } from '../controllers/external-dns/chart-objects.ts';
import { isExternalDns } from '../controllers/external-dns/installation.ts';
import { chartObjects as loadBalancerObjects } from '../controllers/load-balancer/chart/chart-objects.ts';
import { isControllerPod } from '../controllers/load-balancer/installation.ts';
import type { Deployment } from '../model/kubernetes/apps.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';

/** What may be installed, each with the objects of its chart. */
const COMPONENTS = {
  'aws-load-balancer-controller': loadBalancerObjects,
  'external-dns': externalDnsObjects,
} as const satisfies Record<string, (clusterName: string) => KubernetesObject[]>;

export type Component = keyof typeof COMPONENTS;
export const COMPONENT_NAMES = Object.keys(COMPONENTS) as readonly Component[];

/** The objects of the components, in an order the API server takes. */
export const componentObjects = (
  components: readonly Component[],
  clusterName: string,
): KubernetesObject[] =>
  [...new Set(components)].flatMap((component) => COMPONENTS[component](clusterName));

/** The controller whose Deployment this is. */
export function componentOf(object: KubernetesObject): Component | undefined {
  if (object.kind !== 'Deployment') return undefined;
  const deployment = object as Deployment;
  if (isControllerPod(deployment.spec?.template ?? {})) return 'aws-load-balancer-controller';
  return deployment.spec !== undefined && isExternalDns(deployment) ? 'external-dns' : undefined;
}

/** Kinds of which a controller's manifest holds its own, outside any namespace. */
const INSTALLED_KINDS: ReadonlySet<string> = new Set([
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'PriorityClass',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
]);

/** Does it have to be there before a controller can start? Everything else waits for it. */
export const isOfInstallation = (object: KubernetesObject): boolean =>
  componentOf(object) !== undefined ||
  INSTALLED_KINDS.has(object.kind) ||
  (object.metadata.namespace === 'kube-system' && object.kind !== 'Ingress') ||
  COMPONENT_NAMES.some((name) => object.metadata.labels?.['app.kubernetes.io/name'] === name);
