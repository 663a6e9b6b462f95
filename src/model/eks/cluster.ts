/** model/eks/cluster — what EKS knows of a cluster: control plane, addons, node groups, Fargate. */
import type { NetworkInterfaceId, SecurityGroupId, SubnetId, VpcId } from '../ec2/ids.ts';
import type { Tags } from '../ec2/tags.ts';

export interface EksCluster {
  readonly name: string;
  readonly arn: string;
  readonly version: string;
  readonly platformVersion: string;
  readonly status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING' | 'FAILED';
  /** `https://<32 hex>.<suffix>.<region>.eks.amazonaws.com`. */
  readonly endpoint: string;
  readonly roleArn: string;
  readonly vpcId: VpcId;
  readonly subnetIds: readonly SubnetId[];
  /** Given by the user; on the X-ENIs beside the cluster security group. */
  readonly securityGroupIds: readonly SecurityGroupId[];
  readonly clusterSecurityGroupId: SecurityGroupId;
  readonly endpointPublicAccess: boolean;
  readonly endpointPrivateAccess: boolean;
  readonly publicAccessCidrs: readonly string[];
  readonly ipFamily: 'ipv4' | 'ipv6';
  readonly serviceIpv4Cidr?: string | undefined;
  readonly serviceIpv6Cidr?: string | undefined;
  readonly authenticationMode: string;
  /** The control plane's own interfaces in the customer's subnets. */
  readonly networkInterfaceIds: readonly NetworkInterfaceId[];
  readonly remoteNodeNetworks: readonly string[];
  readonly remotePodNetworks: readonly string[];
  readonly createdAtMs: number;
  readonly tags: Tags;
}

export interface Addon {
  readonly clusterName: string;
  readonly addonName: string;
  readonly addonVersion: string;
  /** JSON or YAML text, as given. */
  readonly configurationValues?: string | undefined;
  readonly status: 'ACTIVE' | 'CREATING' | 'UPDATING' | 'DEGRADED';
  readonly createdAtMs: number;
  readonly tags: Tags;
}

export interface NodeTaint {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: 'NoSchedule' | 'NoExecute' | 'PreferNoSchedule';
}

export interface NodeGroup {
  readonly clusterName: string;
  readonly nodegroupName: string;
  /** Self-managed groups are an Auto Scaling group with nodes that join by themselves. */
  readonly managed: boolean;
  readonly subnetIds: readonly SubnetId[];
  readonly instanceTypes: readonly string[];
  readonly capacityType: 'ON_DEMAND' | 'SPOT';
  readonly amiType: string;
  /** Set when the user brought an AMI: EKS then leaves max pods to the node. */
  readonly imageId?: string | undefined;
  readonly minSize: number;
  readonly desiredSize: number;
  readonly maxSize: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
  /** Exactly what the instances' primary interfaces get. */
  readonly securityGroupIds: readonly SecurityGroupId[];
  /** kubelet's maxPods, when the user set it (eksctl maxPodsPerNode). */
  readonly maxPodsPerNode?: number | undefined;
  /** nodeadm's maxPodsExpression (CEL), when the user set it. */
  readonly maxPodsExpression?: string | undefined;
  /** undefined = the subnet's own setting. */
  readonly associatePublicIpAddress?: boolean | undefined;
  readonly httpPutResponseHopLimit: number;
  /** The version of the kubelet, `1.33`. */
  readonly version: string;
  /** Max pods EKS worked out when it made the group, with the sum written out; see max-pods.ts. */
  readonly enforcedMaxPods?: { readonly maxPods: number; readonly formula: string } | undefined;
  readonly instanceTags: Tags;
  readonly status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING' | 'DEGRADED' | 'CREATE_FAILED';
  /** Health issues, e.g. AsgInstanceLaunchFailures with the EC2 error. */
  readonly healthIssues: readonly {
    readonly code: string;
    readonly message: string;
    /** Instances it is about. */
    readonly resourceIds?: readonly string[] | undefined;
  }[];
  readonly createdAtMs: number;
  readonly tags: Tags;
}

export interface FargateProfile {
  readonly clusterName: string;
  readonly fargateProfileName: string;
  readonly subnetIds: readonly SubnetId[];
  readonly selectors: readonly {
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  }[];
  readonly status: 'CREATING' | 'ACTIVE' | 'DELETING';
  readonly createdAtMs: number;
  readonly tags: Tags;
}

/** Store key of an add-on, a node group or a Fargate profile: `cluster/name`. */
export const eksKey = (clusterName: string, name: string): string => `${clusterName}/${name}`;
