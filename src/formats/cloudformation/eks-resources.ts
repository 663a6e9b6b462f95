/** formats/cloudformation/eks-resources — EKS clusters, node groups, add-ons, Fargate profiles. */
import type { NodeTaint } from '../../model/eks/cluster.ts';
import { cniSettingsOf } from '../cni-settings.ts';
import { isRecord } from '../source.ts';
import type { Properties } from './properties.ts';
import type { MakeContext, ResourceType } from './resource-type.ts';

/** EKS gives a cluster these as self-managed add-ons unless told not to. */
const BOOTSTRAPPED = ['vpc-cni', 'kube-proxy', 'coredns'];

/** Add-ons that the template makes for itself. */
const declaredAddons = ({ template }: MakeContext): Set<unknown> =>
  new Set(
    [...template.resources.values()]
      .filter((it) => it.type === 'AWS::EKS::Addon')
      .map((it) => it.properties.AddonName),
  );

const cluster: ResourceType = {
  properties: [
    'Name',
    'Version',
    'RoleArn',
    'ResourcesVpcConfig',
    'KubernetesNetworkConfig',
    'AccessConfig',
    'Logging',
    'EncryptionConfig',
    'UpgradePolicy',
    'RemoteNetworkConfig',
    'ComputeConfig',
    'StorageConfig',
    'OutpostConfig',
    'ZonalShiftConfig',
    'BootstrapSelfManagedAddons',
    'DeletionProtection',
    'ControlPlaneScalingConfig',
    'Force',
    'Tags',
  ],
  make(properties, context) {
    const { cloud, store, must, logicalId, notes, template } = context;
    const vpc =
      properties.object('ResourcesVpcConfig') ??
      properties.refuse(
        'ResourcesVpcConfig',
        'is missing',
        'add ResourcesVpcConfig with SubnetIds',
      );
    const network = properties.object('KubernetesNetworkConfig');
    const remote = properties.object('RemoteNetworkConfig');
    const cidrs = (name: string): string[] =>
      remote?.objects(name).flatMap((it) => it.texts('Cidrs')) ?? [];
    const publicAccessCidrs = vpc.texts('PublicAccessCidrs');
    const name = properties.optionalText('Name') ?? logicalId;
    if (properties.object('ComputeConfig')?.flag('Enabled') === true) {
      notes.push({
        where: template.where([...properties.path, 'ComputeConfig']),
        text: 'EKS Auto Mode is declared, not simulated: no node is made for it',
      });
    }
    if (properties.has('OutpostConfig')) {
      properties.refuse(
        'OutpostConfig',
        'clusters on Outposts are not simulated',
        'leave OutpostConfig out',
      );
    }
    const made = must(
      cloud.eks.createCluster({
        name,
        version: properties.optionalText('Version') ?? DEFAULT_VERSION,
        roleArn: properties.optionalText('RoleArn'),
        subnetIds: vpc.texts('SubnetIds'),
        securityGroupIds: vpc.texts('SecurityGroupIds'),
        endpointPublicAccess: vpc.flag('EndpointPublicAccess'),
        endpointPrivateAccess: vpc.flag('EndpointPrivateAccess'),
        publicAccessCidrs: publicAccessCidrs.length > 0 ? publicAccessCidrs : undefined,
        ipFamily: network?.optionalText('IpFamily') === 'ipv6' ? 'ipv6' : 'ipv4',
        serviceIpv4Cidr: network?.optionalText('ServiceIpv4Cidr'),
        authenticationMode: properties.object('AccessConfig')?.optionalText('AuthenticationMode'),
        remoteNodeNetworks: cidrs('RemoteNodeNetworks'),
        remotePodNetworks: cidrs('RemotePodNetworks'),
        tags: properties.tags(),
      }),
    );
    if (properties.flag('BootstrapSelfManagedAddons') !== false) {
      const declared = declaredAddons(context);
      for (const addonName of BOOTSTRAPPED) {
        if (!declared.has(addonName)) must(cloud.eks.createAddon({ clusterName: name, addonName }));
      }
    }
    const now = () => store.get('eks/cluster', made.name)!;
    return {
      ref: made.name,
      attributes: {
        Arn: () => made.arn,
        Endpoint: () => made.endpoint,
        ClusterSecurityGroupId: () => now().clusterSecurityGroupId,
        CertificateAuthorityData: () => '',
        EncryptionConfigKeyArn: () => '',
        OpenIdConnectIssuerUrl: () =>
          `https://oidc.eks.${cloud.region}.amazonaws.com/id/${made.name}`,
        'KubernetesNetworkConfig.ServiceIpv6Cidr': () => now().serviceIpv6Cidr ?? '',
        Id: () => made.name,
      },
    };
  },
};

/** eksctl's default, too. */
const DEFAULT_VERSION = '1.34';

const EFFECTS: Readonly<Record<string, NodeTaint['effect']>> = {
  NO_SCHEDULE: 'NoSchedule',
  NO_EXECUTE: 'NoExecute',
  PREFER_NO_SCHEDULE: 'PreferNoSchedule',
};

function taintOf(taint: Properties): NodeTaint {
  const effect = taint.text('Effect');
  return {
    key: taint.text('Key'),
    value: taint.optionalText('Value'),
    effect:
      EFFECTS[effect] ??
      taint.refuse(
        'Effect',
        `"${effect}" is no effect`,
        `one of ${Object.keys(EFFECTS).join(', ')}`,
      ),
  };
}

/** What a launch template of this template says of the nodes, resolved. */
function launchTemplateData(properties: Properties, context: MakeContext): Properties | undefined {
  const launch = properties.object('LaunchTemplate');
  if (launch === undefined) return undefined;
  const id = launch.optionalText('Id') ?? launch.optionalText('Name') ?? '';
  const resource =
    context.template.resources.get(id) ??
    [...context.template.resources.values()].find((it) => it.properties.LaunchTemplateName === id);
  if (resource !== undefined)
    return context.propertiesOf(resource.logicalId).object('LaunchTemplateData');
  context.notes.push({
    where: context.template.where([...properties.path, 'LaunchTemplate']),
    text: `launch template ${id} is not in the template: its security groups, AMI and type are not known; the defaults of a managed group are taken`,
  });
  return undefined;
}

const nodegroup: ResourceType = {
  properties: [
    'ClusterName',
    'NodegroupName',
    'Subnets',
    'InstanceTypes',
    'CapacityType',
    'AmiType',
    'ScalingConfig',
    'Labels',
    'Taints',
    'NodeRole',
    'RemoteAccess',
    'DiskSize',
    'LaunchTemplate',
    'UpdateConfig',
    'ReleaseVersion',
    'Version',
    'ForceUpdateEnabled',
    'NodeRepairConfig',
    'WarmPoolConfig',
    'Tags',
  ],
  make(properties, context) {
    const { cloud, store, must, logicalId } = context;
    const clusterName = properties.text('ClusterName');
    const scaling = properties.object('ScalingConfig');
    const launch = launchTemplateData(properties, context);
    const types = properties.texts('InstanceTypes');
    const launchType = launch?.optionalText('InstanceType');
    const groups = launch?.texts('SecurityGroupIds') ?? [];
    const onInterface = launch?.objects('NetworkInterfaces')[0];
    const desired = scaling?.number('DesiredSize');
    const made = must(
      cloud.eks.createNodegroup({
        clusterName,
        nodegroupName: properties.optionalText('NodegroupName') ?? logicalId,
        subnetIds: properties.texts('Subnets'),
        instanceTypes:
          types.length > 0 ? types : launchType === undefined ? undefined : [launchType],
        capacityType: properties.optionalText('CapacityType') === 'SPOT' ? 'SPOT' : 'ON_DEMAND',
        amiType: properties.optionalText('AmiType'),
        imageId: launch?.optionalText('ImageId'),
        minSize: scaling?.number('MinSize'),
        desiredSize: desired,
        maxSize: scaling?.number('MaxSize'),
        labels: isRecord(properties.values.Labels) ? properties.tags('Labels') : undefined,
        taints: properties.objects('Taints').map(taintOf),
        securityGroupIds: nonEmpty(groups) ?? nonEmpty(onInterface?.texts('Groups') ?? []),
        associatePublicIpAddress: onInterface?.flag('AssociatePublicIpAddress'),
        version: properties.optionalText('Version'),
        cni: cniSettingsOf(store, clusterName),
        tags: properties.tags(),
      }),
    );
    const id = `${clusterName}/${made.nodegroupName}`;
    return {
      ref: id,
      attributes: {
        Id: () => id,
        NodegroupName: () => made.nodegroupName,
        ClusterName: () => clusterName,
        Arn: () => `arn:aws:eks:${cloud.region}:${cloud.accountId}:nodegroup/${id}`,
      },
    };
  },
};

const nonEmpty = (list: readonly string[]): readonly string[] | undefined =>
  list.length > 0 ? list : undefined;

const addon: ResourceType = {
  properties: [
    'ClusterName',
    'AddonName',
    'AddonVersion',
    'ConfigurationValues',
    'ResolveConflicts',
    'ServiceAccountRoleArn',
    'PodIdentityAssociations',
    'PreserveOnDelete',
    'NamespaceConfig',
    'Tags',
  ],
  make(properties, { cloud, must }) {
    const clusterName = properties.text('ClusterName');
    const addonName = properties.text('AddonName');
    must(
      cloud.eks.createAddon({
        clusterName,
        addonName,
        addonVersion: properties.optionalText('AddonVersion'),
        configurationValues: properties.optionalText('ConfigurationValues'),
        tags: properties.tags(),
      }),
    );
    return {
      ref: `${clusterName}|${addonName}`,
      attributes: {
        Arn: () =>
          `arn:aws:eks:${cloud.region}:${cloud.accountId}:addon/${clusterName}/${addonName}`,
      },
    };
  },
};

const fargateProfile: ResourceType = {
  properties: [
    'ClusterName',
    'FargateProfileName',
    'PodExecutionRoleArn',
    'Subnets',
    'Selectors',
    'Tags',
  ],
  make(properties, { cloud, must, logicalId }) {
    const clusterName = properties.text('ClusterName');
    const subnets = properties.texts('Subnets');
    const made = must(
      cloud.eks.createFargateProfile({
        clusterName,
        fargateProfileName: properties.optionalText('FargateProfileName') ?? logicalId,
        subnetIds: subnets.length > 0 ? subnets : undefined,
        selectors: properties.objects('Selectors').map((it) => ({
          namespace: it.text('Namespace'),
          labels: it.has('Labels') ? it.tags('Labels') : undefined,
        })),
        tags: properties.tags(),
      }),
    );
    return {
      ref: `${clusterName}|${made.fargateProfileName}`,
      attributes: {
        Arn: () =>
          `arn:aws:eks:${cloud.region}:${cloud.accountId}:fargateprofile/${clusterName}/${made.fargateProfileName}`,
      },
    };
  },
};

export const EKS_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::EKS::Cluster': cluster,
  'AWS::EKS::Nodegroup': nodegroup,
  'AWS::EKS::Addon': addon,
  'AWS::EKS::FargateProfile': fargateProfile,
};
