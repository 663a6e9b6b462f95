import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Controller,
  ControllerRun,
  done,
  itself,
  requeue,
  retry,
  watch,
} from './controller.ts';
import { type HostTimers, RealClock } from './real-clock.ts';
import { Simulation } from './simulation.ts';
import { Store } from './store.ts';

interface Things {
  thing: { readonly size: number };
}

describe('virtual time', () => {
  test('jumps to the next wake and never waits for real', async () => {
    const clock = new Simulation(1);
    const seen: string[] = [];
    clock.spawn(async () => {
      await clock.sleep(3_600_000);
      seen.push(`slept until ${clock.now()}`);
    });
    clock.after(5, () => seen.push(`called at ${clock.now()}`));
    expect(await clock.settle()).toEqual({ kind: 'settled', atMs: 3_600_000 });
    expect(seen).toEqual(['called at 5', 'slept until 3600000']);
  });

  test('a background wait does not keep settle going, but fires when time passes it', async () => {
    const clock = new Simulation(1);
    let polls = 0;
    clock.spawn(async () => {
      for (;;) {
        await clock.sleep(60_000, { background: true });
        polls++;
      }
    });
    await clock.settle();
    expect(polls).toBe(0);
    await clock.runUntil(600_000);
    expect(polls).toBe(10);
  });

  test('a signal wakes its waiters in order, and a timed wait says which came first', async () => {
    const clock = new Simulation(1);
    const signal = clock.signal();
    const seen: string[] = [];
    clock.spawn(async () => {
      await signal.wait();
      seen.push('first');
    });
    clock.spawn(async () => {
      seen.push(await signal.waitAtMost(1_000));
      seen.push(await signal.waitAtMost(1_000));
    });
    clock.after(10, () => signal.notify());
    await clock.settle();
    expect(seen).toEqual(['first', 'notified', 'elapsed']);
    expect(clock.now()).toBe(1_010);
  });

  test('a task that throws fails the run', async () => {
    const clock = new Simulation(1);
    clock.spawn(async () => {
      await clock.sleep(1);
      throw new Error('boom');
    });
    await expect(clock.settle()).rejects.toThrow('boom');
  });

  test('the same seed draws the same; labels split streams apart', () => {
    const draw = (seed: number, label: string) =>
      new Simulation(seed).random.split(label).text(8, 'abcdef');
    expect(draw(7, 'a')).toBe(draw(7, 'a'));
    expect(draw(7, 'a')).not.toBe(draw(7, 'b'));
    expect(draw(7, 'a')).not.toBe(draw(8, 'a'));
  });
});

describe('store', () => {
  test('a put with a stale revision is a conflict and changes nothing', () => {
    const store = new Store<Things>();
    const first = store.put('thing', 'a', { size: 1 }, 0);
    expect(store.put('thing', 'a', { size: 2 }, 0)).toEqual({ kind: 'conflict', revision: first });
    expect(store.get('thing', 'a')).toEqual({ size: 1 });
  });

  test('values are frozen all the way down', () => {
    const store = new Store<{ thing: { deep: { list: number[] } } }>();
    store.put('thing', 'a', { deep: { list: [1] } });
    expect(() => store.get('thing', 'a')!.deep.list.push(2)).toThrow();
  });

  test('a watch resumes from a revision until the log no longer reaches back', () => {
    const store = new Store<Things>();
    store.put('thing', 'a', { size: 1 });
    const from = store.revision;
    store.put('thing', 'a', { size: 2 });
    store.delete('thing', 'a');
    const events = store.since(from);
    expect(Array.isArray(events) && events.map((event) => event.value?.size)).toEqual([
      2,
      undefined,
    ]);
    for (let i = 0; i < 9_000; i++) store.put('thing', 'b', { size: i });
    expect(store.since(from)).toMatchObject({ kind: 'gone' });
  });

  test('any sequence of writes and forks reads like a copied map, indexes too', () => {
    const write = fc.record({
      on: fc.nat(3),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      size: fc.option(fc.nat(3), { nil: undefined }),
      fork: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 60 }), (writes) => {
        const first = new Store<Things>();
        first.index('thing', 'size', (thing) => String(thing.size));
        first.index('thing', 'sizes below', ({ size }) => [...Array(size).keys()].map(String));
        const worlds = [{ store: first, model: new Map<string, number>() }];
        for (const { on, key, size, fork } of writes) {
          const world = worlds[on % worlds.length]!;
          if (fork) worlds.push({ store: world.store.fork(), model: new Map(world.model) });
          if (size === undefined) {
            expect(world.store.delete('thing', key)).toBe(world.model.delete(key));
          } else {
            world.store.put('thing', key, { size });
            world.model.set(key, size);
          }
        }
        for (const { store, model } of worlds) {
          const entries = [...store.entries('thing')].map(({ key, value }) => [key, value.size]);
          expect(new Map(entries as [string, number][])).toEqual(model);
          expect(store.count('thing')).toBe(model.size);
          for (const size of [0, 1, 2, 3]) {
            const expected = [...model].filter(([, value]) => value === size).map(([key]) => key);
            expect([...store.lookupKeys('thing', 'size', String(size))].sort()).toEqual(
              expected.sort(),
            );
            const larger = [...model].filter(([, value]) => value > size).map(([key]) => key);
            expect([...store.lookupKeys('thing', 'sizes below', String(size))].sort()).toEqual(
              larger.sort(),
            );
          }
        }
      }),
    );
  });
});

describe('a controller run', () => {
  const world = () => ({ clock: new Simulation(1), store: new Store<Things>() });

  test('lists what is there, then reconciles each changed object once per batch', async () => {
    const { clock, store } = world();
    store.put('thing', 'old', { size: 0 });
    const seen: string[] = [];
    const controller: Controller<Things> = {
      name: 'sizes',
      watches: [watch<Things, 'thing'>('thing', itself)],
      reconcile(request) {
        seen.push(`${request}@${clock.now()}`);
        return done;
      },
    };
    new ControllerRun(clock, store, controller);
    await clock.settle();
    for (let size = 0; size < 5; size++) store.put('thing', 'new', { size });
    await clock.settle();
    expect(seen).toEqual(['old@1', 'new@2']);
  });

  test('retries back off exponentially and requeues come when asked', async () => {
    const { clock, store } = world();
    const at: number[] = [];
    const controller: Controller<Things> = {
      name: 'stubborn',
      watches: [watch<Things, 'thing'>('thing', itself)],
      async reconcile() {
        at.push(clock.now());
        await clock.sleep(1);
        if (at.length < 4) return retry('not yet');
        return at.length === 4 ? requeue(1_000, 'look again') : done;
      },
    };
    store.put('thing', 'a', { size: 1 });
    new ControllerRun(clock, store, controller);
    await clock.settle();
    expect(at).toEqual([1, 8, 20, 42, 1_044]);
  });

  test('a lost event is made up for by a relist, a lost delete too', async () => {
    const { clock, store } = world();
    const seen: string[] = [];
    let lose = false;
    const controller: Controller<Things> = {
      name: 'follower',
      watches: [watch<Things, 'thing'>('thing', itself)],
      reconcile(request) {
        seen.push(`${request}=${store.get('thing', request)?.size ?? 'gone'}`);
        return done;
      },
    };
    new ControllerRun(clock, store, controller, {
      deliveries: () => (lose ? 0 : 1),
      relistAfterMs: 500,
    });
    store.put('thing', 'a', { size: 1 });
    await clock.settle();
    lose = true;
    store.put('thing', 'a', { size: 2 });
    store.put('thing', 'b', { size: 3 });
    store.delete('thing', 'b');
    await clock.settle();
    expect(seen[0]).toBe('a=1');
    expect(seen).toContain('a=2');
    expect(seen).toContain('b=gone');
  });
});

describe('the wall clock behind the same interface', () => {
  const timers: HostTimers = {
    now: () => performance.now(),
    start: (forMs, run) => setTimeout(run, forMs),
    stop: (timer) => clearTimeout(timer as NodeJS.Timeout),
  };

  test('runs the same task, hurried a hundredfold', async () => {
    const clock = new RealClock(timers, (cause) => expect(cause).toBeUndefined(), { speed: 100 });
    const signal = clock.signal();
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      clock.spawn(async () => {
        await clock.sleep(200);
        seen.push('slept');
        seen.push(await signal.waitAtMost(60_000));
        seen.push(await signal.waitAtMost(100));
        resolve();
      });
      clock.after(1_000, () => signal.notify());
      clock.after(500, () => seen.push('never')).cancel();
    });
    expect(seen).toEqual(['slept', 'notified', 'elapsed']);
    expect(clock.now()).toBeGreaterThanOrEqual(1_000);
  });

  test('tells of a task that throws instead of losing it', async () => {
    const cause = await new Promise((resolve) => {
      const clock = new RealClock(timers, resolve);
      clock.spawn(async () => {
        await clock.sleep(1);
        throw new Error('boom');
      });
    });
    expect(cause).toEqual(new Error('boom'));
  });
});
