/** datapath/vpc/aws-command — the aws CLI line that would let a packet pass, as small as can be. */
import {
  familyOf,
  formatCidr,
  formatProtocol,
  hasPorts,
  hasTypeAndCode,
  hostCidr,
  type Ip,
  type Packet,
} from '../../net/index.ts';
import type { Remedy } from '../trace.ts';
import type { Direction } from './security-group-rules.ts';
import { classOf, describeClass } from './traffic-class.ts';

/** How rules name a protocol: EC2 knows four by name. */
const ruleProtocol = (protocol: number): string =>
  hasPorts(protocol) || hasTypeAndCode(protocol) ? formatProtocol(protocol) : String(protocol);

const hostText = (ip: Ip): string => formatCidr(hostCidr(ip));

function permission(packet: Packet, peer: string): string {
  const { protocol } = packet;
  const ports = hasTypeAndCode(protocol)
    ? `,FromPort=${packet.icmpType},ToPort=-1`
    : hasPorts(protocol)
      ? `,FromPort=${packet.destinationPort},ToPort=${packet.destinationPort}`
      : '';
  return `'IpProtocol=${ruleProtocol(protocol)}${ports},${peer}'`;
}

/** A rule that would allow the packet; by the peer's group where that counts, else by address. */
export function allowByGroup(
  groupId: string,
  direction: Direction,
  packet: Packet,
  peerGroup: string | undefined,
): Remedy {
  const peer = direction === 'ingress' ? packet.source : packet.destination;
  const host = hostText(peer);
  const whither = direction === 'ingress' ? 'from' : 'to';
  const what = describeClass(classOf(packet));
  const text = `allow ${what} ${whither} ${peerGroup ?? host} in ${groupId}`;
  const verb = `aws ec2 authorize-security-group-${direction} --group-id ${groupId}`;
  const isSimple = peerGroup !== undefined || familyOf(peer) === 4;
  if (hasPorts(packet.protocol) && isSimple && direction === 'ingress') {
    const from = peerGroup === undefined ? `--cidr ${host}` : `--source-group ${peerGroup}`;
    const ports = `--protocol ${ruleProtocol(packet.protocol)} --port ${packet.destinationPort}`;
    return { text, command: `${verb} ${ports} ${from}` };
  }
  const range =
    peerGroup !== undefined
      ? `UserIdGroupPairs=[{GroupId=${peerGroup}}]`
      : familyOf(peer) === 4
        ? `IpRanges=[{CidrIp=${host}}]`
        : `Ipv6Ranges=[{CidrIpv6=${host}}]`;
  return { text, command: `${verb} --ip-permissions ${permission(packet, range)}` };
}

/**
 * An entry that would allow the packet; answers come back to any port a client may have. Where its
 * number is taken by the entry that denies, that one is replaced: nothing comes before number 1.
 */
export function allowByAcl(
  networkAclId: string,
  direction: Direction,
  packet: Packet,
  { ruleNumber, isTaken }: { readonly ruleNumber: number; readonly isTaken: boolean },
  isReply: boolean,
): Remedy {
  const { protocol } = packet;
  const peer = direction === 'ingress' ? packet.source : packet.destination;
  const host = hostText(peer);
  const block = familyOf(peer) === 4 ? `--cidr-block ${host}` : `--ipv6-cidr-block ${host}`;
  const [from, to] = isReply ? [1024, 65_535] : [packet.destinationPort, packet.destinationPort];
  const ports = hasPorts(protocol)
    ? ` --port-range From=${from},To=${to}`
    : hasTypeAndCode(protocol)
      ? ` --icmp-type-code Type=${packet.icmpType},Code=-1`
      : '';
  const what = hasPorts(protocol) && isReply ? `${formatProtocol(protocol)} 1024-65535` : undefined;
  const whither = direction === 'ingress' ? 'from' : 'to';
  return {
    text:
      `allow ${what ?? describeClass(classOf(packet))} ${whither} ${host} in ${networkAclId}` +
      (isTaken ? `, in place of entry ${ruleNumber}: there is no number before it` : ''),
    command:
      `aws ec2 ${isTaken ? 'replace' : 'create'}-network-acl-entry --network-acl-id ${networkAclId} --${direction} ` +
      `--rule-number ${ruleNumber} --protocol ${ruleProtocol(protocol)}${ports} ${block} ` +
      '--rule-action allow',
  };
}

const destinationOption = (destination: string): string =>
  destination.includes(':')
    ? `--destination-ipv6-cidr-block ${destination}`
    : `--destination-cidr-block ${destination}`;

/** A route; `target` is an option with its value: `--nat-gateway-id nat-0a…`. */
export const createRoute = (tableId: string, destination: string, target: string): string =>
  `aws ec2 create-route --route-table-id ${tableId} ${destinationOption(destination)} ${target}`;

const anyDestinationOption = (destination: string): string =>
  destination.startsWith('pl-')
    ? `--destination-prefix-list-id ${destination}`
    : destinationOption(destination);

/** Away with a route that leads nowhere. */
export const deleteRoute = (tableId: string, destination: string): string =>
  `aws ec2 delete-route --route-table-id ${tableId} ${anyDestinationOption(destination)}`;

/** Another target for a route. */
export const replaceRoute = (tableId: string, destination: string, target: string): string =>
  `aws ec2 replace-route --route-table-id ${tableId} ${anyDestinationOption(destination)} ${target}`;
