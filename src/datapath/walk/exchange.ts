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
import { receptionOf } from './reception.ts';
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
    const who = { receiver: named(receiver, reception), arrived: packet };
    if (reception.kind === 'denied') return { verdict: reception.verdict, says: undefined, ...who };
    const tooFar = metadataTooFar(this.world, flow.origin, receiver, packet, this.there);
    if (tooFar !== undefined) return { verdict: tooFar, says: undefined, ...who };
    if (reception.kind === 'closed') return { verdict: reception.verdict, says: 'reset', ...who };
    const verdict = this.withReturn ? DELIVERED : DELIVERED_ONE_WAY;
    return { verdict, says: 'answer', ...who };
  }

  #answered(flow: Flow, end: Received, { says, ...taken }: Taken): Heard {
    if (says === undefined || !this.withReturn) return { ...taken, hears: says };
    const { packet, part } = answerTo(end.packet, says === 'reset');
    const answer = this.#walk.answer(end, packet, part, this.back);
    const lost = lostAnswer(flow, answer, part);
    const verdict = judged(taken.verdict, says === 'reset', lost);
    return { ...taken, verdict, hears: lost === undefined ? says : undefined, lost };
  }
}

const named = (
  receiver: Receiver,
  reception: { readonly process?: string | undefined } | object,
) =>
  receiver.kind === 'namespace' && 'process' in reception && reception.process !== undefined
    ? { ...receiver, process: reception.process }
    : receiver;
