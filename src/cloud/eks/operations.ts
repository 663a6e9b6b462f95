/**
 * cloud/eks/operations — EKS's verbs, input and output in our nouns, errors as values. They answer
 * at once; the nouns they leave in the store are what the control plane's controllers act on.
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type {
  Addon,
  EksCluster,
  FargateProfile,
  NodeGroup,
  NodeTaint,
} from '../../model/eks/cluster.ts';
import type { EksUpdate } from '../../model/eks/update.ts';

export interface CreateClusterInput {
  readonly name: string;
  readonly version: string;
  readonly roleArn?: string | undefined;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds?: readonly string[] | undefined;
  /** Default true. */
  readonly endpointPublicAccess?: boolean | undefined;
  /** Default false. */
  readonly endpointPrivateAccess?: boolean | undefined;
  /** Default 0.0.0.0/0. */
  readonly publicAccessCidrs?: readonly string[] | undefined;
  readonly ipFamily?: 'ipv4' | 'ipv6' | undefined;
  /** Default 10.100.0.0/16, or 172.20.0.0/16 when the VPC uses 10.0.0.0/8. */
  readonly serviceIpv4Cidr?: string | undefined;
  readonly authenticationMode?: string | undefined;
  readonly remoteNodeNetworks?: readonly string[] | undefined;
  readonly remotePodNetworks?: readonly string[] | undefined;
  readonly tags?: Tags | undefined;
}

export interface UpdateClusterConfigInput {
  readonly name: string;
  readonly endpointPublicAccess?: boolean | undefined;
  readonly endpointPrivateAccess?: boolean | undefined;
  readonly publicAccessCidrs?: readonly string[] | undefined;
  readonly subnetIds?: readonly string[] | undefined;
  readonly securityGroupIds?: readonly string[] | undefined;
}

export interface CreateNodegroupInput {
  readonly clusterName: string;
  readonly nodegroupName: string;
  /** Default true. */
  readonly managed?: boolean | undefined;
  readonly subnetIds: readonly string[];
  /** Default t3.medium, as EKS. */
  readonly instanceTypes?: readonly string[] | undefined;
  readonly capacityType?: 'ON_DEMAND' | 'SPOT' | undefined;
  readonly amiType?: string | undefined;
  /** A brought AMI: EKS then leaves max pods to the node. */
  readonly imageId?: string | undefined;
  readonly minSize?: number | undefined;
  readonly desiredSize?: number | undefined;
  readonly maxSize?: number | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly taints?: readonly NodeTaint[] | undefined;
  /** Managed: default [cluster security group]. Given ones are used as they are. */
  readonly securityGroupIds?: readonly string[] | undefined;
  readonly maxPodsPerNode?: number | undefined;
  readonly maxPodsExpression?: string | undefined;
  readonly associatePublicIpAddress?: boolean | undefined;
  /** Default 2. */
  readonly httpPutResponseHopLimit?: number | undefined;
  /** Default: the cluster's. */
  readonly version?: string | undefined;
  /** The vpc-cni add-on's settings at this moment; EKS reads them when it works out max pods. */
  readonly cni?:
    | {
        readonly prefixDelegation?: boolean | undefined;
        readonly customNetworking?: boolean | undefined;
      }
    | undefined;
  readonly instanceTags?: Tags | undefined;
  readonly tags?: Tags | undefined;
}

export interface UpdateNodegroupConfigInput {
  readonly clusterName: string;
  readonly nodegroupName: string;
  readonly minSize?: number | undefined;
  readonly desiredSize?: number | undefined;
  readonly maxSize?: number | undefined;
  /** All labels from now on. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** All taints from now on. */
  readonly taints?: readonly NodeTaint[] | undefined;
}

export interface EksOperations {
  createCluster(input: CreateClusterInput): EksCluster | AwsError;
  /** Refused while node groups or Fargate profiles are left. */
  deleteCluster(input: { readonly name: string }): true | AwsError;
  /** One minor version at a time; makes the new X-ENIs before it deletes the old. */
  updateClusterVersion(input: {
    readonly name: string;
    readonly version: string;
  }): EksCluster | AwsError;
  updateClusterConfig(input: UpdateClusterConfigInput): EksCluster | AwsError;
  createNodegroup(input: CreateNodegroupInput): NodeGroup | AwsError;
  updateNodegroupConfig(input: UpdateNodegroupConfigInput): NodeGroup | AwsError;
  /** Removes the noun; whoever launched its instances terminates them. */
  deleteNodegroup(input: {
    readonly clusterName: string;
    readonly nodegroupName: string;
  }): true | AwsError;
  createAddon(input: {
    readonly clusterName: string;
    readonly addonName: string;
    /** Default: the newest the twin knows, see model/eks/addon-versions. */
    readonly addonVersion?: string | undefined;
    readonly configurationValues?: string | undefined;
    readonly tags?: Tags | undefined;
  }): Addon | AwsError;
  updateAddon(input: {
    readonly clusterName: string;
    readonly addonName: string;
    readonly addonVersion?: string | undefined;
    readonly configurationValues?: string | undefined;
  }): Addon | AwsError;
  deleteAddon(input: { readonly clusterName: string; readonly addonName: string }): true | AwsError;
  /** Private subnets only: EKS refuses a subnet with a route to an internet gateway. */
  createFargateProfile(input: {
    readonly clusterName: string;
    readonly fargateProfileName: string;
    /** Default: the cluster's subnets that have no route to an internet gateway. */
    readonly subnetIds?: readonly string[] | undefined;
    readonly selectors: FargateProfile['selectors'];
    readonly tags?: Tags | undefined;
  }): FargateProfile | AwsError;
  deleteFargateProfile(input: {
    readonly clusterName: string;
    readonly fargateProfileName: string;
  }): true | AwsError;
  /** Remembers a change that was made, for who asks after it. */
  recordUpdate(input: Omit<EksUpdate, 'updateId' | 'createdAtMs'>): EksUpdate;
  /** Of a cluster itself, or of one of its node groups or add-ons. */
  listUpdates(input: {
    readonly name: string;
    readonly nodegroupName?: string | undefined;
    readonly addonName?: string | undefined;
  }): readonly EksUpdate[];
  tagResource(input: { readonly resourceArn: string; readonly tags: Tags }): true | AwsError;
  untagResource(input: {
    readonly resourceArn: string;
    readonly tagKeys: readonly string[];
  }): true | AwsError;
  listTags(input: { readonly resourceArn: string }): Tags | AwsError;
}
