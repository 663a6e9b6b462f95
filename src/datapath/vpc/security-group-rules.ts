/**
 * datapath/vpc/security-group-rules — a security group's rules, ready to be asked. Compiled once
 * per group as it is stored: a change of the group is another value.
 */
import type { RulePeer, SecurityGroup, SecurityGroupRule } from '../../model/ec2/security-group.ts';
import { type Cidr, PROTOCOL_ALL, parseCidr, parseProtocol } from '../../net/index.ts';
import type { Element, Step } from '../trace.ts';
import { describeClass, type TrafficClass, trafficClass } from './traffic-class.ts';

/** `sg-0a… (orders-db)`: the id, and the name people know it by. */
export const groupLabel = (id: string, group: SecurityGroup | undefined): string =>
  group === undefined || group.groupName === id ? id : `${id} (${group.groupName})`;

export type Direction = SecurityGroupRule['direction'];

export interface ReadyRule {
  readonly peer: RulePeer;
  /** Of a CIDR peer. */
  readonly cidr: Cidr | undefined;
  readonly traffic: TrafficClass;
  readonly element: Element;
  /** What a packet's trace says when this rule lets it pass. */
  readonly allowed: Step;
}

export interface ReadyGroup {
  readonly ingress: readonly ReadyRule[];
  readonly egress: readonly ReadyRule[];
}

const peerText = (peer: RulePeer): string => {
  if (peer.kind === 'group') return peer.groupId;
  return peer.kind === 'prefix-list' ? peer.prefixListId : peer.cidr;
};

function readyRule(group: SecurityGroup, rule: SecurityGroupRule): ReadyRule | undefined {
  const protocol = parseProtocol(rule.protocol);
  if (protocol === undefined) return undefined;
  const { peer, direction } = rule;
  const traffic =
    protocol === PROTOCOL_ALL
      ? trafficClass(protocol, -1, -1)
      : trafficClass(protocol, rule.fromPort, rule.toPort);
  const cidr = peer.kind === 'ipv4' || peer.kind === 'ipv6' ? parseCidr(peer.cidr) : undefined;
  const whither = direction === 'ingress' ? 'from' : 'to';
  const what = `${describeClass(traffic)} ${whither} ${peerText(peer)}`;
  const element: Element = {
    kind: 'security-group-rule',
    object: group.groupId,
    rule: rule.ruleId,
    field: `${direction} ${what}`,
  };
  const allowed: Step = {
    layer: 'security',
    kind: `security-group-${direction}`,
    action: 'allow',
    text: `${groupLabel(group.groupId, group)} allows ${what}`,
    evidence: { decisive: [element] },
  };
  return { peer, cidr, traffic, element, allowed };
}

const known = new WeakMap<SecurityGroup, ReadyGroup>();

/** The group's rules by direction, in the group's order. */
export function rulesOfGroup(group: SecurityGroup): ReadyGroup {
  const held = known.get(group);
  if (held !== undefined) return held;
  const of = (direction: Direction): ReadyRule[] =>
    group.rules
      .filter((rule) => rule.direction === direction)
      .map((rule) => readyRule(group, rule))
      .filter((rule) => rule !== undefined);
  const ready = { ingress: of('ingress'), egress: of('egress') };
  known.set(group, ready);
  return ready;
}
