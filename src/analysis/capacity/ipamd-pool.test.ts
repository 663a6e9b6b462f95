import { expect, test } from 'vitest';
import type { EniPoolState, IpamdState } from '../../controllers/vpc-cni/ipamd-state.ts';
import { poolOfIpamd } from './ipamd-pool.ts';

const eni = (more: Partial<EniPoolState>): EniPoolState => ({
  eniId: 'eni-1',
  deviceNumber: 0,
  networkCard: 0,
  isPrimary: true,
  isTrunk: false,
  excluded: false,
  subnetId: 'subnet-a',
  cidrs: [],
  assigned: [],
  cooling: 0,
  free: 0,
  ...more,
});

const stateOf = (...enis: EniPoolState[]): IpamdState =>
  ({ nodeName: 'n1', cards: [{ settings: { maxEnis: 3 } }], enis }) as unknown as IpamdState;

test('addresses and prefixes of a running ipamd, each with its pods', () => {
  const pool = poolOfIpamd(
    stateOf(
      eni({
        cidrs: ['10.0.1.5/32', '10.0.1.6/32', '2001:db8::/80'],
        assigned: [{ ip: '10.0.1.5', pod: 'default/a' }],
        cooling: 1,
      }),
      eni({
        eniId: 'eni-2',
        cidrs: ['10.0.1.32/28'],
        assigned: [
          { ip: '10.0.1.32', pod: 'default/b' },
          { ip: '10.0.1.47', pod: 'default/c' },
        ],
      }),
    ),
  );
  expect(pool?.enis.map(({ blocks, cooling }) => ({ blocks, cooling }))).toEqual([
    {
      blocks: [
        { cidr: '10.0.1.5/32', isPrefix: false, size: 1, assigned: 1 },
        { cidr: '10.0.1.6/32', isPrefix: false, size: 1, assigned: 0 },
      ],
      cooling: 1,
    },
    { blocks: [{ cidr: '10.0.1.32/28', isPrefix: true, size: 16, assigned: 2 }], cooling: 0 },
  ]);
});

test('an ipamd that has no card yet has no pool', () => {
  expect(poolOfIpamd({ ...stateOf(), cards: [] })).toBeUndefined();
});
