/**
 * sim/sha1 — SHA-1 of a text (FIPS 180-4 §6.1). The CNI names host interfaces
 * with it, the in-tree controller target groups; nothing here is secret.
 */

import { utf8 } from './utf8.ts';

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** The text padded to whole 64-byte blocks with its length in bits at the end. */
function paddedBytes(text: string): Uint8Array {
  const encoded = utf8(text);
  const length = encoded.length;
  const bytes = new Uint8Array(Math.ceil((length + 9) / 64) * 64);
  bytes.set(encoded);
  bytes[length] = 0x80;
  new DataView(bytes.buffer).setUint32(bytes.length - 4, length * 8);
  return bytes;
}

/** The round's function and constant, FIPS 180-4 §4.1.1 and §4.2.1. */
function round(step: number, b: number, c: number, d: number): number {
  if (step < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (step < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (step < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

/** The 40 lower-case hex digits of the text's SHA-1. */
export function sha1(text: string): string {
  const view = new DataView(paddedBytes(text).buffer);
  const hash = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Int32Array(80);
  for (let start = 0; start < view.byteLength; start += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(start + i * 4);
    for (let i = 16; i < 80; i++)
      words[i] = rotate(words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!, 1);
    let [a, b, c, d, e] = hash as [number, number, number, number, number];
    for (let i = 0; i < 80; i++) {
      const next = (rotate(a, 5) + round(i, b, c, d) + e + words[i]!) | 0;
      e = d;
      d = c;
      c = rotate(b, 30);
      b = a;
      a = next;
    }
    [a, b, c, d, e].forEach((word, i) => {
      hash[i] = (hash[i]! + word) | 0;
    });
  }
  return hash.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
