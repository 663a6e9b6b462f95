/**
 * api/kubernetes/table/networking — Services, endpoints, Ingresses and policies as `kubectl get`
 * shows them.
 *
 * Upstream: kubernetes/kubernetes@59882936 pkg/printers/internalversion/printers.go printService,
 * printEndpoints, printEndpointSlice, printIngress, printIngressClass, printNetworkPolicy.
 */
import type { Service } from '../../../model/kubernetes/core.ts';
import type { Endpoints } from '../../../model/kubernetes/endpoints.ts';
import type { Ingress, IngressClass } from '../../../model/kubernetes/ingress.ts';
import type { EndpointSlice, NetworkPolicy } from '../../../model/kubernetes/networking.ts';
import { labelsText, listText, NONE, selectorText, UNSET } from './cell-text.ts';
import { AGE, ageOf, column, NAME, type RowPrinter, SELECTOR } from './column.ts';

/** How many addresses, ports or hosts a cell names. */
const SHOWN_MAX = 3;

interface Ingresses {
  readonly ingress?:
    | readonly { readonly ip?: string | undefined; readonly hostname?: string | undefined }[]
    | undefined;
}

const balancerText = (status: Ingresses | undefined): string =>
  [...new Set((status?.ingress ?? []).map(({ ip, hostname }) => ip || (hostname ?? '')))]
    .filter((address) => address !== '')
    .sort()
    .join(',');

function externalAddress({ spec, status }: Service): string {
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  const external = spec.externalIPs ?? [];
  if (spec.type !== 'LoadBalancer') return external.join(',') || NONE;
  const balancer = balancerText(status?.loadBalancer);
  return [...(balancer === '' ? [] : [balancer]), ...external].join(',') || '<pending>';
}

const servicePorts = ({ spec }: Service): string =>
  (spec.ports ?? [])
    .map(({ port, nodePort, protocol }) =>
      nodePort ? `${port}:${nodePort}/${protocol ?? 'TCP'}` : `${port}/${protocol ?? 'TCP'}`,
    )
    .join(',') || NONE;

export const serviceRows: RowPrinter<Service> = {
  columns: [
    NAME,
    column('Type', 'From where it can be reached.'),
    column('Cluster-IP', 'Its address inside the cluster.'),
    column('External-IP', 'Where it is reached from outside.'),
    column('Port(s)', 'Its ports, with their node ports.'),
    AGE,
    SELECTOR,
  ],
  cells: (service, nowMs) => {
    const { metadata, spec } = service;
    return [
      metadata.name,
      spec.type ?? 'ClusterIP',
      spec.clusterIPs?.[0] || spec.clusterIP || NONE,
      externalAddress(service),
      servicePorts(service),
      ageOf(metadata, nowMs),
      labelsText(spec.selector),
    ];
  },
};

const hostPort = (ip: string, port: number): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

function endpointsText({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return NONE;
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port))),
  );
  return listText(all, SHOWN_MAX);
}

export const endpointsRows: RowPrinter<Endpoints> = {
  columns: [NAME, column('Endpoints', 'The first addresses and ports.'), AGE],
  cells: (endpoints, nowMs) => [
    endpoints.metadata.name,
    endpointsText(endpoints),
    ageOf(endpoints.metadata, nowMs),
  ],
};

export const endpointSliceRows: RowPrinter<EndpointSlice> = {
  columns: [
    NAME,
    column('AddressType', 'The family of its addresses.'),
    column('Ports', 'The first of its ports.'),
    column('Endpoints', 'The first of its addresses.'),
    AGE,
  ],
  cells: ({ metadata, addressType, ports, endpoints }, nowMs) => {
    const numbers = (ports ?? []).map(({ port, name }) => String(port ?? (name || '*')));
    const addresses = (endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
    return [
      metadata.name,
      addressType,
      listText(numbers, SHOWN_MAX) || UNSET,
      listText(addresses, SHOWN_MAX) || UNSET,
      ageOf(metadata, nowMs),
    ];
  },
};

function hostsText({ spec }: Ingress): string {
  const rules = spec.rules ?? [];
  const hosts: string[] = [];
  let isMore = false;
  for (const { host } of rules) {
    isMore ||= hosts.length === SHOWN_MAX;
    if (!isMore && host) hosts.push(host);
  }
  if (hosts.length === 0) return '*';
  return `${hosts.join(',')}${isMore ? ` + ${rules.length - SHOWN_MAX} more...` : ''}`;
}

export const ingressRows: RowPrinter<Ingress> = {
  columns: [
    NAME,
    column('Class', 'The class that says which controller implements it.'),
    column('Hosts', 'The host names that its rules match.'),
    column('Address', 'Where its load balancer is reached.'),
    column('Ports', 'The ports that it opens.'),
    AGE,
  ],
  cells: (ingress, nowMs) => [
    ingress.metadata.name,
    ingress.spec.ingressClassName ?? NONE,
    hostsText(ingress),
    balancerText(ingress.status?.loadBalancer),
    (ingress.spec.tls ?? []).length > 0 ? '80, 443' : '80',
    ageOf(ingress.metadata, nowMs),
  ],
};

export const ingressClassRows: RowPrinter<IngressClass> = {
  columns: [
    NAME,
    column('Controller', 'The controller that implements the class.'),
    column('Parameters', 'The object with further settings.'),
    AGE,
  ],
  cells: ({ metadata, spec }, nowMs) => {
    const { apiGroup, kind, name } = spec?.parameters ?? {};
    const parameters = `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`;
    return [
      metadata.name,
      spec?.controller ?? '',
      spec?.parameters === undefined ? NONE : parameters,
      ageOf(metadata, nowMs),
    ];
  },
};

export const networkPolicyRows: RowPrinter<NetworkPolicy> = {
  columns: [NAME, column('Pod-Selector', 'The pods it is for.'), AGE],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    selectorText(spec.podSelector),
    ageOf(metadata, nowMs),
  ],
};
