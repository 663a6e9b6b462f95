/**
 * controllers/vpc-cni/instance-metadata — what a node sees of itself at 169.254.169.254: its ENIs.
 *
 * Reads: cloud/ec2/imds. Costs no API call.
 */

import type { InstanceMetadata } from '../../cloud/ec2/imds.ts';
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

/** Reads instance metadata; a twin with faults gives a reader that is stale at times. */
export type MetadataReader = () => InstanceMetadata | undefined;

/**
 * The instance's ENIs, by card and device number. Addresses are metadata's; type and tags, which
 * metadata does not have, are EC2's.
 */
export function attachedEnis(store: TwinStore, read: MetadataReader): readonly EniMetadata[] {
  const found: EniMetadata[] = [];
  for (const [macAddress, shown] of read()?.interfaces ?? []) {
    const eni = store.get('ec2/network-interface', shown.interfaceId);
    const [primaryIp = '', ...secondaries] = shown.localIpv4s;
    found.push({
      eniId: shown.interfaceId,
      macAddress,
      deviceNumber: shown.deviceNumber,
      networkCard: shown.networkCard,
      subnetId: shown.subnetId,
      subnetCidr: shown.subnetIpv4CidrBlock || `${primaryIp}/32`,
      subnetIpv6Cidr: shown.subnetIpv6CidrBlocks[0],
      primaryIp,
      primaryIpv6: shown.ipv6s[0],
      secondaryCidrs: secondaries.map((address) => `${address}/32`),
      prefixes: shown.ipv4Prefixes,
      ipv6Prefixes: shown.ipv6Prefixes,
      groups: shown.securityGroupIds,
      isTrunk: eni?.interfaceType === 'trunk',
      isEfa: eni?.interfaceType === 'efa',
      tags: eni?.tags ?? {},
    });
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
