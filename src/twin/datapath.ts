/**
 * twin/datapath — what a twin's packets go through, put together from what its controllers wrote:
 * namespaces, the VPC, policy, names. Made once for a twin; each part follows the store.
 */

import type { Vantage } from '../datapath/dns/answer.ts';
import { Names } from '../datapath/dns/names.ts';
import { Route53Names } from '../datapath/dns/route53-names.ts';
import { BalancerNames } from '../datapath/elb/balancer-names.ts';
import { Balancers, type ZoneOf } from '../datapath/elb/balancers.ts';
import { LinuxHost } from '../datapath/linux/linux-host.ts';
import { PolicyEnforcement } from '../datapath/policy/enforcement.ts';
import { VpcFabric } from '../datapath/vpc/fabric.ts';
import type { Origin } from '../datapath/walk/flow.ts';
import { type NameWalk, type SenderOf, walkLookup } from '../datapath/walk/name-walk.ts';
import type { World } from '../datapath/walk/world.ts';
import { databaseOf } from '../model/ec2/database.ts';
import { addressesOfInterface } from '../model/ec2/network-interface.ts';
import type { EksCluster } from '../model/eks/cluster.ts';
import { endpointHost } from '../model/eks/endpoint-host.ts';
import type { TwinStore } from '../model/kinds.ts';
import { addressesOfNode, addressesOfPod } from '../model/kubernetes/addresses.ts';
import type { Pod } from '../model/kubernetes/core.ts';
import { type Namespaces, namespaceOfPod } from '../model/linux/namespace.ts';
import { familyOf, type Ip, type IpFamily, PROTOCOL_UDP, parseIp } from '../net/index.ts';

export class Datapath {
  readonly store: TwinStore;
  readonly region: string;
  readonly names: Names;
  readonly world: World;
  readonly #endpoints = new WeakMap<EksCluster, ReadonlySet<Ip>>();

  constructor(store: TwinStore, namespaces: Namespaces, region: string) {
    this.store = store;
    this.region = region;
    const fabric = new VpcFabric(store);
    const zoneOf: ZoneOf = (vpcId, ip) => fabric.addresses.at(vpcId, ip)?.eni.availabilityZone;
    const balancers = new Balancers(store, zoneOf);
    const balancerNames = new BalancerNames(store, balancers);
    this.names = new Names(store, [new Route53Names(store, [balancerNames]), balancerNames]);
    this.world = {
      store,
      namespaces,
      fabric,
      balancers,
      policies: new PolicyEnforcement(store),
      publicEndpoint: (address) => this.#publicEndpoint(address),
      labelOf: (networkInterfaceId) => this.#labelOf(networkInterfaceId),
    };
  }

  /** Looks a name up as somebody at `vantage` would, and walks the packets that takes. */
  lookup(vantage: Vantage, name: string, origin: Origin): NameWalk {
    const lookup = this.names.lookup(vantage, name);
    return walkLookup(this.world, lookup, this.#senders(vantage, origin));
  }

  /** The address a program would send from, as the kernel's routes say; undefined: none leads there. */
  sourceFor(origin: Origin, destination: Ip, protocol: number): Ip | undefined {
    if (origin.kind !== 'namespace') return undefined;
    const namespace = this.world.namespaces.get(origin.id);
    return namespace && new LinuxHost(namespace).sourceFor(destination, protocol);
  }

  /** The asker sends from where its flow starts; CoreDNS's pods from theirs. */
  #senders(asker: Vantage, origin: Origin): SenderOf {
    return (from, server) => {
      const start = isSameVantage(from, asker) ? origin : this.#originOf(from);
      if (start === undefined) return undefined;
      // As its kernel chooses: CoreDNS of an IPv6 cluster asks an IPv4 resolver by its egress.
      const address =
        this.sourceFor(start, server, PROTOCOL_UDP) ??
        this.#addressOf(from, familyOf(server), origin);
      return address === undefined ? undefined : { origin: start, address, label: start.label };
    };
  }

  #originOf(from: Vantage): Origin | undefined {
    if (from.kind === 'pod') {
      const pod = this.#podOf(from);
      const label = `pod/${from.namespace}/${from.name}`;
      return pod && { kind: 'namespace', id: namespaceOfPod(pod), label };
    }
    if (from.kind !== 'node') return undefined;
    return { kind: 'namespace', id: `node/${from.name}`, label: `node/${from.name}` };
  }

  #podOf({ namespace, name }: Extract<Vantage, { kind: 'pod' }>): Pod | undefined {
    return this.store.get('Pod', `${namespace}/${name}`);
  }

  #addressOf(from: Vantage, family: IpFamily, origin: Origin): Ip | undefined {
    return this.#addressesOf(from, origin).find((ip) => familyOf(ip) === family);
  }

  #addressesOf(from: Vantage, origin: Origin): readonly Ip[] {
    switch (from.kind) {
      case 'pod': {
        const pod = this.#podOf(from);
        return pod === undefined ? [] : addressesOfPod(pod);
      }
      case 'node':
        return addressesOfNode(this.store.get('Node', from.name));
      case 'vpc': {
        if (origin.kind !== 'interface') return [];
        const eni = this.store.get('ec2/network-interface', origin.networkInterfaceId);
        return eni === undefined ? [] : addressesOfInterface(eni);
      }
      case 'outside':
        return [];
    }
  }

  #publicEndpoint(address: Ip): EksCluster | undefined {
    for (const { value } of this.store.entries('eks/cluster'))
      if (value.endpointPublicAccess && this.#publicAddresses(value).has(address)) return value;
    return undefined;
  }

  /** What the endpoint's name is to somebody on the internet. */
  #publicAddresses(cluster: EksCluster): ReadonlySet<Ip> {
    const known = this.#endpoints.get(cluster);
    if (known !== undefined) return known;
    const { addresses } = this.names.lookup({ kind: 'outside' }, endpointHost(cluster));
    const made = new Set(addresses.flatMap((text) => parseIp(text) ?? []));
    this.#endpoints.set(cluster, made);
    return made;
  }

  #labelOf(networkInterfaceId: string): string {
    const eni = this.store.get('ec2/network-interface', networkInterfaceId);
    const instanceId = eni?.attachment?.instanceId;
    if (instanceId !== undefined) {
      const name = this.store.get('ec2/instance', instanceId)?.tags.Name;
      return name === undefined ? instanceId : `${instanceId} (${name})`;
    }
    const database = eni && (databaseOf(eni) ?? eni.tags.Name);
    return database === undefined ? networkInterfaceId : `${networkInterfaceId} (${database})`;
  }
}

function isSameVantage(a: Vantage, b: Vantage): boolean {
  if (a.kind === 'pod') return b.kind === 'pod' && a.namespace === b.namespace && a.name === b.name;
  if (a.kind === 'node') return b.kind === 'node' && a.name === b.name;
  return a.kind === b.kind;
}
