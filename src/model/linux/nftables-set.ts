/**
 * model/linux/nftables-set — nft's named sets and maps: typed keys, plain or concatenated, with
 * intervals, comments and, in a map, a verdict for each key.
 *
 * A packet asks by key, in constant time where the key is no interval; text walks the elements.
 */
import type { NftDatatype } from './nftables-field.data.ts';

/**
 * One value of a key: an address as Ip, a protocol, port or mark as number, an interface name (a
 * trailing `*` matches any rest of it), a state by its name.
 */
export type NftScalar = number | bigint | string;

/** Both ends belong to it; a prefix is the range of its addresses. */
export interface NftRange {
  readonly from: number | bigint;
  readonly to: number | bigint;
}

export type NftValue = NftScalar | NftRange;

/** One value for each part of the type: `10.0.0.1 . tcp . 80`. */
export type NftKey = readonly NftValue[];

/** What happens to the packet next; `continue` is the next rule. */
export type NftVerdict =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'continue' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

export interface NftElement {
  readonly key: NftKey;
  readonly comment?: string | undefined;
}

export interface NftMapElement extends NftElement {
  readonly verdict: NftVerdict;
}

/** In the order in which nft prints them. */
export const NFT_SET_FLAGS = ['constant', 'interval', 'dynamic', 'timeout'] as const;

export type NftSetFlag = (typeof NFT_SET_FLAGS)[number];

interface NftCollection<Element extends NftElement> {
  readonly name: string;
  /** Of the key's parts; more than one is a concatenation. */
  readonly type: readonly NftDatatype[];
  readonly flags: readonly NftSetFlag[];
  readonly size?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly comment?: string | undefined;
  /** The element that holds these values; undefined where none does. */
  get(key: readonly NftScalar[]): Element | undefined;
  /** Every element; for text, not for packets. */
  elements(): Iterable<Element>;
}

export type NftSet = NftCollection<NftElement>;

/** A verdict map. */
export type NftMap = NftCollection<NftMapElement>;

/** The text under which an element without intervals is found. */
export const nftKeyText = (key: readonly NftScalar[]): string => key.join(' . ');

/** Whether a value of a key is several values: a range, or a name with `*`. */
const isPattern = (value: NftValue): boolean =>
  typeof value === 'object' || (typeof value === 'string' && value.endsWith('*'));

/** Whether `value` of a rule or an element takes in `scalar` of a packet. */
export function nftValueHolds(value: NftValue, scalar: NftScalar): boolean {
  if (typeof value === 'object') {
    return typeof scalar !== 'string' && value.from <= scalar && scalar <= value.to;
  }
  if (typeof value === 'string' && value.endsWith('*')) {
    return typeof scalar === 'string' && scalar.startsWith(value.slice(0, -1));
  }
  return value === scalar;
}

/** What a set has besides its elements. */
export interface NftSetHead {
  readonly name: string;
  readonly type: readonly NftDatatype[];
  readonly flags?: readonly NftSetFlag[] | undefined;
  readonly size?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly comment?: string | undefined;
}

/** A set or, where elements have verdicts, a map, of a list of elements; indexed on first use. */
export function nftSet<Element extends NftElement>(
  head: NftSetHead,
  elements: readonly Element[],
): NftCollection<Element> {
  let exact: ReadonlyMap<string, Element> | undefined;
  let patterns: readonly Element[] = [];
  const index = (): ReadonlyMap<string, Element> => {
    const byText = new Map<string, Element>();
    patterns = elements.filter(({ key }) => key.some(isPattern));
    for (const element of elements) {
      if (!element.key.some(isPattern)) byText.set(nftKeyText(element.key as NftScalar[]), element);
    }
    return byText;
  };
  return {
    ...head,
    flags: head.flags ?? [],
    get(key) {
      exact ??= index();
      return (
        exact.get(nftKeyText(key)) ??
        patterns.find((element) => element.key.every((value, i) => nftValueHolds(value, key[i]!)))
      );
    },
    elements: () => elements,
  };
}
