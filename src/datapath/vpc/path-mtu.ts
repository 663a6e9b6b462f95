/**
 * datapath/vpc/path-mtu — how long a packet may be where it goes next.
 *
 * Source: EC2 User Guide, "Network MTU": 9001 inside a VPC and over a peering in one region, 8500
 * through transit and NAT gateways, 1500 over internet gateways, VPNs and between regions.
 */
import type { Element } from '../trace.ts';
import type { VpcOutcome } from './outcome.ts';
import { type Passage, stop } from './passage.ts';

export interface Mtu {
  readonly bytes: number;
  /** Cuts no packet and tells nobody: what is too long is gone. */
  readonly isSilent: boolean;
}

export const VPC_MTU: Mtu = { bytes: 9001, isSilent: false };
export const TRANSIT_MTU: Mtu = { bytes: 8500, isSilent: true };
export const NAT_MTU: Mtu = { bytes: 8500, isSilent: false };
export const INTERNET_MTU: Mtu = { bytes: 1500, isSilent: false };

/**
 * The end of the way for a packet that is too long and may not be cut: IPv6 always, IPv4 with its
 * don't-fragment bit, and anything at a transit gateway, which cuts nothing.
 */
export function checkLength(
  passage: Passage,
  { bytes, isSilent }: Mtu,
  where: string,
  decisive: readonly Element[],
): VpcOutcome | undefined {
  const { sizeBytes, dontFragment, destination } = passage.packet;
  if (sizeBytes <= bytes) return undefined;
  if (!dontFragment && typeof destination === 'number' && !isSilent) return undefined;
  const says = isSilent
    ? 'it is dropped, and the sender is not told'
    : `the sender is told to send ${bytes}`;
  return stop(passage, {
    layer: 'vpc',
    kind: 'mtu',
    disposition: 'too-big',
    text: `${sizeBytes} bytes do not fit ${where}, which takes ${bytes}: ${says}`,
    code: 'PATH_MTU_EXCEEDED',
    decisive,
    remedy: { text: `send packets of at most ${bytes} bytes, or let path MTU discovery work` },
  });
}
