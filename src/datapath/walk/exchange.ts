/**
 * datapath/walk/exchange — a connection from who opens it to who takes it, and the answer. A load
 * balancer on the way opens the next connection, whose outcome decides what it answers to its own
 * client; all of them are one walk, which remembers every flow.
 */
import type { Packet } from '../../net/index.ts';
import type { Chance } from '../chance.ts';
import { Recorder } from '../recorder.ts';
import type { Verdict } from '../trace.ts';
import { answerTo, judged, type LostAnswer, lostAnswer } from './answer.ts';
import type { Flow, HttpExchange, Receiver } from './flow.ts';
import { metadataTooFar } from './metadata-hops.ts';
import { type Reception, receptionOf } from './reception.ts';
import { throughBalancer } from './through-balancer.ts';
import { type Received, Walk } from './walk.ts';
import type { World } from './world.ts';

/** What who takes a connection does about it. */
export interface Taken {
  readonly verdict: Verdict;
  /** Data, a reset, or nothing at all. */
  readonly says: 'answer' | 'reset' | undefined;
  /** Who got it in the end, beyond every load balancer, and what that saw. */
  readonly receiver?: Receiver | undefined;
  readonly arrived?: Packet | undefined;
  readonly http?: HttpExchange | undefined;
  readonly notes?: readonly string[] | undefined;
}

/** What who opened a connection hears of it. */
export interface Heard extends Omit<Taken, 'says'> {
  /** undefined: nothing came back. */
  readonly hears: 'answer' | 'reset' | undefined;
  /** Why what was sent back did not come back. */
  readonly lost?: LostAnswer | undefined;
}

/** Load balancers behind each other: an NLB may have an ALB as its target, and that is all. */
const BALANCERS_MAX = 4;

const DELIVERED: Verdict = {
  disposition: 'delivered',
  text: 'delivered, and the answer comes back',
};
const DELIVERED_ONE_WAY: Verdict = {
  disposition: 'delivered',
  text: 'delivered; the way back was not looked at',
};

export class Exchange {
  readonly world: World;
  readonly chance: Chance;
  readonly withReturn: boolean;
  readonly there = new Recorder();
  readonly back = new Recorder();
  readonly #walk: Walk;

  /** @param withReturn  false: no answer is looked at */
  constructor(world: World, chance: Chance, withReturn: boolean) {
    this.world = world;
    this.chance = chance;
    this.withReturn = withReturn;
    this.#walk = new Walk(world, chance);
  }

  /** Opens a connection and follows it to its end, and what is answered back. */
  open(flow: Flow, balancersBefore = 0): Heard {
    const end = this.#walk.send(flow.origin, flow.packet, this.there);
    if (end.kind === 'stopped') {
      const hears = end.answer === undefined ? undefined : 'reset';
      return { verdict: end.verdict, hears };
    }
    const { receiver } = end;
    const node =
      receiver.kind === 'interface' && balancersBefore < BALANCERS_MAX
        ? this.world.balancers.at(receiver.networkInterfaceId)
        : undefined;
    const taken =
      node === undefined
        ? this.#received(flow, end)
        : throughBalancer(this, flow, end.packet, node, balancersBefore);
    return this.#answered(flow, end, taken);
  }

  #received(flow: Flow, { receiver, packet }: Received): Taken {
    const reception = receptionOf(this.world, receiver, packet, this.there);
    const by = named(receiver, reception);
    const taken = (verdict: Verdict, says: Taken['says']): Taken => ({
      verdict,
      says,
      receiver: by,
      arrived: packet,
    });
    if (reception.kind === 'denied') return taken(reception.verdict, undefined);
    const tooFar = metadataTooFar(this.world, flow.origin, receiver, packet, this.there);
    if (tooFar !== undefined) return taken(tooFar, undefined);
    if (reception.kind === 'closed') return taken(reception.verdict, 'reset');
    return taken(this.withReturn ? DELIVERED : DELIVERED_ONE_WAY, 'answer');
  }

  #answered(flow: Flow, end: Received, taken: Taken): Heard {
    const { says, receiver, arrived, http, notes } = taken;
    if (says === undefined || !this.withReturn)
      return { verdict: taken.verdict, hears: says, receiver, arrived, http, notes };
    const { packet, part } = answerTo(end.packet, says === 'reset');
    const answer = this.#walk.answer(end, packet, part, this.back);
    const lost = lostAnswer(flow, answer, part);
    const verdict = judged(taken.verdict, says === 'reset', lost);
    const hears = lost === undefined ? says : undefined;
    return { verdict, hears, lost, receiver, arrived, http, notes };
  }
}

const named = (receiver: Receiver, reception: Reception): Receiver =>
  receiver.kind === 'namespace' && reception.kind === 'taken' && reception.process !== undefined
    ? { kind: 'namespace', id: receiver.id, process: reception.process }
    : receiver;
