/**
 * formats/linux/nft-statements — reads one rule of nft: its tests, look-ups and actions. What nft
 * knows and the model does not is refused by name, never passed over.
 */

import { NFT_FIELD_TYPES, type NftField } from '../../model/linux/nftables-field.data.ts';
import type { NftKey, NftMapElement } from '../../model/linux/nftables-set.ts';
import {
  NFT_ICMP_ERRORS,
  type NftLog,
  type NftMarkValue,
  type NftPortChoice,
  type NftReject,
  type NftRule,
  type NftSelector,
  type NftStatement,
} from '../../model/linux/nftables-statement.ts';
import { type Ip, parseIp } from '../../net/index.ts';
import type { NftReader } from './nft-tokens.ts';
import {
  readBraces,
  readDuration,
  readElement,
  readKey,
  readSelector,
  readVerdict,
  takeField,
  takeVerdict,
} from './nft-values.ts';

const ALL_BITS = 0xffffffff;
const HINT =
  'modelled are: ip, ip6, tcp, udp, sctp, th, icmp, meta mark and l4proto, iifname, oifname, ct, ' +
  'fib, numgen, sets, vmap, verdicts, reject, dnat, snat, masquerade, mark set, update, counter, log';

const typesOf = (selector: NftSelector) => selector.map((field) => NFT_FIELD_TYPES[field]);

/** The name after `@`. */
function readSetName(reader: NftReader): string {
  const token = reader.peek();
  const name = reader.word('@ and the name of a set');
  if (!name.startsWith('@') || name.length < 2) reader.refuse('write @ and a name', token);
  return name.slice(1);
}

function readNumgen(reader: NftReader): NftStatement {
  const mode = reader.takes('random') ? 'random' : 'inc';
  if (mode === 'inc') reader.wants('inc');
  reader.wants('mod');
  const modulus = reader.number('the modulus');
  reader.wants('vmap');
  const verdicts = readBraces(reader, () => {
    const number = reader.number('a number below the modulus');
    reader.wants(':');
    return { number, verdict: readVerdict(reader) };
  });
  return { kind: 'numgen', mode, modulus, verdicts };
}

function readReject(reader: NftReader): NftReject {
  if (!reader.takes('with')) return { kind: 'reject', with: 'port-unreachable' };
  if (reader.takes('tcp')) {
    reader.wants('reset');
    return { kind: 'reject', with: 'tcp reset' };
  }
  const icmp = (['icmp', 'icmpv6', 'icmpx'] as const).find((kind) => reader.takes(kind));
  if (icmp === undefined) reader.refuse('write tcp reset, icmp, icmpv6 or icmpx');
  reader.takes('type');
  const token = reader.peek();
  const text = reader.word('the ICMP error');
  if (text === 'port-unreachable') return { kind: 'reject', with: text };
  const error = NFT_ICMP_ERRORS.find((name) => name === text);
  if (error === undefined) reader.refuse(`write one of: ${NFT_ICMP_ERRORS.join(', ')}`, token);
  return { kind: 'reject', icmp, with: error };
}

/** `10.0.0.1`, `10.0.0.1:80`, `[fd00::1]:80`. */
function readTarget(reader: NftReader): { address: Ip; port?: number } {
  reader.wants('to');
  const token = reader.peek();
  const text = reader.word('an address');
  const [, host, port] = /^\[(.+)\]:(\d{1,5})$/.exec(text) ??
    /^([\d.]+):(\d{1,5})$/.exec(text) ?? [text, text];
  const address = parseIp(host!);
  if (address === undefined || Number(port ?? 0) > 65_535) {
    reader.wrong(`${text} is no address`, 'write 10.0.0.1, 10.0.0.1:80 or [fd00::1]:80', token);
  }
  return port === undefined ? { address } : { address, port: Number(port) };
}

const readPorts = (reader: NftReader): NftPortChoice =>
  reader.takes('fully-random') ? 'fully-random' : reader.takes('random') ? 'random' : 'none';

function readLog(reader: NftReader): NftLog {
  const prefix = reader.takes('prefix') ? reader.string('the prefix') : undefined;
  const group = reader.takes('group') ? reader.number('the group') : undefined;
  return {
    kind: 'log',
    ...(prefix === undefined ? {} : { prefix }),
    ...(group === undefined ? {} : { group }),
  };
}

function readRemember(reader: NftReader, operation: 'add' | 'update'): NftStatement {
  const set = readSetName(reader);
  reader.wants('{');
  const selector = readSelector(reader);
  const timeoutSeconds = reader.takes('timeout') ? readDuration(reader) : undefined;
  reader.wants('}');
  const head = { kind: 'remember', operation, set, selector } as const;
  return timeoutSeconds === undefined ? head : { ...head, timeoutSeconds };
}

const isMark = (field: NftField | undefined): field is 'meta mark' | 'ct mark' =>
  field === 'meta mark' || field === 'ct mark';

/** `0x80`, `ct mark & 0x80`, `mark or 0x4000`; several operations act one after the other. */
function readMarkValue(reader: NftReader): NftMarkValue {
  const token = reader.peek();
  const source = takeField(reader);
  if (source === undefined) return { kind: 'constant', value: reader.number('a mark') };
  if (!isMark(source)) reader.refuse('write meta mark, ct mark or a number', token);
  let [and, xor] = [ALL_BITS, 0];
  for (;;) {
    if (reader.takes('&') || reader.takes('and')) {
      const bits = reader.number('bits to keep');
      [and, xor] = [and & bits, xor & bits];
    } else if (reader.takes('^') || reader.takes('xor')) {
      xor ^= reader.number('bits to flip');
    } else if (reader.takes('|') || reader.takes('or')) {
      const bits = reader.number('bits to set');
      [and, xor] = [and & ~bits, xor | bits];
    } else return { kind: 'bits', source, and: and >>> 0, xor: xor >>> 0 };
  }
}

/** The values a field is compared with: one, a set in braces, or states with commas. */
function readValues(reader: NftReader, selector: NftSelector): readonly NftKey[] {
  const types = typesOf(selector);
  if (reader.sees('{')) return readBraces(reader, () => readKey(reader, types));
  if (types.length > 1) reader.refuse('write several values at once in braces');
  const values = [readKey(reader, types)];
  if (types[0] !== 'ct_state' && types[0] !== 'ct_status') return values;
  while (reader.takes(',') || reader.takes('|')) values.push(readKey(reader, types));
  return values;
}

function readVmap(reader: NftReader, selector: NftSelector): NftStatement {
  if (!reader.sees('{')) return { kind: 'vmap', selector, map: readSetName(reader) };
  const types = typesOf(selector);
  const elements = readBraces(reader, (): NftMapElement => {
    const element = readElement(reader, types);
    reader.wants(':');
    return { ...element, verdict: readVerdict(reader) };
  });
  return { kind: 'vmap-of', selector, elements };
}

/** A statement that begins with a field. */
function readFieldStatement(reader: NftReader): NftStatement {
  const selector = readSelector(reader);
  const field = selector[0];
  if (reader.sees('set') && isMark(field)) {
    reader.next();
    return { kind: 'set-mark', target: field, value: readMarkValue(reader) };
  }
  if (reader.takes('vmap')) return readVmap(reader, selector);
  const isMasked = isMark(field) && (reader.takes('&') || reader.takes('and'));
  const mask = isMasked ? reader.number('a mask') : undefined;
  const negated = reader.takes('!=');
  if (!negated) reader.takes('==');
  if (reader.peek().text.startsWith('@') && mask === undefined) {
    return { kind: 'lookup', selector, negated, set: readSetName(reader) };
  }
  const values = readValues(reader, selector);
  const head = { kind: 'match', selector, negated, values } as const;
  return mask === undefined ? head : { ...head, mask };
}

function readCounter(reader: NftReader): NftStatement {
  if (!reader.takes('packets')) return { kind: 'counter', packets: 0, bytes: 0 };
  const packets = reader.number('a count');
  reader.wants('bytes');
  return { kind: 'counter', packets, bytes: reader.number('a count') };
}

function readStatement(reader: NftReader): NftStatement {
  const verdict = takeVerdict(reader);
  if (verdict !== undefined) return { kind: 'verdict', verdict };
  if (reader.takes('counter')) return readCounter(reader);
  if (reader.takes('numgen')) return readNumgen(reader);
  if (reader.takes('reject')) return readReject(reader);
  if (reader.takes('dnat')) return { kind: 'dnat', ...readTarget(reader) };
  if (reader.takes('snat')) {
    return { kind: 'snat', ...readTarget(reader), ports: readPorts(reader) };
  }
  if (reader.takes('masquerade')) return { kind: 'masquerade', ports: readPorts(reader) };
  if (reader.takes('update')) return readRemember(reader, 'update');
  if (reader.takes('add')) return readRemember(reader, 'add');
  if (reader.takes('log')) return readLog(reader);
  if (reader.takes('notrack')) return { kind: 'notrack' };
  const token = reader.peek();
  const from = reader.sees('ct') || reader.sees('meta') || reader.sees('fib');
  if (!from && !/^(ip|ip6|tcp|udp|sctp|th|icmp|icmpv6|mark|[io]if(name)?)$/.test(token.text)) {
    reader.refuse(HINT);
  }
  return readFieldStatement(reader);
}

/** One rule, up to the end of its line or of its chain. */
export function readRule(reader: NftReader): NftRule {
  const statements: NftStatement[] = [];
  while (reader.peek().kind !== 'end' && !reader.sees('}')) {
    if (reader.takes('comment')) return { statements, comment: reader.string('the comment') };
    statements.push(readStatement(reader));
  }
  return { statements };
}
