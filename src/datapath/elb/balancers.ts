/**
 * datapath/elb/balancers — every load balancer of a store, ready for connections: by the interface
 * one arrives at, by name, by the group a rule forwards to. Follows the store; a change costs what
 * it changed, and nothing is made before somebody asks.
 *
 * Reads: the nouns of elbv2, and of EC2 where targets are. Writes nothing.
 */
import { classicOfGroup } from '../../model/elbv2/classic-group.ts';
import type { LoadBalancer, LoadBalancerZone } from '../../model/elbv2/load-balancer.ts';
import type { Target, TargetGroup } from '../../model/elbv2/target-group.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { type Ip, parseIp } from '../../net/index.ts';
import {
  classicGroup,
  classicListeners,
  type ReadyBalancer,
  readyBalancer,
  readyClassic,
} from './ready-balancer.ts';
import { type ReadyGroup, readyGroup } from './ready-group.ts';
import { type ReadyListener, readyListener } from './ready-listener.ts';

/** A load balancer's node in one zone: what stands behind one of its interfaces. */
export interface BalancerNode {
  readonly balancer: ReadyBalancer;
  readonly zone: LoadBalancerZone;
  /** AWS's own interface that this is. */
  readonly networkInterfaceId: string;
}

/** The zone of whatever has an address in a VPC. */
export type ZoneOf = (vpcId: string, address: Ip) => string | undefined;

export class Balancers {
  readonly #store: TwinStore;
  readonly #zoneOf: ZoneOf;
  readonly #balancers = new Map<string, ReadyBalancer>();
  readonly #listeners = new Map<string, ReadyListener>();
  readonly #groups = new Map<string, ReadyGroup>();
  /** Interfaces that were asked for; undefined: no load balancer's. */
  readonly #nodes = new Map<string, BalancerNode | undefined>();
  #byInterface: Map<string, string> | undefined;

  constructor(store: TwinStore, zoneOf: ZoneOf) {
    this.#store = store;
    this.#zoneOf = zoneOf;
    store.subscribe('elbv2/load-balancer', ({ key }) => this.#forgetBalancer(key));
    store.subscribe('elbv2/classic-load-balancer', ({ key }) => {
      this.#forgetBalancer(key);
      this.#groups.clear();
    });
    store.subscribe('elbv2/listener', ({ key, value, previous }) => {
      this.#listeners.delete(key);
      this.#forgetListenersOf((value ?? previous)!.loadBalancerArn);
    });
    store.subscribe('elbv2/rule', ({ value, previous }) => {
      const { listenerArn } = (value ?? previous)!;
      this.#listeners.delete(listenerArn);
      const listener = store.get('elbv2/listener', listenerArn);
      if (listener !== undefined) this.#forgetListenersOf(listener.loadBalancerArn);
    });
    store.subscribe('elbv2/target-group', ({ key }) => this.#groups.delete(key));
    store.subscribe('elbv2/target', ({ value, previous }) =>
      this.#groups.delete((value ?? previous)!.targetGroupArn),
    );
    for (const kind of ['ec2/network-interface', 'ec2/instance'] as const)
      store.subscribe(kind, () => {
        this.#groups.clear();
        this.#nodes.clear();
      });
  }

  /** The load balancer whose interface this is; undefined: none's. */
  at(networkInterfaceId: string): BalancerNode | undefined {
    const known = this.#nodes.get(networkInterfaceId);
    if (known !== undefined || this.#nodes.has(networkInterfaceId)) return known;
    const node = this.#nodeAt(networkInterfaceId);
    this.#nodes.set(networkInterfaceId, node);
    return node;
  }

  /** By its ARN, or the name of a Classic one. */
  balancer(key: string): ReadyBalancer | undefined {
    let ready = this.#balancers.get(key);
    if (ready === undefined) {
      ready = this.#readyBalancer(key);
      if (ready !== undefined) this.#balancers.set(key, ready);
    }
    return ready;
  }

  /** The group a rule forwards to; undefined: it is in no document. */
  group(arn: string): ReadyGroup | undefined {
    let ready = this.#groups.get(arn);
    if (ready === undefined) {
      ready = this.#readyGroup(arn);
      if (ready !== undefined) this.#groups.set(arn, ready);
    }
    return ready;
  }

  #nodeAt(networkInterfaceId: string): BalancerNode | undefined {
    const eni = this.#store.get('ec2/network-interface', networkInterfaceId);
    const key =
      this.#interfaces().get(networkInterfaceId) ?? this.#ofDescription(eni?.description ?? '');
    const balancer = key === undefined ? undefined : this.balancer(key);
    if (balancer === undefined) return undefined;
    const { zones } = balancer;
    const zone =
      zones.find((it) => it.networkInterfaceId === networkInterfaceId) ??
      zones.find((it) => it.subnetId === eni?.subnetId) ??
      zones.find((it) => it.zoneName === eni?.availabilityZone);
    return zone && { balancer, zone, networkInterfaceId };
  }

  /** `ELB app/NAME/ID` is the end of an ARN; `ELB NAME` is a Classic Load Balancer's. */
  #ofDescription(description: string): string | undefined {
    const [, text] = /^ELB (\S+)$/.exec(description) ?? [];
    if (text === undefined) return undefined;
    const [, , name] = /^(app|net)\/([^/]+)\//.exec(text) ?? [];
    if (name === undefined) return this.#store.get('elbv2/classic-load-balancer', text) && text;
    return this.#store
      .lookup('elbv2/load-balancer', 'name', name)
      .find(({ loadBalancerArn }) => loadBalancerArn.endsWith(`loadbalancer/${text}`))
      ?.loadBalancerArn;
  }

  #interfaces(): ReadonlyMap<string, string> {
    if (this.#byInterface !== undefined) return this.#byInterface;
    const made = new Map<string, string>();
    for (const { key, value } of this.#store.entries('elbv2/load-balancer'))
      for (const { networkInterfaceId } of value.zones) made.set(networkInterfaceId, key);
    for (const { key, value } of this.#store.entries('elbv2/classic-load-balancer'))
      for (const { networkInterfaceId } of value.zones) made.set(networkInterfaceId, key);
    this.#byInterface = made;
    return made;
  }

  #readyBalancer(key: string): ReadyBalancer | undefined {
    const store = this.#store;
    const balancer: LoadBalancer | undefined = store.get('elbv2/load-balancer', key);
    if (balancer !== undefined) {
      const listeners = store.lookup('elbv2/listener', 'load-balancer', key);
      return readyBalancer(
        balancer,
        listeners.map(({ listenerArn }) => this.#listener(listenerArn)),
      );
    }
    const classic = store.get('elbv2/classic-load-balancer', key);
    if (classic === undefined) return undefined;
    return readyClassic(
      classic,
      classicListeners(classic).map((it) => readyListener(it, [])),
    );
  }

  #listener(arn: string): ReadyListener {
    let ready = this.#listeners.get(arn);
    if (ready === undefined) {
      const rules = this.#store.lookup('elbv2/rule', 'listener', arn);
      ready = readyListener(this.#store.get('elbv2/listener', arn)!, rules);
      this.#listeners.set(arn, ready);
    }
    return ready;
  }

  #readyGroup(arn: string): ReadyGroup | undefined {
    const ofClassic = classicOfGroup(arn);
    if (ofClassic !== undefined) {
      const balancer = this.#store.get('elbv2/classic-load-balancer', ofClassic.name);
      if (balancer === undefined) return undefined;
      const { group, targets } = classicGroup(balancer, ofClassic.port);
      const hasHeader = balancer.proxyProtocolPorts.includes(ofClassic.port);
      return {
        ...readyGroup(group, targets, this.#whereabouts),
        failsOpen: false,
        proxyProtocol: hasHeader ? 'v1' : undefined,
      };
    }
    const group = this.#store.get('elbv2/target-group', arn);
    if (group === undefined) return undefined;
    const targets = this.#store.lookup('elbv2/target', 'target-group', arn);
    return readyGroup(group, targets, this.#whereabouts);
  }

  /** An instance by its primary address, an address by the interface that has it. */
  readonly #whereabouts = (
    { targetType, vpcId, ipAddressType }: TargetGroup,
    { id, availabilityZone }: Target,
  ): { readonly address: Ip | undefined; readonly zone: string | undefined } => {
    if (targetType === 'alb') return { address: undefined, zone: undefined };
    if (targetType === 'instance') {
      const instance = this.#store.get('ec2/instance', id);
      const text = ipAddressType === 'ipv6' ? instance?.ipv6Address : instance?.privateIpAddress;
      return {
        address: text === undefined ? undefined : parseIp(text),
        zone: instance?.availabilityZone ?? availabilityZone,
      };
    }
    const address = parseIp(id);
    const told = availabilityZone === 'all' ? undefined : availabilityZone;
    const isAnywhere = availabilityZone === 'all';
    const found = address === undefined || isAnywhere ? undefined : this.#zoneOf(vpcId, address);
    return { address, zone: found ?? told };
  };

  #forgetBalancer(key: string): void {
    this.#forgetListenersOf(key);
    this.#byInterface = undefined;
  }

  #forgetListenersOf(balancerKey: string): void {
    this.#balancers.delete(balancerKey);
    this.#nodes.clear();
  }
}
