/**
 * formats/linux/nft-parse — reads a ruleset as `nft list ruleset` prints it, and as `nft -f` takes
 * it: tables in braces, or one `add` command a line, as kube-proxy sends them.
 */
import type { NetfilterHook } from '../../model/linux/netfilter.ts';
import {
  type NftChain,
  type NftChainHook,
  type NftFamily,
  type NftTable,
  nftTable,
} from '../../model/linux/nftables.ts';
import { NFT_FIELD_TYPES, type NftDatatype } from '../../model/linux/nftables-field.data.ts';
import { NFT_PRIORITIES } from '../../model/linux/nftables-name.data.ts';
import {
  NFT_SET_FLAGS,
  type NftElement,
  type NftMapElement,
  type NftSetFlag,
  nftSet,
} from '../../model/linux/nftables-set.ts';
import type { NftRule } from '../../model/linux/nftables-statement.ts';
import type { SourceFile } from '../source.ts';
import { readRule } from './nft-statements.ts';
import { NftReader } from './nft-tokens.ts';
import { readBraces, readDuration, readElement, readVerdict } from './nft-values.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface ChainDraft extends Mutable<Omit<NftChain, 'rules'>> {
  readonly rules: NftRule[];
}

interface SetDraft {
  readonly name: string;
  readonly isMap: boolean;
  type: readonly NftDatatype[];
  flags?: readonly NftSetFlag[];
  size?: number;
  timeoutSeconds?: number;
  comment?: string;
  readonly elements: (NftElement | NftMapElement)[];
}

interface TableDraft {
  readonly family: NftFamily;
  readonly name: string;
  comment?: string;
  readonly chains: Map<string, ChainDraft>;
  readonly sets: Map<string, SetDraft>;
}

const DATATYPES = new Set<string>(Object.values(NFT_FIELD_TYPES));
const isDatatype = (text: string): text is NftDatatype => DATATYPES.has(text);
const HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const;

/** One of these words, or a refusal that lists them. */
function oneOf<T extends string>(reader: NftReader, words: readonly T[]): T {
  return words.find((word) => reader.takes(word)) ?? reader.refuse(`write ${words.join(' or ')}`);
}

function readPriority(reader: NftReader, hook: NetfilterHook): number {
  const token = reader.peek();
  const text = reader.word('a priority: a number or a name such as dstnat');
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  const standard = NFT_PRIORITIES.find(
    ({ name, hook: only }) => name === text && (only === undefined || only === hook),
  );
  if (standard === undefined) {
    reader.wrong(`${text} is no priority of ${hook}`, 'write a number such as -100', token);
  }
  const sign = reader.takes('+') ? 1 : reader.takes('-') ? -1 : 0;
  return standard.priority + (sign === 0 ? 0 : sign * reader.number('how far from it'));
}

function readHook(reader: NftReader): NftChainHook {
  const type = oneOf(reader, ['nat', 'filter', 'route']);
  reader.wants('hook');
  const hook = oneOf(reader, HOOKS);
  reader.wants('priority');
  return { type, hook, priority: readPriority(reader, hook), policy: 'accept' };
}

/** What stands between a chain's braces; a chain of an `add` command has no rules there. */
function readChainBody(reader: NftReader, chain: ChainDraft): void {
  reader.wants('{');
  for (reader.skipEnds(); !reader.takes('}'); reader.skipEnds()) {
    if (reader.takes('type')) chain.base = readHook(reader);
    else if (reader.sees('policy') && chain.base !== undefined) {
      reader.next();
      chain.base = { ...chain.base, policy: oneOf(reader, ['accept', 'drop']) };
    } else if (chain.rules.length === 0 && reader.takes('comment')) {
      chain.comment = reader.string('the comment');
    } else if (reader.peek().text === '' && reader.isOver) reader.refuse('write }');
    else chain.rules.push(readRule(reader));
  }
}

/** Adds elements to a set or a map. */
function readElements(reader: NftReader, set: SetDraft): void {
  const elements = readBraces(reader, () => {
    const element = readElement(reader, set.type);
    if (!set.isMap) return element;
    reader.wants(':');
    return { ...element, verdict: readVerdict(reader) };
  });
  for (const element of elements) set.elements.push(element);
}

function readType(reader: NftReader, set: SetDraft): void {
  const type: NftDatatype[] = [];
  do {
    const token = reader.peek();
    const text = reader.word('a type');
    if (!isDatatype(text)) {
      reader.wrong(`the type ${text} is not modelled`, [...DATATYPES].join(', '), token);
    }
    type.push(text);
  } while (reader.takes('.'));
  set.type = type;
  if (!set.isMap) return;
  reader.wants(':');
  if (!reader.takes('verdict')) reader.refuse('only maps to verdicts are modelled');
}

function readFlags(reader: NftReader): readonly NftSetFlag[] {
  const flags: NftSetFlag[] = [];
  do flags.push(oneOf(reader, NFT_SET_FLAGS));
  while (reader.takes(','));
  return flags;
}

function readSetBody(reader: NftReader, set: SetDraft): void {
  reader.wants('{');
  for (reader.skipEnds(); !reader.takes('}'); reader.skipEnds()) {
    if (reader.takes('type')) readType(reader, set);
    else if (reader.takes('flags')) set.flags = readFlags(reader);
    else if (reader.takes('size')) set.size = reader.number('a size');
    else if (reader.takes('timeout')) set.timeoutSeconds = readDuration(reader);
    else if (reader.takes('comment')) set.comment = reader.string('the comment');
    else if (reader.takes('elements')) {
      reader.wants('=');
      readElements(reader, set);
    } else reader.refuse('modelled are: type, size, flags, timeout, comment, elements');
  }
}

/** One file being read: its tables by family and name. */
class RulesetReader {
  readonly #reader: NftReader;
  readonly #tables = new Map<string, TableDraft>();

  constructor(source: SourceFile) {
    this.#reader = new NftReader(source);
  }

  read(): readonly NftTable[] {
    const reader = this.#reader;
    for (reader.skipEnds(); !reader.isOver; reader.skipEnds()) {
      if (reader.takes('table')) this.#readTable();
      else if (reader.takes('add')) this.#readCommand();
      else if (reader.takes('flush', 'ruleset')) this.#tables.clear();
      else reader.refuse('write table FAMILY NAME { … }, or an add command');
    }
    return [...this.#tables.values()].map(finished);
  }

  #table(isNew: boolean): TableDraft {
    const family = oneOf(this.#reader, ['ip', 'ip6', 'inet']);
    const token = this.#reader.peek();
    const name = this.#reader.word('the name of a table');
    const key = `${family} ${name}`;
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    if (!isNew) this.#reader.wrong(`No such table ${key}`, `write add table ${key} first`, token);
    const table: TableDraft = { family, name, chains: new Map(), sets: new Map() };
    this.#tables.set(key, table);
    return table;
  }

  #readTable(): void {
    const reader = this.#reader;
    const table = this.#table(true);
    reader.wants('{');
    for (reader.skipEnds(); !reader.takes('}'); reader.skipEnds()) {
      if (reader.takes('comment')) table.comment = reader.string('the comment');
      else if (reader.takes('chain')) readChainBody(reader, this.#chain(table));
      else if (reader.takes('set')) readSetBody(reader, this.#set(table, false));
      else if (reader.takes('map')) readSetBody(reader, this.#set(table, true));
      else reader.refuse('write chain, set, map or comment');
    }
  }

  #readCommand(): void {
    const reader = this.#reader;
    if (reader.takes('table')) {
      this.#readTableHead(this.#table(true));
      return;
    }
    const word = oneOf(reader, ['chain', 'set', 'map', 'element', 'rule']);
    const table = this.#table(false);
    if (word === 'chain') {
      const chain = this.#chain(table);
      if (reader.sees('{')) readChainBody(reader, chain);
    } else if (word === 'rule') {
      this.#known(table.chains, 'chain').rules.push(readRule(reader));
    } else if (word === 'element') {
      readElements(reader, this.#known(table.sets, 'set'));
    } else readSetBody(reader, this.#set(table, word === 'map'));
  }

  /** `{ comment "…" ; }` of an `add table`. */
  #readTableHead(table: TableDraft): void {
    const reader = this.#reader;
    if (!reader.takes('{')) return;
    reader.wants('comment');
    table.comment = reader.string('the comment');
    reader.skipEnds();
    reader.wants('}');
  }

  #known<T>(drafts: ReadonlyMap<string, T>, what: string): T {
    const token = this.#reader.peek();
    const name = this.#reader.word(`the name of a ${what}`);
    const known = drafts.get(name);
    if (known !== undefined) return known;
    return this.#reader.wrong(`No such ${what} ${name}`, `add the ${what} before`, token);
  }

  #chain(table: TableDraft): ChainDraft {
    const name = this.#reader.word('the name of a chain');
    const known = table.chains.get(name);
    if (known !== undefined) return known;
    const chain: ChainDraft = { name, rules: [] };
    table.chains.set(name, chain);
    return chain;
  }

  #set(table: TableDraft, isMap: boolean): SetDraft {
    const name = this.#reader.word('the name of a set');
    const known = table.sets.get(name);
    if (known !== undefined) return known;
    const set: SetDraft = { name, isMap, type: [], elements: [] };
    table.sets.set(name, set);
    return set;
  }
}

function finished({ family, name, comment, chains, sets }: TableDraft): NftTable {
  const made = (wanted: boolean) =>
    [...sets.values()]
      .filter(({ isMap }) => isMap === wanted)
      .map(({ isMap: _, elements, ...set }) => nftSet(set, elements as NftMapElement[]));
  return nftTable({
    family,
    name,
    ...(comment === undefined ? {} : { comment }),
    chains: [...chains.values()],
    sets: made(false),
    maps: made(true),
  });
}

/** The tables of a text. @throws InputError at the place that cannot be read */
export function parseNftRuleset(source: SourceFile): readonly NftTable[] {
  return new RulesetReader(source).read();
}
