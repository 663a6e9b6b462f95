/**
 * api/metrics/pods — pods and what makes them, in the shape of kube-state-metrics.
 *
 * Upstream: kubernetes/kube-state-metrics v2 internal/store/{pod,deployment,daemonset,statefulset,
 * replicaset,job}.go (names and labels).
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { controllerOf, type KubernetesObject } from '../../model/kubernetes/meta.ts';
import type { Metric } from '../../model/prometheus.ts';
import { gauge } from './gauge.ts';

const PHASES = ['Pending', 'Succeeded', 'Failed', 'Unknown', 'Running'];

function* podMetrics({ metadata, spec, status }: Pod): Generator<Metric> {
  const { namespace = '', name: pod, uid = '' } = metadata;
  const which = { namespace, pod, uid };
  const owner = controllerOf({ metadata });
  yield gauge('kube_pod_info', 1, {
    ...which,
    host_ip: status?.hostIP ?? '',
    pod_ip: status?.podIP ?? '',
    node: spec.nodeName ?? '',
    created_by_kind: owner?.kind ?? '',
    created_by_name: owner?.name ?? '',
    priority_class: spec.priorityClassName ?? '',
    host_network: String(spec.hostNetwork === true),
  });
  for (const phase of PHASES)
    yield gauge('kube_pod_status_phase', Number(status?.phase === phase), { ...which, phase });
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'False';
  for (const condition of ['true', 'false', 'unknown'])
    yield gauge('kube_pod_status_ready', Number(ready.toLowerCase() === condition), {
      ...which,
      condition,
    });
  for (const { name, restartCount, ready: isReady } of status?.containerStatuses ?? []) {
    const container = { ...which, container: name };
    yield {
      ...gauge('kube_pod_container_status_restarts_total', restartCount, container),
      type: 'counter',
    };
    yield gauge('kube_pod_container_status_ready', Number(isReady), container);
  }
}

/** A workload's kind in names, and which number of it is which metric. */
type Counted = readonly [metric: string, path: string];

const WORKLOADS = [
  [
    'Deployment',
    'deployment',
    [
      ['kube_deployment_spec_replicas', 'spec.replicas'],
      ['kube_deployment_status_replicas', 'status.replicas'],
      ['kube_deployment_status_replicas_ready', 'status.readyReplicas'],
      ['kube_deployment_status_replicas_available', 'status.availableReplicas'],
      ['kube_deployment_status_replicas_unavailable', 'status.unavailableReplicas'],
      ['kube_deployment_status_replicas_updated', 'status.updatedReplicas'],
      ['kube_deployment_status_observed_generation', 'status.observedGeneration'],
      ['kube_deployment_metadata_generation', 'metadata.generation'],
    ],
  ],
  [
    'ReplicaSet',
    'replicaset',
    [
      ['kube_replicaset_spec_replicas', 'spec.replicas'],
      ['kube_replicaset_status_replicas', 'status.replicas'],
      ['kube_replicaset_status_ready_replicas', 'status.readyReplicas'],
    ],
  ],
  [
    'StatefulSet',
    'statefulset',
    [
      ['kube_statefulset_replicas', 'spec.replicas'],
      ['kube_statefulset_status_replicas', 'status.replicas'],
      ['kube_statefulset_status_replicas_ready', 'status.readyReplicas'],
    ],
  ],
  [
    'DaemonSet',
    'daemonset',
    [
      ['kube_daemonset_status_desired_number_scheduled', 'status.desiredNumberScheduled'],
      ['kube_daemonset_status_current_number_scheduled', 'status.currentNumberScheduled'],
      ['kube_daemonset_status_number_ready', 'status.numberReady'],
      ['kube_daemonset_status_number_available', 'status.numberAvailable'],
      ['kube_daemonset_status_updated_number_scheduled', 'status.updatedNumberScheduled'],
    ],
  ],
  [
    'Job',
    'job_name',
    [
      ['kube_job_status_active', 'status.active'],
      ['kube_job_status_succeeded', 'status.succeeded'],
      ['kube_job_status_failed', 'status.failed'],
    ],
  ],
] as const satisfies readonly (readonly [string, string, readonly Counted[]])[];

function numberAt(object: KubernetesObject, path: string): number {
  let value: unknown = object;
  for (const field of path.split('.'))
    value = (value as Record<string, unknown> | undefined)?.[field];
  return typeof value === 'number' ? value : 0;
}

/** Pods, then the workloads that make them. */
export function* workloadMetrics(store: TwinStore): Generator<Metric> {
  for (const pod of store.list('Pod')) yield* podMetrics(pod);
  for (const [kind, label, counted] of WORKLOADS) {
    for (const object of store.list(kind)) {
      const { namespace = '', name } = object.metadata;
      const which = { namespace, [label]: name };
      for (const [metric, path] of counted) yield gauge(metric, numberAt(object, path), which);
    }
  }
}
