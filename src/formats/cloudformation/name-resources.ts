/** formats/cloudformation/name-resources — hosted zones, their records, and certificates. */
import type { RecordChange } from '../../cloud/route53/operations.ts';
import type { RecordType } from '../../model/route53/hosted-zone.ts';
import type { Properties } from './properties.ts';
import { type MakeContext, madeAs, type ResourceType } from './resource-type.ts';

const hostedZone: ResourceType = {
  properties: [
    'HostedZoneConfig',
    'HostedZoneFeatures',
    'HostedZoneTags',
    'Name',
    'QueryLoggingConfig',
    'VPCs',
  ],
  make(properties, { cloud, must }) {
    const vpcIds = properties.objects('VPCs').map((it) => it.text('VPCId'));
    const { hostedZoneId, nameServers } = must(
      cloud.route53.createHostedZone({
        name: properties.text('Name'),
        vpcIds,
        tags: properties.tags('HostedZoneTags'),
      }),
    );
    return {
      ref: hostedZoneId,
      attributes: { Id: () => hostedZoneId, NameServers: () => nameServers },
    };
  },
};

const RECORD = [
  'AliasTarget',
  'CidrRoutingConfig',
  'Comment',
  'Failover',
  'GeoLocation',
  'GeoProximityLocation',
  'HealthCheckId',
  'HostedZoneId',
  'HostedZoneName',
  'MultiValueAnswer',
  'Name',
  'Region',
  'ResourceRecords',
  'SetIdentifier',
  'TTL',
  'Type',
  'Weight',
];

function recordOf(properties: Properties): RecordChange['recordSet'] {
  const alias = properties.object('AliasTarget');
  return {
    name: properties.text('Name'),
    type: properties.text('Type') as RecordType,
    setIdentifier: properties.optionalText('SetIdentifier'),
    weight: properties.number('Weight'),
    ttlSeconds: properties.number('TTL'),
    values: properties.texts('ResourceRecords'),
    alias: alias && {
      hostedZoneId: alias.text('HostedZoneId'),
      dnsName: alias.text('DNSName'),
      evaluateTargetHealth: alias.flag('EvaluateTargetHealth') ?? false,
    },
  };
}

/** The zone by its id, or by its name where a template gives that. */
function zoneIdOf(properties: Properties, { cloud }: MakeContext): string {
  const id = properties.optionalText('HostedZoneId');
  if (id !== undefined) return id;
  const name = properties.text('HostedZoneName');
  return (
    cloud.route53.listHostedZones({ name })[0]?.hostedZoneId ??
    properties.refuse(
      'HostedZoneName',
      `No hosted zones named ${name} found`,
      'make the zone in the template, or give HostedZoneId',
    )
  );
}

function create(
  hostedZoneId: string,
  records: readonly RecordChange['recordSet'][],
  { cloud, must }: MakeContext,
): void {
  const changes = records.map((recordSet) => ({ action: 'CREATE' as const, recordSet }));
  must(cloud.route53.changeResourceRecordSets({ hostedZoneId, changes }));
}

const recordSet: ResourceType = {
  properties: RECORD,
  make(properties, context) {
    create(zoneIdOf(properties, context), [recordOf(properties)], context);
    return { ref: properties.text('Name') };
  },
};

const recordSetGroup: ResourceType = {
  properties: ['Comment', 'HostedZoneId', 'HostedZoneName', 'RecordSets'],
  make(properties, context) {
    const records = properties.objects('RecordSets').map(recordOf);
    create(zoneIdOf(properties, context), records, context);
    return { ref: context.logicalId };
  },
};

const certificate: ResourceType = {
  properties: [
    'CertificateAuthorityArn',
    'CertificateExport',
    'CertificateTransparencyLoggingPreference',
    'DomainName',
    'DomainValidationOptions',
    'KeyAlgorithm',
    'SubjectAlternativeNames',
    'Tags',
    'ValidationMethod',
  ],
  make(properties, { cloud, must }) {
    const made = must(
      cloud.acm.requestCertificate({
        domainName: properties.text('DomainName'),
        subjectAlternativeNames: properties.texts('SubjectAlternativeNames'),
        tags: properties.tags(),
      }),
    );
    return madeAs(made.certificateArn, 'Id');
  },
};

export const NAME_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::Route53::HostedZone': hostedZone,
  'AWS::Route53::RecordSet': recordSet,
  'AWS::Route53::RecordSetGroup': recordSetGroup,
  'AWS::CertificateManager::Certificate': certificate,
};
