/**
 * controllers/external-dns/node-targets — addresses of nodes: where a Service of type NodePort is
 * reached.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a source/service.go extractNodePortTargets,
 * nodesExternalTrafficPolicyTypeLocal.
 */
import type { TwinStore } from '../../model/kinds.ts';
import { isPodReady } from '../../model/kubernetes/condition.ts';
import type { Node, Pod, Service } from '../../model/kubernetes/core.ts';
import { matchesLabels } from '../../model/kubernetes/selectors.ts';
import { suitableType } from './endpoint.ts';
import type { ExternalDnsSettings } from './settings.ts';

/** @param access  `public` or `private` of the annotation; absent: public where there is any */
export function nodeTargets(
  store: TwinStore,
  { excludesUnschedulable, exposesInternalIpv6 }: ExternalDnsSettings,
  service: Service,
  access: string | undefined,
): readonly string[] {
  const isLocal = service.spec.externalTrafficPolicy === 'Local';
  const nodes = (isLocal ? nodesOfPods(store, service) : store.list('Node')).filter(
    ({ spec }) => !excludesUnschedulable || spec.unschedulable !== true,
  );
  const addresses = nodes.flatMap(({ status }) => status?.addresses ?? []);
  const of = (type: string): readonly string[] =>
    addresses.filter((it) => it.type === type).map(({ address }) => address);
  const internal = of('InternalIP');
  const external = of('ExternalIP');
  const isPublic = access === 'public' || (access !== 'private' && external.length > 0);
  if (!isPublic) return internal;
  if (!exposesInternalIpv6) return external;
  return [...external, ...internal.filter((it) => suitableType(it) === 'AAAA')];
}

/** Nodes with the Service's pods: those whose pods are readiest, and no others. */
function nodesOfPods(store: TwinStore, { metadata, spec }: Service): readonly Node[] {
  const best = new Map<string, number>();
  for (const pod of store.lookup('Pod', 'namespace', metadata.namespace ?? '')) {
    if (pod.status?.phase !== 'Running' || !matchesLabels(spec.selector, pod.metadata.labels)) {
      continue;
    }
    const nodeName = pod.spec.nodeName ?? '';
    best.set(nodeName, Math.max(best.get(nodeName) ?? 0, rankOf(pod)));
  }
  const highest = Math.max(0, ...best.values());
  return [...best].flatMap(([name, rank]) =>
    rank === highest ? (store.get('Node', name) ?? []) : [],
  );
}

const rankOf = (pod: Pod): number =>
  !isPodReady(pod) ? 1 : pod.metadata.deletionTimestamp === undefined ? 3 : 2;
