import { expect, test } from 'vitest';
import { Cluster, range } from '../../analysis/capacity/capacity.fixture.ts';
import { plan } from '../../analysis/capacity/plan.ts';
import { capacityText } from './capacity.ts';
import { planText } from './capacity-plan.ts';

/** Commands stay on one line, to be copied; everything else fits a terminal. */
const tooWide = (text: string): string[] =>
  text.split('\n').filter((line) => line.length > 120 && !line.startsWith('     '));

test('the first line says which subnet is short and what fails next', () => {
  const cluster = new Cluster().subnet('10.0.1.0/28').node('n1', [range(4, 10)]);
  cluster.eni([14]);
  const text = capacityText(cluster.ask());
  expect(text.split('\n')[0]).toBe(
    'subnet-a private-subnet-a: 0 of 11 addresses free; ' +
      'the next node fails: InsufficientFreeAddressesInSubnet',
  );
  expect(text).toContain('  10.0.1.0        #');
  expect(tooWide(text)).toEqual([]);
});

test("the guide's example as text: 314 of 256, beside 122", () => {
  const flags = {
    nodes: 10,
    instanceType: 'm5.large',
    pods: 100,
    prefixLength: 24,
    loadBalancers: 5,
    natGateways: 2,
    variables: {},
  };
  const text = planText(flags, plan(flags));
  expect(text).toContain('take 314 of the 256 addresses of a /24: it does not fit');
  expect(text).toContain('10 × 1 + 100 + 5 + 2 + 5 = 122');
  expect(tooWide(text)).toEqual([]);
});
