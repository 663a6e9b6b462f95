/**
 * twin/reach/balancer-node-class — nodes of a load balancer whose packets to a target fare alike,
 * so that one health check stands for those of several zones: the same groups, ACL and route table,
 * addresses that no rule anywhere tells apart, and none in a subnet of the target's own machine,
 * where the answer would not pass the router.
 *
 * Reads: every object that names blocks of addresses. Followed, so nothing is read twice.
 */
import type { LoadBalancerZone } from '../../model/elbv2/load-balancer.ts';
import type { Kind, TwinStore } from '../../model/kinds.ts';
import { POD_ENI } from '../../model/kubernetes/pod-eni.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import { type Cidr, contains, parseCidr, parseIp } from '../../net/index.ts';

/** Kinds that may name a block; pods and nodes hold their own addresses only. */
const NAMING = [
  'ec2/security-group',
  'ec2/network-acl',
  'ec2/prefix-list',
  'ec2/route-table',
  'ec2/transit-gateway-route-table',
  'ec2/vpc',
  'ec2/subnet',
  'NetworkPolicy',
  'PolicyEndpoint',
  'ClusterPolicyEndpoint',
  'ClusterNetworkPolicy',
  'ApplicationNetworkPolicy',
  'Service',
  'ConfigMap',
  'DaemonSet',
] as const satisfies readonly Kind[];

const BLOCK = /[0-9a-f.:]+\/\d{1,3}/gi;

export class BalancerNodeClasses {
  readonly #store: TwinStore;
  readonly #blocksIn = new WeakMap<object, readonly string[]>();
  #blocks: readonly Cidr[] | undefined;
  readonly #keys = new Map<string, string>();

  constructor(store: TwinStore) {
    this.#store = store;
    const forget = (): void => {
      this.#blocks = undefined;
      this.#keys.clear();
    };
    for (const kind of NAMING)
      store.subscribe(kind, ({ value, previous }) => {
        if (this.#names(value) || this.#names(previous)) forget();
      });
    store.subscribe('ec2/network-interface', ({ key, value, previous }) => {
      if (value?.groups !== previous?.groups) this.#keys.delete(key);
    });
  }

  /** One zone of each class, the first; all of them where the target's place is not known. */
  distinct(zones: readonly LoadBalancerZone[], targetId: string): readonly LoadBalancerZone[] {
    const own = zones.length < 2 ? undefined : this.#subnetsAround(targetId);
    if (own === undefined) return zones;
    const seen = new Set<string>();
    return zones.filter(({ networkInterfaceId, subnetId }) => {
      const key = own.has(subnetId) ? networkInterfaceId : this.#keyOf(networkInterfaceId);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  }

  /** Subnets of the interfaces of the machine a target is, or is on. */
  #subnetsAround(id: string): ReadonlySet<string> | undefined {
    const store = this.#store;
    let instanceId: string | undefined = id;
    if (!id.startsWith('i-')) {
      const pod = store.lookup('Pod', 'address', id)[0];
      const node = pod && store.get('Node', pod.spec.nodeName ?? '');
      // A branch interface is in a subnet of its own, and is nobody's but the pod's.
      if (pod?.metadata.annotations?.[POD_ENI] !== undefined) return undefined;
      instanceId = node && instanceIdOf(node);
    }
    if (instanceId?.startsWith('i-') !== true) return undefined;
    const enis = store.lookup('ec2/network-interface', 'instance', instanceId);
    return enis.length === 0 ? undefined : new Set(enis.map(({ subnetId }) => subnetId));
  }

  #keyOf(networkInterfaceId: string): string {
    let key = this.#keys.get(networkInterfaceId);
    if (key === undefined) {
      key = this.#makeKey(networkInterfaceId);
      this.#keys.set(networkInterfaceId, key);
    }
    return key;
  }

  #makeKey(networkInterfaceId: string): string {
    const eni = this.#store.get('ec2/network-interface', networkInterfaceId);
    if (eni === undefined) return networkInterfaceId;
    const { subnetId, vpcId, groups, privateIpAddresses, ipv6Addresses } = eni;
    const acl = this.#store
      .list('ec2/network-acl')
      .find(({ associations }) => associations.some((it) => it.subnetId === subnetId));
    const tables = this.#store.lookup('ec2/route-table', 'vpc', vpcId);
    const table =
      tables.find(({ associations }) => associations.some((it) => it.subnetId === subnetId)) ??
      tables.find(({ associations }) => associations.some(({ main }) => main));
    const addresses = [...privateIpAddresses.map(({ address }) => address), ...ipv6Addresses];
    // Its own subnet's block tells it apart from nothing but that block, which has a rule or not.
    this.#blocks ??= this.#named();
    const within = addresses.map((text) => {
      const ip = parseIp(text);
      return this.#blocks!.flatMap((block, i) =>
        ip !== undefined && contains(block, ip) ? [i] : [],
      ).join();
    });
    return [acl?.networkAclId, table?.routeTableId, [...groups].sort(), within].join(' ');
  }

  #named(): readonly Cidr[] {
    const texts = new Set<string>();
    for (const kind of NAMING) {
      // A subnet's and a VPC's own block are no rules: who names them does so elsewhere.
      if (kind === 'ec2/subnet' || kind === 'ec2/vpc') continue;
      for (const { value } of this.#store.entries(kind))
        for (const text of this.#textsOf(value)) texts.add(text);
    }
    return [...texts].map(parseCidr).filter((cidr) => cidr !== undefined);
  }

  #names(value: object | undefined): boolean {
    return value !== undefined && this.#textsOf(value).length > 0;
  }

  #textsOf(value: object): readonly string[] {
    let texts = this.#blocksIn.get(value);
    if (texts === undefined) {
      texts = [...new Set(JSON.stringify(value).match(BLOCK) ?? [])];
      this.#blocksIn.set(value, texts);
    }
    return texts;
  }
}
