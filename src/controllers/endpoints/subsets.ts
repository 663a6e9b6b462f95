/**
 * controllers/endpoints/subsets — the subsets of an Endpoints object out of a Service's slices.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/endpoint/endpoints_controller.go syncService,
 * truncateEndpoints; pkg/api/v1/endpoints/util.go RepackSubsets. Upstream makes both from pods;
 * the slices say the same of them.
 */
import type { Service } from '../../model/kubernetes/core.ts';
import type { EndpointAddress, EndpointSubset } from '../../model/kubernetes/endpoints.ts';
import type { Endpoint, EndpointSlice } from '../../model/kubernetes/networking.ts';

/** endpoints_controller.go maxCapacity. */
export const ENDPOINTS_MAX = 1_000;

type Ports = NonNullable<EndpointSubset['ports']>;

interface Group {
  readonly ports: Ports;
  readonly addresses: EndpointAddress[];
  readonly notReadyAddresses: EndpointAddress[];
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const portsOf = ({ ports }: EndpointSlice): Ports =>
  (ports ?? []).map(({ name, port, protocol, appProtocol }) => ({
    ...(name ? { name } : {}),
    port: port ?? 0,
    protocol: protocol ?? 'TCP',
    ...(appProtocol === undefined ? {} : { appProtocol }),
  }));

const addressOf = (ip: string, { hostname, nodeName, targetRef }: Endpoint): EndpointAddress => ({
  ip,
  ...(hostname === undefined ? {} : { hostname }),
  ...(nodeName === undefined ? {} : { nodeName }),
  ...(targetRef === undefined ? {} : { targetRef }),
});

/** What leaves and what is there, of the Service's primary address family. */
function groupsOf(service: Service, slices: readonly EndpointSlice[]): Group[] {
  const isSix = service.spec.ipFamilies?.[0] === 'IPv6';
  const groups = new Map<string, Group>();
  for (const slice of slices) {
    if ((slice.addressType === 'IPv6') !== isSix) continue;
    const ports = portsOf(slice);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, addresses: [], notReadyAddresses: [] };
    groups.set(key, group);
    for (const endpoint of slice.endpoints ?? []) {
      const [ip] = endpoint.addresses;
      if (ip === undefined) continue;
      // A leaving pod is no endpoint, unless all addresses are published (ShouldPodBeInEndpoints).
      const isPublished = service.spec.publishNotReadyAddresses === true;
      if (endpoint.conditions?.terminating === true && !isPublished) continue;
      const isReady = endpoint.conditions?.ready !== false;
      (isReady ? group.addresses : group.notReadyAddresses).push(addressOf(ip, endpoint));
    }
  }
  return [...groups.values()].filter((it) => it.addresses.length + it.notReadyAddresses.length > 0);
}

/** At most so many addresses, ready ones first, a fair share of every subset. */
function truncated(groups: readonly Group[]): readonly Group[] {
  const total = (field: 'addresses' | 'notReadyAddresses'): number =>
    groups.reduce((sum, group) => sum + group[field].length, 0);
  const ready = total('addresses');
  const notReady = total('notReadyAddresses');
  if (ready + notReady <= ENDPOINTS_MAX) return groups;
  const isReadyCut = ready > ENDPOINTS_MAX;
  const of = isReadyCut ? ready : notReady;
  let room = isReadyCut ? ENDPOINTS_MAX : ENDPOINTS_MAX - ready;
  const share = room;
  return groups.map((group) => {
    const list = isReadyCut ? group.addresses : group.notReadyAddresses;
    const kept = Math.min(room, Math.ceil((list.length * share) / of));
    room -= kept;
    return isReadyCut
      ? { ...group, addresses: list.slice(0, kept), notReadyAddresses: [] }
      : { ...group, notReadyAddresses: list.slice(0, kept) };
  });
}

export interface Packed {
  readonly subsets: readonly EndpointSubset[];
  /** More than an Endpoints object holds. */
  readonly isTruncated: boolean;
}

/** A Service's endpoints, grouped by their ports, addresses in order. */
export function packSubsets(service: Service, slices: readonly EndpointSlice[]): Packed {
  const groups = groupsOf(service, slices);
  for (const { addresses, notReadyAddresses } of groups) {
    addresses.sort((a, b) => byText(a.ip, b.ip));
    notReadyAddresses.sort((a, b) => byText(a.ip, b.ip));
  }
  const kept = truncated(groups);
  const subsets = kept
    .toSorted((a, b) => byText(JSON.stringify(a.ports), JSON.stringify(b.ports)))
    .map(({ ports, addresses, notReadyAddresses }) => ({
      ...(addresses.length === 0 ? {} : { addresses }),
      ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
      ...(ports.length === 0 ? {} : { ports }),
    }));
  return { subsets, isTruncated: kept !== groups };
}
