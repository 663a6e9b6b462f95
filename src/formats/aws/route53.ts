/**
 * formats/aws/route53 — `aws route53 list-hosted-zones` and `list-resource-record-sets`. Which VPCs
 * a private zone is for, and a zone's name servers, get-hosted-zone tells.
 */
import type { HostedZone, RecordSet, RecordType } from '../../model/route53/hosted-zone.ts';
import { type AwsJson, type NounFormat, present } from './aws-json.ts';

export const hostedZone: NounFormat<'route53/hosted-zone'> = {
  kind: 'route53/hosted-zone',
  member: 'HostedZones',
  file: 'list-hosted-zones.json',
  toAws: (it, store) => ({
    Id: `/hostedzone/${it.hostedZoneId}`,
    Name: it.name,
    ...(it.callerReference === undefined ? {} : { CallerReference: it.callerReference }),
    Config: present({ Comment: it.comment, PrivateZone: it.isPrivate }),
    ResourceRecordSetCount: store.lookupKeys('route53/record-set', 'hosted-zone', it.hostedZoneId)
      .size,
  }),
  fromAws: (read): HostedZone => ({
    hostedZoneId: read.text('Id').replace(/^\/hostedzone\//, ''),
    name: read.text('Name'),
    isPrivate: read.object('Config')?.flag('PrivateZone') ?? false,
    vpcIds: [],
    nameServers: [],
    callerReference: read.optionalText('CallerReference'),
    comment: read.object('Config')?.optionalText('Comment'),
    tags: {},
  }),
};

/** Route 53 prints `*` as `\052`. */
const printedName = (name: string): string => name.replace(/^\*/, '\\052');
const readName = (name: string): string => name.replace(/^\\052/, '*');

const aliasToAws = (it: NonNullable<RecordSet['alias']>): AwsJson => ({
  HostedZoneId: it.hostedZoneId,
  DNSName: it.dnsName,
  EvaluateTargetHealth: it.evaluateTargetHealth,
});

export const recordSet: NounFormat<'route53/record-set'> = {
  kind: 'route53/record-set',
  member: 'ResourceRecordSets',
  file: 'list-resource-record-sets.json',
  of: { member: 'HostedZoneId', pattern: /Z[0-9A-Z]{8,31}/, kind: 'route53/hosted-zone' },
  toAws: (it) =>
    present({
      HostedZoneId: it.hostedZoneId,
      Name: printedName(it.name),
      Type: it.type,
      SetIdentifier: it.setIdentifier,
      Weight: it.weight,
      TTL: it.ttlSeconds,
      ResourceRecords: it.alias === undefined ? it.values.map((Value) => ({ Value })) : undefined,
      AliasTarget: it.alias && aliasToAws(it.alias),
    }),
  fromAws: (read): RecordSet => {
    const alias = read.object('AliasTarget');
    return {
      hostedZoneId: read.text('HostedZoneId').replace(/^\/hostedzone\//, ''),
      name: readName(read.text('Name')),
      type: read.text('Type') as RecordType,
      setIdentifier: read.optionalText('SetIdentifier'),
      weight: read.has('Weight') ? read.number('Weight') : undefined,
      ttlSeconds: read.has('TTL') ? read.number('TTL') : undefined,
      values: read.list('ResourceRecords').map((it) => it.text('Value')),
      alias: alias && {
        hostedZoneId: alias.text('HostedZoneId'),
        dnsName: alias.text('DNSName'),
        evaluateTargetHealth: alias.flag('EvaluateTargetHealth'),
      },
    };
  },
};
