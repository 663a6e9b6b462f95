/** sim/wake-heap — the future: wakes ordered by time, ties by the order they were asked for. */
import type { Millis } from './clock.ts';

export interface Wake {
  readonly at: Millis;
  readonly order: number;
  readonly background: boolean;
  readonly run: () => void;
  cancelled: boolean;
}

const isBefore = (a: Wake, b: Wake): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap of wakes that knows how many of them are foreground. */
export class WakeHeap {
  readonly #heap: Wake[] = [];
  /** Wakes that keep `settle` going. */
  foreground = 0;

  push(wake: Wake): void {
    if (!wake.background) this.foreground++;
    const heap = this.#heap;
    let i = heap.push(wake) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent]!;
      if (!isBefore(wake, above)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = wake;
  }

  cancel(wake: Wake): void {
    if (wake.cancelled) return;
    wake.cancelled = true;
    if (!wake.background) this.foreground--;
  }

  /** The next wake that was not cancelled, still in the heap. */
  peek(): Wake | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || !first.cancelled) return first;
      this.#removeFirst();
    }
  }

  /** Takes the next wake out. */
  pop(): Wake | undefined {
    const first = this.peek();
    if (first === undefined) return undefined;
    this.#removeFirst();
    first.cancelled = true; // A late cancel of a wake that already ran must not count twice.
    if (!first.background) this.foreground--;
    return first;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}
