/**
 * formats/linux/nft-values — reads the values of nft's keys by their type: addresses, prefixes and
 * ranges, names and numbers; fields, alone and concatenated; verdicts; durations.
 */

import {
  NFT_FIELD_TYPES,
  type NftDatatype,
  type NftField,
} from '../../model/linux/nftables-field.data.ts';
import { NFT_NAMES, NFT_OTHER_NAMES, NFT_WORDS } from '../../model/linux/nftables-name.data.ts';
import type {
  NftElement,
  NftKey,
  NftRange,
  NftValue,
  NftVerdict,
} from '../../model/linux/nftables-set.ts';
import { firstAddress, type Ip, lastAddress, parseCidr, parseIp } from '../../net/index.ts';
import type { NftReader } from './nft-tokens.ts';

const MAX_OF: Readonly<Partial<Record<NftDatatype, number>>> = {
  inet_proto: 255,
  inet_service: 65_535,
  mark: 0xffffffff,
  icmp_type: 255,
  icmp_code: 255,
  icmpv6_type: 255,
  icmpv6_code: 255,
};

/** Older spellings of fields that nft still reads. */
const OTHER_FIELDS: Readonly<Record<string, NftField>> = {
  mark: 'meta mark',
  'meta iifname': 'iifname',
  'meta oifname': 'oifname',
  'meta iif': 'iif',
  'meta oif': 'oif',
};

const FIELDS = new Map<string, NftField>([
  ...(Object.keys(NFT_FIELD_TYPES) as NftField[]).map((field) => [field, field] as const),
  ...Object.entries(OTHER_FIELDS),
]);

/** Longest first: `fib daddr . iif type` before `fib daddr type`. */
const FIELD_WORDS: readonly (readonly [readonly string[], NftField])[] = [...FIELDS]
  .map(([text, field]) => [text.split(' '), field] as const)
  .sort(([a], [b]) => b.length - a.length);

/** The field that comes next; undefined where none does. */
export function takeField(reader: NftReader): NftField | undefined {
  return FIELD_WORDS.find(([words]) => reader.takes(...words))?.[1];
}

/** `ip daddr . meta l4proto . th dport`. */
export function readSelector(reader: NftReader): readonly NftField[] {
  const fields: NftField[] = [];
  do {
    const field = takeField(reader);
    if (field === undefined) {
      reader.refuse(`write one of: ${[...Object.keys(NFT_FIELD_TYPES)].join(', ')}`);
    }
    fields.push(field);
  } while (reader.takes('.'));
  return fields;
}

const isFamily = (type: NftDatatype, ip: Ip | undefined): ip is Ip =>
  ip !== undefined && (typeof ip === 'number') === (type === 'ipv4_addr');

function addressValue(type: NftDatatype, text: string): NftValue | undefined {
  if (text.includes('/')) {
    const cidr = parseCidr(text);
    if (cidr === undefined || !isFamily(type, cidr.first)) return undefined;
    const [from, to] = [firstAddress(cidr), lastAddress(cidr)];
    return from === to ? from : { from, to };
  }
  const [from, to, ...more] = text.split('-').map(parseIp);
  if (!isFamily(type, from) || more.length > 0) return undefined;
  if (!text.includes('-')) return from;
  return isFamily(type, to) ? range(from, to) : undefined;
}

function range(from: NftRange['from'], to: NftRange['to']): NftValue | undefined {
  if (from === to) return from;
  return from < to ? { from, to } : undefined;
}

function numberOf(type: NftDatatype, text: string): number | undefined {
  const known = NFT_NAMES[type]?.[text] ?? NFT_OTHER_NAMES[type]?.[text];
  if (known !== undefined) return known;
  const number = /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : Number.NaN;
  return number <= MAX_OF[type]! ? number : undefined;
}

function numberValue(type: NftDatatype, text: string): NftValue | undefined {
  const whole = numberOf(type, text);
  if (whole !== undefined) return whole;
  const [from, to, ...more] = text.split('-').map((part) => numberOf(type, part));
  if (from === undefined || to === undefined || more.length > 0) return undefined;
  return range(from, to);
}

/** One value, as its type wants it. */
export function readValue(reader: NftReader, type: NftDatatype): NftValue {
  const token = reader.peek();
  if (type === 'ifname' || type === 'iface_index') {
    if (token.kind !== 'string' && token.kind !== 'word') reader.refuse('write a link, "eth0"');
    return reader.next().text;
  }
  const text = reader.word(`a value of type ${type}`);
  const words = NFT_WORDS[type];
  const value: NftValue | undefined =
    words !== undefined
      ? words.find((word) => word === text)
      : type === 'ipv4_addr' || type === 'ipv6_addr'
        ? addressValue(type, text)
        : numberValue(type, text);
  if (value !== undefined) return value;
  const hint =
    words === undefined ? `write a value of type ${type}` : `write one of: ${words.join(', ')}`;
  reader.wrong(`${text} is no ${type}`, hint, token);
}

/** `10.0.0.1 . tcp . 80`. */
export function readKey(reader: NftReader, types: readonly NftDatatype[]): NftKey {
  return types.map((type, i) => {
    if (i > 0) reader.wants('.');
    return readValue(reader, type);
  });
}

/** Undefined where what comes next is no verdict. */
export function takeVerdict(reader: NftReader): NftVerdict | undefined {
  for (const kind of ['accept', 'drop', 'return', 'continue'] as const) {
    if (reader.takes(kind)) return { kind };
  }
  for (const kind of ['jump', 'goto'] as const) {
    if (reader.takes(kind)) return { kind, chain: reader.word('the name of a chain') };
  }
  return undefined;
}

/** A verdict, or a refusal. */
export function readVerdict(reader: NftReader): NftVerdict {
  return takeVerdict(reader) ?? reader.refuse('write accept, drop, return, jump or goto');
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** `3h`, `1m1s`, `10800`; whole seconds, so `992ms` at the end is dropped. */
export function readDuration(reader: NftReader): number {
  const token = reader.peek();
  const text = reader.word('a duration such as 3h or 90s');
  if (/^\d{1,9}$/.test(text)) return Number(text);
  if (!/^(\d{1,9}[dhms])*(\d{1,9}ms)?$/.test(text)) {
    reader.wrong(`${text} is no duration`, 'write it as 3h, 1m1s or 90s', token);
  }
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[dhms])/g)) {
    seconds += Number(count) * (UNIT_SECONDS[unit!] ?? 0);
  }
  return seconds;
}

/**
 * `KEY comment "…"`. The ages of a dynamic set's elements (`timeout`, `expires`) are read over:
 * time passes on, and the key alone decides.
 */
export function readElement(reader: NftReader, types: readonly NftDatatype[]): NftElement {
  const key = readKey(reader, types);
  let comment: string | undefined;
  for (;;) {
    if (reader.takes('comment')) comment = reader.string('the comment');
    else if (reader.takes('timeout') || reader.takes('expires')) readDuration(reader);
    else return comment === undefined ? { key } : { key, comment };
  }
}

/** `{ A, B }`, over as many lines as it takes. */
export function readBraces<T>(reader: NftReader, item: () => T): readonly T[] {
  reader.wants('{');
  const items: T[] = [];
  for (reader.skipEnds(); !reader.takes('}'); reader.skipEnds()) {
    if (items.length > 0) {
      reader.wants(',');
      reader.skipEnds();
      if (reader.takes('}')) break;
    }
    items.push(item());
  }
  return items;
}
