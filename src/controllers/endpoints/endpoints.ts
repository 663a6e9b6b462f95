/**
 * controllers/endpoints/endpoints — keeps the Endpoints object of every Service with a selector,
 * and of `kubernetes`, for clients that read no EndpointSlices (`kubectl describe service`).
 *
 * Upstream: kubernetes/kubernetes pkg/controller/endpoint/endpoints_controller.go; the API server
 * writes those of `kubernetes` (pkg/controlplane/reconcilers/instancecount.go).
 * Reads: Service, EndpointSlice.  Writes: Endpoints.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import type { Endpoints } from '../../model/kubernetes/endpoints.ts';
import type { Labels } from '../../model/kubernetes/meta.ts';
import type { EndpointSlice } from '../../model/kubernetes/networking.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Request, requeue, watch } from '../../sim/controller.ts';
import { packSubsets } from './subsets.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const HEADLESS = 'service.kubernetes.io/headless';
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
/** The Service whose endpoints are the API server's own. */
const API_SERVICE = 'default/kubernetes';

/** An Endpoints object is written whole: a large one once a second at most. */
const PACE_MS_PER_ENDPOINT = 3;
const PACE_MAX_MS = 1_000;

const storeKey = (key: string): string => `core/Endpoints:${key}`;

/** Requests are keys of Services. */
export function endpointsController(
  clock: Clock,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const paces = new Map<Request, number>();
  const remove = (request: Request): void => {
    paces.delete(request);
    if (store.get('Unknown', storeKey(request)) === undefined) return;
    kubernetes.delete('Unknown', storeKey(request));
  };
  return {
    name: 'endpoints',
    watches: [
      watch<Kinds, 'Service'>('Service', ({ key }) => [key]),
      watch<Kinds, 'EndpointSlice'>('EndpointSlice', ({ value, previous }) => {
        const slice = (value ?? previous) as EndpointSlice;
        const name = slice.metadata.labels?.[SERVICE_NAME];
        return name === undefined ? [] : [`${slice.metadata.namespace}/${name}`];
      }),
    ],
    reconcile(request) {
      const service = store.get('Service', request);
      if (service === undefined || !hasEndpoints(request, service)) {
        if (service === undefined) remove(request);
        return done;
      }
      const nowMs = clock.now();
      const nextMs = paces.get(request) ?? 0;
      if (nextMs > nowMs) return requeue(nextMs - nowMs, 'many endpoints');
      const slices = store.lookup('EndpointSlice', 'service', request);
      const endpoints = slices.reduce((sum, slice) => sum + (slice.endpoints ?? []).length, 0);
      paces.set(request, nowMs + Math.min(endpoints * PACE_MS_PER_ENDPOINT, PACE_MAX_MS));
      write(store, kubernetes, service, slices);
      return done;
    },
  };
}

/** Endpoints of a Service without a selector are its user's. */
const hasEndpoints = (key: string, { spec }: Service): boolean =>
  key === API_SERVICE || (spec.type !== 'ExternalName' && spec.selector !== undefined);

function write(
  store: TwinStore,
  kubernetes: Kubernetes,
  service: Service,
  slices: readonly EndpointSlice[],
): void {
  const { namespace, name } = service.metadata;
  const { subsets, isTruncated } = packSubsets(service, slices);
  const live = store.get('Unknown', storeKey(`${namespace}/${name}`)) as Endpoints | undefined;
  const { [OVER_CAPACITY]: _, ...kept } = live?.metadata.annotations ?? {};
  const annotations: Labels = { ...kept, ...(isTruncated ? { [OVER_CAPACITY]: 'truncated' } : {}) };
  const { annotations: __, ...metadata } = live?.metadata ?? { name, namespace };
  const next: Endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...metadata,
      labels: labelsOf(service),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  };
  if (live === undefined) kubernetes.create(next);
  else kubernetes.update(next);
}

/** Those of `kubernetes` are the API server's, which has slices made of them in another way. */
function labelsOf(service: Service): Labels {
  if (`${service.metadata.namespace}/${service.metadata.name}` === API_SERVICE)
    return { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
  const { [HEADLESS]: _, ...labels } = service.metadata.labels ?? {};
  const isHeadless = service.spec.clusterIP === 'None' || !service.spec.clusterIP;
  return {
    ...labels,
    [MANAGED_BY]: 'endpoint-controller',
    ...(isHeadless ? { [HEADLESS]: '' } : {}),
  };
}
