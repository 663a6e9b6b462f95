import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Checkpoint } from './checkpoint.ts';
import { Datastore } from './datastore.ts';
import { isDatastoreError } from './datastore-error.ts';
import { poolStats, removeUnusedEni } from './datastore-view.ts';

const COOLDOWN_MS = 30_000;

function datastore(prefixDelegation = false, writeFails: () => boolean = () => false) {
  const clock = { nowMs: 1_000_000, now: () => clock.nowMs };
  let written: Checkpoint | undefined;
  const store = new Datastore({
    clock,
    prefixDelegation,
    networkCard: 0,
    cooldownMs: COOLDOWN_MS,
    writeCheckpoint: (content) => {
      if (writeFails()) return 'disk full';
      written = content();
      return undefined;
    },
  });
  return { clock, store, written: () => written };
}

const eni = (deviceNumber: number) => ({
  deviceNumber,
  isPrimary: deviceNumber === 0,
  isTrunk: false,
  isEfa: false,
  routeTableId: deviceNumber === 0 ? 254 : deviceNumber + 1,
  subnetId: 'subnet-1',
});

const key = (pod: number) => ({
  networkName: 'aws-cni',
  containerId: `c${pod}`,
  ifName: 'eth0',
});

type Action =
  | { readonly kind: 'assign' | 'unassign'; readonly pod: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'drop'; readonly cidr: number }
  | { readonly kind: 'add'; readonly cidr: number };

const actions = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('assign' as const, 'unassign' as const),
      pod: fc.nat(40),
    }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(40_000) }),
    fc.record({
      kind: fc.constantFrom('drop' as const, 'add' as const),
      cidr: fc.nat(5),
    }),
  ),
  { maxLength: 120 },
);

const cidrOf = (n: number, prefixes: boolean): string =>
  prefixes ? `10.0.1.${n * 16}/28` : `10.0.1.${n}/32`;

describe.each([true, false])('a pool of prefixes: %s', (prefixes) => {
  test('no address is given to two pods, and none comes back before its cooldown', () => {
    fc.assert(
      fc.property(actions, (steps: readonly Action[]) => {
        const { clock, store } = datastore(prefixes);
        store.addEni('eni-0', eni(0));
        const held = new Map<number, string>();
        const releasedAtMs = new Map<string, number>();
        for (const step of steps) {
          if (step.kind === 'pass') clock.nowMs += step.ms;
          if (step.kind === 'add') store.addCidr('eni-0', cidrOf(step.cidr, prefixes), prefixes);
          if (step.kind === 'drop') store.deleteCidr('eni-0', cidrOf(step.cidr, prefixes), false);
          if (step.kind === 'unassign') {
            const released = store.unassign(key(step.pod));
            expect(isDatastoreError(released)).toBe(!held.has(step.pod));
            const ip = held.get(step.pod);
            if (ip !== undefined) releasedAtMs.set(ip, clock.nowMs);
            held.delete(step.pod);
          }
          if (step.kind === 'drop' || step.kind === 'add')
            // A block that left and came back starts anew: EC2 may have given it away meanwhile.
            for (const ip of [...releasedAtMs.keys()])
              if (store.eniOfAddress(ip) === undefined) releasedAtMs.delete(ip);
          if (step.kind !== 'assign') continue;
          const got = store.assign(key(step.pod), {}, 4);
          if (isDatastoreError(got)) continue;
          const before = held.get(step.pod);
          if (before !== undefined) {
            expect(got.ip).toBe(before);
            continue;
          }
          expect([...held.values()]).not.toContain(got.ip);
          const since = clock.nowMs - (releasedAtMs.get(got.ip) ?? Number.NEGATIVE_INFINITY);
          expect(since).toBeGreaterThan(COOLDOWN_MS);
          held.set(step.pod, got.ip);
        }
      }),
    );
  });

  test('assigned, cooling and free addresses add up to all, and assigned is what pods hold', () => {
    fc.assert(
      fc.property(actions, (steps: readonly Action[]) => {
        const { clock, store, written } = datastore(prefixes);
        store.addEni('eni-0', eni(0));
        let pods = 0;
        for (const step of steps) {
          if (step.kind === 'pass') clock.nowMs += step.ms;
          if (step.kind === 'add') store.addCidr('eni-0', cidrOf(step.cidr, prefixes), prefixes);
          if (step.kind === 'drop') store.deleteCidr('eni-0', cidrOf(step.cidr, prefixes), false);
          if (step.kind === 'unassign' && !isDatastoreError(store.unassign(key(step.pod)))) pods--;
          if (step.kind === 'assign' && store.find(key(step.pod)) === undefined)
            if (!isDatastoreError(store.assign(key(step.pod), {}, 4))) pods++;
          const stats = poolStats(store, 4);
          expect(stats.assignedIps).toBe(pods);
          expect(store.assigned).toBe(pods);
          expect(store.total).toBe(stats.totalIps);
          expect(stats.assignedIps + stats.cooldownIps).toBeLessThanOrEqual(stats.totalIps);
          if (written() !== undefined) expect(written()?.allocations).toHaveLength(pods);
        }
      }),
    );
  });

  test('a restored checkpoint is the same set of pods on the same addresses', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(40), { maxLength: 20 }), (pods) => {
        const { store } = datastore(prefixes);
        const fresh = datastore(prefixes).store;
        for (const one of [store, fresh]) {
          one.addEni('eni-0', eni(0));
          for (let i = 0; i < 20; i++) one.addCidr('eni-0', cidrOf(i % 16, prefixes), prefixes);
        }
        for (const pod of pods) store.assign(key(pod), {}, 4);
        fresh.restore(store.checkpoint());
        expect(fresh.checkpoint()).toEqual(store.checkpoint());
      }),
    );
  });
});

test('a checkpoint that cannot be written gives the pod nothing and changes nothing', () => {
  let full = false;
  const { store } = datastore(false, () => full);
  store.addEni('eni-0', eni(0));
  store.addCidr('eni-0', '10.0.1.5/32', false);
  full = true;
  expect(store.assign(key(1), {}, 4)).toMatchObject({ message: 'disk full' });
  expect(poolStats(store, 4)).toMatchObject({ assignedIps: 0, cooldownIps: 0 });
  full = false;
  expect(store.assign(key(1), {}, 4)).toMatchObject({ ip: '10.0.1.5' });
});

test('a /28 serves sixteen pods, its first and last address too', () => {
  const { store } = datastore(true);
  store.addEni('eni-0', eni(0));
  store.addCidr('eni-0', '10.0.1.16/28', true);
  const given = Array.from({ length: 17 }, (_, pod) => store.assign(key(pod), {}, 4));
  expect(given[0]).toMatchObject({ ip: '10.0.1.16' });
  expect(given[15]).toMatchObject({ ip: '10.0.1.31' });
  expect(given[16]).toMatchObject({
    message: 'AssignPodIPAddress: no available IP/Prefix addresses',
  });
});

test('an ENI with a cooling address is not freed, though no pod is on it', () => {
  const { clock, store } = datastore();
  store.addEni('eni-0', eni(0));
  store.addEni('eni-1', eni(1));
  store.addCidr('eni-1', '10.0.1.5/32', false);
  store.assign(key(1), {}, 4);
  clock.nowMs += 100_000;
  store.unassign(key(1));
  const targets = { warmIpTarget: 0, minimumIpTarget: 0, warmPrefixTarget: 0 };
  expect(removeUnusedEni(store, targets)).toBeUndefined();
  clock.nowMs += COOLDOWN_MS + 1;
  expect(removeUnusedEni(store, targets)).toBe('eni-1');
});
