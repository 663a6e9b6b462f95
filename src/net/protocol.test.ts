/** net/protocol.test — goal: names and numbers match what EC2, Kubernetes and the kernel write. */
import { expect, test } from 'vitest';
import { formatProtocol, hasPorts, hasTypeAndCode, parseProtocol } from './protocol.ts';

test('protocols are read by name, by number and as all', () => {
  const cases: [string, number | undefined][] = [
    ['tcp', 6],
    ['TCP', 6],
    ['17', 17],
    ['SCTP', 132],
    ['icmpv6', 58],
    ['ipv6-icmp', 58],
    ['-1', -1],
    ['all', -1],
    ['0', 0],
    ['255', 255],
    ['256', undefined],
    ['06', undefined],
    ['-2', undefined],
    ['', undefined],
    ['http', undefined],
  ];
  for (const [text, expected] of cases) expect(parseProtocol(text), text).toBe(expected);
});

test('every protocol number survives being written and read', () => {
  for (let p = -1; p <= 255; p++) expect(parseProtocol(formatProtocol(p))).toBe(p);
  expect([6, 17, 1, 58, 132, -1, 200].map(formatProtocol)).toEqual([
    'tcp',
    'udp',
    'icmp',
    'icmpv6',
    'sctp',
    'all',
    '200',
  ]);
});

test('only transport protocols have ports and only icmp has types', () => {
  expect([6, 17, 132, 1, 58, 47, -1].map(hasPorts)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  expect([1, 58, 6].map(hasTypeAndCode)).toEqual([true, true, false]);
});
