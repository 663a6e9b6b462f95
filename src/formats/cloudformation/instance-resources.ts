/** formats/cloudformation/instance-resources — instances, interfaces and what listens: RDS. */
import { primaryAddress } from '../../model/ec2/network-interface.ts';
import { madeAs, type ResourceType } from './resource-type.ts';

const networkInterface: ResourceType = {
  properties: [
    'SubnetId',
    'Description',
    'GroupSet',
    'PrivateIpAddress',
    'PrivateIpAddresses',
    'SecondaryPrivateIpAddressCount',
    'Ipv4PrefixCount',
    'Ipv4Prefixes',
    'Ipv6AddressCount',
    'Ipv6Addresses',
    'Ipv6PrefixCount',
    'Ipv6Prefixes',
    'InterfaceType',
    'SourceDestCheck',
    'EnablePrimaryIpv6',
    'ConnectionTrackingSpecification',
    'Tags',
  ],
  make(properties, { cloud, must }) {
    const groups = properties.texts('GroupSet');
    const made = must(
      cloud.ec2.createNetworkInterface({
        subnetId: properties.text('SubnetId'),
        description: properties.optionalText('Description'),
        groups: groups.length > 0 ? groups : undefined,
        privateIpAddress: properties.optionalText('PrivateIpAddress'),
        secondaryPrivateIpAddressCount: properties.number('SecondaryPrivateIpAddressCount'),
        ipv4PrefixCount: properties.number('Ipv4PrefixCount'),
        ipv6AddressCount: properties.number('Ipv6AddressCount'),
        ipv6PrefixCount: properties.number('Ipv6PrefixCount'),
        interfaceType: (properties.optionalText('InterfaceType') ?? 'interface') as
          | 'interface'
          | 'trunk'
          | 'efa',
        tags: properties.tags(),
      }),
    );
    const { networkInterfaceId } = made;
    const sourceDestCheck = properties.flag('SourceDestCheck');
    if (sourceDestCheck !== undefined) {
      must(cloud.ec2.modifyNetworkInterfaceAttribute({ networkInterfaceId, sourceDestCheck }));
    }
    return {
      ref: networkInterfaceId,
      attributes: {
        Id: () => networkInterfaceId,
        PrimaryPrivateIpAddress: () => primaryAddress(made),
        SecondaryPrivateIpAddresses: () => made.privateIpAddresses.slice(1).map((it) => it.address),
        VpcId: () => made.vpcId,
      },
    };
  },
};

const networkInterfaceAttachment: ResourceType = {
  properties: [
    'NetworkInterfaceId',
    'InstanceId',
    'DeviceIndex',
    'DeleteOnTermination',
    'EnaSrdSpecification',
  ],
  make(properties, { cloud, must }) {
    const made = must(
      cloud.ec2.attachNetworkInterface({
        networkInterfaceId: properties.text('NetworkInterfaceId'),
        instanceId: properties.text('InstanceId'),
        deviceIndex: properties.number('DeviceIndex') ?? 1,
        deleteOnTermination: properties.flag('DeleteOnTermination') ?? true,
      }),
    );
    return madeAs(made.attachmentId, 'AttachmentId');
  },
};

const INSTANCE_PROPERTIES = [
  'ImageId',
  'InstanceType',
  'SubnetId',
  'SecurityGroupIds',
  'SecurityGroups',
  'PrivateIpAddress',
  'NetworkInterfaces',
  'AvailabilityZone',
  'KeyName',
  'UserData',
  'IamInstanceProfile',
  'BlockDeviceMappings',
  'EbsOptimized',
  'Monitoring',
  'SourceDestCheck',
  'Tenancy',
  'MetadataOptions',
  'LaunchTemplate',
  'Ipv6AddressCount',
  'Ipv6Addresses',
  'DisableApiTermination',
  'CreditSpecification',
  'CpuOptions',
  'Volumes',
  'PropagateTagsToVolumeOnCreation',
  'InstanceInitiatedShutdownBehavior',
  'PrivateDnsNameOptions',
  'Tags',
];

const instance: ResourceType = {
  properties: INSTANCE_PROPERTIES,
  make(properties, { cloud, store, must }) {
    const own = properties
      .objects('NetworkInterfaces')
      .find((it) => (it.number('DeviceIndex') ?? 0) === 0);
    const groups = own?.texts('GroupSet') ?? properties.texts('SecurityGroupIds');
    const made = must(
      cloud.ec2.runInstances({
        imageId: properties.optionalText('ImageId') ?? 'ami-00000000000000000',
        instanceType: properties.optionalText('InstanceType') ?? 'm1.small',
        minCount: 1,
        maxCount: 1,
        subnetId: own?.optionalText('SubnetId') ?? properties.text('SubnetId'),
        securityGroupIds: groups.length > 0 ? groups : undefined,
        privateIpAddress:
          own?.optionalText('PrivateIpAddress') ?? properties.optionalText('PrivateIpAddress'),
        associatePublicIpAddress: own?.flag('AssociatePublicIpAddress'),
        tags: properties.tags(),
      }),
    )[0]!;
    const now = () => store.get('ec2/instance', made.instanceId)!;
    const sourceDestCheck = properties.flag('SourceDestCheck');
    const primary = store.lookup('ec2/network-interface', 'instance', made.instanceId)[0]!;
    if (sourceDestCheck !== undefined) {
      const { networkInterfaceId } = primary;
      must(cloud.ec2.modifyNetworkInterfaceAttribute({ networkInterfaceId, sourceDestCheck }));
    }
    return {
      ref: made.instanceId,
      attributes: {
        InstanceId: () => made.instanceId,
        AvailabilityZone: () => now().availabilityZone,
        PrivateIp: () => now().privateIpAddress,
        PublicIp: () => now().publicIpAddress ?? '',
        PrivateDnsName: () => now().privateDnsName,
        PublicDnsName: () => '',
        VpcId: () => now().vpcId,
      },
    };
  },
};

/** Kept as written; node groups that name it read it (see eks-resources). */
const launchTemplate: ResourceType = {
  properties: [
    'LaunchTemplateName',
    'LaunchTemplateData',
    'VersionDescription',
    'TagSpecifications',
  ],
  make: (_, { logicalId }) => ({
    ref: logicalId,
    attributes: {
      LaunchTemplateId: () => logicalId,
      LatestVersionNumber: () => '1',
      DefaultVersionNumber: () => '1',
    },
  }),
};

/** Ports RDS's engines listen on unless told otherwise (RDS User Guide, per engine). */
const ENGINE_PORTS: readonly (readonly [RegExp, number])[] = [
  [/postgres/, 5432],
  [/mysql|mariadb|^aurora$/, 3306],
  [/oracle/, 1521],
  [/sqlserver/, 1433],
  [/db2/, 50_000],
];

const dbInstance: ResourceType = {
  properties: [
    'DBInstanceIdentifier',
    'DBInstanceClass',
    'Engine',
    'EngineVersion',
    'Port',
    'DBSubnetGroupName',
    'VPCSecurityGroups',
    'AllocatedStorage',
    'MaxAllocatedStorage',
    'StorageType',
    'StorageEncrypted',
    'Iops',
    'KmsKeyId',
    'MasterUsername',
    'MasterUserPassword',
    'ManageMasterUserPassword',
    'MasterUserSecret',
    'DBName',
    'DBClusterIdentifier',
    'DBParameterGroupName',
    'OptionGroupName',
    'MultiAZ',
    'AvailabilityZone',
    'PubliclyAccessible',
    'BackupRetentionPeriod',
    'DeletionProtection',
    'PreferredBackupWindow',
    'PreferredMaintenanceWindow',
    'AutoMinorVersionUpgrade',
    'AllowMajorVersionUpgrade',
    'CopyTagsToSnapshot',
    'DeleteAutomatedBackups',
    'EnablePerformanceInsights',
    'EnableCloudwatchLogsExports',
    'EnableIAMDatabaseAuthentication',
    'MonitoringInterval',
    'MonitoringRoleArn',
    'LicenseModel',
    'NetworkType',
    'CACertificateIdentifier',
    'Tags',
  ],
  make(properties, { cloud, template, must, logicalId }) {
    const group = properties.optionalText('DBSubnetGroupName');
    const subnetIds = group === undefined ? [] : group.split(SUBNETS_MARK).slice(1);
    if (subnetIds.length === 0) {
      properties.refuse(
        'DBSubnetGroupName',
        'the DB subnet group is not of this template',
        'add an AWS::RDS::DBSubnetGroup and !Ref it',
      );
    }
    const engine = properties.optionalText('Engine') ?? '';
    const port =
      properties.number('Port') ?? ENGINE_PORTS.find(([pattern]) => pattern.test(engine))?.[1];
    if (port === undefined)
      properties.refuse('Port', `the port of engine "${engine}" is not known`, 'add Port');
    const identifier =
      properties.optionalText('DBInstanceIdentifier') ??
      `${template.file.replace(/\W+/g, '-')}-${logicalId}`.toLowerCase();
    const groups = properties.texts('VPCSecurityGroups');
    const eni = must(
      cloud.ec2.createDbInstance({
        identifier,
        subnetIds,
        port: port!,
        groups: groups.length > 0 ? groups : undefined,
        tags: properties.tags(),
      }),
    );
    return {
      ref: identifier,
      attributes: {
        'Endpoint.Address': () =>
          `${identifier}.${cloud.accountId}.${cloud.region}.rds.amazonaws.com`,
        'Endpoint.Port': () => String(port),
        DBInstanceArn: () => `arn:aws:rds:${cloud.region}:${cloud.accountId}:db:${identifier}`,
        PrivateIpAddress: () => primaryAddress(eni),
      },
    };
  },
};

/** A subnet group is only a list of subnets; its Ref carries them to the instance that names it. */
const SUBNETS_MARK = '|subnet=';

const dbSubnetGroup: ResourceType = {
  properties: ['DBSubnetGroupName', 'DBSubnetGroupDescription', 'SubnetIds', 'Tags'],
  make(properties, { logicalId }) {
    const name = properties.optionalText('DBSubnetGroupName') ?? logicalId.toLowerCase();
    return { ref: [name, ...properties.texts('SubnetIds')].join(SUBNETS_MARK) };
  },
};

export const INSTANCE_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::EC2::NetworkInterface': networkInterface,
  'AWS::EC2::NetworkInterfaceAttachment': networkInterfaceAttachment,
  'AWS::EC2::Instance': instance,
  'AWS::EC2::LaunchTemplate': launchTemplate,
  'AWS::RDS::DBInstance': dbInstance,
  'AWS::RDS::DBSubnetGroup': dbSubnetGroup,
};
