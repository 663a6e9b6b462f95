/**
 * datapath/walk/walk — one packet's way through everything, in the order of a real one: the pod's
 * namespace, the veth and its policy, the node, the ENI, the VPC, and up again on the other side.
 *
 * Each part decides for itself and remembers its side of the session; the walk only carries the
 * packet from one to the next. One Walk is one session: the packet, then its reply.
 */
import { isPod, type NamespaceId } from '../../model/linux/namespace.ts';
import { type Packet, withSource } from '../../net/index.ts';
import type { Chance } from '../chance.ts';
import type { Part } from '../linux/conntrack.ts';
import type { FindNamespace } from '../linux/exit.ts';
import { LinuxHost } from '../linux/linux-host.ts';
import type { Answer, Outcome } from '../linux/outcome.ts';
import type { PolicySession } from '../policy/enforcement.ts';
import type { Recorder } from '../recorder.ts';
import type { Verdict } from '../trace.ts';
import type { VpcOutcome } from '../vpc/outcome.ts';
import type { VpcSession } from '../vpc/session.ts';
import type { Origin, Receiver } from './flow.ts';
import { hopOf } from './hop-name.ts';
import type { World } from './world.ts';

/** More places than any true path has; a longer one is a loop. */
const PLACES_MAX = 48;
/** Network policy is attached to a pod's primary interface only. */
const POLICED_LINK = 'eth0';

/** Where a walk in one direction ended. */
export type End =
  | {
      readonly kind: 'received';
      readonly receiver: Receiver;
      readonly packet: Packet;
      /** How AWS's network left it there; absent in a namespace of the cluster. */
      readonly outcome?: VpcOutcome | undefined;
    }
  | {
      readonly kind: 'stopped';
      readonly verdict: Verdict;
      /** What the sender hears: a reset, an ICMP error; undefined = nothing. */
      readonly answer?: Answer | undefined;
    };

export type Received = Extract<End, { readonly kind: 'received' }>;

/** Where the packet is between two parts. */
type Position =
  | { readonly at: 'host'; readonly id: NamespaceId; readonly outcome: Outcome }
  | { readonly at: 'vpc'; readonly outcome: VpcOutcome; readonly part: Part }
  | { readonly at: 'end'; readonly end: End };

export class Walk {
  readonly #world: World;
  readonly #chance: Chance;
  readonly #vpc: VpcSession;
  readonly #policies: PolicySession;
  readonly #hosts = new Map<NamespaceId, LinuxHost>();
  readonly #compiled: FindNamespace = (id) => this.#host(id)?.compiled;

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

  /** Sends what the receiver of a packet answers: `part` says whether that is a refusal. */
  answer({ receiver, outcome }: Received, packet: Packet, part: Part, recorder: Recorder): End {
    if (receiver.kind === 'namespace')
      return this.#follow(this.#sendFromHost(receiver.id, packet, part, recorder), recorder);
    // From the internet to the internet: no VPC was on the way.
    if (outcome === undefined) return { kind: 'received', receiver, packet };
    const answered = this.#vpc.answer(outcome, packet, recorder);
    return this.#follow({ at: 'vpc', outcome: answered, part }, recorder);
  }

  #follow(start: Position, recorder: Recorder): End {
    let position = start;
    for (let places = 0; places < PLACES_MAX; places++) {
      if (position.at === 'end') return position.end;
      position =
        position.at === 'host'
          ? this.#leaveHost(position.id, position.outcome, recorder)
          : this.#leaveVpc(position.outcome, position.part, recorder);
    }
    return { kind: 'stopped', verdict: LOOP };
  }

  #start(origin: Origin, packet: Packet, recorder: Recorder): Position {
    if (origin.kind === 'namespace')
      return this.#sendFromHost(origin.id, packet, 'request', recorder);
    if (origin.kind === 'outside' && this.#world.publicEndpoint(packet.destination) !== undefined) {
      const receiver: Receiver = { kind: 'outside', place: 'internet', via: 'internet' };
      return { at: 'end', end: { kind: 'received', receiver, packet } };
    }
    return { at: 'vpc', outcome: this.#enterVpc(origin, packet, recorder), part: 'request' };
  }

  #enterVpc(
    origin: Exclude<Origin, { kind: 'namespace' }>,
    packet: Packet,
    recorder: Recorder,
  ): VpcOutcome {
    if (origin.kind === 'outside') return this.#vpc.fromOutside(origin.place, packet, recorder);
    const { networkInterfaceId, passesOn } = origin;
    return passesOn === true
      ? this.#vpc.passedOn(networkInterfaceId, packet, recorder)
      : this.#vpc.fromInterface(networkInterfaceId, packet, recorder);
  }

  #sendFromHost(id: NamespaceId, packet: Packet, part: Part, recorder: Recorder): Position {
    const host = this.#host(id);
    if (host === undefined) return stopped(withoutNamespace(id));
    recorder.enter(host.label, 'cni');
    return { at: 'host', id, outcome: host.send(packet, recorder, this.#chance, part) };
  }

  #host(id: NamespaceId): LinuxHost | undefined {
    const known = this.#hosts.get(id);
    if (known !== undefined) return known;
    const namespace = this.#world.namespaces.get(id);
    if (namespace === undefined) return undefined;
    const host = new LinuxHost(namespace, this.#compiled);
    this.#hosts.set(id, host);
    return host;
  }

  /** Down a link: into the VPC, or over a veth pair into the namespace at its other end. */
  #leaveHost(id: NamespaceId, outcome: Outcome, recorder: Recorder): Position {
    if (outcome.kind === 'stopped') return ended(outcome);
    const { packet, part } = outcome;
    if (outcome.kind === 'local') {
      const receiver: Receiver = { kind: 'namespace', id };
      return { at: 'end', end: { kind: 'received', receiver, packet } };
    }
    const { link } = outcome;
    if (link.networkInterfaceId !== undefined) {
      const next = this.#vpc.fromInterface(link.networkInterfaceId, packet, recorder);
      return { at: 'vpc', outcome: next, part };
    }
    if (link.peer !== undefined)
      return this.#crossVeth({ id, link: link.name }, link.peer, packet, part, recorder);
    return stopped({
      disposition: 'not-simulated',
      text: `${hopOf(id)} sends it out of ${link.name}, behind which nothing is simulated`,
    });
  }

  /** Policy sits on the host's end of the pair: before the node on the way out, after it in. */
  #crossVeth(
    from: { readonly id: NamespaceId; readonly link: string },
    to: { readonly namespace: NamespaceId; readonly link: string },
    packet: Packet,
    part: Part,
    recorder: Recorder,
  ): Position {
    if (to.link === POLICED_LINK && isPod(to.namespace)) {
      const denied = this.#policies.ingress(to.namespace, packet, recorder);
      if (denied !== undefined) return stopped(denied);
    }
    const leaves = from.link === POLICED_LINK && isPod(from.id) ? from.id : undefined;
    const isAfterNat = this.#world.policies.judgesEgress === 'after-nat';
    if (leaves !== undefined && !isAfterNat) {
      const denied = this.#policies.egress(leaves, packet, recorder);
      if (denied !== undefined) return stopped(denied);
    }
    const position = this.#receive(to.namespace, to.link, packet, part, recorder);
    if (leaves === undefined || !isAfterNat || position.at !== 'host') return position;
    const { outcome } = position;
    if (outcome.kind === 'stopped') return position;
    const asSent = withSource(outcome.packet, packet.source, packet.sourcePort);
    const denied = this.#policies.egress(leaves, asSent, recorder);
    return denied === undefined ? position : stopped(denied);
  }

  #receive(
    id: NamespaceId,
    link: string,
    packet: Packet,
    part: Part,
    recorder: Recorder,
  ): Position {
    const host = this.#host(id);
    if (host === undefined) return stopped(withoutNamespace(id));
    recorder.enter(host.label, 'cni');
    return { at: 'host', id, outcome: host.receive(packet, link, recorder, this.#chance, part) };
  }

  /** Up from an ENI into whatever has it, or to an end beyond the cluster. */
  #leaveVpc(outcome: VpcOutcome, part: Part, recorder: Recorder): Position {
    if (outcome.kind === 'stopped') return ended(outcome);
    const { packet } = outcome;
    if (outcome.kind !== 'interface')
      return {
        at: 'end',
        end: { kind: 'received', receiver: receiverOf(outcome), packet, outcome },
      };
    const { networkInterfaceId, status } = outcome.networkInterface;
    if (status === 'available') return stopped(unattached(networkInterfaceId));
    const behind = this.#world.namespaces.behind(networkInterfaceId, packet.destination);
    if (behind !== undefined)
      return this.#receive(behind.namespace, behind.link, packet, part, recorder);
    const label = this.#world.labelOf(networkInterfaceId);
    const receiver: Receiver = { kind: 'interface', networkInterfaceId, label };
    return { at: 'end', end: { kind: 'received', receiver, packet, outcome } };
  }
}

const unattached = (networkInterfaceId: string): Verdict => ({
  disposition: 'timed-out',
  text: `${networkInterfaceId} has the address and is attached to nothing: nobody answers`,
  code: 'BAD_STATE_ATTACHMENT',
});

const LOOP: Verdict = {
  disposition: 'timed-out',
  text: `the packet goes round in a circle: after ${PLACES_MAX} places its TTL would be spent`,
  code: 'NODE_ROUTING_LOOP',
};

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

const stopped = (verdict: Verdict): Position => ({ at: 'end', end: { kind: 'stopped', verdict } });

const ended = (outcome: {
  readonly verdict: Verdict;
  readonly answer?: Answer | undefined;
}): Position => ({
  at: 'end',
  end: { kind: 'stopped', verdict: outcome.verdict, answer: outcome.answer },
});

const withoutNamespace = (id: NamespaceId): Verdict => ({
  disposition: 'not-simulated',
  text: `the network of ${hopOf(id)} is not known: no interface in the input has its address`,
  code: 'CNI_NO_NETWORK',
});
