import { expect, test } from 'vitest';
import { instanceType } from '../../model/ec2/instance-type.ts';
import { typeCapacity } from './type-capacity.ts';

const modes = (name: string): Record<string, number> => {
  const { modes: rows } = typeCapacity(instanceType(name)!);
  return Object.fromEntries(rows.map((row) => [`${row.mode}, ${row.where}`, row.maxPods]));
};

test('an m5.large carries 29, 434, 20 or 290 pods by its addresses, 110 at most by EKS', () => {
  expect(modes('m5.large')).toEqual({
    'secondary addresses, addresses': 29,
    'secondary addresses, managed node group': 29,
    'prefix delegation, addresses': 434,
    'prefix delegation, managed node group': 110,
    'custom networking, addresses': 20,
    'custom networking, managed node group': 20,
    'custom networking + prefixes, addresses': 290,
    'custom networking + prefixes, managed node group': 110,
    'IPv6, managed node group': 110,
  });
  expect(typeCapacity(instanceType('m5.large')!).branchEnis).toBe(9);
});

test('a Xen type has no prefixes and no IPv6', () => {
  const names = Object.keys(modes('t2.medium'));
  expect(names.some((name) => /prefix|IPv6/.test(name))).toBe(false);
});

test('bare metal hands out prefixes, but EKS does not count them', () => {
  const metal = modes('m5.metal');
  expect(metal['prefix delegation, addresses']).toBe(15 * 49 * 16 + 2);
  expect(metal['prefix delegation, managed node group']).toBe(250);
});
