/**
 * analysis/flow-logs/record-line — a flow record as the line that AWS delivers: the fields of the
 * log's format, a dash for what there is none of.
 *
 * Source: VPC User Guide, "Available fields": srcaddr of what goes out and dstaddr of what comes in
 * are always the interface's primary address, a NAT gateway's too ("Traffic through a NAT gateway");
 * pkt-srcaddr and pkt-dstaddr are the packet's own.
 */
import { primaryAddress } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { unixSeconds } from '../../model/time.ts';
import { formatIp, type Ip, PROTOCOL_TCP } from '../../net/index.ts';
import type { FlowRecord } from './flow-records.ts';

/** A record, and when and where it was made. */
export interface TimedRecord extends FlowRecord {
  readonly atMs: number;
  readonly region: string;
}

type Field = (record: TimedRecord, store: TwinStore) => string | number | undefined;

const isV4 = (ip: Ip): boolean => typeof ip === 'number';

/** The interface's own address at its own end, whosever the packet is. */
const shownAddress = (record: TimedRecord, ip: Ip, ownEnd: FlowRecord['direction']): string =>
  record.direction === ownEnd && isV4(ip) ? primaryAddress(record.networkInterface) : formatIp(ip);

const secondsOf = ({ atMs }: TimedRecord): number => unixSeconds(atMs);

const SYN = 2;
const SYN_ACK = 18;

const FIELDS: Readonly<Record<string, Field>> = {
  version: () => 2,
  'account-id': ({ networkInterface }) => networkInterface.ownerId,
  'interface-id': ({ networkInterface }) => networkInterface.networkInterfaceId,
  srcaddr: (it) => shownAddress(it, it.packet.source, 'egress'),
  dstaddr: (it) => shownAddress(it, it.packet.destination, 'ingress'),
  srcport: ({ packet }) => packet.sourcePort,
  dstport: ({ packet }) => packet.destinationPort,
  protocol: ({ packet }) => packet.protocol,
  packets: () => 1,
  bytes: ({ packet }) => packet.sizeBytes,
  start: secondsOf,
  end: secondsOf,
  action: ({ action }) => action,
  'log-status': () => 'OK',
  'vpc-id': ({ networkInterface }) => networkInterface.vpcId,
  'subnet-id': ({ networkInterface }) => networkInterface.subnetId,
  'instance-id': ({ networkInterface }) => networkInterface.attachment?.instanceId,
  'tcp-flags': ({ packet, isAnswer }) =>
    packet.protocol !== PROTOCOL_TCP ? 0 : isAnswer ? SYN_ACK : SYN,
  type: ({ packet }) => (isV4(packet.source) ? 'IPv4' : 'IPv6'),
  'pkt-srcaddr': ({ packet }) => formatIp(packet.source),
  'pkt-dstaddr': ({ packet }) => formatIp(packet.destination),
  region: ({ region }) => region,
  'az-id': ({ networkInterface }, store) =>
    store.get('ec2/subnet', networkInterface.subnetId)?.availabilityZoneId,
  'flow-direction': ({ direction }) => direction,
};

/** `2 111122223333 eni-… 10.0.1.5 10.0.2.9 40000 443 6 1 60 1767225600 1767225600 ACCEPT OK`. */
export const recordLine = (record: TimedRecord, format: string, store: TwinStore): string =>
  [...format.matchAll(/\$\{([^}]+)\}/g)]
    .map(([, field]) => FIELDS[field!]?.(record, store) ?? '-')
    .join(' ');
