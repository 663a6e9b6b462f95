/**
 * datapath/vpc/route-choice — which route of a route table a destination takes.
 *
 * Source: VPC User Guide, "Route priority": longest prefix first; of equal prefixes static before
 * prefix list before propagated; and the local route before any propagated one, however specific.
 */
import type { PrefixList } from '../../model/ec2/gateways.ts';
import type { Route, RouteTable } from '../../model/ec2/route-table.ts';
import { type Cidr, formatCidr, type Ip, PrefixTrie, parseCidr } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import { blocksOfList } from './prefix-list-blocks.ts';

export interface ReadyRoute {
  readonly route: Route;
  readonly routeTableId: string;
  /** The route, and the prefix list's entry where it has one. */
  readonly elements: readonly Element[];
  /** `0.0.0.0/0 -> nat-0a…`. */
  readonly text: string;
}

export interface ReadyTable {
  readonly table: RouteTable;
  readonly routes: readonly ReadyRoute[];
  /** Routes to prefix lists whose entries nobody told. */
  readonly unknown: readonly ReadyRoute[];
  choose(ip: Ip): ReadyRoute | undefined;
}

const STATIC = 0;
const BY_LIST = 1;
const PROPAGATED = 2;

const rankOf = ({ destination, origin }: Route): number => {
  if (origin === 'EnableVgwRoutePropagation') return PROPAGATED;
  return destination.kind === 'prefix-list' ? BY_LIST : STATIC;
};

const destinationText = ({ destination }: Route): string =>
  destination.kind === 'prefix-list' ? destination.prefixListId : destination.cidr;

function readyRoute(table: RouteTable, route: Route, entry?: string): ReadyRoute {
  const to = destinationText(route);
  const target = route.target.kind === 'local' ? 'local' : route.target.id;
  const element: Element = {
    kind: 'route',
    object: table.routeTableId,
    rule: to,
    field: `target ${target}`,
  };
  const listed: Element = { kind: 'prefix-list', object: to, rule: entry };
  return {
    route,
    routeTableId: table.routeTableId,
    elements: entry === undefined ? [element] : [element, listed],
    text: entry === undefined ? `${to} -> ${target}` : `${to} (${entry}) -> ${target}`,
  };
}

/** The table's routes, ready to be asked; `listOf` knows the prefix lists. */
export function readyTable(
  table: RouteTable,
  listOf: (prefixListId: string) => PrefixList | undefined,
): ReadyTable {
  const trie = new PrefixTrie<ReadyRoute>();
  const locals = new PrefixTrie<ReadyRoute>();
  const unknown: ReadyRoute[] = [];
  const file = (cidr: Cidr, ready: ReadyRoute): void => {
    const held = trie.get(cidr);
    if (held === undefined || rankOf(ready.route) < rankOf(held.route)) trie.insert(cidr, ready);
    if (ready.route.target.kind === 'local') locals.insert(cidr, ready);
  };
  for (const route of table.routes) {
    const { destination } = route;
    if (destination.kind !== 'prefix-list') {
      const cidr = parseCidr(destination.cidr);
      if (cidr !== undefined) file(cidr, readyRoute(table, route));
      continue;
    }
    const list = listOf(destination.prefixListId);
    const cidrs = list === undefined ? [] : blocksOfList(list).cidrs;
    if (cidrs.length === 0) unknown.push(readyRoute(table, route));
    for (const cidr of cidrs) file(cidr, readyRoute(table, route, formatCidr(cidr)));
  }
  return {
    table,
    routes: table.routes.map((route) => readyRoute(table, route)),
    unknown,
    choose(ip) {
      const best = trie.longestMatch(ip)?.value;
      if (best === undefined || rankOf(best.route) !== PROPAGATED) return best;
      return locals.longestMatch(ip)?.value ?? best;
    },
  };
}
