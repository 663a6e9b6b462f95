/**
 * controllers/endpoint-slice/slice-sync — one look at one Service: the endpoints it should have,
 * the slices it has, and the writes between the two.
 *
 * Upstream: kubernetes/endpointslice@daa4d01 reconciler.go:151 reconcileByAddressType, :396
 * finalize.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Node, Service } from '../../model/kubernetes/core.ts';
import { controllerOf, keyOf } from '../../model/kubernetes/meta.ts';
import type { Endpoint, EndpointSlice } from '../../model/kubernetes/networking.ts';
import {
  type AddressType,
  type EndpointPorts,
  endpointKey,
  endpointOf,
  endpointPorts,
  isHeadless,
  isListed,
  portKey,
  ZONE_LABEL,
} from './endpoint.ts';
import type { Member, ServiceIndex } from './service-index.ts';
import { type Draft, planSlices } from './slice-changes.ts';
import { areLabelsStale, isManaged, newSlice, sliceLabels } from './slice-object.ts';
import {
  CLOSE,
  hintByShare,
  hintOwnZone,
  removeHints,
  type ZoneShares,
  zoneShares,
} from './topology.ts';

/** Endpoints with the same ports. */
interface PortGroup {
  readonly ports: EndpointPorts;
  readonly endpoints: Map<string, Endpoint>;
}

/** What becomes of the slices of one address type. */
interface Writes {
  readonly drafts: Draft[];
  readonly portsOf: Map<Draft, EndpointPorts>;
  readonly deleted: EndpointSlice[];
}

export class SliceSync {
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #services: ServiceIndex;
  /** Services in Auto mode, and whether each has hints. */
  readonly #auto = new Map<string, boolean>();
  #zones: { readonly shares: ZoneShares } | undefined;
  /** True while this class writes slices: their events are no news. */
  isWriting = false;

  constructor(store: TwinStore, kubernetes: Kubernetes, services: ServiceIndex) {
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#services = services;
  }

  get hintedServices(): Iterable<string> {
    return this.#auto.keys();
  }

  forget(serviceKey: string): void {
    this.#auto.delete(serviceKey);
  }

  /** Nodes came, went or changed zone. */
  forgetZones(): void {
    this.#zones = undefined;
  }

  /** Brings the Service's slices up to date; how many endpoints it has. */
  sync(service: Service): number {
    const slices = this.#store
      .lookup('EndpointSlice', 'service', keyOf(service))
      .filter((it) => isManaged(it) && it.metadata.deletionTimestamp === undefined);
    const pods = this.#membersOf(service);
    const types = addressTypes(service);
    this.isWriting = true;
    for (const addressType of types) {
      const existing = slices.filter((it) => it.addressType === addressType);
      this.#syncType(service, pods, existing, addressType);
    }
    for (const slice of slices) if (!types.includes(slice.addressType)) this.#delete(slice);
    this.isWriting = false;
    return pods.length;
  }

  #membersOf(service: Service): readonly Member[] {
    const found: Member[] = [];
    for (const member of this.#services.membersOf(keyOf(service)).values()) {
      if (isListed(member.pod)) found.push(member);
    }
    return found;
  }

  #syncType(
    service: Service,
    pods: readonly Member[],
    existing: readonly EndpointSlice[],
    addressType: AddressType,
  ): void {
    const writes = this.#plan(service, pods, existing, addressType);
    this.#hint(service, addressType, writes.drafts);
    this.#write(service, addressType, writes);
  }

  #plan(
    service: Service,
    pods: readonly Member[],
    existing: readonly EndpointSlice[],
    addressType: AddressType,
  ): Writes {
    const groups = this.#groups(service, pods, addressType);
    const labels = sliceLabels(service);
    const writes: Writes = { drafts: [], portsOf: new Map(), deleted: [] };
    const byPorts = new Map<string, EndpointSlice[]>();
    for (const slice of existing) {
      // Slices of an older Service of the same name are being collected.
      if (controllerOf(slice)?.uid !== service.metadata.uid) writes.deleted.push(slice);
      else pushTo(byPorts, portKey(slice.ports), slice);
    }
    for (const [key, { ports, endpoints }] of groups) {
      const own = byPorts.get(key) ?? [];
      byPorts.delete(key);
      const plan = planSlices(own, endpoints, (slice) => areLabelsStale(slice, labels));
      for (const draft of [...plan.kept, ...plan.created]) {
        writes.drafts.push(draft);
        writes.portsOf.set(draft, ports);
      }
      writes.deleted.push(...plan.deleted);
    }
    for (const slices of byPorts.values()) writes.deleted.push(...slices);
    if (writes.drafts.length === 0) this.#addPlaceholder(service, writes);
    return writes;
  }

  /** A Service without endpoints keeps one empty slice, so that its readers know. */
  #addPlaceholder(service: Service, writes: Writes): void {
    const { deleted } = writes;
    const [only] = deleted;
    const isOne =
      deleted.length === 1 &&
      only!.endpoints.length === 0 &&
      only!.ports.length === 0 &&
      controllerOf(only!)?.uid === service.metadata.uid &&
      !areLabelsStale(only!, sliceLabels(service));
    if (isOne) deleted.length = 0;
    const before = isOne ? only : undefined;
    const draft: Draft = { before, endpoints: [], changed: !isOne };
    writes.drafts.push(draft);
    writes.portsOf.set(draft, []);
  }

  #groups(service: Service, pods: readonly Member[], addressType: AddressType) {
    const groups = new Map<string, PortGroup>();
    const isPortless = (service.spec.ports ?? []).length === 0 && isHeadless(service);
    const { publishNotReadyAddresses } = service.spec;
    let lastContainers: unknown;
    let last: { readonly key: string; readonly ports: EndpointPorts } = { key: '', ports: [] };
    for (const member of pods) {
      const { pod } = member;
      // Pods of a template share their containers, hence their ports.
      if (pod.spec.containers !== lastContainers || pod.spec.initContainers !== undefined) {
        const ports = isPortless ? [] : endpointPorts(service, pod);
        last = { key: portKey(ports), ports };
        lastContainers = pod.spec.containers;
      }
      const { nodeName } = pod.spec;
      const node = nodeName === undefined ? undefined : this.#store.get('Node', nodeName);
      if (node === undefined && publishNotReadyAddresses !== true) continue;
      const endpoint = currentEndpoint(member, node, service, addressType);
      if (endpoint === undefined) continue;
      let group = groups.get(last.key);
      if (group === undefined) {
        group = { ports: last.ports, endpoints: new Map() };
        groups.set(last.key, group);
      }
      group.endpoints.set(endpointKey(endpoint), endpoint);
    }
    return groups;
  }

  #hint(service: Service, addressType: AddressType, drafts: readonly Draft[]): void {
    const key = keyOf(service);
    if (isAuto(service)) {
      this.#zones ??= { shares: zoneShares(this.#store.list('Node')) };
      const refused = hintByShare(drafts, this.#zones.shares);
      this.#tellHints(service, addressType, refused?.refused);
      return;
    }
    if (this.#auto.get(key) === true) {
      this.#tell(
        service,
        'Warning',
        'TopologyAwareHintsDisabled',
        `${DISABLED}, addressType: ${addressType}`,
      );
    }
    this.#auto.delete(key);
    const { trafficDistribution } = service.spec;
    if (trafficDistribution === undefined || !CLOSE.has(trafficDistribution)) removeHints(drafts);
    else hintOwnZone(drafts, trafficDistribution === 'PreferSameNode');
  }

  #tellHints(service: Service, addressType: AddressType, refused: string | undefined): void {
    const key = keyOf(service);
    const before = this.#auto.get(key);
    this.#auto.set(key, refused === undefined);
    if (refused === undefined && before === true) return;
    const [type, reason, text] =
      refused === undefined
        ? (['Normal', 'TopologyAwareHintsEnabled', ENABLED] as const)
        : (['Warning', 'TopologyAwareHintsDisabled', refused] as const);
    this.#tell(service, type, reason, `${text}, addressType: ${addressType}`);
  }

  #tell(service: Service, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const component = 'endpoint-slice-controller';
    this.#kubernetes.recordEvent(service, { type, reason, message, component });
  }

  /** Slices to create take the place of slices to delete: one write instead of two. */
  #write(service: Service, addressType: AddressType, writes: Writes): void {
    const { drafts, portsOf, deleted } = writes;
    const labels = sliceLabels(service);
    for (const draft of drafts) {
      if (!draft.changed) continue;
      const ports = portsOf.get(draft)!;
      const isOwn = (it: EndpointSlice): boolean =>
        controllerOf(it)?.uid === service.metadata.uid && it.addressType === addressType;
      const spare = draft.before === undefined ? deleted.findIndex(isOwn) : -1;
      const target = draft.before ?? (spare < 0 ? undefined : deleted.splice(spare, 1)[0]);
      if (target !== undefined) {
        const metadata = { ...target.metadata, labels };
        this.#kubernetes.update({ ...target, metadata, ports, endpoints: draft.endpoints });
      } else if (service.metadata.deletionTimestamp === undefined) {
        this.#kubernetes.create(newSlice(service, addressType, ports, draft.endpoints));
      }
    }
    for (const slice of deleted) this.#delete(slice);
  }

  #delete(slice: EndpointSlice): void {
    this.#kubernetes.delete('EndpointSlice', keyOf(slice));
  }
}

/** topologycache/event.go TopologyAwareHintsEnabled, TopologyAwareHintsDisabled. */
const ENABLED = 'Topology Aware Hints has been enabled';
const DISABLED = 'Topology Aware Hints has been disabled';

/** utils.go hintsEnabled: the deprecated annotation wins. */
function isAuto({ metadata }: Service): boolean {
  const { annotations } = metadata;
  const mode =
    annotations?.['service.kubernetes.io/topology-aware-hints'] ??
    annotations?.['service.kubernetes.io/topology-mode'];
  return mode === 'Auto' || mode === 'auto';
}

function addressTypes({ spec }: Service): readonly AddressType[] {
  if (spec.ipFamilies !== undefined && spec.ipFamilies.length > 0) return spec.ipFamilies;
  if (spec.clusterIP === undefined || spec.clusterIP === 'None') return ['IPv4', 'IPv6'];
  return [spec.clusterIP.includes(':') ? 'IPv6' : 'IPv4'];
}

function pushTo<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** The endpoint made last time, while the pod, its zone and the Service are what they were. */
function currentEndpoint(
  member: Member,
  node: Node | undefined,
  service: Service,
  addressType: AddressType,
): Endpoint | undefined {
  const zone = node?.metadata.labels?.[ZONE_LABEL];
  let { made } = member;
  if (made === undefined || made.zone !== zone || made.service !== service) {
    made = { service, zone, endpoints: {} };
    member.made = made;
  }
  if (!(addressType in made.endpoints)) {
    made.endpoints[addressType] = endpointOf(member.pod, node, service, addressType);
  }
  return made.endpoints[addressType];
}
