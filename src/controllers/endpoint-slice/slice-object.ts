/**
 * controllers/endpoint-slice/slice-object — an EndpointSlice's name, labels and owner.
 *
 * Upstream: kubernetes/endpointslice@daa4d01 utils.go newEndpointSlice, setEndpointSliceLabels.
 */
import type { Service } from '../../model/kubernetes/core.ts';
import { controllerReference, type Labels } from '../../model/kubernetes/meta.ts';
import type { Endpoint, EndpointSlice } from '../../model/kubernetes/networking.ts';
import { type AddressType, type EndpointPorts, isHeadless } from './endpoint.ts';

export const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const CONTROLLER = 'endpointslice-controller.k8s.io';
const HEADLESS = 'service.kubernetes.io/headless';
const RESERVED: ReadonlySet<string> = new Set([SERVICE_NAME, MANAGED_BY, HEADLESS]);

/** True for slices this controller made; users' and other controllers' are theirs. */
export const isManaged = ({ metadata }: EndpointSlice): boolean =>
  metadata.labels?.[MANAGED_BY] === CONTROLLER;

/** The Service's labels and the three that are the slice's own. */
export function sliceLabels(service: Service): Labels {
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries(service.metadata.labels ?? {})) {
    if (!RESERVED.has(key)) labels[key] = value;
  }
  if (isHeadless(service)) labels[HEADLESS] = '';
  labels[SERVICE_NAME] = service.metadata.name;
  labels[MANAGED_BY] = CONTROLLER;
  return labels;
}

/** True when the slice lacks a label of the Service or has one too many, its own apart. */
export function areLabelsStale(slice: EndpointSlice, labels: Labels): boolean {
  const own = (of: Labels | undefined): string =>
    JSON.stringify(
      Object.entries(of ?? {})
        .filter(([key]) => !RESERVED.has(key))
        .sort(),
    );
  return own(slice.metadata.labels) !== own(labels);
}

/** A slice not yet created; the API server draws the end of its name. */
export const newSlice = (
  service: Service,
  addressType: AddressType,
  ports: EndpointPorts,
  endpoints: readonly Endpoint[],
): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: '',
    generateName: `${service.metadata.name}-`,
    namespace: service.metadata.namespace,
    labels: sliceLabels(service),
    ownerReferences: [controllerReference(service)],
  },
  addressType,
  endpoints,
  ports,
});
