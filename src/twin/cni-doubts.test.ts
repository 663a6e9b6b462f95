import { expect, test } from 'vitest';
import { cniDoubts } from './cni-doubts.ts';

const texts = (env: Readonly<Record<string, string>>) => cniDoubts(env).map(({ text }) => text);

test('a misspelt variable of aws-node is said, with the one that was meant', () => {
  expect(texts({ WARM_IP_TRAGET: '2' })).toEqual([
    expect.stringMatching(/no such variable.*WARM_IP_TARGET/),
  ]);
});

test('a value that aws-node cannot read is said, with the default that stays', () => {
  expect(texts({ WARM_IP_TARGET: 'abc', ENABLE_PREFIX_DELEGATION: 'yes', MAX_ENI: '0' })).toEqual([
    'not a whole number of 0 or more: aws-node keeps its default, 0',
    'neither true nor false: aws-node keeps its default, false',
    'below 1: aws-node keeps its default, none',
  ]);
});

test('settings that aws-node reads raise no doubt', () => {
  const good = { WARM_IP_TARGET: '2', MAX_ENI: '1', ENABLE_POD_ENI: 'true', CLUSTER_NAME: 'x' };
  expect(texts(good)).toEqual([]);
});
