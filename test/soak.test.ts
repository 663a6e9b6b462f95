/** A hundred seeded lives of a cluster; `npm run soak -- --seeds 1000` lives more. */
import { describe, expect, test } from 'vitest';
import { soakLoadBalancers } from './soak/load-balancers.ts';
import { soak } from './soak/soak.ts';

describe('soak', () => {
  test.each([0, 1, 2, 3])(
    '25 clusters live through faults and keep their invariants (%i)',
    async (batch) => {
      for (let seed = batch * 25 + 1; seed <= batch * 25 + 25; seed++) {
        const { broken, steps } = await soak(seed);
        expect(broken, `seed ${seed}: ${steps.join('\n')}`).toEqual([]);
      }
    },
    300_000,
  );

  test.each([0, 1, 2, 3])(
    'AWS holds what the stacks of 25 lives of Ingresses and Services say, and then nothing (%i)',
    async (batch) => {
      for (let seed = batch * 25 + 1; seed <= batch * 25 + 25; seed++) {
        const { broken, steps } = await soakLoadBalancers(seed);
        expect(broken, `seed ${seed}: ${steps.join('\n')}`).toEqual([]);
      }
    },
    300_000,
  );

  test('the same seed is the same life, byte for byte', async () => {
    expect(await soak(7)).toEqual(await soak(7));
    expect(await soakLoadBalancers(7)).toEqual(await soakLoadBalancers(7));
  });
});
