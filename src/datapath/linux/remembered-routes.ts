/**
 * datapath/linux/remembered-routes — a namespace's routing during one session. What a packet asks
 * of the way back to its source (rp_filter), its answer asks again of its way, and the other way
 * round: each is looked up once.
 */
import type { CompiledNamespace } from './compiled-namespace.ts';
import { lookUpRoute, type RouteAnswer, type RouteQuestion } from './policy-routing.ts';

const isSame = (a: RouteQuestion, b: RouteQuestion): boolean =>
  a.destination === b.destination &&
  a.source === b.source &&
  a.inLink === b.inLink &&
  a.mark.value === b.mark.value &&
  a.protocol === b.protocol;

export class RememberedRoutes {
  readonly host: CompiledNamespace;
  readonly #questions: RouteQuestion[] = [];
  readonly #answers: (RouteAnswer | undefined)[] = [];

  constructor(host: CompiledNamespace) {
    this.host = host;
  }

  /** As `lookUpRoute`. */
  lookUp(asked: RouteQuestion): RouteAnswer | undefined {
    const questions = this.#questions;
    for (let i = 0; i < questions.length; i++)
      if (isSame(questions[i]!, asked)) return this.#answers[i];
    const answer = lookUpRoute(this.host, asked);
    questions.push(asked);
    this.#answers.push(answer);
    return answer;
  }
}
