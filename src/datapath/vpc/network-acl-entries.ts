/**
 * datapath/vpc/network-acl-entries — a network ACL's entries in the order EC2 takes them, ready to
 * be asked. The entry shown as `*` (32767) is not one: it is what happens when no entry matches.
 *
 * Source: VPC User Guide, "Network ACL rules": lowest number first, the first match decides.
 */
import type { NetworkAcl, NetworkAclEntry } from '../../model/ec2/network-acl.ts';
import { type Cidr, contains, type Packet, parseCidr } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import type { Direction } from './security-group-rules.ts';
import { describeClass, isOfClass, type TrafficClass, trafficClass } from './traffic-class.ts';

/** EC2 shows the last word of every list under this number. */
const LAST_RULE_NUMBER = 32_767;

export interface ReadyEntry {
  readonly ruleNumber: number;
  readonly allows: boolean;
  readonly cidr: Cidr;
  readonly traffic: TrafficClass;
  readonly element: Element;
  /** `allows tcp 443 from 0.0.0.0/0`. */
  readonly text: string;
}

export interface ReadyAcl {
  readonly acl: NetworkAcl;
  readonly ingress: readonly ReadyEntry[];
  readonly egress: readonly ReadyEntry[];
}

function trafficOf({ protocol, portRange, icmp }: NetworkAclEntry): TrafficClass {
  if (icmp !== undefined && protocol !== -1) return trafficClass(protocol, icmp.type, icmp.code);
  return trafficClass(protocol, portRange?.from ?? -1, portRange?.to ?? -1);
}

function readyEntry(acl: NetworkAcl, entry: NetworkAclEntry): ReadyEntry | undefined {
  const block = entry.cidrBlock ?? entry.ipv6CidrBlock ?? '';
  const cidr = parseCidr(block);
  if (cidr === undefined) return undefined;
  const traffic = trafficOf(entry);
  const direction = entry.egress ? 'egress' : 'ingress';
  const what = `${describeClass(traffic)} ${entry.egress ? 'to' : 'from'} ${block}`;
  return {
    ruleNumber: entry.ruleNumber,
    allows: entry.action === 'allow',
    cidr,
    traffic,
    element: {
      kind: 'network-acl-entry',
      object: acl.networkAclId,
      rule: `${direction} ${entry.ruleNumber}`,
      field: `${entry.action} ${what}`,
    },
    text: `${entry.action === 'allow' ? 'allows' : 'denies'} ${what}`,
  };
}

const known = new WeakMap<NetworkAcl, ReadyAcl>();

/** The ACL's entries by direction, lowest number first. */
export function entriesOfAcl(acl: NetworkAcl): ReadyAcl {
  const held = known.get(acl);
  if (held !== undefined) return held;
  const of = (direction: Direction): ReadyEntry[] =>
    acl.entries
      .filter((it) => it.egress === (direction === 'egress') && it.ruleNumber < LAST_RULE_NUMBER)
      .sort((a, b) => a.ruleNumber - b.ruleNumber)
      .map((it) => readyEntry(acl, it))
      .filter((it) => it !== undefined);
  const ready = { acl, ingress: of('ingress'), egress: of('egress') };
  known.set(acl, ready);
  return ready;
}

/** The entry that decides about a packet; undefined: none, so the ACL denies it. */
export function decidingEntry(
  { ingress, egress }: ReadyAcl,
  direction: Direction,
  packet: Packet,
): ReadyEntry | undefined {
  const entries = direction === 'egress' ? egress : ingress;
  const peer = direction === 'egress' ? packet.destination : packet.source;
  for (const entry of entries)
    if (contains(entry.cidr, peer) && isOfClass(entry.traffic, packet)) return entry;
  return undefined;
}
