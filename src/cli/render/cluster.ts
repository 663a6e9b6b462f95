/**
 * cli/render/cluster — nodes, services, namespaces, events and networking kinds as kubectl shows
 * them.
 *
 * Upstream: kubernetes/kubernetes pkg/printers/internalversion/printers.go; printer columns of the
 * CRDs in amazon-vpc-cni-k8s charts/aws-vpc-cni/crds.
 */
import type { Event, Namespace, Node, Service } from '../../model/kubernetes/core.ts';
import type { Ingress, IngressClass, IngressClassParams } from '../../model/kubernetes/ingress.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import type {
  CniNode,
  EndpointSlice,
  NetworkPolicy,
  SecurityGroupPolicy,
} from '../../model/kubernetes/networking.ts';
import { ageColumn, ageOf, labelsText, nameColumn, type Printer } from './printer.ts';
import { selectorText } from './workload.ts';

const ROLE_LABEL = 'node-role.kubernetes.io/';

function nodeStatus({ spec, status }: Node): string {
  const ready = (status?.conditions ?? []).find(({ type }) => type === 'Ready');
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec.unschedulable === true ? `${word},SchedulingDisabled` : word;
}

const nodeAddress = (node: Node, type: string): string | undefined =>
  node.status?.addresses?.find((address) => address.type === type)?.address;

export const nodeColumns: Printer<Node> = (view) => [
  nameColumn,
  { head: 'STATUS', cell: nodeStatus },
  {
    head: 'ROLES',
    cell: ({ metadata }) =>
      Object.keys(metadata.labels ?? {})
        .filter((label) => label.startsWith(ROLE_LABEL))
        .map((label) => label.slice(ROLE_LABEL.length))
        .join(',') || undefined,
  },
  ageColumn(view),
  { head: 'VERSION', cell: ({ status }) => status?.nodeInfo?.kubeletVersion },
  { head: 'INTERNAL-IP', wide: true, cell: (node) => nodeAddress(node, 'InternalIP') },
  { head: 'EXTERNAL-IP', wide: true, cell: (node) => nodeAddress(node, 'ExternalIP') },
  { head: 'OS-IMAGE', wide: true, cell: ({ status }) => status?.nodeInfo?.osImage },
  { head: 'KERNEL-VERSION', wide: true, cell: ({ status }) => status?.nodeInfo?.kernelVersion },
  {
    head: 'CONTAINER-RUNTIME',
    wide: true,
    cell: ({ status }) => status?.nodeInfo?.containerRuntimeVersion,
  },
];

function servicePorts({ spec }: Service): string | undefined {
  const ports = (spec.ports ?? []).map(({ port, nodePort, protocol }) => {
    const node = nodePort === undefined ? '' : `:${nodePort}`;
    return `${port}${node}/${protocol ?? 'TCP'}`;
  });
  return ports.join(',') || undefined;
}

function externalAddress({ spec, status }: Service): string | undefined {
  if (spec.type === 'ExternalName') return spec.externalName;
  const external = spec.externalIPs ?? [];
  if (spec.type !== 'LoadBalancer') return external.join(',') || undefined;
  const ingress = (status?.loadBalancer?.ingress ?? []).map((it) => it.ip ?? it.hostname ?? '');
  return [...ingress, ...external].join(',') || '<pending>';
}

export const serviceColumns: Printer<Service> = (view) => [
  nameColumn,
  { head: 'TYPE', cell: ({ spec }) => spec.type },
  { head: 'CLUSTER-IP', cell: ({ spec }) => spec.clusterIP || undefined },
  { head: 'EXTERNAL-IP', cell: externalAddress },
  { head: 'PORT(S)', cell: servicePorts },
  ageColumn(view),
  { head: 'SELECTOR', wide: true, cell: ({ spec }) => labelsText(spec.selector) },
];

export const namespaceColumns: Printer<Namespace> = (view) => [
  nameColumn,
  { head: 'STATUS', cell: ({ status }) => status?.phase ?? 'Active' },
  ageColumn(view),
];

export const eventColumns: Printer<Event> = (view) => [
  { head: 'LAST SEEN', cell: ({ lastTimestamp }) => ageOf(view, lastTimestamp) },
  { head: 'TYPE', cell: ({ type }) => type },
  { head: 'REASON', cell: ({ reason }) => reason },
  {
    head: 'OBJECT',
    cell: ({ involvedObject: it }) => `${it.kind.toLowerCase()}/${it.name}`,
  },
  {
    head: 'SOURCE',
    wide: true,
    cell: ({ source }) => [source.component, source.host].filter(Boolean).join(', '),
  },
  { head: 'COUNT', wide: true, cell: ({ count }) => count },
  { head: 'MESSAGE', cell: ({ message }) => message },
];

export const endpointSliceColumns: Printer<EndpointSlice> = (view) => [
  nameColumn,
  { head: 'ADDRESSTYPE', cell: ({ addressType }) => addressType },
  {
    head: 'PORTS',
    cell: ({ ports }) => (ports ?? []).map(({ port }) => port ?? '*').join(',') || '<unset>',
  },
  {
    head: 'ENDPOINTS',
    cell: ({ endpoints }) => {
      const addresses = endpoints.flatMap((endpoint) => endpoint.addresses);
      if (addresses.length === 0) return '<unset>';
      const more = addresses.length > 3 ? ` + ${addresses.length - 3} more...` : '';
      return addresses.slice(0, 3).join(',') + more;
    },
  },
  ageColumn(view),
];

export const networkPolicyColumns: Printer<NetworkPolicy> = (view) => [
  nameColumn,
  { head: 'POD-SELECTOR', cell: ({ spec }) => selectorText(spec.podSelector) },
  ageColumn(view),
];

export const ingressColumns: Printer<Ingress> = (view) => [
  nameColumn,
  { head: 'CLASS', cell: ({ spec }) => spec.ingressClassName },
  {
    head: 'HOSTS',
    cell: ({ spec }) => (spec.rules ?? []).map(({ host }) => host ?? '*').join(',') || '*',
  },
  { head: 'ADDRESS', cell: ingressAddress },
  { head: 'PORTS', cell: ({ spec }) => ((spec.tls ?? []).length > 0 ? '80, 443' : '80') },
  ageColumn(view),
];

const ingressAddress = ({ status }: Ingress): string =>
  (status?.loadBalancer?.ingress ?? []).map((it) => it.hostname ?? it.ip ?? '').join(',');

export const ingressClassColumns: Printer<IngressClass> = (view) => [
  nameColumn,
  { head: 'CONTROLLER', cell: ({ spec }) => spec?.controller },
  {
    head: 'PARAMETERS',
    cell: ({ spec }) => {
      const parameters = spec?.parameters;
      if (parameters === undefined) return undefined;
      const { apiGroup, kind, name } = parameters;
      return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`;
    },
  },
  ageColumn(view),
];

export const ingressClassParamsColumns: Printer<IngressClassParams> = (view) => [
  nameColumn,
  { head: 'GROUP-NAME', cell: ({ spec }) => spec?.group?.name ?? '' },
  { head: 'SCHEME', cell: ({ spec }) => spec?.scheme ?? '' },
  { head: 'IP-ADDRESS-TYPE', cell: ({ spec }) => spec?.ipAddressType ?? '' },
  ageColumn(view),
];

export const securityGroupPolicyColumns: Printer<SecurityGroupPolicy> = (view) => [
  nameColumn,
  {
    head: 'SECURITY-GROUP-IDS',
    cell: ({ spec }) => JSON.stringify(spec.securityGroups?.groupIds ?? []),
  },
  ageColumn(view),
];

export const cniNodeColumns: Printer<CniNode> = (view) => [
  nameColumn,
  { head: 'FEATURES', cell: ({ spec }) => JSON.stringify(spec.features ?? []) },
  ageColumn(view),
];

/** ConfigMaps and Secrets: how many entries. */
export const dataColumns: Printer<KubernetesObject> = (view) => [
  nameColumn,
  {
    head: 'DATA',
    cell: (object) => Object.keys((object.data as object | undefined) ?? {}).length,
  },
  ageColumn(view),
];

/** What kubectl shows of a kind it has no columns for. */
export const plainColumns: Printer<KubernetesObject> = (view) => [nameColumn, ageColumn(view)];
