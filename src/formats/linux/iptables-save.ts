/**
 * formats/linux/iptables-save — a node's iptables as `iptables-save` and `ip6tables-save` v1.8
 * print it, and the same text read back.
 *
 * Printed without dates and with counters of 0, so that the same tables are the same bytes; what is
 * read may have both. `iptables-restore` takes the text: test/linux-tools.test.ts.
 */
import { InputError } from '../../model/input-error.ts';
import { headerRank, iptablesRuleText } from '../../model/linux/iptables-text.ts';
import type {
  Iptables,
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesTable,
  IptablesTableName,
  IptablesTarget,
} from '../../model/linux/netfilter.ts';
import type { IpFamily } from '../../net/index.ts';
import { addPort, headerMatch, moduleMatches } from './iptables-matches.ts';
import { targetOf } from './iptables-target.ts';
import { mistake, WordReader, wordsOf } from './iptables-words.ts';

const TABLES: readonly IptablesTableName[] = ['mangle', 'raw', 'filter', 'nat'];
const BUILT_IN = /^(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)$/;

function* tableLines(table: IptablesTable, family: IpFamily): Generator<string, undefined> {
  const chains = [...table.chains()];
  yield `*${table.name}`;
  for (const { name, policy } of chains) yield `:${name} ${policy ?? '-'} [0:0]`;
  for (const { name, rules } of chains) {
    for (const rule of rules) {
      const text = iptablesRuleText(rule, family);
      yield text === '' ? `-A ${name}` : `-A ${name} ${text}`;
    }
  }
  yield 'COMMIT';
  return undefined;
}

/** The text of all tables of one family, ending in a line break; '' where there are none. */
export function iptablesSave(tables: Iptables, family: IpFamily): string {
  const lines = TABLES.flatMap((name) => {
    const table = tables[name];
    return table === undefined ? [] : [...tableLines(table, family)];
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** A table being read. */
interface OpenTable {
  readonly name: IptablesTableName;
  readonly chains: Map<string, { policy?: 'ACCEPT' | 'DROP'; rules: IptablesRule[] }>;
}

const finished = ({ name, chains }: OpenTable): IptablesTable => {
  const made = new Map<string, IptablesChain>(
    [...chains].map(([chain, { policy, rules }]) => [
      chain,
      { name: chain, ...(policy === undefined ? {} : { policy }), rules },
    ]),
  );
  return { name, chain: (chain) => made.get(chain), chains: () => made.values() };
};

function readChain(open: OpenTable, words: WordReader): void {
  const name = words.take('a chain');
  const policy = words.take('a policy');
  const chain = name.text.slice(1);
  if (BUILT_IN.test(chain)) {
    if (policy.text !== 'ACCEPT' && policy.text !== 'DROP') {
      throw mistake(policy, `bad policy "${policy.text}"`, 'a built-in chain has ACCEPT or DROP');
    }
    open.chains.set(chain, { policy: policy.text, rules: [] });
  } else open.chains.set(chain, { rules: [] });
}

function readRule(open: OpenTable, words: WordReader, family: IpFamily): void {
  const chain = words.take('a chain');
  const owner = open.chains.get(chain.text);
  if (owner === undefined) {
    throw mistake(
      chain,
      `chain ${chain.text} of table ${open.name} is not declared`,
      `write :${chain.text} - [0:0] above the rules`,
    );
  }
  const matches: IptablesMatch[] = [];
  let target: IptablesTarget | undefined;
  while (!words.isAtEnd) {
    const first = words.take('an option');
    const negated = first.text === '!';
    const option = negated ? words.take('an option') : first;
    const header = headerMatch(option.text, words, negated);
    if (header !== undefined) matches.push(header);
    else if (option.text.startsWith('--') && addPort(matches, option, words, negated)) continue;
    else if (negated) {
      throw mistake(option, `"!" before ${option.text}`, 'write ! before a match');
    } else if (option.text === '-m') matches.push(...moduleMatches(words));
    else if (option.text === '-j') {
      target = targetOf(words, family, (name) => open.chains.has(name));
    } else if (option.text === '-g') {
      target = { kind: 'goto', chain: words.take('a chain').text };
    } else throw mistake(option, `unknown option "${option.text}"`, 'one rule of iptables-save');
  }
  matches.sort((a, b) => headerRank(a) - headerRank(b));
  owner.rules.push({ matches, ...(target === undefined ? {} : { target }) });
}

/**
 * Reads `iptables-save`, with or without counters and comments.
 *
 * @param file  names the text in messages
 * @throws InputError with file:line:column at the first thing that is wrong or not simulated
 */
export function parseIptablesSave(text: string, file: string, family: IpFamily): Iptables {
  const tables: Partial<Record<IptablesTableName, IptablesTable>> = {};
  let open: OpenTable | undefined;
  text.split('\n').forEach((written, i) => {
    const line = written.replace(/\s+$/, '').replace(/^\[\d+:\d+\] /, (counters) =>
      // What follows keeps its column.
      ' '.repeat(counters.length),
    );
    if (line === '' || line.startsWith('#')) return;
    const where = `${file}:${i + 1}:1`;
    const words = new WordReader(wordsOf(line, file, i + 1), `${file}:${i + 1}:${line.length + 1}`);
    if (line.startsWith('*')) {
      const name = TABLES.find((one) => one === line.slice(1));
      if (name === undefined) {
        throw new InputError(
          where,
          `table "${line.slice(1)}" is not simulated`,
          `the twin knows ${TABLES.join(', ')}`,
        );
      }
      open = { name, chains: new Map() };
      return;
    }
    if (open === undefined) {
      throw new InputError(where, 'a line outside of a table', 'begin with *nat or another table');
    }
    if (line === 'COMMIT') {
      tables[open.name] = finished(open);
      open = undefined;
    } else if (line.startsWith(':')) readChain(open, words);
    else if (words.takeIf('-A')) readRule(open, words, family);
    else
      throw new InputError(where, `"${line}" is no line of iptables-save`, 'rules begin with -A');
  });
  if (open !== undefined) {
    const { name } = open as OpenTable;
    throw new InputError(file, `table ${name} is not committed`, 'end the table with COMMIT');
  }
  return tables;
}
