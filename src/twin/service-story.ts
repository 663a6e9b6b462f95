/**
 * twin/service-story — what a pod's readiness sets off: its address in the slices of Services, the
 * rules of every kube-proxy, the names CoreDNS answers.
 *
 * kube-proxy and CoreDNS follow the store at once here. Upstream kube-proxy waits minSyncPeriod
 * between two writes (pkg/proxy/iptables/proxier.go; EKS's kube-proxy-config has 0s) and then takes
 * as long as iptables-restore does, which is not simulated; no time is made up for it.
 * Reads: Service, Node, Pod, ConfigMap.
 */

import type { TwinStore } from '../model/kinds.ts';
import { serviceHost } from '../model/kubernetes/cluster-domain.ts';
import type { Datapath } from './datapath.ts';
import type { TimelineStep } from './timeline.ts';

export interface ServiceLine {
  readonly atMs: number;
  readonly what: 'kube-proxy' | 'CoreDNS';
  readonly object: string;
  readonly text: string;
}

/** Lines that follow the pod's first appearance as an endpoint of each Service. */
export function serviceLines(
  store: TwinStore,
  datapath: Datapath,
  steps: readonly TimelineStep[],
): readonly ServiceLine[] {
  const first = new Map<string, TimelineStep>();
  for (const step of steps)
    if (step.service !== undefined && !first.has(step.service)) first.set(step.service, step);
  return [...first].flatMap(([service, step]) => [
    ...proxyLine(store, service, step),
    nameLine(store, datapath, service, step),
  ]);
}

const isKubeProxy = (labels: Readonly<Record<string, string>> | undefined): boolean =>
  labels?.['k8s-app'] === 'kube-proxy';

function proxyLine(store: TwinStore, service: string, { atMs }: TimelineStep): ServiceLine[] {
  // A headless Service has no address, so kube-proxy writes nothing for it.
  if (store.get('Service', service)?.spec.clusterIP === 'None') return [];
  const nodes = store.count('Node');
  let running = 0;
  for (const { value: pod } of store.entries('Pod'))
    if (isKubeProxy(pod.metadata.labels) && pod.status?.phase === 'Running') running++;
  const period = minSyncPeriod(store);
  const when =
    period === undefined || /^0[a-z]*$/.test(period)
      ? 'at once (minSyncPeriod 0s)'
      : `within minSyncPeriod ${period}`;
  const text = `rules on ${running} of ${nodes} nodes, ${when}; the time iptables-restore takes is not simulated`;
  return [{ atMs, what: 'kube-proxy', object: `svc/${service}`, text }];
}

/** What the configuration of kube-proxy says of iptables; undefined where it says nothing. */
function minSyncPeriod(store: TwinStore): string | undefined {
  const config = store.get('ConfigMap', 'kube-system/kube-proxy-config')?.data?.config ?? '';
  return /^iptables:\n(?:[ \t].*\n)*?[ \t]+minSyncPeriod:[ \t]*"?([^\s"]+)/m.exec(config)?.[1];
}

function nameLine(
  store: TwinStore,
  datapath: Datapath,
  service: string,
  { atMs, key }: TimelineStep,
): ServiceLine {
  const [namespace, name] = service.split('/') as [string, string];
  const [podNamespace, podName] = key.split('/') as [string, string];
  const host = serviceHost(namespace, name);
  const vantage = { kind: 'pod', namespace: podNamespace, name: podName } as const;
  const { addresses, rcode } = datapath.names.lookup(vantage, `${host}.`);
  const isHeadless = store.get('Service', service)?.spec.clusterIP === 'None';
  const since = isHeadless ? 'this pod among them' : 'since the Service was made';
  const text =
    addresses.length === 0 ? `${host}: ${rcode}` : `${host} is ${shown(addresses)}, ${since}`;
  return { atMs, what: 'CoreDNS', object: `svc/${service}`, text };
}

const shown = (addresses: readonly string[]): string =>
  addresses.length <= 3
    ? addresses.join(', ')
    : `${addresses.slice(0, 3).join(', ')} and ${addresses.length - 3} more`;
