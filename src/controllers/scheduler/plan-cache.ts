/**
 * controllers/scheduler/plan-cache — plans of the classes in use, the least recently used dropped.
 */
import { type Plan, Planner } from './plan.ts';
import type { PodClass } from './pod-class.ts';

/** A plan holds an entry per node in a few arrays: 256 plans of 5,000 nodes are about 60 MB. */
const PLANS_MAX = 256;

export class PlanCache {
  readonly #planner: Planner;
  readonly #plans = new Map<PodClass, Plan>();

  constructor(...parts: ConstructorParameters<typeof Planner>) {
    this.#planner = new Planner(...parts);
  }

  of(podClass: PodClass): Plan {
    let plan = this.#plans.get(podClass);
    if (plan === undefined) plan = this.#planner.plan(podClass);
    else this.#plans.delete(podClass);
    this.#plans.set(podClass, plan);
    if (this.#plans.size > PLANS_MAX) {
      const [oldest] = this.#plans.keys();
      this.#forget(oldest!);
    }
    return plan;
  }

  /** A class with pod affinity concerns others: their plans are made anew. */
  hold(podClass: PodClass): void {
    if (this.#planner.hold(podClass)) this.forget(() => true);
  }

  /** Services, sets or namespaces changed: what was planned on them is planned anew. */
  forget(isConcerned: (podClass: PodClass) => boolean): void {
    for (const podClass of [...this.#plans.keys()])
      if (isConcerned(podClass)) this.#forget(podClass);
  }

  #forget(podClass: PodClass): void {
    const plan = this.#plans.get(podClass);
    if (plan === undefined) return;
    this.#plans.delete(podClass);
    this.#planner.release(plan);
  }
}
