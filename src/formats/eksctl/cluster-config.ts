/**
 * formats/eksctl/cluster-config — eksctl's ClusterConfig v1alpha5 as far as a network depends on
 * it; fields that decide nothing here are decoded (schema.data.ts) and left out of these types.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/apis/eksctl.io/v1alpha5/types.go, vpc.go.
 */
import type { Note } from '../../model/input-error.ts';
import type { Path } from '../source.ts';

type Strings = Readonly<Record<string, string>>;

export interface SubnetSpec {
  readonly id?: string;
  readonly az?: string;
  readonly cidr?: string;
}

export type SubnetMapping = Readonly<Record<string, SubnetSpec>>;

export interface ClusterVpc {
  readonly id?: string;
  readonly cidr?: string;
  readonly ipv6Cidr?: string;
  readonly ipv6Pool?: string;
  readonly securityGroup?: string;
  readonly sharedNodeSecurityGroup?: string;
  readonly manageSharedNodeSecurityGroupRules?: boolean;
  readonly subnets?: { readonly private?: SubnetMapping; readonly public?: SubnetMapping };
  readonly extraCIDRs?: readonly string[];
  readonly extraIPv6CIDRs?: readonly string[];
  readonly autoAllocateIPv6?: boolean;
  readonly nat?: { readonly gateway?: string };
  readonly clusterEndpoints?: { readonly privateAccess?: boolean; readonly publicAccess?: boolean };
  readonly publicAccessCIDRs?: readonly string[];
  readonly controlPlaneSubnetIDs?: readonly string[];
  readonly controlPlaneSecurityGroupIDs?: readonly string[];
  readonly controlPlaneOnPrivateSubnets?: boolean;
  readonly hostnameType?: string;
  readonly controlPlaneEgressMode?: string;
}

export interface Taint {
  readonly key?: string;
  readonly value?: string;
  readonly effect?: string;
}

export interface NodeGroupSpec {
  readonly name?: string;
  readonly ami?: string;
  readonly amiFamily?: string;
  readonly instanceType?: string;
  readonly instanceTypes?: readonly string[];
  readonly instancesDistribution?: { readonly instanceTypes?: readonly string[] };
  readonly instanceSelector?: Readonly<Record<string, unknown>>;
  readonly spot?: boolean;
  readonly availabilityZones?: readonly string[];
  readonly localZones?: readonly string[];
  readonly subnets?: readonly string[];
  readonly privateNetworking?: boolean;
  readonly desiredCapacity?: number;
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly maxPodsPerNode?: number;
  readonly labels?: Strings;
  readonly taints?: readonly Taint[];
  readonly tags?: Strings;
  readonly instanceName?: string;
  readonly instancePrefix?: string;
  readonly securityGroups?: {
    readonly attachIDs?: readonly string[];
    readonly withShared?: boolean;
    readonly withLocal?: boolean;
  };
  readonly ssh?: {
    readonly allow?: boolean;
    readonly enableSsm?: boolean;
    readonly publicKey?: string;
    readonly publicKeyName?: string;
    readonly publicKeyPath?: string;
    readonly sourceSecurityGroupIds?: readonly string[];
  };
  readonly launchTemplate?: { readonly id?: string; readonly version?: string };
  readonly efaEnabled?: boolean;
  readonly disablePodIMDS?: boolean;
  readonly disableIMDSv1?: boolean;
  readonly overrideBootstrapCommand?: string;
  readonly preBootstrapCommands?: readonly string[];
  readonly kubeletExtraConfig?: Readonly<Record<string, unknown>>;
  readonly bottlerocket?: unknown;
  readonly updateConfig?: {
    readonly maxUnavailable?: number;
    readonly maxUnavailablePercentage?: number;
  };
  readonly placement?: { readonly groupName?: string };
  readonly releaseVersion?: string;
  readonly volumeSize?: number;
  readonly outpostARN?: string;
  readonly iam?: Readonly<Record<string, unknown>>;
  readonly clusterDNS?: string;
}

export interface AddonSpec {
  readonly name?: string;
  readonly version?: string;
  readonly configurationValues?: string;
  readonly tags?: Strings;
  readonly useDefaultPodIdentityAssociations?: boolean;
  readonly podIdentityAssociations?: readonly unknown[];
}

interface FargateProfileSpec {
  readonly name?: string;
  readonly selectors?: readonly { readonly namespace?: string; readonly labels?: Strings }[];
  readonly subnets?: readonly string[];
  readonly tags?: Strings;
}

interface RemoteNetwork {
  readonly cidrs?: readonly string[];
}

export interface ClusterSpec {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly region?: string;
    readonly version?: string;
    readonly tags?: Strings;
  };
  readonly availabilityZones?: readonly string[];
  readonly localZones?: readonly string[];
  readonly vpc?: ClusterVpc;
  readonly kubernetesNetworkConfig?: {
    readonly ipFamily?: string;
    readonly serviceIPv4CIDR?: string;
  };
  readonly privateCluster?: {
    readonly enabled?: boolean;
    readonly skipEndpointCreation?: boolean;
    readonly additionalEndpointServices?: readonly string[];
  };
  readonly nodeGroups?: readonly NodeGroupSpec[];
  readonly managedNodeGroups?: readonly NodeGroupSpec[];
  readonly fargateProfiles?: readonly FargateProfileSpec[];
  readonly addons?: readonly AddonSpec[];
  readonly addonsConfig?: {
    readonly disableDefaultAddons?: boolean;
    readonly autoApplyPodIdentityAssociations?: boolean;
  };
  readonly accessConfig?: { readonly authenticationMode?: string };
  readonly autoModeConfig?: { readonly enabled?: boolean };
  readonly remoteNetworkConfig?: {
    readonly remoteNodeNetworks?: readonly RemoteNetwork[];
    readonly remotePodNetworks?: readonly RemoteNetwork[];
    readonly vpcGatewayID?: string;
  };
  readonly karpenter?: { readonly version?: string };
  readonly cloudWatch?: {
    readonly clusterLogging?: { readonly enableTypes?: readonly string[] };
  };
  readonly iam?: {
    readonly withOIDC?: boolean;
    readonly serviceAccounts?: readonly unknown[];
  };
  readonly outpost?: unknown;
  readonly gitops?: unknown;
  readonly identityProviders?: unknown;
  readonly iamIdentityMappings?: unknown;
  readonly secretsEncryption?: unknown;
  readonly capabilities?: unknown;
}

/** A validated ClusterConfig, and where its fields stand. */
export interface ClusterConfig {
  readonly spec: ClusterSpec;
  /** What eksctl would build but the twin does not simulate. */
  readonly notes: readonly Note[];
  where(path?: Path): string;
}

/** `IPv6` in any case. */
export const isIpv6 = (spec: ClusterSpec): boolean =>
  spec.kubernetesNetworkConfig?.ipFamily?.toLowerCase() === 'ipv6';

/** Subnets are given: the VPC exists and eksctl makes none. */
export const hasSubnets = (spec: ClusterSpec): boolean =>
  Object.keys({ ...spec.vpc?.subnets?.private, ...spec.vpc?.subnets?.public }).length > 0;

export const isWindows = (group: NodeGroupSpec): boolean =>
  group.amiFamily?.toLowerCase().startsWith('windows') ?? false;
