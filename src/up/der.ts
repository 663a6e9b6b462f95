/**
 * up/der — the few ASN.1 values a certificate is made of, as DER bytes (X.690).
 */

/** A value with its tag: short and long lengths. */
function tagged(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.concat([Buffer.of(tag, 0x80 | bytes.length, ...bytes), content]);
}

export const sequence = (...items: readonly Uint8Array[]): Buffer =>
  tagged(0x30, Buffer.concat(items));

export const setOf = (...items: readonly Uint8Array[]): Buffer =>
  tagged(0x31, Buffer.concat(items));

/** `[number]` around other values. */
export const explicit = (number: number, ...items: readonly Uint8Array[]): Buffer =>
  tagged(0xa0 | number, Buffer.concat(items));

/** `[number]` in place of a primitive value's own tag. */
export const implicit = (number: number, content: Uint8Array): Buffer =>
  tagged(0x80 | number, content);

export const octets = (content: Uint8Array): Buffer => tagged(0x04, content);

export const isTrue = (): Buffer => tagged(0x01, Buffer.of(0xff));

export const utf8Text = (text: string): Buffer => tagged(0x0c, Buffer.from(text, 'utf8'));

/** Bits of which the last byte leaves `unused` free. */
export const bits = (content: Uint8Array, unused = 0): Buffer =>
  tagged(0x03, Buffer.concat([Buffer.of(unused), content]));

/** A number that is not negative, from its big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const trimmed = bytes.subarray(start);
  const isHigh = (trimmed[0] ?? 0) >= 0x80;
  return tagged(0x02, isHigh ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed);
}

/** `1.2.840.10045.4.3.2`. */
export function objectId(text: string): Buffer {
  const [first, second, ...rest] = text.split('.').map(Number) as [number, number, ...number[]];
  const base128 = (value: number): number[] => {
    const digits = [value % 128];
    for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift((left % 128) | 0x80);
    }
    return digits;
  };
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** A point in time, to the second; until 2049 with two digits of the year (RFC 5280 4.1.2.5). */
export function time(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return Number(digits.slice(0, 4)) < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2), 'ascii'))
    : tagged(0x18, Buffer.from(digits, 'ascii'));
}
