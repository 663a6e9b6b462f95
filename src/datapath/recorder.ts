/**
 * datapath/recorder — collects the hops and steps of one direction of a walk. Every part of the
 * datapath writes into it; nobody reads it before the walk is over.
 */
import type { Hop, Layer, Step } from './trace.ts';

export class Recorder {
  readonly #hops: { node: string; layer: Layer; steps: Step[] }[] = [];

  /** The packet is at another place now; steps go there until the next call. */
  enter(node: string, layer: Layer): void {
    const last = this.#hops.at(-1);
    if (last?.node === node && last.layer === layer) return;
    this.#hops.push({ node, layer, steps: [] });
  }

  step(step: Step): void {
    const last = this.#hops.at(-1);
    if (last === undefined) this.#hops.push({ node: '', layer: step.layer, steps: [step] });
    else last.steps.push(step);
  }

  hops(): readonly Hop[] {
    return this.#hops;
  }
}
