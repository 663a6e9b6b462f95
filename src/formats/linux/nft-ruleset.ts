/**
 * formats/linux/nft-ruleset — an nftables ruleset as `nft list ruleset` (1.0.6, Debian 12) prints
 * it: sets, maps, chains; a tab an indent; priorities by their standard names.
 */
import type { NftChain, NftChainHook, NftTable } from '../../model/linux/nftables.ts';
import type { NftDatatype } from '../../model/linux/nftables-field.data.ts';
import { NFT_PRIORITIES } from '../../model/linux/nftables-name.data.ts';
import type { NftMap, NftSet } from '../../model/linux/nftables-set.ts';
import {
  formatNftDuration,
  formatNftElement,
  formatNftRule,
} from '../../model/linux/nftables-text.ts';

/** nft names a priority that is at most this far from a standard one. */
const NEAR = 10;

/** `dstnat + 10`, `-110`. */
function priorityText({ hook, priority }: NftChainHook): string {
  const near = NFT_PRIORITIES.find(
    (standard) =>
      Math.abs(standard.priority - priority) <= NEAR &&
      (standard.hook === undefined || standard.hook === hook),
  );
  if (near === undefined) return String(priority);
  const over = priority - near.priority;
  if (over === 0) return near.name;
  return `${near.name} ${over > 0 ? '+' : '-'} ${Math.abs(over)}`;
}

const commentLine = (comment: string | undefined, indent: string): string[] =>
  comment === undefined ? [] : [`${indent}comment "${comment}"`];

/** How many elements nft puts on a line. */
function perLine(type: readonly NftDatatype[]): number {
  if (type.length > 1) return 1;
  if (type[0] === 'ipv4_addr') return 2;
  return type[0] === 'ipv6_addr' || type[0] === 'ifname' ? 1 : 5;
}

function elementLines({ type, elements }: NftSet | NftMap): string[] {
  const texts = [...elements()].map((element) => formatNftElement(type, element));
  if (texts.length === 0) return [];
  const width = perLine(type);
  const lines: string[] = [];
  for (let i = 0; i < texts.length; i += width) lines.push(texts.slice(i, i + width).join(', '));
  return [`\t\telements = { ${lines.join(',\n\t\t\t     ')} }`];
}

function setText(word: 'set' | 'map', set: NftSet | NftMap): string {
  const { name, type, size, flags, timeoutSeconds, comment } = set;
  return [
    `\t${word} ${name} {`,
    `\t\ttype ${type.join(' . ')}${word === 'map' ? ' : verdict' : ''}`,
    ...(size === undefined ? [] : [`\t\tsize ${size}`]),
    ...(flags.length === 0 ? [] : [`\t\tflags ${flags.join(',')}`]),
    ...(timeoutSeconds === undefined ? [] : [`\t\ttimeout ${formatNftDuration(timeoutSeconds)}`]),
    ...commentLine(comment, '\t\t'),
    ...elementLines(set),
    '\t}\n',
  ].join('\n');
}

function chainText({ name, comment, base, rules }: NftChain): string {
  const hook =
    base === undefined
      ? []
      : [
          `\t\ttype ${base.type} hook ${base.hook} priority ${priorityText(base)}; policy ${base.policy};`,
        ];
  return [
    `\tchain ${name} {`,
    ...commentLine(comment, '\t\t'),
    ...hook,
    ...rules.map((rule) => `\t\t${formatNftRule(rule)}`),
    '\t}\n',
  ].join('\n');
}

function tableText(table: NftTable): string {
  const parts = [
    ...[...table.sets()].map((set) => setText('set', set)),
    ...[...table.maps()].map((map) => setText('map', map)),
    ...[...table.chains()].map(chainText),
  ];
  const head = commentLine(table.comment, '\t').map((line) => `${line}\n`);
  return `table ${table.family} ${table.name} {\n${head.join('')}${parts.join('\n')}}\n`;
}

/** The text of `nft list ruleset`; what {@link parseNftRuleset} reads and `nft -f` takes. */
export function formatNftRuleset(tables: Iterable<NftTable>): string {
  return [...tables].map(tableText).join('');
}
