import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGoDuration } from './go-duration.ts';
import { ownedName, ownershipName } from './ownership-name.ts';

const affixes = (txtPrefix: string, txtSuffix = '', txtWildcardReplacement = '') => ({
  txtPrefix,
  txtSuffix,
  txtWildcardReplacement,
});

describe('the name of an ownership record', () => {
  test.each([
    [affixes(''), 'web.example.com', 'cname-web.example.com'],
    [affixes('edns-'), 'web.example.com', 'edns-cname-web.example.com'],
    [affixes('%{record_type}-abc-.'), 'ex.com', 'cname-abc-.ex.com'],
    [affixes('', '-.%{record_type}'), 'www.ex.com', 'www-.cname.ex.com'],
    [affixes('', '', 'any'), '*.ex.com', 'cname-any.ex.com'],
  ])('%j of %s is %s', (given, name, txt) => {
    expect(ownershipName(given, name, 'CNAME')).toBe(txt);
  });

  test('leads back to the name and type it is about', () => {
    const label = fc.stringMatching(/^[b-z0-9][a-z0-9]{0,6}$/);
    const name = fc.tuple(label, label, label).map((labels) => labels.join('.'));
    const given = fc.constantFrom(
      affixes(''),
      affixes('own-'),
      affixes('%{record_type}-own.'),
      affixes('', '-own'),
      affixes('', '-%{record_type}'),
    );
    fc.assert(
      fc.property(given, name, fc.constantFrom('A', 'AAAA', 'CNAME'), (some, dnsName, type) => {
        const txt = ownershipName(some, dnsName, type);
        expect(ownedName(some, txt)).toEqual({ dnsName, type });
      }),
    );
  });
});

test.each([
  ['1m', 60_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1_500],
  ['0', 0],
  ['600', undefined],
  ['', undefined],
  ['5x', undefined],
])('a duration of Go, %s', (text, ms) => {
  expect(parseGoDuration(text)).toBe(ms);
});
