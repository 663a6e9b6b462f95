/**
 * datapath/vpc/path-mtu — how long a packet may be where it goes next.
 *
 * Source: EC2 User Guide, "Network MTU": 9001 inside a VPC and over a peering in one region, 8500
 * through a transit gateway, 1500 over internet gateways, VPNs and between regions.
 */
import type { Element } from '../trace.ts';
import type { VpcOutcome } from './outcome.ts';
import { type Passage, stop } from './passage.ts';

export const VPC_MTU = 9001;
export const TRANSIT_MTU = 8500;
export const INTERNET_MTU = 1500;

/**
 * The end of the way for a packet that is too long and may not be cut: IPv6 always, IPv4 with its
 * don't-fragment bit, and anything at a transit gateway, which cuts nothing.
 */
export function checkLength(
  passage: Passage,
  mtuBytes: number,
  where: string,
  decisive: readonly Element[],
): VpcOutcome | undefined {
  const { sizeBytes, dontFragment, destination } = passage.packet;
  if (sizeBytes <= mtuBytes) return undefined;
  const isCut = !dontFragment && typeof destination === 'number' && mtuBytes !== TRANSIT_MTU;
  if (isCut) return undefined;
  const says =
    mtuBytes === TRANSIT_MTU
      ? 'it is dropped, and the sender is not told'
      : `the sender is told to send ${mtuBytes}`;
  return stop(passage, {
    layer: 'vpc',
    kind: 'mtu',
    disposition: 'too-big',
    text: `${sizeBytes} bytes do not fit ${where}, which takes ${mtuBytes}: ${says}`,
    code: 'PATH_MTU_EXCEEDED',
    decisive,
    remedy: { text: `send packets of at most ${mtuBytes} bytes, or let path MTU discovery work` },
  });
}
