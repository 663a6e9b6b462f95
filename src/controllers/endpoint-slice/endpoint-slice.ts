/**
 * controllers/endpoint-slice — keeps the EndpointSlices of every Service with a selector.
 *
 * Upstream: kubernetes/endpointslice@daa4d01 reconciler.go Reconcile, reconcileByAddressType,
 * finalize; kubernetes/kubernetes pkg/controller/endpointslice/endpointslice_controller.go.
 * Reads: Service, Pod, Node, EndpointSlice.  Writes: EndpointSlice, events on Services.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import { isPodReady } from '../../model/kubernetes/condition.ts';
import type { Node, Pod } from '../../model/kubernetes/core.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Request, requeue, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { ZONE_LABEL } from './endpoint.ts';
import { hasSelector, ServiceIndex } from './service-index.ts';
import { isManaged, SERVICE_NAME } from './slice-object.ts';
import { SliceSync } from './slice-sync.ts';

/** Pods come up in crowds; upstream has --endpointslice-updates-batch-period for the same. */
const BATCH_MS = 20;
/**
 * A look walks all endpoints, so a Service of 100 is looked at every 100 ms at most and one of
 * 1,000 or more every second; upstream's client is allowed 20 writes a second for all Services.
 */
const PACE_MS_PER_ENDPOINT = 3;
const PACE_MAX_MS = 1_000;

const NOTHING: readonly Request[] = [];

export function endpointSliceController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const services = new ServiceIndex(store);
  const sync = new SliceSync(store, kubernetes, services);
  const paces = new Map<Request, { readonly nextMs: number; isDue: boolean }>();

  return {
    name: 'endpoint-slice',
    batchMs: BATCH_MS,
    watches: [
      // Before pods, so that the index knows the Services when pods are listed.
      watch<Kinds, 'Service'>('Service', ({ key, value }) => {
        services.seeService(key, value);
        return [key];
      }),
      watch<Kinds, 'Pod'>('Pod', ({ key, value, previous }) => {
        const { before, now } = services.seePod(key, value);
        if (before !== now) return new Set([...before, ...now]);
        return value === undefined || isChanged(previous, value) ? now : NOTHING;
      }),
      watch<Kinds, 'EndpointSlice'>('EndpointSlice', ({ value, previous }) => {
        const slice = value ?? previous;
        if (slice === undefined || !isManaged(slice) || sync.isWriting) return NOTHING;
        const name = slice.metadata.labels?.[SERVICE_NAME];
        return name === undefined ? NOTHING : [`${slice.metadata.namespace}/${name}`];
      }),
      watch<Kinds, 'Node'>('Node', ({ key, value, previous }) => {
        if (!isZoneChanged(previous, value)) return NOTHING;
        sync.forgetZones();
        const hinted = sync.hintedServices;
        const pods = store.lookupKeys('Pod', 'node', key);
        const here = [...pods].flatMap((pod) => services.seePod(pod, store.get('Pod', pod)).now);
        return new Set([...hinted, ...here]);
      }),
    ],
    reconcile(request) {
      const service = store.get('Service', request);
      if (service === undefined) {
        paces.delete(request);
        sync.forget(request);
        return done;
      }
      if (!hasSelector(service)) return done;
      const pace = paces.get(request);
      const nowMs = clock.now();
      if (pace !== undefined && pace.nextMs > nowMs) {
        if (pace.isDue) return done;
        pace.isDue = true;
        return requeue(pace.nextMs - nowMs, 'many endpoints');
      }
      const endpoints = sync.sync(service);
      const paceMs = Math.min(endpoints * PACE_MS_PER_ENDPOINT, PACE_MAX_MS);
      paces.set(request, { nextMs: nowMs + paceMs, isDue: false });
      return done;
    },
  };
}

/** util/controller_utils.go podEndpointsChanged: only what an endpoint is made of. */
function isChanged(before: Pod | undefined, after: Pod): boolean {
  return (
    before === undefined ||
    before.metadata.labels !== after.metadata.labels ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    before.status?.phase !== after.status?.phase ||
    before.spec.nodeName !== after.spec.nodeName ||
    isPodReady(before) !== isPodReady(after) ||
    before.status?.podIPs?.map(({ ip }) => ip).join() !==
      after.status?.podIPs?.map(({ ip }) => ip).join()
  );
}

/** The node came, went, or what hints are made of changed. */
function isZoneChanged(before: Node | undefined, after: Node | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  const ready = ({ status }: Node) => status?.conditions?.find((it) => it.type === 'Ready')?.status;
  return (
    before.metadata.labels?.[ZONE_LABEL] !== after.metadata.labels?.[ZONE_LABEL] ||
    ready(before) !== ready(after) ||
    before.status?.allocatable?.cpu !== after.status?.allocatable?.cpu
  );
}
