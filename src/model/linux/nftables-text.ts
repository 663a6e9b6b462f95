/**
 * model/linux/nftables-text — a rule, a verdict, a set's element as `nft list ruleset` (1.0.6)
 * prints them. Evidence cites rules by this text; formats/linux writes and reads whole rulesets.
 */
import {
  cidrOf,
  formatCidr,
  formatIp,
  formatSocketAddress,
  type Ip,
  lastAddress,
} from '../../net/index.ts';
import { NFT_FIELD_TYPES, type NftDatatype, type NftField } from './nftables-field.data.ts';
import { NFT_NAMES } from './nftables-name.data.ts';
import type {
  NftElement,
  NftKey,
  NftMapElement,
  NftRange,
  NftScalar,
  NftValue,
  NftVerdict,
} from './nftables-set.ts';
import type {
  NftMarkValue,
  NftReject,
  NftRule,
  NftSelector,
  NftStatement,
} from './nftables-statement.ts';

const ALL_BITS = 0xffffffff;

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

const nameByNumber: Readonly<Partial<Record<NftDatatype, ReadonlyMap<number, string>>>> =
  Object.fromEntries(
    Object.entries(NFT_NAMES).map(([type, names]) => [
      type,
      new Map(Object.entries(names).map(([name, number]) => [number, name])),
    ]),
  );

const isAddress = (type: NftDatatype): boolean => type === 'ipv4_addr' || type === 'ipv6_addr';

function scalarText(type: NftDatatype, value: NftScalar): string {
  if (typeof value === 'string') {
    return type === 'ifname' || type === 'iface_index' ? `"${value}"` : value;
  }
  if (isAddress(type)) return formatIp(value);
  if (type === 'mark') return hex(Number(value));
  return nameByNumber[type]?.get(Number(value)) ?? String(value);
}

/** The prefix that has exactly these addresses; undefined where none has. */
function prefixText(from: Ip, to: Ip): string | undefined {
  const width = typeof from === 'number' ? 32 : 128;
  const differing = (BigInt(from) ^ BigInt(to)).toString(2);
  const cidr = cidrOf(from, width - (differing === '0' ? 0 : differing.length));
  return cidr.first === from && lastAddress(cidr) === to ? formatCidr(cidr) : undefined;
}

function rangeText(type: NftDatatype, { from, to }: NftRange): string {
  if (isAddress(type)) return prefixText(from, to) ?? `${formatIp(from)}-${formatIp(to)}`;
  return type === 'mark' ? `${hex(Number(from))}-${hex(Number(to))}` : `${from}-${to}`;
}

const valueText = (type: NftDatatype, value: NftValue): string =>
  typeof value === 'object' ? rangeText(type, value) : scalarText(type, value);

const keyText = (types: readonly NftDatatype[], key: NftKey): string =>
  key.map((value, i) => valueText(types[i]!, value)).join(' . ');

const typesOf = (selector: NftSelector): readonly NftDatatype[] =>
  selector.map((field: NftField) => NFT_FIELD_TYPES[field]);

/** `accept`, `jump mark-for-masquerade`. */
export const formatNftVerdict = (verdict: NftVerdict): string =>
  'chain' in verdict ? `${verdict.kind} ${verdict.chain}` : verdict.kind;

/** `10.100.0.1 . tcp . 443 comment "…" : goto service-…`; `types` are those of the set's key. */
export function formatNftElement(
  types: readonly NftDatatype[],
  element: NftElement | NftMapElement,
): string {
  const comment = element.comment === undefined ? '' : ` comment "${element.comment}"`;
  const verdict = 'verdict' in element ? ` : ${formatNftVerdict(element.verdict)}` : '';
  return `${keyText(types, element.key)}${comment}${verdict}`;
}

/** `1m1s`, as nft writes durations. */
export function formatNftDuration(seconds: number): string {
  const units: [string, number][] = [
    ['d', Math.floor(seconds / 86_400)],
    ['h', Math.floor(seconds / 3600) % 24],
    ['m', Math.floor(seconds / 60) % 60],
    ['s', seconds % 60],
  ];
  const text = units.map(([unit, count]) => (count === 0 ? '' : `${count}${unit}`)).join('');
  return text === '' ? '0s' : text;
}

/** Bits that `and` clears and `xor` sets are shown as `|`, as nft does. */
function markText(value: NftMarkValue): string {
  if (value.kind === 'constant') return hex(value.value);
  const { source, and, xor } = value;
  const or = (~and & xor) >>> 0;
  const mask = (and | or) >>> 0;
  const flip = (xor & ~or) >>> 0;
  return [
    source,
    mask === ALL_BITS ? '' : ` & ${hex(mask)}`,
    flip === 0 ? '' : ` ^ ${hex(flip)}`,
    or === 0 ? '' : ` | ${hex(or)}`,
  ].join('');
}

function matchText(statement: NftStatement & { kind: 'match' }): string {
  const { selector, mask, negated, values } = statement;
  const types = typesOf(selector);
  const texts = values.map((value) => keyText(types, value));
  const masked = mask === undefined ? '' : ` & ${hex(mask)}`;
  const operator = negated ? ' !=' : mask === undefined ? '' : ' ==';
  const isWord = types.length === 1 && (types[0] === 'ct_state' || types[0] === 'ct_status');
  const value =
    selector.length === 1 && texts.length === 1
      ? texts[0]
      : isWord
        ? texts.join(negated ? ' | ' : ',')
        : `{ ${texts.join(', ')} }`;
  return `${selector.join(' . ')}${masked}${operator} ${value}`;
}

const portsText = (ports: string): string => (ports === 'none' ? '' : ` ${ports}`);

/** What `reject` needs to be told of its family: nothing for the default. */
function rejectText(statement: NftReject): string {
  if ('icmp' in statement) return `reject with ${statement.icmp} ${statement.with}`;
  return statement.with === 'tcp reset' ? 'reject with tcp reset' : 'reject';
}

function logText({ prefix, group }: NftStatement & { kind: 'log' }): string {
  const said = prefix === undefined ? '' : ` prefix "${prefix}"`;
  return `log${said}${group === undefined ? '' : ` group ${group}`}`;
}

function rememberText(statement: NftStatement & { kind: 'remember' }): string {
  const { operation, set, selector, timeoutSeconds } = statement;
  const timeout =
    timeoutSeconds === undefined ? '' : ` timeout ${formatNftDuration(timeoutSeconds)}`;
  return `${operation} @${set} { ${selector.join(' . ')}${timeout} }`;
}

function vmapText(statement: NftStatement & { kind: 'vmap-of' }): string {
  const { selector, elements } = statement;
  const types = typesOf(selector);
  const listed = elements.map((element) => formatNftElement(types, element)).join(', ');
  return `${selector.join(' . ')} vmap { ${listed} }`;
}

function numgenText(statement: NftStatement & { kind: 'numgen' }): string {
  const { mode, modulus, verdicts } = statement;
  const listed = verdicts.map(({ number, verdict }) => `${number} : ${formatNftVerdict(verdict)}`);
  return `numgen ${mode} mod ${modulus} vmap { ${listed.join(', ')} }`;
}

function formatStatement(statement: NftStatement): string {
  switch (statement.kind) {
    case 'match':
      return matchText(statement);
    case 'lookup':
      return `${statement.selector.join(' . ')}${statement.negated ? ' !=' : ''} @${statement.set}`;
    case 'verdict':
      return formatNftVerdict(statement.verdict);
    case 'vmap':
      return `${statement.selector.join(' . ')} vmap @${statement.map}`;
    case 'vmap-of':
      return vmapText(statement);
    case 'numgen':
      return numgenText(statement);
    case 'reject':
      return rejectText(statement);
    case 'dnat':
      return `dnat to ${formatSocketAddress(statement.address, statement.port)}`;
    case 'snat':
      return `snat to ${formatSocketAddress(statement.address, statement.port)}${portsText(statement.ports)}`;
    case 'masquerade':
      return `masquerade${portsText(statement.ports)}`;
    case 'set-mark':
      return `${statement.target} set ${markText(statement.value)}`;
    case 'remember':
      return rememberText(statement);
    case 'counter':
      return `counter packets ${statement.packets} bytes ${statement.bytes}`;
    case 'log':
      return logText(statement);
    case 'notrack':
      return 'notrack';
  }
}

/** A rule on one line, with its comment; what a person finds with `nft list ruleset | grep`. */
export function formatNftRule(rule: NftRule): string {
  const comment = rule.comment === undefined ? '' : ` comment "${rule.comment}"`;
  return rule.statements.map(formatStatement).join(' ') + comment;
}
