/**
 * cloud/ids — the ids, MAC addresses and public addresses AWS hands out, from seeded chance.
 *
 * A fork of a store gets its own stream (the store's revision is part of the label), so that what
 * it creates never takes an id the original has given out.
 */
import type { Random } from '../sim/random.ts';

const HEX = '0123456789abcdef';

/** First octets AWS takes public addresses from, as a stranger sees them. */
const PUBLIC_OCTETS = [3, 13, 18, 34, 35, 44, 50, 52, 54];

export interface Ids {
  /** `vpc` → `vpc-0a1b2c3d4e5f60718`: 17 hex digits, the first a 0, as EC2's long ids. */
  next<Id extends string = string>(prefix: string): Id;
  /** Hex digits, lower case. */
  hex(digits: number): string;
  /** `02:…`: locally administered, unicast. */
  mac(): string;
  publicIpv4(): string;
  /** A /56 of the range AWS gives VPCs from. */
  ipv6Block(): string;
  /** One of the texts, drawn evenly. */
  oneOf<Choice>(choices: readonly Choice[]): Choice;
}

export function createIds(random: Random): Ids {
  const ofIds = random.split('ids');
  const ofMacs = random.split('macs');
  const ofPublicIps = random.split('public addresses');
  const ofBlocks = random.split('ipv6 blocks');
  const ofChoices = random.split('choices');
  const publicIps = new Set<string>();
  return {
    next: <Id extends string>(prefix: string) => `${prefix}-0${ofIds.text(16, HEX)}` as Id,
    hex: (digits) => ofIds.text(digits, HEX),
    mac: () => `02:${ofMacs.text(10, HEX).match(/../g)!.join(':')}`,
    publicIpv4() {
      for (;;) {
        const octet = () => ofPublicIps.int(256);
        const first = PUBLIC_OCTETS[ofPublicIps.int(PUBLIC_OCTETS.length)]!;
        const ip = `${first}.${octet()}.${octet()}.${1 + ofPublicIps.int(254)}`;
        if (publicIps.has(ip)) continue;
        publicIps.add(ip);
        return ip;
      }
    },
    ipv6Block: () => `2600:1f14:${ofBlocks.text(3, HEX)}:${ofBlocks.text(2, HEX)}00::/56`,
    oneOf: (choices) => choices[ofChoices.int(choices.length)]!,
  };
}
