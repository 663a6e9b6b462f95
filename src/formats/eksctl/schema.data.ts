/**
 * formats/eksctl/schema.data — every field of eksctl's ClusterConfig and its type.
 *
 * One type a line: name, then `field:type`. Types: string, bool, int, number, any, [list], {map},
 * `taints` (a list, or the old map of key to value:effect), else the name of another line.
 * Source: eksctl-io/eksctl@99984adb6 pkg/apis/eksctl.io/v1alpha5/types.go and its siblings.
 */
export const CLUSTER_CONFIG_SCHEMA = `
AZSubnetSpec az:string cidr:string id:string
AccessConfig accessEntries:[AccessEntry] authenticationMode:string bootstrapClusterCreatorAdminPermissions:bool
AccessEntry accessPolicies:[AccessPolicy] kubernetesGroups:[string] kubernetesUsername:string principalARN:string type:string
AccessPolicy accessScope:AccessScope policyARN:string
AccessScope namespaces:[string] type:string
Addon attachPolicy:any attachPolicyARNs:[string] configurationValues:string name:string namespaceConfig:AddonNamespaceConfig owners:[string] permissionsBoundary:string podIdentityAssociations:[PodIdentityAssociation] publishers:[string] resolveConflicts:string serviceAccountRoleARN:string tags:{string} types:[string] useDefaultPodIdentityAssociations:bool version:string wellKnownPolicies:WellKnownPolicies
AddonNamespaceConfig namespace:string
AddonsConfig autoApplyPodIdentityAssociations:bool disableDefaultAddons:bool
ArgoCDAWSIDC idcInstanceArn:string idcRegion:string
ArgoCDConfiguration awsIdc:ArgoCDAWSIDC namespace:string networkAccess:ArgoCDNetworkAccess rbacRoleMappings:[ArgoCDRoleMapping]
ArgoCDNetworkAccess vpceIds:[string]
ArgoCDRoleMapping identities:[SSOIdentity] role:string
AutoModeConfig enabled:bool nodePools:[string] nodeRoleARN:string permissionsBoundaryARN:string
Capability accessPolicies:[AccessPolicy] attachPolicy:any attachPolicyARNs:[string] configuration:CapabilityConfiguration deletePropagationPolicy:string name:string permissionsBoundary:string roleArn:string tags:{string} type:string
CapabilityConfiguration argocd:ArgoCDConfiguration
CapacityReservation capacityReservationPreference:string capacityReservationTarget:CapacityReservationTarget
CapacityReservationTarget capacityReservationID:string capacityReservationResourceGroupARN:string
ClusterCloudWatch clusterLogging:ClusterCloudWatchLogging
ClusterCloudWatchLogging enableTypes:[string] logRetentionInDays:int
ClusterConfig accessConfig:AccessConfig addons:[Addon] addonsConfig:AddonsConfig apiVersion:string autoModeConfig:AutoModeConfig availabilityZones:[string] capabilities:[Capability] cloudWatch:ClusterCloudWatch controlPlaneScalingConfig:ControlPlaneScalingConfig fargateProfiles:[FargateProfile] gitops:GitOps iam:ClusterIAM iamIdentityMappings:[IAMIdentityMapping] identityProviders:[IdentityProvider] karpenter:Karpenter kind:string kubeAPIServerConfig:KubeAPIServerConfig kubeControllerManagerConfig:KubeControllerManagerConfig kubeSchedulerConfig:KubeSchedulerConfig kubernetesNetworkConfig:KubernetesNetworkConfig localZones:[string] managedNodeGroups:[ManagedNodeGroup] metadata:ClusterMeta nodeGroups:[NodeGroup] outpost:Outpost privateCluster:PrivateCluster remoteNetworkConfig:RemoteNetworkConfig secretsEncryption:SecretsEncryption status:any upgradePolicy:UpgradePolicy vpc:ClusterVPC zonalShiftConfig:ZonalShiftConfig
ClusterEndpoints privateAccess:bool publicAccess:bool
ClusterIAM fargatePodExecutionRoleARN:string fargatePodExecutionRolePermissionsBoundary:string podIdentityAssociations:[PodIdentityAssociation] serviceAccounts:[ClusterIAMServiceAccount] serviceRoleARN:string serviceRolePermissionsBoundary:string vpcResourceControllerPolicy:bool withOIDC:bool
ClusterIAMMeta annotations:{string} labels:{string} name:string namespace:string
ClusterIAMServiceAccount attachPolicy:any attachPolicyARNs:[string] attachRoleARN:string metadata:ClusterIAMMeta permissionsBoundary:string roleName:string roleOnly:bool status:ClusterIAMServiceAccountStatus subjectPattern:string tags:{string} wellKnownPolicies:WellKnownPolicies
ClusterIAMServiceAccountStatus capabilities:[string] roleARN:string stackName:string tags:{string}
ClusterMeta annotations:{string} forceUpdateVersion:bool name:string region:string rollbackConfig:RollbackConfig tags:{string} version:string
ClusterNAT gateway:string
ClusterSubnets private:{AZSubnetSpec} public:{AZSubnetSpec}
ClusterVPC autoAllocateIPv6:bool cidr:string clusterEndpoints:ClusterEndpoints controlPlaneEgressMode:string controlPlaneOnPrivateSubnets:bool controlPlaneSecurityGroupIDs:[string] controlPlaneSubnetIDs:[string] extraCIDRs:[string] extraIPv6CIDRs:[string] hostnameType:string id:string ipv6Cidr:string ipv6Pool:string manageSharedNodeSecurityGroupRules:bool nat:ClusterNAT publicAccessCIDRs:[string] securityGroup:string sharedNodeSecurityGroup:string subnets:ClusterSubnets
ControlPlaneScalingConfig tier:string
FargateProfile name:string podExecutionRoleARN:string selectors:[FargateProfileSelector] status:string subnets:[string] tags:{string}
FargateProfileSelector labels:{string} namespace:string
Flux flags:{string} gitProvider:string
GitOps flux:Flux
HorizontalPodAutoscalerControllerConfig horizontalPodAutoscalerSyncPeriod:string
IAMIdentityMapping account:string arn:string groups:[string] namespace:string noDuplicateARNs:bool serviceName:string username:string
IdentityProvider clientID:string groupsClaim:string groupsPrefix:string issuerURL:string name:string requiredClaims:{string} tags:{string} type:string usernameClaim:string usernamePrefix:string
InstanceMarketOptions marketType:string
InstanceSelector allow:string cpuArchitecture:string deny:string gpus:int memory:string neuron_devices:int vCPUs:int
Karpenter createServiceAccount:bool defaultInstanceProfile:string version:string withSpotInterruptionQueue:bool
KubeAPIServerConfig eventTTL:string serviceNodePortRange:ServiceNodePortRange
KubeControllerManagerConfig horizontalPodAutoscalerControllerConfig:HorizontalPodAutoscalerControllerConfig
KubeSchedulerConfig nodeResourcesFit:NodeResourcesFitConfig
KubernetesNetworkConfig ipFamily:string serviceIPv4CIDR:string serviceIPv6CIDR:string
LaunchTemplate id:string version:string
ManagedNodeGroup additionalVolumes:[VolumeMapping] ami:string amiFamily:string asgSuspendProcesses:[string] availabilityZones:[string] bottlerocket:NodeGroupBottlerocket capacityReservation:CapacityReservation desiredCapacity:int disableIMDSv1:bool disablePodIMDS:bool ebsOptimized:bool efaEnabled:bool enableDetailedMonitoring:bool iam:NodeGroupIAM instanceMarketOptions:InstanceMarketOptions instanceName:string instancePrefix:string instanceSelector:InstanceSelector instanceType:string instanceTypes:[string] labels:{string} launchTemplate:LaunchTemplate maxPodsPerNode:int maxSize:int minSize:int name:string nodeRepairConfig:NodeGroupNodeRepairConfig outpostARN:string overrideBootstrapCommand:string placement:Placement preBootstrapCommands:[string] privateNetworking:bool propagateASGTags:bool releaseVersion:string securityGroups:NodeGroupSGs spot:bool ssh:NodeGroupSSH subnets:[string] tags:{string} taints:[NodeGroupTaint] updateConfig:NodeGroupUpdateConfig volumeEncrypted:bool volumeIOPS:int volumeKmsKeyID:string volumeName:string volumeSize:int volumeThroughput:int volumeType:string
MetricsCollection granularity:string metrics:[string]
NodeGroup additionalVolumes:[VolumeMapping] ami:string amiFamily:string asgMetricsCollection:[MetricsCollection] asgSuspendProcesses:[string] availabilityZones:[string] bottlerocket:NodeGroupBottlerocket capacityReservation:CapacityReservation classicLoadBalancerNames:[string] clusterDNS:string containerRuntime:string cpuCredits:string desiredCapacity:int disableIMDSv1:bool disablePodIMDS:bool ebsOptimized:bool efaEnabled:bool enableDetailedMonitoring:bool enclaveEnabled:bool iam:NodeGroupIAM instanceMarketOptions:InstanceMarketOptions instanceName:string instancePrefix:string instanceSelector:InstanceSelector instanceType:string instancesDistribution:NodeGroupInstancesDistribution kubeletExtraConfig:any labels:{string} localZones:[string] maxInstanceLifetime:int maxPodsPerNode:int maxSize:int minSize:int name:string outpostARN:string overrideBootstrapCommand:string placement:Placement preBootstrapCommands:[string] privateNetworking:bool propagateASGTags:bool securityGroups:NodeGroupSGs ssh:NodeGroupSSH subnets:[string] tags:{string} taints:taints targetGroupARNs:[string] updateConfig:NodeGroupUpdateConfig volumeEncrypted:bool volumeIOPS:int volumeKmsKeyID:string volumeName:string volumeSize:int volumeThroughput:int volumeType:string
NodeGroupBottlerocket enableAdminContainer:bool settings:any
NodeGroupIAM attachPolicy:any attachPolicyARNs:[string] instanceProfileARN:string instanceRoleARN:string instanceRoleName:string instanceRolePermissionsBoundary:string withAddonPolicies:NodeGroupIAMAddonPolicies
NodeGroupIAMAddonPolicies albIngress:bool appMesh:bool appMeshPreview:bool autoScaler:bool awsLoadBalancerController:bool certManager:bool cloudWatch:bool ebs:bool efs:bool externalDNS:bool fsx:bool imageBuilder:bool xRay:bool
NodeGroupInstancesDistribution capacityRebalance:bool instanceTypes:[string] maxPrice:number onDemandBaseCapacity:int onDemandPercentageAboveBaseCapacity:int spotAllocationStrategy:string spotInstancePools:int
NodeGroupNodeRepairConfig enabled:bool maxParallelNodesRepairedCount:int maxParallelNodesRepairedPercentage:int maxUnhealthyNodeThresholdCount:int maxUnhealthyNodeThresholdPercentage:int nodeRepairConfigOverrides:[NodeRepairConfigOverride]
NodeGroupSGs attachIDs:[string] withLocal:bool withShared:bool
NodeGroupSSH allow:bool enableSsm:bool publicKey:string publicKeyName:string publicKeyPath:string sourceSecurityGroupIds:[string]
NodeGroupTaint effect:string key:string value:string
NodeGroupUpdateConfig maxUnavailable:int maxUnavailablePercentage:int
NodeRepairConfigOverride minRepairWaitTimeMins:int nodeMonitoringCondition:string nodeUnhealthyReason:string repairAction:string
NodeResourcesFitConfig scoringStrategy:ScoringStrategy
Outpost controlPlaneInstanceType:string controlPlaneOutpostARN:string controlPlanePlacement:Placement etcdInstanceType:string etcdPlacement:Placement
Placement groupName:string spreadLevel:string
PodIdentityAssociation createServiceAccount:bool disableSessionTags:bool namespace:string permissionPolicy:any permissionPolicyARNs:[string] permissionPolicyName:string permissionsBoundaryARN:string policy:string roleARN:string roleName:string serviceAccountName:string tags:{string} targetRoleARN:string wellKnownPolicies:WellKnownPolicies
PrivateCluster additionalEndpointServices:[string] enabled:bool skipEndpointCreation:bool
RemoteNetwork cidrs:[string]
RemoteNetworkConfig iam:RemoteNodesIAM remoteNodeNetworks:[RemoteNetwork] remotePodNetworks:[RemoteNetwork] vpcGatewayID:string
RemoteNodesIAM caBundleCert:string provider:string roleARN:string
ResourceWeight name:string weight:int
RollbackConfig timeoutMinutes:int
SSOIdentity id:string type:string
ScoringStrategy resources:[ResourceWeight] type:string
SecretsEncryption keyARN:string
ServiceNodePortRange maxPort:int minPort:int
UpgradePolicy supportType:string
VolumeMapping snapshotID:string volumeEncrypted:bool volumeIOPS:int volumeKmsKeyID:string volumeName:string volumeSize:int volumeThroughput:int volumeType:string
WellKnownPolicies autoScaler:bool awsLoadBalancerController:bool certManager:bool ebsCSIController:bool efsCSIController:bool externalDNS:bool imageBuilder:bool
ZonalShiftConfig enabled:bool
`;
