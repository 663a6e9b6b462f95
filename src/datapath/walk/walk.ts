/**
 * datapath/walk/walk — one packet's way through everything, in the order of a real one: the pod's
 * namespace, the veth and its policy, the node, the ENI, the VPC, and up again on the other side.
 *
 * Each part decides for itself and remembers its side of the session; the walk only carries the
 * packet from one to the next. One Walk is one session: the packet, then its reply.
 */
import type { NamespaceId } from '../../model/linux/namespace.ts';
import type { Packet } from '../../net/index.ts';
import type { Chance } from '../chance.ts';
import { type HostOutcome, LinuxHost } from '../linux/host.ts';
import type { PolicySession } from '../policy/policy-session.ts';
import type { Recorder } from '../recorder.ts';
import type { Verdict } from '../trace.ts';
import type { VpcOutcome } from '../vpc/outcome.ts';
import type { VpcSession } from '../vpc/session.ts';
import type { Origin, Receiver } from './flow.ts';
import { hopOf, podKeyOf } from './hop-name.ts';
import type { World } from './world.ts';

/** More places than any true path has; a longer one is a loop. */
const PLACES_MAX = 48;

/** Where a walk in one direction ended. */
export type End =
  | { readonly kind: 'received'; readonly receiver: Receiver; readonly packet: Packet }
  | {
      readonly kind: 'stopped';
      readonly verdict: Verdict;
      /** What the sender hears: a reset, an ICMP error, or nothing. */
      readonly answer?: 'reset' | 'icmp-unreachable' | undefined;
    };

/** Where the packet is between two parts. */
type Position =
  | { readonly at: 'host'; readonly id: NamespaceId; readonly outcome: HostOutcome }
  | { readonly at: 'vpc'; readonly outcome: VpcOutcome }
  | { readonly at: 'end'; readonly end: End };

export class Walk {
  readonly #world: World;
  readonly #chance: Chance;
  readonly #vpc: VpcSession;
  readonly #policies: PolicySession;
  readonly #hosts = new Map<NamespaceId, LinuxHost>();

  constructor(world: World, chance: Chance) {
    this.#world = world;
    this.#chance = chance;
    this.#vpc = world.fabric.session();
    this.#policies = world.policies.session();
  }

  /** Sends a packet from its origin and follows it to its end. */
  send(origin: Origin, packet: Packet, recorder: Recorder): End {
    return this.#follow(this.#start(origin, packet, recorder), recorder);
  }

  /** Sends the answer of whoever received a packet. */
  answer(receiver: Receiver, packet: Packet, recorder: Recorder): End {
    return this.#follow(this.#startAnswer(receiver, packet, recorder), recorder);
  }

  #follow(start: Position, recorder: Recorder): End {
    let position = start;
    for (let places = 0; places < PLACES_MAX; places++) {
      if (position.at === 'end') return position.end;
      position =
        position.at === 'host'
          ? this.#leaveHost(position.id, position.outcome, recorder)
          : this.#leaveVpc(position.outcome, recorder);
    }
    return {
      kind: 'stopped',
      verdict: {
        disposition: 'timed-out',
        text: `the packet goes round in a circle: after ${PLACES_MAX} places its TTL would be spent`,
        code: 'NODE_ROUTING_LOOP',
      },
    };
  }

  #start(origin: Origin, packet: Packet, recorder: Recorder): Position {
    switch (origin.kind) {
      case 'namespace':
        return this.#sendFromHost(origin.id, packet, recorder);
      case 'interface':
        return this.#sendFromInterface(origin.networkInterfaceId, packet, recorder);
      case 'outside':
        return { at: 'vpc', outcome: this.#vpc.fromOutside(origin.place, packet, recorder) };
    }
  }

  #startAnswer(receiver: Receiver, packet: Packet, recorder: Recorder): Position {
    switch (receiver.kind) {
      case 'namespace':
        return this.#sendFromHost(receiver.id, packet, recorder);
      case 'interface':
        return this.#sendFromInterface(receiver.networkInterfaceId, packet, recorder);
      case 'control-plane': {
        const id = receiver.networkInterfaceId;
        if (id !== undefined) return this.#sendFromInterface(id, packet, recorder);
        return this.#sendFromOutside({ kind: 'internet' }, packet, recorder);
      }
      case 'aws-service':
        return this.#answerOfService(receiver, packet, recorder);
      case 'outside':
        return this.#sendFromOutside(outsideOf(receiver), packet, recorder);
    }
  }

  #sendFromOutside(
    place: Parameters<VpcSession['fromOutside']>[0],
    packet: Packet,
    recorder: Recorder,
  ): Position {
    return { at: 'vpc', outcome: this.#vpc.fromOutside(place, packet, recorder) };
  }

  #answerOfService(
    { via, networkInterfaceId }: Extract<Receiver, { kind: 'aws-service' }>,
    packet: Packet,
    recorder: Recorder,
  ): Position {
    if (networkInterfaceId !== undefined)
      return this.#sendFromInterface(networkInterfaceId, packet, recorder);
    if (via.startsWith('vpce-'))
      return this.#sendFromOutside({ kind: 'vpc-endpoint', vpcEndpointId: via }, packet, recorder);
    // Link-local services answer on the interface they were asked by; no filter sees it.
    return this.#enterHost(via, packet, recorder);
  }

  #sendFromHost(id: NamespaceId, packet: Packet, recorder: Recorder): Position {
    const host = this.#host(id);
    if (host === undefined) return stopped(withoutNamespace(id));
    recorder.enter(hopOf(id), 'cni');
    return { at: 'host', id, outcome: host.send(packet, recorder, this.#chance) };
  }

  #sendFromInterface(id: string, packet: Packet, recorder: Recorder): Position {
    return { at: 'vpc', outcome: this.#vpc.fromInterface(id, packet, recorder) };
  }

  #host(id: NamespaceId): LinuxHost | undefined {
    const known = this.#hosts.get(id);
    if (known !== undefined) return known;
    const namespace = this.#world.namespaces.get(id);
    if (namespace === undefined) return undefined;
    const host = new LinuxHost(namespace);
    this.#hosts.set(id, host);
    return host;
  }

  /** Down a link: into the VPC, or over a veth pair into the namespace at its other end. */
  #leaveHost(id: NamespaceId, outcome: HostOutcome, recorder: Recorder): Position {
    if (outcome.kind === 'stopped') return ended(outcome);
    if (outcome.kind === 'local') {
      const receiver: Receiver = { kind: 'namespace', id };
      return { at: 'end', end: { kind: 'received', receiver, packet: outcome.packet } };
    }
    const { link, packet } = outcome;
    if (link.networkInterfaceId !== undefined)
      return this.#sendFromInterface(link.networkInterfaceId, packet, recorder);
    if (link.peer !== undefined) return this.#crossVeth(id, link.name, link.peer, packet, recorder);
    return stopped({
      disposition: 'not-simulated',
      text: `${hopOf(id)} sends it out of ${link.name}, behind which nothing is simulated`,
    });
  }

  /** Policy sits on the host's end of the pair: before the node on the way out, after it in. */
  #crossVeth(
    from: NamespaceId,
    fromLink: string,
    to: { readonly namespace: NamespaceId; readonly link: string },
    packet: Packet,
    recorder: Recorder,
  ): Position {
    const leaves = podKeyOf(from);
    if (leaves !== undefined && fromLink === 'eth0') {
      const denied = this.#policies.egress(leaves, packet, recorder);
      if (denied !== undefined) return stopped(denied);
    }
    const enters = podKeyOf(to.namespace);
    if (enters !== undefined && to.link === 'eth0') {
      const denied = this.#policies.ingress(enters, packet, recorder);
      if (denied !== undefined) return stopped(denied);
    }
    return this.#receive(to.namespace, to.link, packet, recorder);
  }

  #receive(id: NamespaceId, link: string, packet: Packet, recorder: Recorder): Position {
    const host = this.#host(id);
    if (host === undefined) return stopped(withoutNamespace(id));
    recorder.enter(hopOf(id), 'cni');
    return { at: 'host', id, outcome: host.receive(packet, link, recorder, this.#chance) };
  }

  /** Up from an ENI into whatever has it. */
  #enterHost(networkInterfaceId: string, packet: Packet, recorder: Recorder): Position {
    const behind = this.#world.namespaces.behind(networkInterfaceId);
    if (behind !== undefined) return this.#receive(behind.namespace, behind.link, packet, recorder);
    const receiver: Receiver = {
      kind: 'interface',
      networkInterfaceId,
      label: this.#world.labelOf(networkInterfaceId),
    };
    return { at: 'end', end: { kind: 'received', receiver, packet } };
  }

  #leaveVpc(outcome: VpcOutcome, recorder: Recorder): Position {
    if (outcome.kind === 'stopped') return ended(outcome);
    const { packet } = outcome;
    if (outcome.kind === 'interface')
      return this.#enterHost(outcome.networkInterface.networkInterfaceId, packet, recorder);
    return { at: 'end', end: { kind: 'received', receiver: receiverOf(outcome), packet } };
  }
}

function receiverOf(outcome: Exclude<VpcOutcome, { kind: 'stopped' | 'interface' }>): Receiver {
  switch (outcome.kind) {
    case 'control-plane': {
      const { clusterName, networkInterface } = outcome;
      const { networkInterfaceId } = networkInterface;
      return { kind: 'control-plane', clusterName, networkInterfaceId };
    }
    case 'aws-service': {
      const { service, via, networkInterface } = outcome;
      const networkInterfaceId = networkInterface?.networkInterfaceId;
      return { kind: 'aws-service', service, via, networkInterfaceId };
    }
    case 'outside':
      return { kind: 'outside', place: outcome.place, via: outcome.via };
  }
}

function outsideOf(receiver: {
  readonly place: string;
  readonly via: string;
}): Parameters<VpcSession['fromOutside']>[0] {
  if (receiver.place === 'internet') return { kind: 'internet' };
  if (receiver.place === 'vpc') return { kind: 'vpc', vpcId: receiver.via };
  return { kind: 'vpn', via: receiver.via };
}

const stopped = (verdict: Verdict): Position => ({ at: 'end', end: { kind: 'stopped', verdict } });

const ended = (outcome: {
  readonly verdict: Verdict;
  readonly answer?: 'reset' | 'icmp-unreachable' | undefined;
}): Position => ({
  at: 'end',
  end: { kind: 'stopped', verdict: outcome.verdict, answer: outcome.answer },
});

const withoutNamespace = (id: NamespaceId): Verdict => ({
  disposition: 'not-simulated',
  text: `${hopOf(id)} has no network yet: nothing was set up on it`,
  code: 'CNI_NO_NETWORK',
});
