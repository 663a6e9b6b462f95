/**
 * model/route53/hosted-zone — hosted zones and their records.
 *
 * Source: Amazon Route 53 API 2013-04-01 (HostedZone, ResourceRecordSet).
 */
import type { VpcId } from '../ec2/ids.ts';
import type { Tags } from '../ec2/tags.ts';

export interface HostedZone {
  /** `Z0123456789ABCDEFGHIJ`, without `/hostedzone/`. */
  readonly hostedZoneId: string;
  /** With its final dot: `example.com.`. */
  readonly name: string;
  readonly isPrivate: boolean;
  /** A private zone answers in these VPCs only. */
  readonly vpcIds: readonly VpcId[];
  readonly nameServers: readonly string[];
  /** What its creator knows the request by; no two zones have the same one. */
  readonly callerReference?: string | undefined;
  readonly comment?: string | undefined;
  readonly tags: Tags;
}

export type RecordType =
  | 'A'
  | 'AAAA'
  | 'CNAME'
  | 'TXT'
  | 'NS'
  | 'SOA'
  | 'MX'
  | 'SRV'
  | 'PTR'
  | 'CAA';

/** The store's key is `hostedZoneId|name|type|setIdentifier`. */
export interface RecordSet {
  readonly hostedZoneId: string;
  /** With its final dot, lower case, `*` for a wildcard. */
  readonly name: string;
  readonly type: RecordType;
  /** Of weighted and other routed records. */
  readonly setIdentifier?: string | undefined;
  readonly weight?: number | undefined;
  readonly ttlSeconds?: number | undefined;
  readonly values: readonly string[];
  readonly alias?:
    | {
        readonly hostedZoneId: string;
        readonly dnsName: string;
        readonly evaluateTargetHealth: boolean;
      }
    | undefined;
}

export const recordKeyOf = (
  record: Pick<RecordSet, 'hostedZoneId' | 'name' | 'type' | 'setIdentifier'>,
): string => `${record.hostedZoneId}|${record.name}|${record.type}|${record.setIdentifier ?? ''}`;
