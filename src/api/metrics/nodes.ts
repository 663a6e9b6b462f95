/**
 * api/metrics/nodes — nodes, Services, namespaces and Ingresses in the shape of kube-state-metrics.
 *
 * Upstream: kubernetes/kube-state-metrics v2 internal/store/{node,service,namespace,ingress}.go.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Node, Service } from '../../model/kubernetes/core.ts';
import { milliOf } from '../../model/kubernetes/quantity.ts';
import type { Metric } from '../../model/prometheus.ts';
import { gauge } from './gauge.ts';

/** kube-state-metrics' units; what is not listed is counted as integer. */
const UNITS: Readonly<Record<string, string>> = {
  cpu: 'core',
  memory: 'byte',
  'ephemeral-storage': 'byte',
  'hugepages-1Gi': 'byte',
  'hugepages-2Mi': 'byte',
};

/** Label values may not have what resource names have. */
const plain = (resource: string): string => resource.replace(/[^a-zA-Z0-9_]/g, '_');

function* nodeMetrics({ metadata, spec, status }: Node): Generator<Metric> {
  const node = metadata.name;
  const { nodeInfo: it } = status ?? {};
  yield gauge('kube_node_info', 1, {
    node,
    kernel_version: it?.kernelVersion ?? '',
    os_image: it?.osImage ?? '',
    container_runtime_version: it?.containerRuntimeVersion ?? '',
    kubelet_version: it?.kubeletVersion ?? '',
    provider_id: spec.providerID ?? '',
    pod_cidr: spec.podCIDR ?? '',
    internal_ip: status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
  });
  yield gauge('kube_node_spec_unschedulable', Number(spec.unschedulable === true), { node });
  for (const { type: condition, status: holds } of status?.conditions ?? [])
    for (const word of ['true', 'false', 'unknown'])
      yield gauge('kube_node_status_condition', Number(holds.toLowerCase() === word), {
        node,
        condition,
        status: word,
      });
  for (const [name, quantities] of [
    ['kube_node_status_capacity', status?.capacity],
    ['kube_node_status_allocatable', status?.allocatable],
  ] as const) {
    for (const [resource, quantity] of Object.entries(quantities ?? {})) {
      const unit = UNITS[resource] ?? 'integer';
      const labels = { node, resource: plain(resource), unit };
      yield gauge(name, milliOf(quantity) / 1_000, labels);
    }
  }
}

function* serviceMetrics({ metadata, spec, status }: Service): Generator<Metric> {
  const which = { namespace: metadata.namespace ?? '', service: metadata.name };
  yield gauge('kube_service_info', 1, {
    ...which,
    uid: metadata.uid ?? '',
    cluster_ip: spec.clusterIP ?? '',
    external_name: spec.externalName ?? '',
    load_balancer_ip: spec.loadBalancerIP ?? '',
  });
  yield gauge('kube_service_spec_type', 1, { ...which, type: spec.type ?? 'ClusterIP' });
  for (const { ip = '', hostname = '' } of status?.loadBalancer?.ingress ?? [])
    yield gauge('kube_service_status_load_balancer_ingress', 1, { ...which, ip, hostname });
}

/** Nodes, namespaces, Services and Ingresses. */
export function* clusterMetrics(store: TwinStore): Generator<Metric> {
  for (const node of store.list('Node')) yield* nodeMetrics(node);
  for (const { metadata, status } of store.list('Namespace'))
    for (const phase of ['Active', 'Terminating'])
      yield gauge('kube_namespace_status_phase', Number((status?.phase ?? 'Active') === phase), {
        namespace: metadata.name,
        phase,
      });
  for (const service of store.list('Service')) yield* serviceMetrics(service);
  for (const { metadata, spec } of store.list('Ingress'))
    yield gauge('kube_ingress_info', 1, {
      namespace: metadata.namespace ?? '',
      ingress: metadata.name,
      ingressclass: spec.ingressClassName ?? '_default',
    });
}
