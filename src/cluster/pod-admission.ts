/**
 * cluster/pod-admission — what a pod has when it is stored: defaults, priority, tolerations,
 * service
 * account, quality of service.
 *
 * Upstream: kubernetes/kubernetes 1.30 plugin/pkg/admission/{priority,defaulttolerationseconds,
 * serviceaccount}, pkg/apis/core/helper/qos/qos.go. The token volume of the service account is not
 * mounted: no packet depends on it.
 */
import type { Container, Pod, PodSpec, Toleration } from '../model/kubernetes/core.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { milliOf } from '../model/kubernetes/quantity.ts';
import {
  containersWithHostPorts,
  containersWithRequests,
  podSpecWithDefaults,
  remembered,
} from './pod-defaults.ts';

/** admission/defaulttolerationseconds: both taints are tolerated for five minutes. */
const TOLERATION_SECONDS = 300;
const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** What a PriorityClass gives; undefined when there is no such class. */
export type PriorityOf = (className: string | undefined) => KubernetesObject | undefined;

/** The two classes every API server has (scheduling/types.go). */
const SYSTEM_PRIORITY: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

interface Admitted {
  readonly spec: PodSpec;
  readonly status: Pod['status'];
  readonly priorityClass: KubernetesObject | undefined;
}

/** What the frozen spec of a template became: pods of a ReplicaSet share one spec until bound. */
const admittedSpecs = new WeakMap<PodSpec, Admitted>();

/** Defaults a pod about to be created. `denied` is the text of a 403. */
export function admitPod(pod: Pod, priorityOf: PriorityOf): Pod | { readonly denied: string } {
  const priorityClass = priorityOf(pod.spec.priorityClassName);
  const known = admittedSpecs.get(pod.spec);
  if (known !== undefined && known.priorityClass === priorityClass) {
    return { ...pod, spec: known.spec, status: known.status };
  }
  const priority = priorityFields(pod.spec, priorityClass);
  if (typeof priority === 'string') return { denied: priority };
  const spec = admittedSpec(pod.spec, priority);
  const status = Object.freeze({ phase: 'Pending', qosClass: qosOf(spec) } as const);
  if (Object.isFrozen(pod.spec)) admittedSpecs.set(pod.spec, { spec, status, priorityClass });
  return { ...pod, spec, status };
}

function admittedSpec(given: PodSpec, priority: Partial<PodSpec>): PodSpec {
  const before = podSpecWithDefaults(given);
  let containers = before.containers;
  if (Array.isArray(containers)) {
    containers = containersWithRequests(containers);
    if (before.hostNetwork === true) containers = containersWithHostPorts(containers);
  }
  const account = before.serviceAccountName ?? 'default';
  return {
    ...before,
    containers,
    ...(before.initContainers === undefined
      ? {}
      : { initContainers: containersWithRequests(before.initContainers) }),
    ...priority,
    enableServiceLinks: before.enableServiceLinks ?? true,
    serviceAccountName: account,
    serviceAccount: account,
    tolerations: tolerationsWithDefaults(before.tolerations ?? NO_TOLERATIONS),
  };
}

function priorityFields(
  spec: PodSpec,
  found: KubernetesObject | undefined,
): Pick<PodSpec, 'priority' | 'priorityClassName' | 'preemptionPolicy'> | string {
  const name = spec.priorityClassName;
  const system = name === undefined ? undefined : SYSTEM_PRIORITY[name];
  if (system !== undefined) return { priority: system, preemptionPolicy: 'PreemptLowerPriority' };
  if (found === undefined) {
    if (name !== undefined && name !== '') return `no PriorityClass with name ${name} was found`;
    return { priority: 0, preemptionPolicy: spec.preemptionPolicy ?? 'PreemptLowerPriority' };
  }
  const value = found.value as number;
  if (spec.priority !== undefined && spec.priority !== value) {
    return (
      `the integer value of priority (${spec.priority}) must not be provided in pod ` +
      `spec; priority admission controller computed ${value} from the given ` +
      'PriorityClass name'
    );
  }
  return {
    priority: value,
    priorityClassName: found.metadata.name,
    preemptionPolicy: (found.preemptionPolicy as string) ?? 'PreemptLowerPriority',
  };
}

const NO_TOLERATIONS: readonly Toleration[] = Object.freeze([]);

const tolerates = ({ key, effect }: Toleration, taint: string): boolean =>
  (key === taint || key === undefined || key === '') &&
  (effect === undefined || (effect as string) === '' || effect === 'NoExecute');

const tolerationsWithDefaults = remembered(
  (given: readonly Toleration[]): readonly Toleration[] => {
    const added: Toleration[] = [];
    for (const key of [NOT_READY, UNREACHABLE]) {
      if (given.some((toleration) => tolerates(toleration, key))) continue;
      added.push(
        Object.freeze({
          key,
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: TOLERATION_SECONDS,
        } as const),
      );
    }
    return added.length === 0 ? given : Object.freeze([...given.map(frozen), ...added]);
  },
);

/** The list is frozen before the store would freeze it, so its items must be too. */
const frozen = <Value extends object>(value: Value): Value => Object.freeze(value);

/** Guaranteed, Burstable or BestEffort (qos.go ComputePodQOS). */
function qosOf(spec: PodSpec): string {
  if (!Array.isArray(spec.containers)) return 'BestEffort';
  const own = qosOfContainers(spec.containers);
  if (spec.initContainers === undefined || own === 'Burstable') return own;
  const init = qosOfContainers(spec.initContainers);
  return init === own ? own : 'Burstable';
}

const qosOfContainers = remembered((containers: readonly Container[]): string => {
  let guaranteed = true;
  let bestEffort = true;
  for (const { resources } of containers) {
    for (const name of ['cpu', 'memory']) {
      const request = milliOf(resources?.requests?.[name]);
      const limit = milliOf(resources?.limits?.[name]);
      if (request > 0 || limit > 0) bestEffort = false;
      if (limit === 0 || request !== limit) guaranteed = false;
    }
  }
  if (bestEffort) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
});
