/**
 * controllers/vpc-cni/sha512 — SHA-512 of a text (FIPS 180-4 §6.4). The CNI plugins name iptables
 * chains with its first digits; nothing here is secret.
 *
 * A 64-bit word is two 32-bit halves, high first: far quicker than bigints.
 */

import { utf8 } from '../../sim/utf8.ts';

/** The 64-bit word whose two halves are at `2 * i` and `2 * i + 1`. */
type Words = Int32Array;

/** First primes, and the first 64 bits of the fractions of their roots: the standard's constants. */
function fractions(count: number, root: 2 | 3): Words {
  const words = new Int32Array(count * 2);
  let found = 0;
  for (let n = 2; found < count; n++) {
    let isPrime = true;
    for (let d = 2; d * d <= n && isPrime; d++) isPrime = n % d !== 0;
    if (!isPrime) continue;
    const bits = integerRoot(BigInt(n) << BigInt(64 * root), root) & 0xffffffffffffffffn;
    words[found * 2] = Number(bits >> 32n) | 0;
    words[found * 2 + 1] = Number(bits & 0xffffffffn) | 0;
    found++;
  }
  return words;
}

/** Largest r with r ** root <= n. */
function integerRoot(n: bigint, root: 2 | 3): bigint {
  let low = 0n;
  let high = 1n << BigInt(Math.ceil(n.toString(2).length / root) + 1);
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** BigInt(root) <= n) low = middle;
    else high = middle - 1n;
  }
  return low;
}

let constants: Words | undefined;
let initial: Words | undefined;

/** High and low half of a word rotated right. */
const rotateHigh = (high: number, low: number, by: number): number =>
  by < 32 ? (high >>> by) | (low << (32 - by)) : (low >>> (by - 32)) | (high << (64 - by));
const rotateLow = (high: number, low: number, by: number): number => rotateHigh(low, high, by);

function padded(text: string): DataView {
  const encoded = utf8(text);
  const bytes = new Uint8Array(Math.ceil((encoded.length + 17) / 128) * 128);
  bytes.set(encoded);
  bytes[encoded.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 4, encoded.length * 8);
  return view;
}

/** The sum of up to five 64-bit words given as halves. */
const sum = new Int32Array(2);
function add(
  ah: number,
  al: number,
  bh: number,
  bl: number,
  ch = 0,
  cl = 0,
  dh = 0,
  dl = 0,
  eh = 0,
  el = 0,
): void {
  const low = (al >>> 0) + (bl >>> 0) + (cl >>> 0) + (dl >>> 0) + (el >>> 0);
  sum[1] = low | 0;
  sum[0] = (ah + bh + ch + dh + eh + Math.floor(low / 0x100000000)) | 0;
}

/** The message schedule of one block. */
function schedule(view: DataView, start: number): Words {
  const w = new Int32Array(160);
  for (let i = 0; i < 32; i++) w[i] = view.getInt32(start + i * 4);
  for (let i = 32; i < 160; i += 2) {
    const [h15, l15, h2, l2] = [w[i - 30]!, w[i - 29]!, w[i - 4]!, w[i - 3]!];
    const h0 = rotateHigh(h15, l15, 1) ^ rotateHigh(h15, l15, 8) ^ (h15 >>> 7);
    const l0 = rotateLow(h15, l15, 1) ^ rotateLow(h15, l15, 8) ^ ((l15 >>> 7) | (h15 << 25));
    const h1 = rotateHigh(h2, l2, 19) ^ rotateHigh(h2, l2, 61) ^ (h2 >>> 6);
    const l1 = rotateLow(h2, l2, 19) ^ rotateLow(h2, l2, 61) ^ ((l2 >>> 6) | (h2 << 26));
    add(w[i - 32]!, w[i - 31]!, h0, l0, w[i - 14]!, w[i - 13]!, h1, l1);
    w[i] = sum[0]!;
    w[i + 1] = sum[1]!;
  }
  return w;
}

function compress(hash: Words, w: Words, k: Words): void {
  const v = hash.slice();
  for (let i = 0; i < 160; i += 2) {
    const [ah, al, eh, el] = [v[0]!, v[1]!, v[8]!, v[9]!];
    const s1h = rotateHigh(eh, el, 14) ^ rotateHigh(eh, el, 18) ^ rotateHigh(eh, el, 41);
    const s1l = rotateLow(eh, el, 14) ^ rotateLow(eh, el, 18) ^ rotateLow(eh, el, 41);
    const chh = (eh & v[10]!) ^ (~eh & v[12]!);
    const chl = (el & v[11]!) ^ (~el & v[13]!);
    add(v[14]!, v[15]!, s1h, s1l, chh, chl, k[i]!, k[i + 1]!, w[i]!, w[i + 1]!);
    const [t1h, t1l] = [sum[0]!, sum[1]!];
    const s0h = rotateHigh(ah, al, 28) ^ rotateHigh(ah, al, 34) ^ rotateHigh(ah, al, 39);
    const s0l = rotateLow(ah, al, 28) ^ rotateLow(ah, al, 34) ^ rotateLow(ah, al, 39);
    const majh = (ah & v[2]!) ^ (ah & v[4]!) ^ (v[2]! & v[4]!);
    const majl = (al & v[3]!) ^ (al & v[5]!) ^ (v[3]! & v[5]!);
    add(s0h, s0l, majh, majl);
    const [t2h, t2l] = [sum[0]!, sum[1]!];
    v.copyWithin(2, 0, 14);
    add(v[8]!, v[9]!, t1h, t1l);
    v[8] = sum[0]!;
    v[9] = sum[1]!;
    add(t1h, t1l, t2h, t2l);
    v[0] = sum[0]!;
    v[1] = sum[1]!;
  }
  for (let i = 0; i < 16; i += 2) {
    add(hash[i]!, hash[i + 1]!, v[i]!, v[i + 1]!);
    hash[i] = sum[0]!;
    hash[i + 1] = sum[1]!;
  }
}

/** The 128 lower-case hex digits of the text's SHA-512. */
export function sha512(text: string): string {
  constants ??= fractions(80, 3);
  initial ??= fractions(8, 2);
  const hash = initial.slice();
  const view = padded(text);
  for (let start = 0; start < view.byteLength; start += 128)
    compress(hash, schedule(view, start), constants);
  return [...hash].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
