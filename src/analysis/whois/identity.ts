/** analysis/whois/identity — what is known of one address: the words of `ekstwin whois`. */

/** How sure the answer is that something has the address. */
export type IdentityKind =
  /** An interface has it. */
  | 'interface'
  | 'service'
  | 'public'
  /** Set aside: the router, the resolver, link-local services. */
  | 'reserved'
  /** In a block we know, but nothing has it. */
  | 'free'
  /** In a block beyond the VPC: a peer, a VPN, a hybrid network. */
  | 'remote'
  | 'unknown';

/** A name beside an id, as `sg-0a1 (web)`. */
export interface Named {
  readonly id: string;
  readonly name?: string | undefined;
}

export interface Identity {
  readonly address: string;
  readonly kind: IdentityKind;
  /** One sentence. */
  readonly what: string;
  /** `namespace/name`, several for hostNetwork. */
  readonly pods: readonly string[];
  readonly node?: string | undefined;
  readonly instance?: string | undefined;
  readonly networkInterface?: Named | undefined;
  /** Why we think the interface is what `what` says. */
  readonly because?: string | undefined;
  readonly service?: string | undefined;
  readonly publicIp?: string | undefined;
  readonly subnet?: (Named & { readonly cidr: string; readonly zone: string }) | undefined;
  readonly vpc?: Named | undefined;
  readonly securityGroups: readonly Named[];
  /** Where nothing has it: the blocks that there are. */
  readonly ranges?: readonly string[] | undefined;
}

/** Whether something has the address. */
export const isHeld = ({ kind }: Identity): boolean => kind !== 'free' && kind !== 'unknown';
