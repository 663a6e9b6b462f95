import { describe, expect, test } from 'vitest';
import { EPOCH_MS } from '../model/time.ts';
import { Simulation } from '../sim/simulation.ts';
import { Pacer, type Speed } from './pacer.ts';
import type { WallClock } from './wall-clock.ts';

/** A wall clock that a test moves; it starts where the twin's clock is. */
class FakeWall implements WallClock {
  #now = EPOCH_MS;
  #order = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  start(forMs: number, run: () => void): unknown {
    this.#timers.set(++this.#order, { at: this.#now + forMs, run });
    return this.#order;
  }

  stop(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  soon(run: () => void): void {
    this.start(0, run);
  }

  /** Lets so much time pass; every timer has its turn, and what it set going comes to rest. */
  async pass(forMs: number): Promise<void> {
    const until = this.#now + forMs;
    for (let turns = 0; turns < 100_000; turns++) {
      const [next] = [...this.#timers].sort(([a, x], [b, y]) => x.at - y.at || a - b);
      if (next === undefined || next[1].at > until) break;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].run();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = until;
  }
}

function paced(speed: Speed, startMs = 0) {
  const clock = new Simulation(1, startMs);
  const wall = new FakeWall();
  const failures: unknown[] = [];
  const pacer = new Pacer(clock, wall, speed, (cause) => failures.push(cause));
  return { clock, wall, pacer, failures };
}

const MINUTE = 60_000;

describe('the pacer', () => {
  test('at 1x what waits ten seconds happens ten seconds later on the wall', async () => {
    const { clock, wall, pacer } = paced(1);
    const happened: number[] = [];
    clock.after(10_000, () => happened.push(wall.now() - EPOCH_MS));
    pacer.start();
    await wall.pass(9_900);
    expect(happened).toEqual([]);
    await wall.pass(200);
    expect(happened).toEqual([10_000]);
    expect(clock.now()).toBeGreaterThanOrEqual(9_600);
    pacer.stop();
  });

  test('at 10x work under way is done ten times sooner, and the twin waits for the wall then', async () => {
    const { clock, wall, pacer } = paced(10, -15 * MINUTE);
    let happenedAt = 0;
    clock.after(100_000, () => {
      happenedAt = wall.now() - EPOCH_MS;
    });
    pacer.start();
    await wall.pass(MINUTE);
    expect(happenedAt).toBeGreaterThanOrEqual(10_000);
    expect(happenedAt).toBeLessThan(10_600);
    // It began 15 minutes behind and gained 90 s; since then it goes as the wall does.
    const behindMs = wall.now() - EPOCH_MS - clock.now();
    expect(behindMs / MINUTE).toBeCloseTo(13.5, 1);
    pacer.stop();
  });

  test('at max work is done at once, and a clock ahead of the wall stands until it is there', async () => {
    const { clock, wall, pacer } = paced('max');
    let done = false;
    clock.after(5 * MINUTE, () => {
      done = true;
    });
    pacer.start();
    await wall.pass(100);
    expect(done).toBe(true);
    expect(clock.now()).toBe(5 * MINUTE);
    await wall.pass(4 * MINUTE);
    expect(clock.now()).toBe(5 * MINUTE);
    await wall.pass(2 * MINUTE);
    expect(clock.now()).toBeGreaterThan(5.9 * MINUTE);
    pacer.stop();
  });

  test('what never comes to rest is hurried for half an hour after a change, no longer', async () => {
    const { clock, wall, pacer } = paced('max');
    const again = (): void => void clock.after(1_000, again);
    again();
    pacer.start();
    await wall.pass(1_000);
    expect(clock.now()).toBe(30 * MINUTE);
    pacer.poke();
    await wall.pass(1_000);
    expect(clock.now()).toBe(60 * MINUTE);
    pacer.stop();
  });

  test('an idle poll is not hurried', async () => {
    const { clock, wall, pacer } = paced('max');
    let polls = 0;
    const poll = (): void => {
      polls++;
      clock.after(MINUTE, poll, { background: true });
    };
    clock.after(MINUTE, poll, { background: true });
    pacer.start();
    await wall.pass(10 * MINUTE + 1_000);
    expect(polls).toBe(10);
    pacer.stop();
  });

  test('a change sees the time of the wall, however long nothing happened', async () => {
    const { clock, wall, pacer } = paced(1);
    pacer.start();
    await wall.pass(30_123);
    pacer.catchUp();
    expect(clock.now()).toBe(30_123);
    pacer.stop();
  });

  test('a failure stops time and is told once', async () => {
    const { clock, wall, pacer, failures } = paced(1);
    clock.spawn(async () => {
      await clock.sleep(1_000);
      throw new Error('a broken invariant');
    });
    pacer.start();
    await wall.pass(5_000);
    expect(failures).toEqual([new Error('a broken invariant')]);
    const stoodAt = clock.now();
    await wall.pass(5_000);
    expect(clock.now()).toBe(stoodAt);
  });

  test('a stopped twin goes on from where it stood', async () => {
    const { clock, wall, pacer } = paced(1);
    pacer.start();
    await wall.pass(1_000);
    pacer.stop();
    const stoodAt = clock.now();
    await wall.pass(MINUTE);
    expect(clock.now()).toBe(stoodAt);
    pacer.start();
    await wall.pass(1_000);
    expect(clock.now()).toBeGreaterThan(MINUTE);
    pacer.stop();
  });
});
