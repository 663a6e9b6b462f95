/**
 * net/prefix-trie — longest prefix match over IPv4 and IPv6 blocks.
 *
 * A path-compressed binary trie (Sklower, "A Tree-Based Packet Routing Table for Berkeley Unix"):
 * a node per block or per fork, so a lookup visits at most as many nodes as blocks nest. Keys are
 * four signed 32-bit words, IPv4 using the first only; signed, because those stay off the heap.
 */
import { type Cidr, canonicalCidr } from './cidr.ts';
import type { Ip, IpFamily } from './ip.ts';

/** A block and what was filed under it. */
export interface PrefixMatch<Value> {
  /** The block, host bits cleared. */
  readonly cidr: Cidr;
  readonly value: Value;
}

/** The leading bits of an address. */
interface Key {
  readonly word0: number;
  readonly word1: number;
  readonly word2: number;
  readonly word3: number;
}

interface Node<Value> extends Key {
  readonly bits: number;
  /** Absent on a node that only forks. */
  match: PrefixMatch<Value> | undefined;
  zero: Node<Value> | undefined;
  one: Node<Value> | undefined;
}

function keyOf(ip: Ip): Key {
  if (typeof ip === 'number') return { word0: ip | 0, word1: 0, word2: 0, word3: 0 };
  return {
    word0: Number(BigInt.asIntN(32, ip >> 96n)),
    word1: Number(BigInt.asIntN(32, ip >> 64n)),
    word2: Number(BigInt.asIntN(32, ip >> 32n)),
    word3: Number(BigInt.asIntN(32, ip)),
  };
}

/** How many leading bits the keys share, up to `limit`. */
function sharedBits(a: Key, b: Key, limit: number): number {
  let shared = Math.clz32(a.word0 ^ b.word0);
  if (shared === 32 && limit > 32) shared += Math.clz32(a.word1 ^ b.word1);
  if (shared === 64 && limit > 64) shared += Math.clz32(a.word2 ^ b.word2);
  if (shared === 96 && limit > 96) shared += Math.clz32(a.word3 ^ b.word3);
  return Math.min(shared, limit);
}

/** True when bit `index` (0 is the highest) of the key is set. */
function bitOf(key: Key, index: number): boolean {
  const shift = 31 - (index & 31);
  if (index < 32) return ((key.word0 >>> shift) & 1) === 1;
  if (index < 64) return ((key.word1 >>> shift) & 1) === 1;
  if (index < 96) return ((key.word2 >>> shift) & 1) === 1;
  return ((key.word3 >>> shift) & 1) === 1;
}

function makeNode<Value>(key: Key, bits: number): Node<Value> {
  const { word0, word1, word2, word3 } = key;
  return { word0, word1, word2, word3, bits, match: undefined, zero: undefined, one: undefined };
}

function childOf<Value>(node: Node<Value>, key: Key): Node<Value> | undefined {
  return bitOf(key, node.bits) ? node.one : node.zero;
}

function setChild<Value>(node: Node<Value>, key: Key, child: Node<Value> | undefined): void {
  if (bitOf(key, node.bits)) node.one = child;
  else node.zero = child;
}

/** A map from blocks of both families to values, asked by address. */
export class PrefixTrie<Value> {
  readonly #root4: Node<Value> = makeNode(keyOf(0), 0);
  readonly #root6: Node<Value> = makeNode(keyOf(0n), 0);
  #size = 0;

  /** How many blocks are filed. */
  get size(): number {
    return this.#size;
  }

  /** Files a value under a block, replacing what the same block had; host bits are ignored. */
  insert(cidr: Cidr, value: Value): void {
    const block = canonicalCidr(cidr);
    const key = keyOf(block.first);
    const node = this.#nodeFor(block.family, key, block.bits);
    if (node.match === undefined) this.#size++;
    node.match = { cidr: block, value };
  }

  /** What exactly this block has; undefined when it was never filed. */
  get(cidr: Cidr): Value | undefined {
    return this.#pathTo(cidr)?.node.match?.value;
  }

  /** True when exactly this block is filed. */
  has(cidr: Cidr): boolean {
    return this.#pathTo(cidr)?.node.match !== undefined;
  }

  /** Forgets a block; false when it was not filed. */
  delete(cidr: Cidr): boolean {
    const path = this.#pathTo(cidr);
    if (path?.node.match === undefined) return false;
    path.node.match = undefined;
    this.#size--;
    this.#prune(path.node, path.parent, path.grandparent);
    return true;
  }

  /** The narrowest filed block that contains the address. */
  longestMatch(ip: Ip): PrefixMatch<Value> | undefined {
    if (typeof ip === 'number') return this.#longestMatch4(ip);
    const key = keyOf(ip);
    let best: PrefixMatch<Value> | undefined;
    let node: Node<Value> | undefined = this.#root6;
    while (node !== undefined && sharedBits(node, key, node.bits) === node.bits) {
      if (node.match !== undefined) best = node.match;
      if (node.bits === 128) break;
      node = childOf(node, key);
    }
    return best;
  }

  /** The same in one word: every packet asks this, most of them IPv4. */
  #longestMatch4(ip: number): PrefixMatch<Value> | undefined {
    let best = this.#root4.match;
    let node = ip >>> 31 === 0 ? this.#root4.zero : this.#root4.one;
    while (node !== undefined && (node.word0 ^ ip) >>> (32 - node.bits) === 0) {
      if (node.match !== undefined) best = node.match;
      if (node.bits === 32) break;
      node = (ip >>> (31 - node.bits)) & 1 ? node.one : node.zero;
    }
    return best;
  }

  /** Every filed block that contains the address, narrowest first. */
  allMatches(ip: Ip): PrefixMatch<Value>[] {
    const key = keyOf(ip);
    const length = typeof ip === 'number' ? 32 : 128;
    const matches: PrefixMatch<Value>[] = [];
    let node: Node<Value> | undefined = length === 32 ? this.#root4 : this.#root6;
    while (node !== undefined && sharedBits(node, key, node.bits) === node.bits) {
      if (node.match !== undefined) matches.push(node.match);
      if (node.bits === length) break;
      node = childOf(node, key);
    }
    return matches.reverse();
  }

  /** Every filed block inside `cidr`, itself included, in address order, wider before narrower. */
  coveredBy(cidr: Cidr): PrefixMatch<Value>[] {
    const key = keyOf(canonicalCidr(cidr).first);
    let node: Node<Value> | undefined = this.#root(cidr.family);
    while (node !== undefined && node.bits < cidr.bits) {
      if (sharedBits(node, key, node.bits) < node.bits) return [];
      node = childOf(node, key);
    }
    if (node === undefined || sharedBits(node, key, cidr.bits) < cidr.bits) return [];
    const matches: PrefixMatch<Value>[] = [];
    collect(node, matches);
    return matches;
  }

  /** Every filed block, IPv4 first, in address order, wider before narrower. */
  entries(): PrefixMatch<Value>[] {
    const matches: PrefixMatch<Value>[] = [];
    collect(this.#root4, matches);
    collect(this.#root6, matches);
    return matches;
  }

  /** Nodes in use, at most 2 * size + 2: deleting a block leaves nothing behind. */
  nodeCount(): number {
    return countNodes(this.#root4) + countNodes(this.#root6);
  }

  #root(family: IpFamily): Node<Value> {
    return family === 4 ? this.#root4 : this.#root6;
  }

  /** Finds or makes the node of exactly these leading bits. */
  #nodeFor(family: IpFamily, key: Key, bits: number): Node<Value> {
    let node = this.#root(family);
    while (node.bits < bits) {
      const child = childOf(node, key);
      if (child === undefined) {
        const leaf = makeNode<Value>(key, bits);
        setChild(node, key, leaf);
        return leaf;
      }
      const shared = sharedBits(child, key, Math.min(child.bits, bits));
      if (shared < child.bits) {
        // The child parts from the key midway: a node for what they share takes its place.
        const fork = makeNode<Value>(key, shared);
        setChild(node, key, fork);
        setChild(fork, child, child);
        node = fork;
      } else {
        node = child;
      }
    }
    return node;
  }

  /** The node of exactly this block with the two above it. */
  #pathTo(cidr: Cidr):
    | {
        node: Node<Value>;
        parent: Node<Value> | undefined;
        grandparent: Node<Value> | undefined;
      }
    | undefined {
    const key = keyOf(canonicalCidr(cidr).first);
    let grandparent: Node<Value> | undefined;
    let parent: Node<Value> | undefined;
    let node: Node<Value> | undefined = this.#root(cidr.family);
    while (node !== undefined && sharedBits(node, key, node.bits) === node.bits) {
      if (node.bits === cidr.bits) return { node, parent, grandparent };
      if (node.bits > cidr.bits) return undefined;
      grandparent = parent;
      parent = node;
      node = childOf(node, key);
    }
    return undefined;
  }

  /** Drops nodes that neither hold a value nor fork, so deleted blocks leave nothing behind. */
  #prune(
    node: Node<Value>,
    parent: Node<Value> | undefined,
    grandparent: Node<Value> | undefined,
  ): void {
    if (parent === undefined || (node.zero !== undefined && node.one !== undefined)) return;
    const only = node.zero ?? node.one;
    setChild(parent, node, only);
    if (only !== undefined || grandparent === undefined || parent.match !== undefined) return;
    setChild(grandparent, parent, parent.zero ?? parent.one);
  }
}

function collect<Value>(node: Node<Value>, matches: PrefixMatch<Value>[]): void {
  if (node.match !== undefined) matches.push(node.match);
  if (node.zero !== undefined) collect(node.zero, matches);
  if (node.one !== undefined) collect(node.one, matches);
}

function countNodes<Value>(node: Node<Value> | undefined): number {
  return node === undefined ? 0 : 1 + countNodes(node.zero) + countNodes(node.one);
}
