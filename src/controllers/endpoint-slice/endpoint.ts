/**
 * controllers/endpoint-slice/endpoint — what a pod contributes to a Service: its address, its
 * state, where it is, and which ports it serves.
 *
 * Upstream: kubernetes/endpointslice@daa4d01 utils.go:38 podToEndpoint, :76 getEndpointPorts, :381
 * FindPort; util/controller_utils.go:180 ShouldPodBeInEndpoints, :201 ShouldSetHostname.
 */
import { isPodReady, isPodTerminal } from '../../model/kubernetes/condition.ts';
import type { Node, Pod, Service, ServicePort } from '../../model/kubernetes/core.ts';
import type { Endpoint, EndpointSlice } from '../../model/kubernetes/networking.ts';

export const ZONE_LABEL = 'topology.kubernetes.io/zone';

export type AddressType = EndpointSlice['addressType'];
export type EndpointPorts = EndpointSlice['ports'];

export const isHeadless = ({ spec }: Service): boolean =>
  spec.clusterIP === undefined || spec.clusterIP === 'None' || spec.clusterIP === '';

/** True for pods a Service may list: not ended, with an address; leaving ones stay listed. */
export const isListed = (pod: Pod): boolean =>
  !isPodTerminal(pod) && (pod.status?.podIPs ?? []).length > 0;

/** The pod's endpoint; undefined when it has no address of the type. */
export function endpointOf(
  pod: Pod,
  node: Node | undefined,
  service: Service,
  addressType: AddressType,
): Endpoint | undefined {
  const isSix = addressType === 'IPv6';
  const all = (pod.status?.podIPs ?? []).map(({ ip }) => ip);
  // Most often all of them: the filter's own list would have room for seventeen.
  const isAll = all.every((ip) => ip.includes(':') === isSix);
  const addresses = isAll ? all : all.filter((ip) => ip.includes(':') === isSix);
  if (addresses.length === 0) return undefined;
  const { metadata, spec } = pod;
  const serving = isPodReady(pod);
  const terminating = metadata.deletionTimestamp !== undefined;
  const zone = node?.metadata.labels?.[ZONE_LABEL];
  const isNamed = (spec.hostname ?? '') !== '' && spec.subdomain === service.metadata.name;
  return {
    addresses,
    conditions: {
      ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...(isNamed && metadata.namespace === service.metadata.namespace
      ? { hostname: spec.hostname }
      : {}),
    ...(spec.nodeName === undefined || spec.nodeName === '' ? {} : { nodeName: spec.nodeName }),
    ...(zone === undefined || zone === '' ? {} : { zone }),
    targetRef: {
      kind: 'Pod',
      namespace: metadata.namespace,
      name: metadata.name,
      uid: metadata.uid,
    },
  };
}

/** The ports the pod serves; a port whose name the pod does not have is left out. */
export function endpointPorts(service: Service, pod: Pod): EndpointPorts {
  const ports: EndpointPorts[number][] = [];
  for (const port of service.spec.ports ?? []) {
    const number = containerPort(pod, port);
    if (number === undefined) continue;
    ports.push({
      name: port.name ?? '',
      port: number,
      protocol: port.protocol ?? 'TCP',
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  return ports;
}

/** A number is taken as it is; a name is looked for in the pod, with its protocol. */
function containerPort(pod: Pod, { targetPort, port, protocol = 'TCP' }: ServicePort) {
  if (targetPort === undefined || targetPort === '') return port;
  if (typeof targetPort === 'number') return targetPort === 0 ? port : targetPort;
  const sidecars = (pod.spec.initContainers ?? []).filter((it) => it.restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const it of container.ports ?? []) {
      if (it.name === targetPort && (it.protocol ?? 'TCP') === protocol) return it.containerPort;
    }
  }
  return undefined;
}

/** Pods with the same ports share slices. */
export const portKey = (ports: EndpointPorts): string =>
  ports
    .map(
      (it) => `${it.name ?? ''}/${it.protocol ?? 'TCP'}/${it.port ?? ''}/${it.appProtocol ?? ''}`,
    )
    .sort()
    .join(',');

/** Which endpoint it is, whatever its state: whose it is, or its addresses where nobody's. */
export const endpointKey = ({ addresses, targetRef }: Endpoint): string =>
  targetRef?.uid ?? `${addresses.join(',')}|${targetRef?.name ?? ''}`;

/** True when nothing but the hints differs. */
export const isSameEndpoint = (a: Endpoint, b: Endpoint): boolean =>
  a === b ||
  (a.conditions?.ready === b.conditions?.ready &&
    a.conditions?.serving === b.conditions?.serving &&
    a.conditions?.terminating === b.conditions?.terminating &&
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    a.hostname === b.hostname &&
    a.targetRef?.name === b.targetRef?.name &&
    a.addresses.join() === b.addresses.join() &&
    endpointKey(a) === endpointKey(b));
