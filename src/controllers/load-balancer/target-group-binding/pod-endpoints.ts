/**
 * load-balancer/target-group-binding/pod-endpoints — which pods are a Service's targets by address.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/backend/endpoint_resolver.go:95-210. A pod
 * that is not ready but whose containers are is taken too where its node is ready: what holds it
 * back is a readiness gate, maybe ours. EndpointsFailOpen: with nobody ready, pods on nodes nobody
 * hears of.
 */
import type { TwinStore } from '../../../model/kinds.ts';
import { conditionOf, isConditionTrue } from '../../../model/kubernetes/condition.ts';
import type { Pod, ServicePort } from '../../../model/kubernetes/core.ts';
import type { Endpoint, EndpointSlice } from '../../../model/kubernetes/networking.ts';

export interface PodEndpoint {
  readonly ip: string;
  readonly port: number;
  readonly pod: Pod;
}

export interface SliceQuestion {
  readonly namespace: string;
  readonly servicePort: ServicePort;
  readonly slices: readonly EndpointSlice[];
  readonly failOpen: boolean;
}

/** The endpoints, in the order of the slices. */
export function podEndpoints(
  store: TwinStore,
  { namespace, servicePort, slices, failOpen }: SliceQuestion,
): readonly PodEndpoint[] {
  const ready: PodEndpoint[] = [];
  const unknown: PodEndpoint[] = [];
  for (const slice of slices)
    for (const port of slice.ports ?? []) {
      // A port without a name is the Service's only one.
      if (servicePort.name && servicePort.name !== (port.name ?? '')) continue;
      for (const endpoint of slice.endpoints ?? []) {
        const pod = podOf(store, namespace, endpoint);
        const ip = endpoint.addresses?.[0];
        if (pod === undefined || ip === undefined) continue;
        const found = { ip, port: port.port ?? 0, pod };
        const verdict = verdictOf(store, endpoint, pod);
        if (verdict === 'ready') ready.push(found);
        else if (verdict === 'unknown') unknown.push(found);
      }
    }
  return failOpen && ready.length === 0 ? unknown : ready;
}

function podOf(store: TwinStore, namespace: string, { targetRef }: Endpoint): Pod | undefined {
  if (targetRef?.kind !== 'Pod') return undefined;
  return store.get('Pod', `${targetRef.namespace || namespace}/${targetRef.name}`);
}

function verdictOf(
  store: TwinStore,
  { conditions }: Endpoint,
  pod: Pod,
): 'ready' | 'unknown' | 'not ready' {
  if (conditions?.ready ?? true) return 'ready';
  if (!isConditionTrue(pod.status?.conditions, 'ContainersReady')) return 'not ready';
  const node = store.get('Node', pod.spec.nodeName ?? '');
  const nodeReady = conditionOf(node?.status?.conditions, 'Ready')?.status;
  if (nodeReady === 'Unknown') return 'unknown';
  return nodeReady === 'True' && conditions?.terminating !== true ? 'ready' : 'not ready';
}
