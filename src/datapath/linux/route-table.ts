/**
 * datapath/linux/route-table — the written routes of a namespace: by table, by what they are for.
 *
 * A pod's tables have a handful of routes, which are read one by one; a node's have one to a single
 * address for each pod, which are looked up without a trie, and compiled when a packet takes them.
 */
import type { IpRoute } from '../../model/linux/cni.ts';
import {
  type Cidr,
  contains,
  type Ip,
  PrefixTrie,
  parseCidr,
  parseCidrOrIp,
  sameCidr,
} from '../../net/index.ts';
import { CompiledRoute } from './compiled-route.ts';

/** Those to one block, the lowest metric first. */
type Routes = readonly IpRoute[];

interface Filed {
  readonly block: Cidr;
  routes: Routes;
  compiled: CompiledRoute | undefined;
}

/** Tables with more blocks are indexed. */
const FEW = 8;

const isHost = ({ family, bits }: Cidr): boolean => bits === (family === 4 ? 32 : 128);

/** What a route that only refuses is on, whatever it names. */
const LOOPBACK = 'lo';

const compiledRoute = (route: IpRoute): CompiledRoute =>
  route.type === undefined
    ? new CompiledRoute('unicast', route.device, route)
    : new CompiledRoute(route.type, LOOPBACK, route);

function firstOf(filed: Filed): CompiledRoute {
  filed.compiled ??= compiledRoute(filed.routes[0]!);
  return filed.compiled;
}

class RouteTable {
  /** The narrowest block first; undefined once they are too many. */
  #few: Filed[] | undefined = [];
  readonly #hosts = new Map<Ip, Routes | CompiledRoute>();
  #blocks: PrefixTrie<Filed> | undefined;

  file(block: Cidr, route: IpRoute): void {
    if (this.#few === undefined) {
      this.#index(block, withRoute(this.#at(block), route));
      return;
    }
    const same = this.#few.find(
      (it) => it.block.family === block.family && sameCidr(it.block, block),
    );
    if (same !== undefined) {
      same.routes = withRoute(same.routes, route);
      return;
    }
    const before = this.#few.findIndex((it) => it.block.bits < block.bits);
    const made = { block, routes: [route], compiled: undefined };
    this.#few.splice(before < 0 ? this.#few.length : before, 0, made);
    if (this.#few.length <= FEW) return;
    for (const one of this.#few) this.#index(one.block, one.routes);
    this.#few = undefined;
  }

  /** The first route to the narrowest block. */
  longestMatch(ip: Ip): CompiledRoute | undefined {
    if (this.#few !== undefined) {
      for (const filed of this.#few) if (contains(filed.block, ip)) return firstOf(filed);
      return undefined;
    }
    const host = this.#hosts.get(ip);
    if (host instanceof CompiledRoute) return host;
    if (host !== undefined) {
      const made = compiledRoute(host[0]!);
      this.#hosts.set(ip, made);
      return made;
    }
    const match = this.#blocks?.longestMatch(ip);
    return match && firstOf(match.value);
  }

  /** Asked while routes are filed: nothing is compiled yet. */
  #at(block: Cidr): Routes | undefined {
    if (!isHost(block)) return this.#blocks?.get(block)?.routes;
    const host = this.#hosts.get(block.first);
    return host instanceof CompiledRoute ? undefined : host;
  }

  #index(block: Cidr, routes: Routes): void {
    if (isHost(block)) {
      this.#hosts.set(block.first, routes);
      return;
    }
    this.#blocks ??= new PrefixTrie();
    this.#blocks.insert(block, { block, routes, compiled: undefined });
  }
}

function withRoute(others: Routes | undefined, route: IpRoute): Routes {
  if (others === undefined) return [route];
  const metric = (one: IpRoute): number => one.metric ?? 0;
  return [...others, route].sort((a, b) => metric(a) - metric(b));
}

/** The block a route is for; `default` is IPv6's where its gateway is. */
export function destinationOf(route: IpRoute): Cidr | undefined {
  if (route.destination !== 'default') return parseCidrOrIp(route.destination);
  return parseCidr(route.via?.includes(':') === true ? '::/0' : '0.0.0.0/0');
}

/** By table number; both families. */
export type RouteTables = ReadonlyMap<number, RouteTable>;

/** Routes that every pod has are one array: filed once for all of them, with their devices. */
const shared = new WeakMap<
  readonly IpRoute[],
  { readonly tables: RouteTables; readonly devices: readonly string[] }
>();

/** So few routes may be many namespaces'. */
const SHARED_MAX = 4;

/**
 * Files the routes of a namespace. One whose link is not there is left out, because the kernel
 * takes it away with the link.
 */
export function routeTables(
  routes: readonly IpRoute[],
  hasLink: (name: string) => boolean,
): RouteTables {
  const known = shared.get(routes);
  if (known?.devices.every(hasLink) === true) return known.tables;
  const tables = new Map<number, RouteTable>();
  const devices = new Set<string>();
  let isWhole = true;
  for (const route of routes) {
    if (route.type === undefined) devices.add(route.device);
    const block = destinationOf(route);
    if (block === undefined) continue;
    if (route.type === undefined && !hasLink(route.device)) {
      isWhole = false;
      continue;
    }
    const { table } = route;
    const filed = tables.get(table) ?? new RouteTable();
    tables.set(table, filed);
    filed.file(block, route);
  }
  if (isWhole && routes.length <= SHARED_MAX) shared.set(routes, { tables, devices: [...devices] });
  return tables;
}
