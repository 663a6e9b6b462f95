/**
 * sim/sha256 — SHA-256 of a text (FIPS 180-4 §6.2). kube-proxy names its chains with it and the
 * load balancer controller its resources; nothing here is secret.
 */

/** The first 32 bits of the fraction of `root(p)`, for the constants of FIPS 180-4 §4.2.2. */
const fraction = (value: number): number => Math.floor((value - Math.floor(value)) * 2 ** 32) | 0;

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n);
  return found;
}

const ROUNDS = 64;
const K = Int32Array.from(primes(ROUNDS).map((p) => fraction(Math.cbrt(p))));
const START = Int32Array.from(primes(8).map((p) => fraction(Math.sqrt(p))));

const rotate = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

/** The text's bytes, padded to whole 64-byte blocks with the length in bits at the end. */
function paddedBytes(text: string): Uint8Array {
  const encoded = unescapedUtf8(text);
  const { length } = encoded;
  const bytes = new Uint8Array(Math.ceil((length + 9) / 64) * 64);
  for (let i = 0; i < length; i++) bytes[i] = encoded.charCodeAt(i);
  bytes[length] = 0x80;
  new DataView(bytes.buffer).setUint32(bytes.length - 4, length * 8);
  return bytes;
}

const ASCII = /^[\x20-\x7e]*$/;

/** One character a byte; names of Kubernetes are ASCII and stay as they are. */
const unescapedUtf8 = (text: string): string => (ASCII.test(text) ? text : escapedUtf8(text));

const escapedUtf8 = (text: string): string =>
  encodeURIComponent(text).replace(/%([0-9A-F]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );

const words = new Int32Array(ROUNDS);

function schedule(view: DataView, start: number): void {
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(start + i * 4);
  for (let i = 16; i < ROUNDS; i++) {
    const [w15, w2] = [words[i - 15]!, words[i - 2]!];
    const s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3);
    const s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10);
    words[i] = words[i - 16]! + s0 + words[i - 7]! + s1;
  }
}

/** One block's rounds on the eight words of the state. */
function compress(state: Int32Array): void {
  let [a, b, c, d] = [state[0]!, state[1]!, state[2]!, state[3]!];
  let [e, f, g, h] = [state[4]!, state[5]!, state[6]!, state[7]!];
  for (let i = 0; i < ROUNDS; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + words[i]!) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
  state[5] = state[5]! + f;
  state[6] = state[6]! + g;
  state[7] = state[7]! + h;
}

/** The 32 bytes of the text's SHA-256. */
export function sha256(text: string): Uint8Array {
  const view = new DataView(paddedBytes(text).buffer);
  const state = Int32Array.from(START);
  for (let start = 0; start < view.byteLength; start += 64) {
    schedule(view, start);
    compress(state);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 8; i++) digest.setInt32(i * 4, state[i]!);
  return new Uint8Array(digest.buffer);
}
