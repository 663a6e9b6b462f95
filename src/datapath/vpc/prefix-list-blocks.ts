/** datapath/vpc/prefix-list-blocks — a prefix list's blocks, ready to be asked; read once a list. */
import type { PrefixList } from '../../model/ec2/gateways.ts';
import { type Cidr, type Ip, PrefixTrie, parseCidr } from '../../net/index.ts';

export interface PrefixListBlocks {
  readonly cidrs: readonly Cidr[];
  /** The block that holds the address, as the list writes it. */
  holding(ip: Ip): string | undefined;
}

const known = new WeakMap<PrefixList, PrefixListBlocks>();

/** The list's blocks; what is no block is left out. */
export function blocksOfList(list: PrefixList): PrefixListBlocks {
  const held = known.get(list);
  if (held !== undefined) return held;
  const trie = new PrefixTrie<string>();
  const cidrs: Cidr[] = [];
  for (const { cidr: text } of list.entries) {
    const cidr = parseCidr(text);
    if (cidr === undefined) continue;
    cidrs.push(cidr);
    trie.insert(cidr, text);
  }
  const blocks = { cidrs, holding: (ip: Ip) => trie.longestMatch(ip)?.value };
  known.set(list, blocks);
  return blocks;
}
