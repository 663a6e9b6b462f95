/**
 * api/metrics/metrics-page — what /metrics of a running twin answers: every node's ipamd (with the
 * node as a label, for one page has them all), the cluster as kube-state-metrics tells of it, AWS's
 * calls, and the twin's own numbers.
 */
import { AWS_KINDS } from '../../formats/index.ts';
import { KUBERNETES_KINDS } from '../../model/kubernetes/resources.ts';
import { type Metric, metricsText } from '../../model/prometheus.ts';
import { EPOCH_MS } from '../../model/time.ts';
import type { Twin } from '../../twin/twin.ts';
import { gauge } from './gauge.ts';
import { HELP } from './help.data.ts';
import { clusterMetrics } from './nodes.ts';
import { workloadMetrics } from './pods.ts';

/** `Content-Type` of the page. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The whole page.
 *
 * @param own  what only the process knows: requests, watches, with their help in `ownHelp`
 */
export function metricsPage(
  twin: Twin,
  own: Iterable<Metric> = [],
  ownHelp: Readonly<Record<string, string>> = {},
): string {
  return metricsText(allMetrics(twin, own), { ...HELP, ...ownHelp });
}

function* allMetrics(twin: Twin, own: Iterable<Metric>): Generator<Metric> {
  const { store } = twin;
  for (const { metadata } of store.list('Node')) {
    const node = metadata.name;
    for (const metric of twin.nodeAgent(node)?.metricValues() ?? [])
      yield { ...metric, labels: { node, ...metric.labels } };
  }
  yield* workloadMetrics(store);
  yield* clusterMetrics(store);
  yield* awsMetrics(twin);
  yield gauge('ekstwin_store_revision', store.revision);
  for (const kind of [...KUBERNETES_KINDS, ...AWS_KINDS]) {
    const objects = store.count(kind);
    if (objects > 0) yield gauge('ekstwin_objects', objects, { kind });
  }
  const dropped = gauge('ekstwin_events_dropped_total', twin.droppedEvents());
  yield { ...dropped, type: 'counter' };
  yield gauge('ekstwin_time_seconds', (EPOCH_MS + twin.clock.now()) / 1_000);
  yield* own;
}

/** Calls by who made them and what AWS answered; `ok` is success, else AWS's code. */
function* awsMetrics({ calls }: Twin): Generator<Metric> {
  for (const [outcome, value] of [...calls.countByOutcome].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [service = '', action = '', caller = '', code = ''] = outcome.split(' ');
    const labels = { service, action, caller, outcome: code === '' ? 'ok' : code };
    yield { name: 'ekstwin_aws_api_calls_total', type: 'counter', labels, value };
  }
}
