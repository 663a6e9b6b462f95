/**
 * analysis/trace/distribution — how the connections of many clients share out over the pods behind
 * a load balancer, and how many cross zones on the way: exact, from the targets each node of the
 * load balancer would use and the rules of the nodes behind them.
 *
 * Clients are taken to use the addresses of the name evenly, load balancers their targets. Reads
 * what a trace reads; nothing is sampled.
 */

import type { BalancerNode } from '../../datapath/elb/balancers.ts';
import { type Candidates, candidatesOf } from '../../datapath/elb/candidates.ts';
import type { AskedRequest, HttpRequest } from '../../datapath/elb/http-request.ts';
import type { ReadyGroup, ReadyTarget } from '../../datapath/elb/ready-group.ts';
import { chooseRule, type ReadyListener } from '../../datapath/elb/ready-listener.ts';
import { hookBranches } from '../../datapath/linux/hook-branches.ts';
import type { Branch } from '../../datapath/walk/flow.ts';
import type { World } from '../../datapath/walk/world.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { formatIp, type Ip, type Packet } from '../../net/index.ts';
import { type Fraction, fraction, isZero, ONE, plus, times, ZERO } from './fraction.ts';
import type { TraceAnswer } from './question.ts';

export interface PodShare {
  /** `pod/shop/web-…`, or an address that no pod has. */
  readonly label: string;
  readonly address: string;
  readonly zone: string | undefined;
  readonly share: Fraction;
}

export interface Distribution {
  readonly balancers: readonly string[];
  /** How targets are chosen, one line for each group. */
  readonly policies: readonly string[];
  readonly shares: readonly PodShare[];
  /** What reaches nobody: no target, or a node without a pod to send to. */
  readonly lost: Fraction;
  /** Of all connections: between a load balancer's node and a target, between a node and a pod. */
  readonly crossing: {
    readonly toTarget: Fraction;
    readonly toPod: Fraction;
    readonly any: Fraction;
  };
}

/** One place a connection goes from a target: to a pod, or nowhere. */
interface Onward {
  readonly address: Ip | undefined;
  readonly share: Fraction;
}

/** The shares of an answer's connections; undefined: it has no way to any pod. */
export function distributionOf(world: World, answer: TraceAnswer): Distribution | undefined {
  const byAddress = new Map(answer.branches.map(({ sent }) => [sent.destination, sent]));
  const ends = [...byAddress.values()].map((packet) => ({
    packet,
    node: nodeAt(world, packet.destination),
  }));
  if (ends.length === 0) return undefined;
  const counting = new Counting(world);
  if (ends.some(({ node }) => node === undefined)) {
    for (const branch of answer.branches) counting.atBranch(branch);
    return counting.result(new Set());
  }
  const share = fraction(1, ends.length);
  for (const { node, packet } of ends) counting.atNode(node!, packet, answer.request, share);
  return counting.result(new Set(ends.map(({ node }) => node!.balancer.label)));
}

function nodeAt({ fabric, balancers }: World, address: Ip): BalancerNode | undefined {
  const [holder] = fabric.addresses.everywhere(address);
  const eni = holder?.eni ?? fabric.addresses.byPublic(address)?.holder.eni;
  return eni && balancers.at(eni.networkInterfaceId);
}

class Counting {
  readonly #world: World;
  readonly #shares = new Map<string, PodShare>();
  readonly #policies = new Set<string>();
  readonly #onward = new Map<string, readonly Onward[]>();
  #lost = ZERO;
  #toTarget = ZERO;
  #toPod = ZERO;
  #any = ZERO;

  constructor(world: World) {
    this.#world = world;
  }

  result(balancers: ReadonlySet<string>): Distribution {
    const shares = [...this.#shares.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
    return {
      balancers: [...balancers],
      policies: [...this.#policies],
      shares,
      lost: this.#lost,
      crossing: { toTarget: this.#toTarget, toPod: this.#toPod, any: this.#any },
    };
  }

  /** Without a load balancer: as it was walked. */
  atBranch({ arrived, probability, disposition }: Branch): void {
    if (arrived === undefined || disposition !== 'delivered') this.#lose(nearest(probability));
    else this.#add(arrived.destination, this.#zoneOf(arrived.destination), nearest(probability));
  }

  atNode(
    node: BalancerNode,
    packet: Packet,
    asked: AskedRequest | undefined,
    share: Fraction,
  ): void {
    const listener = node.balancer.listeners.find(({ port }) => port === packet.destinationPort);
    const tuples = listener === undefined ? [] : tuplesOf(listener, packet, asked);
    const total = tuples.reduce((sum, { weight = 1 }) => sum + weight, 0);
    if (total === 0) this.#lose(share);
    for (const { targetGroupArn, weight = 1 } of tuples) {
      const part = times(share, fraction(weight, total || 1));
      const group = this.#world.balancers.group(targetGroupArn);
      if (group === undefined) this.#lose(part);
      else this.#atGroup(node, group, packet, part);
    }
  }

  #atGroup(node: BalancerNode, group: ReadyGroup, packet: Packet, share: Fraction): void {
    const candidates = candidatesOf(node.balancer, group, node.zone.zoneName);
    this.#policies.add(policyOf(this.#world.store, group, candidates));
    const { targets } = candidates;
    if (targets.length === 0) {
      this.#lose(share);
      return;
    }
    const part = times(share, fraction(1, targets.length));
    for (const target of targets) this.#atTarget(node, group, target, packet, part);
  }

  #atTarget(
    { zone }: BalancerNode,
    group: ReadyGroup,
    target: ReadyTarget,
    packet: Packet,
    share: Fraction,
  ): void {
    const isAway = target.zone !== undefined && target.zone !== zone.zoneName;
    if (isAway) this.#toTarget = plus(this.#toTarget, share);
    for (const { address, share: part } of this.#behind(group, target, packet)) {
      const own = times(share, part);
      const podZone = address === undefined ? undefined : this.#zoneOf(address);
      const isOnwardAway =
        group.targetType === 'instance' && podZone !== undefined && podZone !== target.zone;
      if (isOnwardAway) this.#toPod = plus(this.#toPod, own);
      if (isAway || isOnwardAway) this.#any = plus(this.#any, own);
      if (address === undefined) this.#lose(own);
      else this.#add(address, podZone, own);
    }
  }

  /** Straight to the address, or by the rules of the node that is the target. */
  #behind(group: ReadyGroup, target: ReadyTarget, packet: Packet): readonly Onward[] {
    const { address, id, port } = target;
    if (address === undefined) return [{ address: undefined, share: ONE }];
    if (group.targetType !== 'instance') return [{ address, share: ONE }];
    const key = `${id} ${port}`;
    let known = this.#onward.get(key);
    if (known === undefined) {
      known = this.#throughNode(address, {
        ...packet,
        destination: address,
        destinationPort: port,
      });
      this.#onward.set(key, known);
    }
    return known;
  }

  #throughNode(address: Ip, packet: Packet): readonly Onward[] {
    const { fabric, namespaces } = this.#world;
    const [holder] = fabric.addresses.everywhere(address);
    const place = holder && namespaces.behind(holder.eni.networkInterfaceId, packet.destination);
    const namespace = place && namespaces.get(place.namespace);
    if (namespace === undefined) return [{ address, share: ONE }];
    const ends = hookBranches(namespace, packet, place!.link, place!.link);
    const isEven = ends.every(({ probability }) => Math.abs(probability * ends.length - 1) < 1e-6);
    return ends.map(({ probability, result }) => ({
      address:
        result.stopped !== undefined || result.packet.destination === address
          ? undefined
          : result.packet.destination,
      share: isEven ? fraction(1, ends.length) : nearest(probability),
    }));
  }

  #zoneOf(address: Ip): string | undefined {
    return this.#world.fabric.addresses.everywhere(address)[0]?.eni.availabilityZone;
  }

  #add(ip: Ip, zone: string | undefined, share: Fraction): void {
    const address = formatIp(ip);
    const known = this.#shares.get(address);
    const [pod] = this.#world.store.lookup('Pod', 'address', address);
    const label = pod === undefined ? address : `pod/${keyOf(pod)}`;
    const sum = plus(known?.share ?? ZERO, share);
    this.#shares.set(address, { label, address, zone, share: sum });
  }

  #lose(share: Fraction): void {
    if (!isZero(share)) this.#lost = plus(this.#lost, share);
  }
}

/** What the rule that holds forwards to; empty: it answers itself. */
function tuplesOf(listener: ReadyListener, { source }: Packet, asked: AskedRequest | undefined) {
  const scheme = listener.protocol === 'HTTPS' ? 'https' : 'http';
  const request: HttpRequest = {
    method: 'GET',
    host: '',
    path: '/',
    query: '',
    headers: [],
    ...asked,
    scheme: asked?.scheme ?? scheme,
  };
  const { rule } = chooseRule(listener, request, source);
  const forward = rule.actions.find(({ type }) => type === 'forward');
  return forward?.type === 'forward' ? forward.targetGroups : [];
}

/** Parts of one that a chance in kube-proxy's rules, a decimal, can stand for. */
const PARTS_MAX = 2_000;
const ROUNDING = 1e-8;

/** The simplest fraction that a chance is the decimal of. */
function nearest(probability: number): Fraction {
  for (let under = 1; under <= PARTS_MAX; under++) {
    const over = Math.round(probability * under);
    if (Math.abs(over / under - probability) < ROUNDING) return fraction(over, under);
  }
  return fraction(Math.round(probability / ROUNDING), Math.round(1 / ROUNDING));
}

function policyOf(
  store: TwinStore,
  group: ReadyGroup,
  { isZonal, isFailOpen, targets }: Candidates,
): string {
  const service = group.targetType === 'instance' ? serviceOf(store, targets) : undefined;
  const policy =
    service === undefined
      ? ''
      : ` of ${keyOf(service)}, externalTrafficPolicy ${service.spec.externalTrafficPolicy ?? 'Cluster'}`;
  const zones = isZonal ? 'of its own zone only' : 'of all zones';
  const health = isFailOpen ? 'all of them, as none is healthy' : 'the healthy ones';
  return `${group.name}: ${group.targetType} targets${policy}; ${health}, ${zones}`;
}

/** The Service whose node port the targets are. */
const serviceOf = (store: TwinStore, [first]: readonly ReadyTarget[]): Service | undefined =>
  store
    .list('Service')
    .find(({ spec }) => spec.ports?.some(({ nodePort }) => nodePort === first?.port));
