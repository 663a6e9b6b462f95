/**
 * analysis/trace/control-plane-ends — where the API server goes for a Service: a webhook, an
 * aggregated API, `kubectl proxy`. No kube-proxy runs beside it; it takes one of the endpoints
 * itself and connects to the pod's own port.
 *
 * Follows kubernetes/kubernetes staging/src/k8s.io/apiserver/pkg/util/proxy/proxy.go
 * ResolveEndpoint, which EKS turns on (--enable-aggregator-routing,
 * aws/containers-roadmap#2744). Reads Services and EndpointSlices.
 */
import type { Verdict } from '../../datapath/trace.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Service, ServicePort } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { type Ip, parseIp } from '../../net/index.ts';
import type { Target } from './endpoint.ts';
import { withMissingEndpoints } from './missing-endpoints.ts';

type Ends = Extract<Target, { kind: 'endpoints' }>;

/** The endpoints of a Service's port that the API server chooses from, or why there is none. */
export function controlPlaneEnds(store: TwinStore, service: Service, port: number): Ends {
  const label = `svc/${keyOf(service)}`;
  const note = 'the API server asks no kube-proxy: it takes one of the endpoints itself';
  const none = (failure: Verdict): Ends => ({
    kind: 'endpoints',
    label,
    port,
    ends: [],
    failure,
    note,
  });
  if (service.spec.type === 'ExternalName') return none(unsupported(service));
  const servicePort = service.spec.ports?.find((it) => it.port === port);
  if (servicePort === undefined) return none(withoutPort(service, port));
  const ends = readyEnds(store, service, servicePort);
  if (ends.length === 0) return none(withoutEndpoints(store, service, servicePort));
  return { kind: 'endpoints', label, port, ends, note };
}

function readyEnds(store: TwinStore, service: Service, { name = '' }: ServicePort): Ends['ends'] {
  const family = service.spec.ipFamilies?.[0] ?? 'IPv4';
  const slices = store
    .lookup('EndpointSlice', 'service', keyOf(service))
    .filter(({ addressType }) => addressType === family);
  const ends = slices.flatMap(({ endpoints, ports }) => {
    const port = ports.find((it) => (it.name ?? '') === name)?.port;
    if (port === undefined) return [];
    return endpoints
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => parseIp(addresses[0] ?? '') ?? [])
      .map((address) => ({ address, port }));
  });
  return ends.toSorted((a, b) => compare(a.address, b.address) || a.port - b.port);
}

const compare = (a: Ip, b: Ip): number => (a < b ? -1 : a > b ? 1 : 0);

const unsupported = (service: Service): Verdict => ({
  disposition: 'no-endpoints',
  text: `the API server cannot call ${keyOf(service)}: unsupported service type "ExternalName"`,
  code: 'K8S_SVC_NO_ENDPOINTS',
  remedy: { text: 'name the host in the webhook itself: clientConfig.url' },
});

function withoutPort(service: Service, port: number): Verdict {
  const has = service.spec.ports?.map((it) => it.port).join(', ') ?? '';
  return {
    disposition: 'no-endpoints',
    text:
      `the API server cannot call ${keyOf(service)}: no service port ${port} found for service ` +
      `"${service.metadata.name}" (it has ${has === '' ? 'none' : has})`,
    code: 'K8S_SVC_PORT_MISMATCH',
    remedy: { text: has === '' ? `add port ${port} to the Service` : `name port ${has}` },
  };
}

function withoutEndpoints(store: TwinStore, service: Service, port: ServicePort): Verdict {
  const text = `the API server cannot call ${keyOf(service)}: no endpoints available for service "${service.metadata.name}"`;
  return withMissingEndpoints(store, service, port, {
    disposition: 'no-endpoints',
    text,
    code: 'K8S_SVC_NO_ENDPOINTS',
  });
}
