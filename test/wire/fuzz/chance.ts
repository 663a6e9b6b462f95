/** test/wire/fuzz/chance — seeded choices; the same seed asks the same requests. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Below 1: mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  one<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)]!;
  }

  isLucky(probability: number): boolean {
    return this.next() < probability;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** Text with everything that texts should not have. */
  text(): string {
    const parts = Array.from({ length: 1 + this.below(3) }, () => this.one(TEXTS));
    return parts.join('');
  }

  /** Any JSON value. */
  value(depth = 3): unknown {
    const kind = this.below(depth > 0 ? 9 : 7);
    if (kind === 7) return Array.from({ length: this.below(4) }, () => this.value(depth - 1));
    if (kind === 8) {
      const names = Array.from({ length: this.below(4) }, () => this.one([...NAMES, this.text()]));
      return Object.fromEntries(names.map((name) => [name, this.value(depth - 1)]));
    }
    return this.one<unknown>([null, true, '', this.text(), this.one(NUMBERS), [], {}]);
  }

  /** The value with something in it changed for something else. */
  mutated(value: unknown): unknown {
    if (this.isLucky(0.15)) return this.value();
    if (Array.isArray(value)) {
      if (value.length === 0 || this.isLucky(0.1)) return [...value, this.value()];
      const at = this.below(value.length);
      return value.map((one, i) => (i === at ? this.mutated(one) : one));
    }
    if (typeof value === 'object' && value !== null) {
      const names = Object.keys(value);
      if (names.length === 0 || this.isLucky(0.1)) {
        return { ...value, [this.one([...NAMES, this.text()])]: this.value() };
      }
      const name = this.one(names);
      const own = (value as Record<string, unknown>)[name];
      return { ...value, [name]: this.isLucky(0.1) ? undefined : this.mutated(own) };
    }
    return this.value();
  }
}

const NUMBERS = [0, -1, 1, 65_536, 2 ** 31, 2 ** 53, -(2 ** 63), 1.5, 1e308, 80];
const NAMES = [
  'metadata',
  'spec',
  'status',
  'name',
  'namespace',
  'labels',
  'ports',
  'kind',
  'apiVersion',
  'selector',
  'containers',
  '__proto__',
  'constructor',
  'toString',
  'items',
  'port',
  'protocol',
];
const TEXTS = [
  'default',
  'web',
  'kube-system',
  'a',
  '..',
  '/',
  '%',
  '%00',
  '%2e%2e',
  '\u0000',
  '\ufffd',
  '🦑',
  "'",
  '"',
  '<',
  '&amp;',
  '$(x)',
  '{{',
  ']]>',
  '\\',
  '\n',
  '=',
  ',',
  '!',
  '*',
  '?',
  '#',
  ' ',
  'in (',
  'x'.repeat(300),
  '10.0.0.1',
  '::1',
  '0.0.0.0/0',
  '1.2.3.4/33',
  'vpc-0',
  'sg-',
  'NaN',
  '-1',
  '1e9',
  '__proto__',
  'constructor',
  'null',
  'undefined',
  'true',
];
