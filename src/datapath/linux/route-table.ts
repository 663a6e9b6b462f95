/**
 * datapath/linux/route-table — the routes of one table of a namespace, by what they are for. Most
 * of a node's are to single addresses, one a pod; those are looked up without a trie.
 */
import { type Cidr, type Ip, PrefixTrie } from '../../net/index.ts';
import type { CompiledRoute } from './compiled-namespace.ts';

export class RouteTable {
  readonly #hosts = new Map<Ip, readonly CompiledRoute[]>();
  #blocks: PrefixTrie<readonly CompiledRoute[]> | undefined;

  /** Files a route; of two to one block the lower metric stands first. */
  file(block: Cidr, route: CompiledRoute): void {
    if (block.bits === (block.family === 4 ? 32 : 128)) {
      this.#hosts.set(block.first, withRoute(this.#hosts.get(block.first), route));
      return;
    }
    this.#blocks ??= new PrefixTrie();
    this.#blocks.insert(block, withRoute(this.#blocks.get(block), route));
  }

  /** The first route to the narrowest block. */
  longestMatch(ip: Ip): CompiledRoute | undefined {
    const routes = this.#hosts.get(ip) ?? this.#blocks?.longestMatch(ip)?.value;
    return routes?.[0];
  }

  /** Routes by block, narrowest first. */
  allMatches(ip: Ip): readonly (readonly CompiledRoute[])[] {
    const blocks = this.#blocks?.allMatches(ip).map(({ value }) => value) ?? [];
    const host = this.#hosts.get(ip);
    return host === undefined ? blocks : [host, ...blocks];
  }
}

function withRoute(
  others: readonly CompiledRoute[] | undefined,
  route: CompiledRoute,
): readonly CompiledRoute[] {
  if (others === undefined) return [route];
  const metric = (one: CompiledRoute): number => one.route?.metric ?? 0;
  return [...others, route].sort((a, b) => metric(a) - metric(b));
}
