/**
 * controllers/vpc-cni/metrics — the awscni_* values of one node's ipamd, computed when asked for.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 utils/prometheusmetrics/prometheusmetrics.go; port
 * 61678, off with DISABLE_METRICS.  What needs an AWS client's view of latency
 * (aws_api_latency_ms, ec2api_*) is metered around the Ec2 interface, not here.
 */
import type { Metric } from '../../model/prometheus.ts';
import { assignedIpv4, assignedIpv6, poolStats } from './datastore-view.ts';
import type { Ipam } from './ipam.ts';

const metric = (
  type: Metric['type'],
  name: string,
  value: number,
  labels: Readonly<Record<string, string>> = {},
): Metric => ({ name: `awscni_${name}`, type, labels, value });

/** Every metric with its present value; empty when metrics are off. */
export function metricsOf(ipam: Ipam): readonly Metric[] {
  if (!ipam.env.metrics) return [];
  const { counters } = ipam;
  const first = ipam.settings(0);
  const seconds =
    counters.readyAtMs === undefined ? 0 : (counters.readyAtMs - counters.startedAtMs) / 1_000;
  const perFn = (name: string, counts: ReadonlyMap<string, number>): Metric[] =>
    [...counts].map(([fn, value]) => metric('counter', name, value, { fn }));
  return [
    metric('gauge', 'eni_max', first.maxEnis),
    metric('gauge', 'ip_max', first.maxEnis * first.maxIpsPerEni),
    metric('counter', 'add_ip_req_count', counters.adds),
    metric('counter', 'del_ip_req_count', counters.dels, { reason: 'PodDeleted' }),
    metric('counter', 'pod_eni_error_count', counters.podEniErrors, { fn: 'AddNetwork' }),
    metric('counter', 'no_available_ip_addresses', counters.noAvailableAddresses),
    metric('gauge', 'ipamd_startup_duration_seconds', seconds),
    metric('gauge', 'ipamd_node_initialization_duration_seconds', seconds),
    ...perFn('ipamd_error_count', counters.ipamdErrors),
    ...perFn('reconcile_count', counters.reconciles),
    ...storeMetrics(ipam),
  ];
}

function storeMetrics(ipam: Ipam): readonly Metric[] {
  const metrics: Metric[] = [];
  for (const store of ipam.stores.values()) {
    const card = { network_card: String(store.networkCard) };
    const stats = poolStats(store, ipam.env.ipv6 ? 6 : 4);
    metrics.push(
      metric('gauge', 'eni_allocated', store.enis.size, card),
      metric('gauge', 'total_ip_addresses', stats.totalIps, card),
      metric('gauge', 'assigned_ip_addresses', stats.assignedIps, card),
      metric('gauge', 'total_ipv4_prefixes', stats.totalPrefixes, card),
      metric('counter', 'force_removed_enis', store.forcedEnis, card),
      metric('counter', 'force_removed_ips', store.forcedAddresses, card),
    );
    for (const eni of store.enis.values()) {
      const assigned = assignedIpv4(eni) + assignedIpv6(eni);
      metrics.push(metric('gauge', 'assigned_ip_per_eni', assigned, { ...card, eni: eni.id }));
      for (const pool of [...eni.ipv4.values(), ...eni.ipv6.values()])
        metrics.push(
          metric('gauge', 'assigned_ip_per_cidr', pool.assigned, { ...card, cidr: pool.cidr }),
        );
    }
  }
  return metrics;
}
