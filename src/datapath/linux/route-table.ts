/**
 * datapath/linux/route-table — the routes of one table of a namespace, by what they are for.
 *
 * A pod's tables have a handful of routes, which are read one by one; a node's have one to a single
 * address for each pod, which are looked up without a trie.
 */
import { type Cidr, contains, type Ip, PrefixTrie, sameCidr } from '../../net/index.ts';
import type { CompiledRoute } from './compiled-namespace.ts';

type Routes = readonly CompiledRoute[];

interface Filed {
  readonly block: Cidr;
  /** Those to one block, the lowest metric first. */
  routes: Routes;
}

/** Tables with more blocks are indexed. */
const FEW = 8;

const isHost = ({ family, bits }: Cidr): boolean => bits === (family === 4 ? 32 : 128);

export class RouteTable {
  /** The narrowest block first; undefined once they are too many. */
  #few: Filed[] | undefined = [];
  readonly #hosts = new Map<Ip, Routes>();
  #blocks: PrefixTrie<Routes> | undefined;

  /** Files a route. */
  file(block: Cidr, route: CompiledRoute): void {
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
    const made = { block, routes: [route] };
    this.#few.splice(before < 0 ? this.#few.length : before, 0, made);
    if (this.#few.length <= FEW) return;
    for (const one of this.#few) this.#index(one.block, one.routes);
    this.#few = undefined;
  }

  /** The first route to the narrowest block. */
  longestMatch(ip: Ip): CompiledRoute | undefined {
    if (this.#few !== undefined) {
      for (const { block, routes } of this.#few) if (contains(block, ip)) return routes[0];
      return undefined;
    }
    const routes = this.#hosts.get(ip) ?? this.#blocks?.longestMatch(ip)?.value;
    return routes?.[0];
  }

  /** Routes by block, narrowest first. */
  allMatches(ip: Ip): readonly Routes[] {
    if (this.#few !== undefined)
      return this.#few.filter(({ block }) => contains(block, ip)).map(({ routes }) => routes);
    const blocks = this.#blocks?.allMatches(ip).map(({ value }) => value) ?? [];
    const host = this.#hosts.get(ip);
    return host === undefined ? blocks : [host, ...blocks];
  }

  #at(block: Cidr): Routes | undefined {
    return isHost(block) ? this.#hosts.get(block.first) : this.#blocks?.get(block);
  }

  #index(block: Cidr, routes: Routes): void {
    if (isHost(block)) {
      this.#hosts.set(block.first, routes);
      return;
    }
    this.#blocks ??= new PrefixTrie();
    this.#blocks.insert(block, routes);
  }
}

function withRoute(others: Routes | undefined, route: CompiledRoute): Routes {
  if (others === undefined) return [route];
  const metric = (one: CompiledRoute): number => one.route?.metric ?? 0;
  return [...others, route].sort((a, b) => metric(a) - metric(b));
}
