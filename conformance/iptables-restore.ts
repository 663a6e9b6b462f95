/**
 * conformance/iptables-restore — iptables-restore text in the one spelling of iptables-save: each
 * rule as the kernel would give it back, so that two texts are equal when the rules are.
 */
import { canonicalCidr, formatCidr, formatIp, parseCidrOrIp, parseIp } from '../src/net/index.ts';

/** Rules by table, then by chain, in their order; a chain without rules is there too. */
export type RuleTexts = Map<string, Map<string, string[]>>;

const FLAGS: Readonly<Record<string, string>> = {
  '-s': '-s',
  '-d': '-d',
  '-i': '-i',
  '-o': '-o',
  '-p': '-p',
};
/** Options without a value. */
const BARE = new Set(['--set', '--rcheck', '--reap', '--rsource', '--random', '--random-fully']);

/** The words of a line; what stands in double quotes is one. */
export const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

const block = (text: string): string => formatCidr(canonicalCidr(parseCidrOrIp(text)!));

const mark = (text: string): string => {
  const [value, mask] = text.split('/').map((part) => `0x${Number(part).toString(16)}`);
  return mask === undefined || mask === '0xffffffff' ? value! : `${value}/${mask}`;
};

const destination = (text: string): string => {
  const [, v6, v4, port] = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(text)!;
  const ip = formatIp(parseIp(v6 ?? v4!)!);
  return v6 === undefined ? `${ip}:${port}` : `[${ip}]:${port}`;
};

/** The kernel keeps a probability in steps of 2^-31. */
const probability = (text: string): string =>
  (Math.round(Number(text) * 2 ** 31) / 2 ** 31).toFixed(11);

interface Part {
  readonly negated: boolean;
  readonly option: string;
  readonly value: string | undefined;
}

function partsOf(words: readonly string[]): Part[] {
  const parts: Part[] = [];
  let negated = false;
  for (let i = 0; i < words.length; i++) {
    const option = words[i]!;
    if (option === '!') {
      negated = true;
      continue;
    }
    if (!option.startsWith('-')) throw new Error(`unexpected ${option} in ${words.join(' ')}`);
    const value = BARE.has(option) ? undefined : words[++i];
    parts.push({ negated, option, value });
    negated = false;
  }
  return parts;
}

function normalPart({ negated, option, value }: Part): string {
  const not = negated ? '! ' : '';
  switch (option) {
    case '-s':
    case '-d':
      return `${not}${option} ${block(value!)}`;
    case '--mark':
      return `${not}${option} ${mark(value!)}`;
    case '--set-xmark':
      return `${option} ${mark(value!)}`;
    case '--xor-mark':
      return `--set-xmark ${mark(value!)}/0x0`;
    case '--or-mark':
      return `--set-xmark ${mark(value!)}/${mark(value!)}`;
    case '--probability':
      return `${option} ${probability(value!)}`;
    case '--to-destination':
      return `${option} ${destination(value!)}`;
    default:
      return `${not}${option}${value === undefined ? '' : ` ${JSON.stringify(value)}`}`;
  }
}

/** Modules are named by their options; what the tool adds by itself is left out. */
const isImplied = ({ option, value }: Part, isRecent: boolean): boolean =>
  (option === '-m' && value !== 'tcp' && value !== 'udp' && value !== 'sctp') ||
  option === '--reject-with' ||
  option === '--rsource' ||
  (isRecent && option === '--mask');

/** One rule in the spelling of iptables-save: header first, then the rest as it stands. */
export function normalRule(words: readonly string[]): string {
  const isRecent = words.includes('recent');
  const parts = partsOf(words)
    .filter((part) => !isImplied(part, isRecent))
    .map((part) => ({ part, text: normalPart(part) }));
  const of = (flag: string): string[] =>
    parts.filter(({ part }) => part.option === flag).map(({ text }) => text);
  const header = Object.keys(FLAGS).flatMap(of);
  const rest = parts.filter(({ part }) => FLAGS[part.option] === undefined);
  // `recent` prints its options in an order of its own.
  const recent = rest.filter(({ part }) => /^--(name|set|rcheck|seconds|reap)$/.test(part.option));
  const others = rest.filter((one) => !recent.includes(one)).map(({ text }) => text);
  return [...header, ...recent.map(({ text }) => text).sort(), ...others].join(' ');
}

/** Reads `*table`, `:CHAIN`, `-A CHAIN` and `COMMIT`; lines of `#` are left out. */
export function ruleTexts(text: string): RuleTexts {
  const tables: RuleTexts = new Map();
  let table = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    if (line === '' || line === 'COMMIT' || line.startsWith('#')) continue;
    if (line.startsWith('*')) {
      table = new Map();
      tables.set(line.slice(1), table);
    } else if (line.startsWith(':')) table.set(wordsOf(line)[0]!.slice(1), []);
    else {
      const [verb, chain, ...words] = wordsOf(line);
      if (verb !== '-A') throw new Error(`no rule: ${line}`);
      table.get(chain!)!.push(normalRule(words));
    }
  }
  return tables;
}
