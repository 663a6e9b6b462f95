/**
 * model/linux/nftables-statement — what a rule of nft consists of: tests of fields, look-ups in
 * sets and verdict maps, and what is done to a packet that passed them, in the rule's order.
 *
 * Spellings of one meaning are one value here, as they are in the kernel: `mark and 1 == 0` is
 * `meta mark & 0x00000001 == 0x00000000`, a set of one value is that value.
 */
import type { Ip } from '../../net/index.ts';
import type { NftField } from './nftables-field.data.ts';
import type { NftKey, NftMapElement, NftVerdict } from './nftables-set.ts';

/** `ip daddr`, or several in a row: `ip daddr . meta l4proto . th dport`. */
export type NftSelector = readonly NftField[];

/** A test that the packet passes or that ends the rule. */
export type NftMatch =
  | {
      readonly kind: 'match';
      readonly selector: NftSelector;
      /** Of a mark, before it is compared. */
      readonly mask?: number | undefined;
      readonly negated: boolean;
      /** One of them must hold (none, when negated). */
      readonly values: readonly NftKey[];
    }
  | {
      readonly kind: 'lookup';
      readonly selector: NftSelector;
      readonly negated: boolean;
      readonly set: string;
    };

/** How a source port is chosen when it is rewritten. */
export type NftPortChoice = 'none' | 'random' | 'fully-random';

/** The new mark: a constant, or `(source & and) ^ xor`, to which `or` and `and` come down too. */
export type NftMarkValue =
  | { readonly kind: 'constant'; readonly value: number }
  | {
      readonly kind: 'bits';
      readonly source: 'meta mark' | 'ct mark';
      readonly and: number;
      readonly xor: number;
    };

/**
 * What tells the sender: a reset, or an ICMP error by its name (`port-unreachable`, the default,
 * `admin-prohibited`, …); `icmp` is the kind it was written with.
 */
export type NftReject =
  | { readonly kind: 'reject'; readonly with: 'tcp reset' | 'port-unreachable' }
  | {
      readonly kind: 'reject';
      readonly icmp: 'icmp' | 'icmpv6' | 'icmpx';
      readonly with: NftIcmpError;
    };

/** Those nft has besides the default. */
export const NFT_ICMP_ERRORS = [
  'net-unreachable',
  'host-unreachable',
  'prot-unreachable',
  'net-prohibited',
  'host-prohibited',
  'admin-prohibited',
  'no-route',
  'addr-unreachable',
  'policy-fail',
  'reject-route',
] as const;

export type NftIcmpError = (typeof NFT_ICMP_ERRORS)[number];

export type NftStatement =
  | NftMatch
  | { readonly kind: 'verdict'; readonly verdict: NftVerdict }
  /** `vmap @name`; a key that is not in it goes on to the next rule. */
  | { readonly kind: 'vmap'; readonly selector: NftSelector; readonly map: string }
  /** `vmap { … }` written in the rule. */
  | {
      readonly kind: 'vmap-of';
      readonly selector: NftSelector;
      readonly elements: readonly NftMapElement[];
    }
  /** `numgen random mod N vmap { 0 : … }`: each number with equal chance, or in turn. */
  | {
      readonly kind: 'numgen';
      readonly mode: 'random' | 'inc';
      readonly modulus: number;
      readonly verdicts: readonly { readonly number: number; readonly verdict: NftVerdict }[];
    }
  | NftReject
  | { readonly kind: 'dnat'; readonly address: Ip; readonly port?: number | undefined }
  | {
      readonly kind: 'snat';
      readonly address: Ip;
      readonly port?: number | undefined;
      readonly ports: NftPortChoice;
    }
  | { readonly kind: 'masquerade'; readonly ports: NftPortChoice }
  | {
      readonly kind: 'set-mark';
      readonly target: 'meta mark' | 'ct mark';
      readonly value: NftMarkValue;
    }
  /** The packet's values become an element of a dynamic set; `update` also renews its timeout. */
  | {
      readonly kind: 'remember';
      readonly operation: 'add' | 'update';
      readonly set: string;
      readonly selector: NftSelector;
      readonly timeoutSeconds?: number | undefined;
    }
  | { readonly kind: 'counter'; readonly packets: number; readonly bytes: number }
  | NftLog
  | { readonly kind: 'notrack' };

export interface NftLog {
  readonly kind: 'log';
  readonly prefix?: string | undefined;
  readonly group?: number | undefined;
}

export interface NftRule {
  readonly statements: readonly NftStatement[];
  readonly comment?: string | undefined;
}
