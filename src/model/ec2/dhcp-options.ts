/** model/ec2/dhcp-options — what instances of a VPC are told when they ask for an address. */
import type { Tags } from './tags.ts';

export interface DhcpOptions {
  readonly dhcpOptionsId: string;
  readonly ownerId: string;
  /** `domain-name-servers` → `AmazonProvidedDNS`; in the order they were given. */
  readonly configurations: readonly { readonly key: string; readonly values: readonly string[] }[];
  readonly tags: Tags;
}
