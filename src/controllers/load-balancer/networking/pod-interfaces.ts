/**
 * controllers/load-balancer/networking/pod-interfaces — on which interface a pod's address is, and
 * which interface a node's traffic comes in by.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/networking/pod_eni_info_resolver.go,
 * node_eni_info_resolver.go. A pod on an EC2 node is found by its branch interface's annotation,
 * then among the addresses and prefixes of its node's interfaces; on Fargate by its address in the
 * VPC. A found interface is believed for ten minutes.
 */
import type { TwinStore } from '../../../model/kinds.ts';
import type { Node, Pod } from '../../../model/kubernetes/core.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { POD_ENI, type PodEni } from '../../../model/kubernetes/pod-eni.ts';
import { cidrTextContains } from '../../../net/index.ts';
import type { Clock } from '../../../sim/clock.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import { ExpiringMap } from '../expiring-map.ts';
import type { FoundInterface, InterfaceReads } from './interface-reads.ts';
import { type ComputeType, computeTypeOf, instanceIdOfNode } from './node-instance.ts';

const TTL_MS = 600_000;

/** `hybrid`: a node that is no machine of AWS; nothing of AWS stands before it. */
export type Found = FoundInterface | 'hybrid';

export class PodInterfaces {
  readonly #store: TwinStore;
  readonly #reads: InterfaceReads;
  readonly #known: ExpiringMap<Found>;

  constructor(clock: Clock, store: TwinStore, reads: InterfaceReads) {
    this.#store = store;
    this.#reads = reads;
    this.#known = new ExpiringMap(clock, TTL_MS);
  }

  /** The interface of every pod, by key. */
  async resolve(pods: readonly Pod[]): Promise<ReadonlyMap<string, Found>> {
    const found = new Map<string, Found>();
    for (const pod of pods) {
      const known = this.#known.get(cacheKeyOf(pod));
      if (known !== undefined) found.set(keyOf(pod), known);
    }
    const rest = missing(pods, found);
    if (rest.length === 0) return found;
    await this.#lookUp(rest, found);
    for (const pod of rest) {
      const its = found.get(keyOf(pod));
      if (its !== undefined) this.#known.set(cacheKeyOf(pod), its);
    }
    const lost = missing(rest, found);
    if (lost.length === 0) return found;
    const keys = lost.map(keyOf).join(' ');
    throw new DeployError(`cannot resolve pod ENI for pods: [${keys}]`);
  }

  async #lookUp(pods: readonly Pod[], found: Map<string, Found>): Promise<void> {
    const byType: Record<ComputeType, Pod[]> = { ec2: [], fargate: [], hyperpod: [], hybrid: [] };
    for (const pod of pods) byType[computeTypeOf(this.#nodeOf(pod))].push(pod);
    const { ec2, fargate, hyperpod, hybrid } = byType;
    if (ec2.length > 0) {
      await this.#byAnnotation(ec2, found);
      await this.#byNode(missing(ec2, found), found);
    }
    if (fargate.length > 0) await this.#byAddress(fargate, found);
    if (hyperpod.length > 0) {
      await this.#byAddress(hyperpod, found);
      await this.#byNodeAddress(missing(hyperpod, found), found);
    }
    for (const pod of hybrid) found.set(keyOf(pod), 'hybrid');
  }

  /** Security groups for pods: the resource controller wrote the branch interface's id. */
  async #byAnnotation(pods: readonly Pod[], found: Map<string, Found>): Promise<void> {
    const podsOf = new Map<string, Pod[]>();
    for (const pod of pods) {
      const eniId = annotatedInterface(pod);
      if (eniId !== undefined) podsOf.set(eniId, [...(podsOf.get(eniId) ?? []), pod]);
    }
    if (podsOf.size === 0) return;
    for (const eni of await this.#reads.byIds([...podsOf.keys()].sort()))
      for (const pod of podsOf.get(eni.networkInterfaceId) ?? []) found.set(keyOf(pod), eni);
  }

  async #byNode(pods: readonly Pod[], found: Map<string, Found>): Promise<void> {
    if (pods.length === 0) return;
    const instances = new Map<string, string>();
    for (const pod of pods) {
      const node = this.#nodeOf(pod);
      instances.set(node.metadata.name, instanceIdOfNode(node));
    }
    const interfaces = await this.#reads.ofInstances([...new Set(instances.values())].sort());
    for (const pod of pods) {
      const its = interfaces.get(instances.get(pod.spec.nodeName ?? '')!);
      const eni = its?.find((one) => isBehind(pod, one));
      if (eni !== undefined) found.set(keyOf(pod), eni);
    }
  }

  async #byAddress(pods: readonly Pod[], found: Map<string, Found>): Promise<void> {
    const podsOf = new Map<string, Pod[]>();
    for (const pod of pods) {
      const address = pod.status?.podIP ?? '';
      podsOf.set(address, [...(podsOf.get(address) ?? []), pod]);
    }
    const addresses = [...podsOf.keys()].sort();
    for (const family of ['ipv4', 'ipv6'] as const) {
      const its = addresses.filter((it) => it.includes(':') === (family === 'ipv6'));
      if (its.length === 0) continue;
      for (const eni of await this.#reads.byAddresses(family, its)) {
        const held =
          family === 'ipv4'
            ? eni.privateIpAddresses.map(({ address }) => address)
            : eni.ipv6Addresses;
        for (const address of held)
          for (const pod of podsOf.get(address) ?? []) found.set(keyOf(pod), eni);
      }
    }
  }

  /** SageMaker's nodes show no instance: their interface is found by the node's own address. */
  async #byNodeAddress(pods: readonly Pod[], found: Map<string, Found>): Promise<void> {
    const podsOf = new Map<string, Pod[]>();
    for (const pod of pods) {
      const address = this.#nodeOf(pod).status?.addresses?.find(
        ({ type }) => type === 'InternalIP',
      )?.address;
      if (address !== undefined) podsOf.set(address, [...(podsOf.get(address) ?? []), pod]);
    }
    if (podsOf.size === 0) return;
    for (const eni of await this.#reads.byAddresses('ipv4', [...podsOf.keys()]))
      for (const { address } of eni.privateIpAddresses)
        for (const pod of podsOf.get(address) ?? [])
          if (isInPrefixes(pod, eni)) found.set(keyOf(pod), eni);
  }

  #nodeOf(pod: Pod): Node {
    const name = pod.spec.nodeName ?? '';
    const node = this.#store.get('Node', name);
    if (node === undefined) throw new DeployError(`Node ${JSON.stringify(name)} not found`);
    return node;
  }
}

const cacheKeyOf = (pod: Pod): string => `${keyOf(pod)} ${pod.metadata.uid}`;

const missing = (pods: readonly Pod[], found: ReadonlyMap<string, Found>): Pod[] =>
  pods.filter((pod) => !found.has(keyOf(pod)));

/** The branch interface whose address is the pod's, by the pod's annotation. */
function annotatedInterface({ metadata, status }: Pod): string | undefined {
  const text = metadata.annotations?.[POD_ENI];
  if (text === undefined) return undefined;
  const address = status?.podIP;
  return branchesIn(text).find(
    ({ privateIp, ipv6Addr }) => privateIp === address || (ipv6Addr && ipv6Addr === address),
  )?.eniId;
}

function branchesIn(text: string): readonly Partial<PodEni>[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? (parsed as Partial<PodEni>[]) : [];
  } catch {
    return [];
  }
}

/** The pod's address is one of the interface's, or in one of its prefixes. */
const isBehind = (pod: Pod, eni: FoundInterface): boolean =>
  eni.privateIpAddresses.some(({ address }) => address === pod.status?.podIP) ||
  isInPrefixes(pod, eni);

const isInPrefixes = ({ status }: Pod, { ipv4Prefixes, ipv6Prefixes }: FoundInterface): boolean =>
  [...ipv4Prefixes, ...ipv6Prefixes].some((prefix) =>
    cidrTextContains(prefix, status?.podIP ?? ''),
  );
