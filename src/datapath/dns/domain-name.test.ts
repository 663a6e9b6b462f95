import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addressOfReverse,
  isSoundName,
  isWithin,
  longestZone,
  reverseName,
} from './domain-name.ts';

test('an address comes back from its reverse name, of either family', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (ip) => {
      expect(addressOfReverse(reverseName(ip))).toBe(ip);
    }),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (ip) => {
      expect(addressOfReverse(reverseName(ip))).toBe(ip);
    }),
  );
});

test('a zone holds whole labels only', () => {
  expect(isWithin('local.', 'cluster.local.')).toBe(true);
  expect(isWithin('local.', 'notlocal.')).toBe(false);
  expect(isWithin('.', 'anything.')).toBe(true);
});

test('the longest zone answers, in whatever order they are written', () => {
  expect(longestZone(['.', 'cluster.local.', 'local.'], 'a.Cluster.Local.')).toBe('cluster.local.');
});

test('a name with an empty or an overlong label is never sent', () => {
  expect(isSoundName('a..b.')).toBe(false);
  expect(isSoundName(`${'a'.repeat(64)}.`)).toBe(false);
  expect(isSoundName('_http._tcp.web.shop.svc.cluster.local.')).toBe(true);
});
