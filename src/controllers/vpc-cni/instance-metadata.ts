/**
 * controllers/vpc-cni/instance-metadata — what a node sees of itself at 169.254.169.254: its ENIs.
 *
 * Reads: the store's interfaces of the instance. Costs no API call, as IMDS does not.
 */

import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { primaryAddress } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { parseCidr } from '../../net/index.ts';
import type { EniMetadata } from './eni-api.ts';

/** The interface as ipamd sees it; undefined when it is not attached to an instance. */
export function metadataOf(store: TwinStore, eni: NetworkInterface): EniMetadata | undefined {
  if (eni.attachment === undefined) return undefined;
  const subnet = store.get('ec2/subnet', eni.subnetId);
  return {
    eniId: eni.networkInterfaceId,
    macAddress: eni.macAddress,
    deviceNumber: eni.attachment.deviceIndex,
    networkCard: eni.attachment.networkCardIndex,
    subnetId: eni.subnetId,
    subnetCidr: subnet?.cidrBlock ?? `${primaryAddress(eni)}/32`,
    subnetIpv6Cidr: subnet?.ipv6CidrBlock?.cidrBlock,
    primaryIp: primaryAddress(eni),
    primaryIpv6: eni.ipv6Addresses[0],
    secondaryCidrs: eni.privateIpAddresses
      .filter((address) => !address.primary)
      .map((address) => `${address.address}/32`),
    prefixes: eni.ipv4Prefixes,
    ipv6Prefixes: eni.ipv6Prefixes,
    groups: eni.groups,
    isTrunk: eni.interfaceType === 'trunk',
    isEfa: eni.interfaceType === 'efa',
    tags: eni.tags,
  };
}

/** The instance's ENIs, by card and device number. */
export function attachedEnis(store: TwinStore, instanceId: string): readonly EniMetadata[] {
  const found: EniMetadata[] = [];
  for (const eni of store.lookup('ec2/network-interface', 'instance', instanceId)) {
    const metadata = metadataOf(store, eni);
    if (metadata !== undefined) found.push(metadata);
  }
  return found.sort((a, b) => a.networkCard - b.networkCard || a.deviceNumber - b.deviceNumber);
}

/** `fe80::1` in `fe80::1/64` is no subnet: a block's own text without its length. */
export const blockAddress = (cidr: string): string => cidr.slice(0, cidr.indexOf('/'));

/** True for a block of more than one address. */
export const isPrefixBlock = (cidr: string): boolean => {
  const block = parseCidr(cidr);
  return block !== undefined && block.bits < (block.family === 4 ? 32 : 128);
};
