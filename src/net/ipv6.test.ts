/** net/ipv6.test — goal: text and bigint agree with ipaddr.js, Node and RFC 5952; random text. */
import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { formatIpv6, parseIpv6 } from './ipv6.ts';

/** Sixteen-bit groups with many zeros, where the `::` rules live. */
const groups = fc.array(
  fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff })),
  { minLength: 8, maxLength: 8 },
);
const toBigint = (parts: readonly number[]): bigint =>
  parts.reduce((sum, part) => sum * 65536n + BigInt(part), 0n);

test('an IPv6 address is written the way RFC 5952 and ipaddr.js write it', () => {
  fc.assert(
    fc.property(groups, (parts) => {
      const mapped = parts.slice(0, 5).every((part) => part === 0) && parts[5] === 0xffff;
      const text = formatIpv6(toBigint(parts));
      if (mapped) return text.startsWith('::ffff:') && text.split('.').length === 4;
      return text === new ipaddr.IPv6(parts).toRFC5952String();
    }),
    { numRuns: 5000 },
  );
});

test('an IPv6 address survives being written and read', () => {
  fc.assert(
    fc.property(groups, (parts) => {
      const ip = toBigint(parts);
      const full = parts.map((part) => part.toString(16).padStart(4, '0')).join(':');
      return parseIpv6(formatIpv6(ip)) === ip && parseIpv6(full.toUpperCase()) === ip;
    }),
    { numRuns: 5000 },
  );
});

test('the reader takes exactly the spellings Node takes, and reads them as Node does', () => {
  // ipaddr.js cannot judge here: it reads the deprecated `::10.0.0.1` as `::ffff:10.0.0.1`.
  const noise = fc.string({
    unit: fc.constantFrom(':', ':', '::', '0', '1', 'f', 'Ab', '12', '.', '01.2.3.4', '10.0.0.1'),
    maxLength: 20,
  });
  fc.assert(
    fc.property(noise, (text) => {
      const read = parseIpv6(text);
      if (read === undefined) return !isIPv6(text);
      const spelled = new URL(`http://[${text}]/`).hostname.slice(1, -1);
      return isIPv6(text) && toBigint(ipaddr.IPv6.parse(spelled).parts) === read;
    }),
    { numRuns: 50_000 },
  );
});

test('the RFC 5952 corner cases come out as the RFC prints them', () => {
  const cases: [string, string][] = [
    ['::', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::', '2001:db8::'],
    ['1::2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['64:ff9b::8.8.8.8', '64:ff9b::808:808'],
    ['fd00:ec2::23', 'fd00:ec2::23'],
  ];
  for (const [text, expected] of cases) {
    const ip = parseIpv6(text);
    expect(ip === undefined ? undefined : formatIpv6(ip), text).toBe(expected);
  }
});

test('text that is no IPv6 address is refused', () => {
  const bad = ['', ':', ':::', '1', '1:', ':1', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9'];
  bad.push(
    '1:2:3:4::5:6:7:8',
    'fe80::1%eth0',
    '12345::',
    'g::',
    '::1.2.3',
    '::01.2.3.4',
    '10.0.0.1',
  );
  bad.push('1:2:3:4:5:6:7:1.2.3.4', '::1.2.3.4:5', '1:2:3:4:5:6:7:', '::1/128', ' ::1');
  for (const text of bad) expect(parseIpv6(text), text).toBeUndefined();
});
