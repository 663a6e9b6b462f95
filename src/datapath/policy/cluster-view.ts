/**
 * datapath/policy/cluster-view — what policies ask about: which policies select a pod, whose
 * address this is. Worked out when first asked and forgotten when the store changes.
 *
 * Reads: Pod, Namespace, NetworkPolicy, Service.  Writes: nothing.
 */

import type { TwinStore } from '../../model/kinds.ts';
import type { Pod, Service } from '../../model/kubernetes/core.ts';
import type { Labels } from '../../model/kubernetes/meta.ts';
import { isOnNetwork } from '../../model/kubernetes/network-policy.ts';
import type { NetworkPolicy } from '../../model/kubernetes/networking.ts';
import type { EndpointInfo } from '../../model/kubernetes/policy-endpoint.ts';
import { SelectorIndex } from '../../model/kubernetes/selector-index.ts';
import { formatIp, type Ip, type Packet } from '../../net/index.ts';
import {
  type CompiledPolicy,
  compilePolicy,
  type Direction,
  POLICY_TYPE,
} from './compiled-policy.ts';

const NONE: readonly CompiledPolicy[] = [];
/** Addresses whose holders are kept in mind. */
const HOLDERS_MAX = 50_000;

/** Who has an address. */
interface Holders {
  readonly pod: Pod | undefined;
  readonly service: Service | undefined;
  /** `10.0.3.17 (pod catalog/catalog-0)`, `172.20.3.4 (service catalog/catalog)`, `8.8.8.8`. */
  readonly text: string;
}

const keyed = ({ metadata }: Pod | Service): string => `${metadata.namespace}/${metadata.name}`;

export class ClusterView {
  readonly #store: TwinStore;
  #revision = -1;
  #policies = new Map<string, SelectorIndex<CompiledPolicy>>();
  #selecting = new WeakMap<Pod, Map<Direction, readonly CompiledPolicy[]>>();
  readonly #holders = new Map<Ip, Holders>();
  /** By entry, protocol and port: which rule an entry came from does not depend on more. */
  #rules = new WeakMap<EndpointInfo, Map<number, string>>();

  constructor(store: TwinStore) {
    this.#store = store;
  }

  /** Forgets what an older state of the store said. */
  refresh(): void {
    if (this.#store.revision === this.#revision) return;
    this.#revision = this.#store.revision;
    this.#policies = new Map();
    this.#selecting = new WeakMap();
    this.#holders.clear();
    this.#rules = new WeakMap();
  }

  pod(key: string): Pod | undefined {
    return this.#store.get('Pod', key);
  }

  policy(key: string): NetworkPolicy | undefined {
    return this.#store.get('NetworkPolicy', key);
  }

  /** The NetworkPolicies that isolate the pod in this direction, by name. */
  isolating(pod: Pod, direction: Direction): readonly CompiledPolicy[] {
    const known = this.#selecting.get(pod)?.get(direction);
    if (known !== undefined) return known;
    const index = this.#policiesIn(pod.metadata.namespace ?? '');
    if (index.isEmpty) return NONE;
    const found = new Set<CompiledPolicy>();
    for (const policy of index.matching(pod.metadata.labels)) {
      if (policy.types.includes(POLICY_TYPE[direction])) found.add(policy);
    }
    const sorted = [...found].sort((a, b) => (a.object < b.object ? -1 : 1));
    const byDirection = this.#selecting.get(pod) ?? new Map();
    byDirection.set(direction, sorted);
    this.#selecting.set(pod, byDirection);
    return sorted;
  }

  /** The pod whose address this is, on the pod network and not ended. */
  podAt(ip: Ip): Pod | undefined {
    return this.#holdersOf(ip).pod;
  }

  /** The Service whose cluster address this is. */
  serviceAt(ip: Ip): Service | undefined {
    return this.#holdersOf(ip).service;
  }

  /** `10.0.3.17 (pod catalog/catalog-0)`, `172.20.3.4 (service catalog/catalog)`, `8.8.8.8`. */
  addressText(ip: Ip): string {
    return this.#holdersOf(ip).text;
  }

  #holdersOf(ip: Ip): Holders {
    const known = this.#holders.get(ip);
    if (known !== undefined) return known;
    const address = formatIp(ip);
    const pod = this.#store
      .lookup('Pod', 'address', address)
      .find((one) => one.spec.hostNetwork !== true && isOnNetwork(one));
    const service = this.#store.lookup('Service', 'address', address)[0];
    const text =
      pod !== undefined
        ? `${address} (pod ${keyed(pod)})`
        : service !== undefined
          ? `${address} (service ${keyed(service)})`
          : address;
    const made = { pod, service, text };
    if (this.#holders.size >= HOLDERS_MAX) this.#holders.clear();
    this.#holders.set(ip, made);
    return made;
  }

  /** The path of the rule that an entry came from, found once. */
  ruleOf(info: EndpointInfo, { protocol, destinationPort }: Packet, find: () => string): string {
    let rules = this.#rules.get(info);
    if (rules === undefined) {
      rules = new Map();
      this.#rules.set(info, rules);
    }
    const key = destinationPort * 256 + protocol;
    let rule = rules.get(key);
    if (rule === undefined) {
      rule = find();
      rules.set(key, rule);
    }
    return rule;
  }

  /** A namespace's labels, with the name that the API server always adds. */
  namespaceLabels(name: string): Labels {
    const labels = this.#store.get('Namespace', name)?.metadata.labels ?? {};
    return labels['kubernetes.io/metadata.name'] === name
      ? labels
      : { ...labels, 'kubernetes.io/metadata.name': name };
  }

  #policiesIn(namespace: string): SelectorIndex<CompiledPolicy> {
    let index = this.#policies.get(namespace);
    if (index !== undefined) return index;
    index = new SelectorIndex();
    for (const policy of this.#store.lookup('NetworkPolicy', 'namespace', namespace)) {
      index.add(policy.spec.podSelector ?? {}, compilePolicy(policy));
    }
    this.#policies.set(namespace, index);
    return index;
  }
}
