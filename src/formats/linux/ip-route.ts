/**
 * formats/linux/ip-route — `ip route` as iproute2 6.1 prints it, one table or all, and read back.
 *
 * Lines end without the space that the tool leaves there. The kernel's own table (local) is made
 * from the links' addresses, as the kernel makes it; of IPv6 it has the addresses only, not the
 * multicast and anycast entries.
 */

import { destinationOf } from '../../datapath/linux/route-table.ts';
import { InputError } from '../../model/input-error.ts';
import type { IpRoute } from '../../model/linux/cni.ts';
import {
  LOCAL_TABLE,
  ipRouteText as lineText,
  MAIN_TABLE,
  tableName,
  tableNumber,
} from '../../model/linux/ip-text.ts';
import type { NetworkNamespace } from '../../model/linux/namespace.ts';
import {
  type Cidr,
  firstAddress,
  formatIp,
  type IpFamily,
  lastAddress,
  parseCidrOrIp,
} from '../../net/index.ts';
import { mistake, WordReader, wordsOf } from './iptables-words.ts';

/** What the kernel gives an IPv6 route that is added without a metric. */
const IPV6_METRIC = 1024;

interface Line {
  readonly table: number;
  readonly block: Cidr;
  readonly text: string;
}

function routeLine(route: IpRoute, isAll: boolean): Line | undefined {
  const block = destinationOf(route);
  if (block === undefined) return undefined;
  const table = isAll && route.table !== MAIN_TABLE ? tableName(route.table) : '';
  const isIpv6 = block.family === 6;
  const written = isIpv6 && route.metric === undefined ? { ...route, metric: IPV6_METRIC } : route;
  const text = `${lineText({ ...written, destination: shown(route, block) }, table)}`;
  return { table: route.table, block, text: isIpv6 ? `${text} pref medium` : text };
}

/** `default` by a gateway of IPv6 is `::/0` where the family must show. */
const shown = (route: IpRoute, block: Cidr): string =>
  route.destination === 'default' && block.family === 6 ? '::/0' : route.destination;

function localLines({ links }: NetworkNamespace, isAll: boolean): readonly Line[] {
  const of = isAll ? ' table local' : '';
  return links.flatMap((link) =>
    link.addresses.flatMap((address): readonly Line[] => {
      const block = parseCidrOrIp(address);
      if (block === undefined) return [];
      const at = (destination: string, type: string, scope: string): Line => {
        const place = `${type} ${destination} dev ${link.name}${of} proto kernel`;
        const text =
          block.family === 6
            ? `${place} metric 0 pref medium`
            : `${place} scope ${scope} src ${formatIp(block.first)}`;
        return { table: LOCAL_TABLE, block: parseCidrOrIp(destination)!, text };
      };
      const own = at(formatIp(block.first), 'local', 'host');
      if (block.family === 6 || block.bits > 30) return [own];
      const last = at(formatIp(lastAddress(block)), 'broadcast', 'link');
      if (link.kind !== 'loopback') return [own, last];
      return [at('127.0.0.0/8', 'local', 'host'), own, last];
    }),
  );
}

/** Tables come in the order in which the kernel keeps them. */
const byTable = (a: Line, b: Line): number =>
  a.block.family - b.block.family || (a.table & 0xff) - (b.table & 0xff) || a.table - b.table;

/** By address; of one address the longer block first, as the kernel's trie keeps them. */
function byBlock(a: Cidr, b: Cidr): number {
  const [x, y] = [firstAddress(a), firstAddress(b)];
  return x === y ? b.bits - a.bits : x < y ? -1 : 1;
}

/**
 * `ip route show table TABLE`; `all` adds the table to each line, and IPv6 after IPv4.
 *
 * @param family  of one table; undefined: both
 */
export function ipRouteText(
  namespace: NetworkNamespace,
  table: number | 'all' = MAIN_TABLE,
  family?: IpFamily,
): string {
  const isAll = table === 'all';
  const routes = namespace.routes.flatMap((route) => routeLine(route, isAll) ?? []);
  return [...routes, ...localLines(namespace, isAll)]
    .filter((line) => isAll || line.table === table)
    .filter(({ block }) => family === undefined || block.family === family)
    .sort((a, b) => byTable(a, b) || byBlock(a.block, b.block))
    .map(({ text }) => `${text}\n`)
    .join('');
}

const TYPES = ['blackhole', 'unreachable', 'prohibit', 'throw'] as const;
const SCOPES = ['link', 'host', 'global'] as const;
/** Made by the kernel from addresses, so not kept. */
const KERNEL_TYPES: readonly string[] = ['local', 'broadcast', 'multicast', 'anycast'];
/** Words that change nothing for the twin. */
const SILENT: readonly string[] = ['onlink', 'linkdown'];

type Draft = { -readonly [Key in keyof IpRoute]: IpRoute[Key] };

function readAttribute(draft: Draft, words: WordReader, isIpv6: boolean): void {
  const word = words.take('an attribute');
  if (SILENT.includes(word.text)) return;
  const value = words.take(`a value of ${word.text}`);
  switch (word.text) {
    case 'via':
      draft.via = value.text;
      return;
    case 'dev':
      draft.device = value.text;
      return;
    case 'proto':
      draft.protocol = value.text;
      return;
    case 'scope': {
      const scope = SCOPES.find((one) => one === value.text);
      if (scope === undefined) throw mistake(value, 'unknown scope', `one of ${SCOPES.join(', ')}`);
      draft.scope = scope;
      return;
    }
    case 'src':
      draft.source = value.text;
      return;
    case 'metric':
      if (!isIpv6 || value.text !== String(IPV6_METRIC)) draft.metric = Number(value.text);
      return;
    case 'table':
      draft.table = tableNumber(value.text) ?? Number.NaN;
      if (Number.isNaN(draft.table))
        throw mistake(value, 'unknown table', 'write main or a number');
      return;
    case 'pref':
      return;
    default:
      throw mistake(word, `"${word.text}" of ip route is not simulated`, 'remove it');
  }
}

function readRoute(words: WordReader, table: number, family: IpFamily): Draft | undefined {
  const first = words.take('a destination');
  if (KERNEL_TYPES.includes(first.text)) return undefined;
  const type = TYPES.find((one) => one === first.text);
  const named = type === undefined ? first : words.take('a destination');
  const block = named.text === 'default' ? undefined : parseCidrOrIp(named.text);
  if (block === undefined && named.text !== 'default') {
    throw mistake(named, `"${named.text}" is no destination`, 'write a block, or default');
  }
  const draft: Draft = { destination: named.text, device: type === undefined ? '' : 'lo', table };
  if (type !== undefined) draft.type = type;
  const isIpv6 = (block?.family ?? family) === 6;
  while (!words.isAtEnd) readAttribute(draft, words, isIpv6 || draft.via?.includes(':') === true);
  const v6 = isIpv6 || draft.via?.includes(':') === true;
  if (block === undefined) draft.destination = v6 ? '::/0' : 'default';
  else if (!named.text.includes('/')) draft.destination += block.family === 6 ? '/128' : '/32';
  if (draft.device === '') throw mistake(named, 'a route without a device', 'write dev LINK');
  return draft;
}

/**
 * Reads `ip route show table …`. What the kernel makes by itself (local, broadcast) is left out.
 *
 * @param table   of lines that name none: the table that was asked for
 * @param family  of a default route that shows none
 * @throws InputError with file:line:column
 */
export function parseIpRoutes(
  text: string,
  file: string,
  table: number = MAIN_TABLE,
  family: IpFamily = 4,
): readonly IpRoute[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    if (/^\s/.test(line)) {
      throw new InputError(
        `${file}:${i + 1}:1`,
        'a route with several next hops is not simulated',
        'keep one of them',
      );
    }
    const end = `${file}:${i + 1}:${line.length + 1}`;
    const route = readRoute(new WordReader(wordsOf(line, file, i + 1), end), table, family);
    return route === undefined ? [] : [route];
  });
}
