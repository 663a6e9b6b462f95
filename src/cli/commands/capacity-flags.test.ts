import { expect, test } from 'vitest';
import { type PlanTexts, planFlags, wholeNumber } from './capacity-flags.ts';

const texts: PlanTexts = {
  nodes: '10',
  type: 'm5.large',
  pods: '100',
  subnetSize: '/24',
  loadBalancers: '5',
  natGateways: '2',
  setEnv: ['WARM_IP_TARGET=2', 'daemonset/aws-node:MINIMUM_IP_TARGET=2'],
};

test('both forms of --set-env reach aws-node', () => {
  expect(planFlags(texts)).toMatchObject({
    nodes: 10,
    prefixLength: 24,
    variables: { WARM_IP_TARGET: '2', MINIMUM_IP_TARGET: '2' },
  });
});

test.each([
  [{ subnetSize: '/29' }, /a \/16 to a \/28/],
  [{ nodes: '0' }, /whole number from 1/],
  [{ pods: undefined }, /--pods is missing/],
  [{ setEnv: ['WARM_IP_TARGET'] }, /KEY=VALUE/],
])('%j is told how to be written', (wrong, message) => {
  expect(() => planFlags({ ...texts, ...wrong } as PlanTexts)).toThrow(message);
});

test('a count is digits only', () => {
  expect(wholeNumber('007', '--pods', 0)).toBe(7);
  for (const text of ['-1', '1e3', '', '10x'])
    expect(() => wholeNumber(text, '--pods', 0)).toThrow(/--pods/);
});
