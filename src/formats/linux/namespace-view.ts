/**
 * formats/linux/namespace-view — what `ekstwin node` shows of a network namespace, asked for in the words of
 * the tools: `ip route show table all`, `iptables-save -t nat`, `nft list ruleset`, `ss`.
 */

import { destinationOf } from '../../datapath/linux/route-table.ts';
import { InputError } from '../../model/input-error.ts';
import { iptablesRuleText } from '../../model/linux/iptables-text.ts';
import type { NetworkNamespace } from '../../model/linux/namespace.ts';
import type { Iptables, IptablesTableName } from '../../model/linux/netfilter.ts';
import { nearestWords } from '../../model/nearest.ts';
import type { IpFamily } from '../../net/index.ts';
import { ipAddrText } from './ip-addr.ts';
import { ipNeighText } from './ip-neigh.ts';
import { ipRouteText } from './ip-route.ts';
import { ipRuleText, isRuleOfFamily } from './ip-rule.ts';
import { iptablesSave } from './iptables-save.ts';
import { formatNftRuleset } from './nft-ruleset.ts';
import { ssText } from './ss.ts';

/** One thing to see of a namespace. */
export type NamespaceView =
  | { readonly what: 'ip rule'; readonly family: IpFamily }
  | {
      readonly what: 'ip route';
      readonly table: number | 'all';
      readonly family: IpFamily | undefined;
    }
  | { readonly what: 'ip addr' | 'ip neigh' | 'nft' | 'ss' }
  | {
      readonly what: 'iptables-save';
      readonly family: IpFamily;
      readonly table: IptablesTableName | undefined;
    }
  | { readonly what: 'sysctl'; readonly name: string | undefined };

/** Options of the tools that are told apart from words. */
export interface ToolOptions {
  /** `-t`. */
  readonly table?: string | undefined;
  /** `-6`. */
  readonly isIpv6: boolean;
}

const IPTABLES_TABLES: readonly IptablesTableName[] = ['raw', 'mangle', 'nat', 'filter'];
const MAIN_TABLE = 254;
const NAMED_TABLES: Readonly<Record<string, number>> = { default: 253, main: 254, local: 255 };
const LIST = ['show', 'list', 'ls', 'lst', 's', 'l'];
const TOOLS = ['ip', 'iptables-save', 'ip6tables-save', 'nft', 'ss', 'sysctl'];

/** The words that `ip` takes, whole or begun, as the tool itself matches them. */
const OBJECTS = ['addr', 'address', 'route', 'rule', 'neigh', 'neighbour'] as const;

const wrong = (words: readonly string[], problem: string, hint: string): InputError =>
  new InputError(`node … ${words.join(' ')}`, problem, hint);

function parseIp(words: readonly string[], options: ToolOptions): NamespaceView {
  const [, asked = '', ...rest] = words;
  const object = OBJECTS.find((one) => asked !== '' && one.startsWith(asked));
  const family: IpFamily = options.isIpv6 ? 6 : 4;
  if (object === undefined) {
    const near = nearestWords(asked, OBJECTS, 1)[0];
    const known = 'ip rule, ip route, ip addr, ip neigh';
    throw wrong(
      words,
      asked === '' ? 'of what is not said' : `Object "${asked}" is unknown`,
      near === undefined ? known : `did you mean ip ${near}?`,
    );
  }
  const [verb, ...more] = rest;
  if (verb !== undefined && !LIST.includes(verb) && verb !== 'table')
    throw wrong(
      words,
      `"${verb}" changes or asks something; this only shows`,
      verb === 'get' ? '"ekstwin trace" says which way a packet goes, and why' : `ip ${asked} show`,
    );
  if (object === 'rule') return { what: 'ip rule', family };
  if (object === 'addr' || object === 'address') return { what: 'ip addr' };
  if (object === 'neigh' || object === 'neighbour') return { what: 'ip neigh' };
  return parseRoute(words, verb === 'table' ? rest : more, options.isIpv6 ? 6 : 4);
}

function parseRoute(
  words: readonly string[],
  rest: readonly string[],
  family: IpFamily,
): NamespaceView {
  if (rest.length === 0) return { what: 'ip route', table: MAIN_TABLE, family };
  const [keyword, name = ''] = rest;
  if (keyword !== 'table' || rest.length > 2)
    throw wrong(words, `"${rest.join(' ')}" is not understood here`, 'ip route show table all');
  if (name === 'all') return { what: 'ip route', table: 'all', family: undefined };
  const table = NAMED_TABLES[name] ?? (/^\d+$/.test(name) ? Number(name) : undefined);
  if (table === undefined)
    throw wrong(words, `argument "${name}" is wrong: table id value is invalid`, 'all, main, 2, …');
  return { what: 'ip route', table, family };
}

function parseSave(words: readonly string[], { table, isIpv6 }: ToolOptions): NamespaceView {
  const family = isIpv6 || words[0] === 'ip6tables-save' ? 6 : 4;
  const found = IPTABLES_TABLES.find((one) => one === table);
  if (table !== undefined && found === undefined)
    throw wrong(
      [...words, '-t', table],
      `can't initialize table "${table}"`,
      'nat, filter, mangle',
    );
  return { what: 'iptables-save', family, table: found };
}

/** Reads a tool's words; undefined where the first one is no tool. */
export function parseNamespaceView(
  words: readonly string[],
  options: ToolOptions,
): NamespaceView | undefined {
  const [tool = '', ...rest] = words;
  switch (tool) {
    case 'ip':
      return parseIp(words, options);
    case 'iptables-save':
    case 'ip6tables-save':
      return parseSave(words, options);
    case 'iptables':
    case 'ip6tables':
      throw wrong(
        words,
        'rules are shown as they are saved',
        `${tool}-save, or ${tool}-save -t nat`,
      );
    case 'nft':
      if (rest.length === 0 || rest.join(' ') === 'list ruleset') return { what: 'nft' };
      throw wrong(words, 'only the whole ruleset is shown', 'nft list ruleset');
    case 'ss':
      return { what: 'ss' };
    case 'sysctl':
      return { what: 'sysctl', name: rest.find((word) => !word.startsWith('-')) };
    default:
      return undefined;
  }
}

/** The first words of every view here. */
export const NAMESPACE_TOOLS: readonly string[] = TOOLS;

const tablesOf = (
  namespace: NetworkNamespace,
  { family, table }: Extract<NamespaceView, { what: 'iptables-save' }>,
): Iptables => {
  const all = family === 4 ? namespace.iptables.ipv4 : namespace.iptables.ipv6;
  if (table === undefined) return all;
  const one = all[table];
  return one === undefined ? {} : { [table]: one };
};

function sysctlText({ sysctls }: NetworkNamespace, name: string | undefined): string {
  const wanted = name?.replaceAll('/', '.');
  const lines = Object.entries(sysctls)
    .filter(([key]) => wanted === undefined || key === wanted)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (lines.length > 0) return lines.map(([key, value]) => `${key} = ${value}\n`).join('');
  const near = nearestWords(wanted ?? '', Object.keys(sysctls), 2);
  throw new InputError(
    `sysctl ${name}`,
    'not kept: only those that bear on packets are',
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : '"sysctl" alone lists them',
  );
}

/** The tool's text. */
export function namespaceText(namespace: NetworkNamespace, view: NamespaceView): string {
  switch (view.what) {
    case 'ip rule':
      return ipRuleText(namespace, view.family);
    case 'ip route':
      return ipRouteText(namespace, view.table, view.family);
    case 'ip addr':
      return ipAddrText(namespace);
    case 'ip neigh':
      return ipNeighText(namespace);
    case 'nft':
      return formatNftRuleset(namespace.nftables);
    case 'ss':
      return ssText(namespace);
    case 'iptables-save':
      return iptablesSave(tablesOf(namespace, view), view.family);
    case 'sysctl':
      return sysctlText(namespace, view.name);
  }
}

/** Chains by table, each rule as its text. */
function iptablesData(tables: Iptables, family: IpFamily): unknown {
  const data: Record<string, Record<string, unknown>> = {};
  for (const name of IPTABLES_TABLES) {
    const table = tables[name];
    if (table === undefined) continue;
    data[name] = Object.fromEntries(
      [...table.chains()].map((chain) => [
        chain.name,
        {
          policy: chain.policy,
          rules: chain.rules.map((rule) => iptablesRuleText(rule, family)),
        },
      ]),
    );
  }
  return data;
}

/** The same as data, for `-o json`. */
export function namespaceData(namespace: NetworkNamespace, view: NamespaceView): unknown {
  switch (view.what) {
    case 'ip rule':
      return namespace.rules.filter((rule) => isRuleOfFamily(rule, view.family));
    case 'ip route':
      return view.table === 'all'
        ? namespace.routes
        : namespace.routes.filter(
            (route) => route.table === view.table && destinationOf(route)?.family === view.family,
          );
    case 'ip addr':
      return namespace.links;
    case 'ip neigh':
      return namespace.neighbours;
    case 'nft':
      return namespace.nftables.map(({ family, name, chains }) => ({
        family,
        name,
        chains: [...chains()],
      }));
    case 'ss':
      return namespace.sockets;
    case 'iptables-save':
      return iptablesData(tablesOf(namespace, view), view.family);
    case 'sysctl':
      return namespace.sysctls;
  }
}

/**
 * What the view does not show and somebody may look for: `ip route` prints one table of several,
 * sockets are known only where a manifest declares them.
 */
export function viewNote(namespace: NetworkNamespace, view: NamespaceView): string | undefined {
  if (view.what === 'ip route' && view.table === MAIN_TABLE) {
    const others = new Set(namespace.routes.map(({ table }) => table));
    others.delete(MAIN_TABLE);
    if (others.size === 0) return undefined;
    const named = [...others].sort((a, b) => a - b).join(', ');
    return `this is table main; "ip rule" leads to more (${named}): ip route show table all`;
  }
  if (view.what === 'ss' && !namespace.areSocketsKnown)
    return 'no container declares a port, so what listens here is not known';
  return undefined;
}
