/**
 * cloud/ec2/security-group-rule — one rule made sound: protocol and block in EC2's spelling, ports
 * in order, and the words EC2 describes a rule with.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { RulePeer, SecurityGroupRule } from '../../model/ec2/security-group.ts';
import { canonicalCidrText, PORT_MAX } from '../../net/index.ts';
import type { Region } from '../region.ts';
import { invalidValue, noPrefixList, noSecurityGroup } from './not-found.ts';
import type { RuleInput } from './vpc-operations.ts';

/** Numbers EC2 stores by name. */
const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  '6': 'tcp',
  '17': 'udp',
  '1': 'icmp',
  '58': 'icmpv6',
  all: '-1',
};

/** Everything of a rule that makes it the same rule; the description is not part of it. */
export type RuleKey = Pick<SecurityGroupRule, 'protocol' | 'fromPort' | 'toPort' | 'peer'>;

/** A rule as EC2 stores it, or what is wrong with it. */
export function soundRule(region: Region, input: RuleInput): RuleKey | AwsError {
  const lower = input.protocol.toLowerCase();
  const protocol = PROTOCOL_NAMES[lower] ?? lower;
  if (!/^(-1|tcp|udp|icmp|icmpv6|\d{1,3})$/.test(protocol))
    return invalidValue(`Invalid value '${input.protocol}' for IP protocol. Unknown protocol.`);
  const ports = soundPorts(protocol, input);
  if ('code' in ports) return ports;
  const peer = soundPeer(region, input.peer);
  if ('code' in peer) return peer;
  return { protocol, ...ports, peer };
}

type Ports = Pick<SecurityGroupRule, 'fromPort' | 'toPort'>;

function soundPorts(protocol: string, { fromPort, toPort }: RuleInput): Ports | AwsError {
  if (protocol === 'tcp' || protocol === 'udp') {
    if (fromPort === undefined || toPort === undefined) {
      return invalidValue(
        "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
      );
    }
    const name = protocol.toUpperCase();
    for (const port of [fromPort, toPort]) {
      if (port < 0 || port > PORT_MAX) return invalidValue(`${name} port (${port}) out of range`);
    }
    if (fromPort > toPort)
      return invalidValue(`Invalid ${name} port range (${fromPort}:${toPort})`);
    return { fromPort, toPort };
  }
  if (protocol === 'icmp' || protocol === 'icmpv6') {
    const type = fromPort ?? -1;
    const code = toPort ?? -1;
    if (type < -1 || type > 255) return invalidValue(`ICMP type (${type}) out of range`);
    if (code < -1 || code > 255) return invalidValue(`ICMP code (${code}) out of range`);
    if (type === -1 && code !== -1)
      return invalidValue(`ICMP code (${code}) must be -1 when ICMP type is -1`);
    return { fromPort: type, toPort: code };
  }
  return { fromPort: -1, toPort: -1 };
}

function soundPeer(region: Region, peer: RulePeer): RulePeer | AwsError {
  switch (peer.kind) {
    case 'ipv4':
    case 'ipv6': {
      const cidr = canonicalCidrText(peer.cidr);
      if (cidr === undefined || cidr.includes(':') !== (peer.kind === 'ipv6'))
        return invalidValue(`CIDR block ${peer.cidr} is malformed`);
      return { kind: peer.kind, cidr };
    }
    case 'group': {
      const group = region.store.get('ec2/security-group', peer.groupId);
      return group === undefined ? noSecurityGroup(peer.groupId) : peer;
    }
    case 'prefix-list': {
      const list = region.store.get('ec2/prefix-list', peer.prefixListId);
      return list === undefined ? noPrefixList(peer.prefixListId) : peer;
    }
  }
}

/** The block, group or list a rule is about. */
function peerText(peer: RulePeer): string {
  if (peer.kind === 'group') return peer.groupId;
  return peer.kind === 'prefix-list' ? peer.prefixListId : peer.cidr;
}

/** One text per rule EC2 takes as the same. */
export const ruleKeyText = ({ protocol, fromPort, toPort, peer }: RuleKey): string =>
  `${protocol} ${fromPort} ${toPort} ${peerText(peer)}`;

/** `peer: 0.0.0.0/0, TCP, from port: 443, to port: 443, ALLOW` (cloudlaunch#56, cumulus#101). */
function described({ protocol, fromPort, toPort, peer }: RuleKey): string {
  const start = `peer: ${peerText(peer)}`;
  if (protocol === '-1') return `${start}, ALL, ALLOW`;
  if (protocol === 'tcp' || protocol === 'udp')
    return `${start}, ${protocol.toUpperCase()}, from port: ${fromPort}, to port: ${toPort}, ALLOW`;
  if (protocol === 'icmp' || protocol === 'icmpv6')
    return `${start}, ${protocol.toUpperCase()}, type: ${fromPort}, code: ${toPort}, ALLOW`;
  return `${start}, protocol: ${protocol}, ALLOW`;
}

export const duplicateRule = (rule: RuleKey): AwsError =>
  awsError('InvalidPermission.Duplicate', `the specified rule "${described(rule)}" already exists`);
