/**
 * analysis/capacity/pod-shape — what of a pod decides where it fits: its requests, how it gets an
 * address, and which nodes it accepts.
 */

import { InputError } from '../../model/input-error.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../../model/kubernetes/core.ts';
import type { Labels } from '../../model/kubernetes/meta.ts';
import { matchesSelector } from '../../model/kubernetes/selectors.ts';
import type { CniEnvironment } from './cni-environment.ts';
import { POD_ENI_RESOURCE } from './node-usage.ts';
import { type Amounts, podRequest } from './pod-request.ts';
import type { CapacitySource } from './question.ts';

/** Where the pod's address comes from. */
type AddressSource = 'pool' | 'branch-eni' | 'host';

export interface PodShape {
  /** `Deployment shop/web`, or what a plain pod is called. */
  readonly subject: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly spec: PodSpec;
  readonly request: Amounts;
  readonly addressFrom: AddressSource;
  /** At most one per node: a host port, or anti-affinity to itself by hostname. */
  readonly onePerNode: boolean;
  /** Scheduling rules this reckoning leaves out. */
  readonly caveats: readonly string[];
}

/** A pod that needs an address and nothing else. */
export const plainPod = (): PodShape => ({
  subject: 'a pod without requests',
  namespace: 'default',
  labels: {},
  spec: { containers: [] },
  request: new Map(),
  addressFrom: 'pool',
  onePerNode: false,
  caveats: [],
});

/**
 * The pod a Deployment makes.
 *
 * @param name  `NAMESPACE/NAME`, or `NAME` in namespace default
 * @throws InputError when there is no such Deployment
 */
export function deploymentShape(
  source: CapacitySource,
  environment: CniEnvironment,
  name: string,
): PodShape {
  const key = name.includes('/') ? name : `default/${name}`;
  const deployment = source.store.get('Deployment', key);
  if (deployment === undefined) {
    const known = source.store.list('Deployment').map((it) => it.metadata);
    const names = known.slice(0, 5).map((it) => `${it.namespace}/${it.name}`);
    throw new InputError(
      `--deployment ${name}`,
      `there is no Deployment ${key}`,
      names.length === 0 ? 'the input has no Deployments' : `there is ${names.join(', ')}`,
    );
  }
  const namespace = deployment.metadata.namespace ?? 'default';
  const { template } = deployment.spec;
  return templateShape(source, environment, `Deployment ${key}`, namespace, template);
}

function templateShape(
  source: CapacitySource,
  environment: CniEnvironment,
  subject: string,
  namespace: string,
  { metadata, spec }: PodTemplateSpec,
): PodShape {
  const labels = metadata?.labels ?? {};
  const request = new Map(podRequest(spec));
  const branch =
    environment.env.podEni &&
    spec.hostNetwork !== true &&
    (request.has(POD_ENI_RESOURCE) || hasSecurityGroupPolicy(source, namespace, labels, spec));
  // The resource controller's webhook asks for one on the first container.
  if (branch && !request.has(POD_ENI_RESOURCE)) request.set(POD_ENI_RESOURCE, 1000);
  const antiAffine = keepsApartByHost(spec, labels);
  return {
    subject,
    namespace,
    labels,
    spec,
    request,
    addressFrom: spec.hostNetwork === true ? 'host' : branch ? 'branch-eni' : 'pool',
    onePerNode: antiAffine || hasHostPort(spec),
    caveats: caveatsOf(spec, antiAffine),
  };
}

/** RC:webhooks/core/pod_webhook.go:95: a policy of the namespace selects the pod or its account. */
function hasSecurityGroupPolicy(
  { store }: CapacitySource,
  namespace: string,
  labels: Labels,
  spec: PodSpec,
): boolean {
  const account = store.get(
    'ServiceAccount',
    `${namespace}/${spec.serviceAccountName ?? 'default'}`,
  );
  return store.list('SecurityGroupPolicy').some((policy) => {
    if (policy.metadata.namespace !== namespace) return false;
    const { podSelector, serviceAccountSelector } = policy.spec;
    return (
      matchesSelector(podSelector, labels) ||
      matchesSelector(serviceAccountSelector, account?.metadata.labels ?? {})
    );
  });
}

const HOSTNAME_KEY = 'kubernetes.io/hostname';

const requiredApart = (spec: PodSpec) =>
  spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

const keepsApartByHost = (spec: PodSpec, labels: Labels): boolean =>
  requiredApart(spec).some(
    (term) => term.topologyKey === HOSTNAME_KEY && matchesSelector(term.labelSelector, labels),
  );

const hasHostPort = (spec: PodSpec): boolean =>
  spec.containers.some(({ ports = [] }) => ports.some((port) => (port.hostPort ?? 0) > 0));

function caveatsOf(spec: PodSpec, antiAffine: boolean): readonly string[] {
  const caveats: string[] = [];
  if (requiredApart(spec).length > (antiAffine ? 1 : 0))
    caveats.push('pod anti-affinity other than one per node is not counted');
  const required = spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if ((required ?? []).length > 0) caveats.push('required pod affinity is not counted');
  const spread = spec.topologySpreadConstraints ?? [];
  if (spread.some((it) => it.whenUnsatisfiable === 'DoNotSchedule'))
    caveats.push('topology spread constraints (DoNotSchedule) are not counted');
  return caveats;
}

/** True when a pod of the node is one of the shape's own. */
export const isSibling = (shape: PodShape, pod: Pod): boolean =>
  pod.metadata.namespace === shape.namespace &&
  Object.keys(shape.labels).length > 0 &&
  Object.entries(shape.labels).every(([key, value]) => pod.metadata.labels?.[key] === value);
