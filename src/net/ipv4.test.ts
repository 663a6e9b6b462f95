/** net/ipv4.test — goal: text and number agree with ipaddr.js; method: random addresses, noise. */
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { formatIpv4, parseIpv4 } from './ipv4.ts';

const ip = fc.integer({ min: 0, max: 0xffffffff });

test('an IPv4 address survives being written and read, above 128.0.0.0 too', () => {
  fc.assert(fc.property(ip, (address) => parseIpv4(formatIpv4(address)) === address));
  expect(parseIpv4('255.255.255.255')).toBe(4294967295);
  expect(parseIpv4('128.0.0.0')).toBe(2147483648);
});

test('an IPv4 address is written the way ipaddr.js writes it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (octets) => {
      const text = ipaddr.fromByteArray([...octets]).toString();
      const read = parseIpv4(text);
      return read !== undefined && formatIpv4(read) === text;
    }),
  );
});

test('text that is not exactly four decimal fields is no IPv4 address', () => {
  const bad = ['', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.04', '1.2.3.00', '256.1.1.1', '1..2.3'];
  bad.push('1.2.3.', '.1.2.3', ' 1.2.3.4', '1.2.3.4 ', '1.2.3.4/32', '0x1.2.3.4', '+1.2.3.4');
  bad.push('1.2.3.-4', '1,2,3,4', '1.2.3.٤', '1111.1.1.1', '::1', '....', '1.2.3.4\n');
  for (const text of bad) expect(parseIpv4(text), text).toBeUndefined();
});

test('of any dots and digits the reader accepts what ipaddr.js accepts as strict decimal', () => {
  const noise = fc.string({ unit: fc.constantFrom('.', '0', '1', '2', '5', '9'), maxLength: 16 });
  fc.assert(
    fc.property(noise, (text) => {
      const leadingZero = /(^|\.)0\d/.test(text);
      const expected = ipaddr.IPv4.isValidFourPartDecimal(text) && !leadingZero;
      return (parseIpv4(text) !== undefined) === expected;
    }),
    { numRuns: 20_000 },
  );
});
