/**
 * cloud/ec2/operations — EC2's verbs as controllers see them: one method per API action, named as
 * the action in camelCase, input and output in our nouns, errors as values.
 *
 * `Ec2Operations` answer at once (a twin being built has no time yet). `Ec2` is the same with
 * EC2's time: latency, throttling, metering and faults are decorators around it (cloud/decorate).
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import type { InstanceType } from '../../model/ec2/instance-type.ts';
import type { InterfaceType, NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { SecurityGroup } from '../../model/ec2/security-group.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { UpkeepOperations } from './upkeep-operations.ts';
import type { VpcOperations } from './vpc-operations.ts';

/** `Name=tag:kubernetes.io/role/cni,Values=1,*`; values may hold `*` and `?`. */
export interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** A subnet as DescribeSubnets shows it. */
export interface DescribedSubnet extends Subnet {
  /** Exact at all times: size − 5 − addresses in use (a /28 prefix counts 16). */
  readonly availableIpAddressCount: number;
}

export interface CreateNetworkInterfaceInput {
  readonly subnetId: string;
  readonly description?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly interfaceType?: InterfaceType | undefined;
  /** The primary address. */
  readonly privateIpAddress?: string | undefined;
  /** Secondary addresses by name. */
  readonly secondaryPrivateIpAddresses?: readonly string[] | undefined;
  readonly secondaryPrivateIpAddressCount?: number | undefined;
  readonly ipv4PrefixCount?: number | undefined;
  readonly ipv4Prefixes?: readonly string[] | undefined;
  readonly ipv6AddressCount?: number | undefined;
  readonly ipv6Addresses?: readonly string[] | undefined;
  readonly ipv6PrefixCount?: number | undefined;
  readonly ipv6Prefixes?: readonly string[] | undefined;
  readonly tags?: Tags | undefined;
  /** What answers behind an interface that is no instance's (ours, not EC2's). */
  readonly listens?: NetworkInterface['listens'];
  /** Set when an AWS service makes the interface: users may not detach or delete it. */
  readonly requesterId?: string | undefined;
}

export interface AttachNetworkInterfaceInput {
  readonly networkInterfaceId: string;
  readonly instanceId: string;
  readonly deviceIndex: number;
  readonly networkCardIndex?: number | undefined;
  readonly deleteOnTermination?: boolean | undefined;
}

export interface AssignPrivateIpAddressesInput {
  readonly networkInterfaceId: string;
  readonly privateIpAddresses?: readonly string[] | undefined;
  readonly secondaryPrivateIpAddressCount?: number | undefined;
  readonly ipv4Prefixes?: readonly string[] | undefined;
  readonly ipv4PrefixCount?: number | undefined;
  readonly allowReassignment?: boolean | undefined;
}

export interface AssignedPrivateIpAddresses {
  readonly networkInterfaceId: string;
  /** Only what this call assigned. */
  readonly privateIpAddresses: readonly string[];
  readonly ipv4Prefixes: readonly string[];
}

export interface RunInstancesInput {
  readonly imageId: string;
  readonly instanceType: string;
  readonly minCount: number;
  readonly maxCount: number;
  readonly subnetId: string;
  readonly securityGroupIds?: readonly string[] | undefined;
  readonly privateIpAddress?: string | undefined;
  /** undefined = the subnet's MapPublicIpOnLaunch. */
  readonly associatePublicIpAddress?: boolean | undefined;
  readonly httpTokens?: 'required' | 'optional' | undefined;
  readonly httpPutResponseHopLimit?: number | undefined;
  readonly tags?: Tags | undefined;
}

/** What the VPC CNI, the resource controller and node groups call. */
export interface Ec2Operations {
  createNetworkInterface(input: CreateNetworkInterfaceInput): NetworkInterface | AwsError;
  deleteNetworkInterface(input: {
    readonly networkInterfaceId: string;
    /** The service that made it: only the same one may delete a requester-managed interface. */
    readonly requesterId?: string | undefined;
  }): true | AwsError;
  attachNetworkInterface(
    input: AttachNetworkInterfaceInput,
  ): { readonly attachmentId: string; readonly networkCardIndex: number } | AwsError;
  detachNetworkInterface(input: {
    readonly attachmentId: string;
    readonly force?: boolean | undefined;
  }): true | AwsError;
  assignPrivateIpAddresses(
    input: AssignPrivateIpAddressesInput,
  ): AssignedPrivateIpAddresses | AwsError;
  /** Addresses and /28 prefixes may both be given (prefixes as `ipv4Prefixes`). */
  unassignPrivateIpAddresses(input: {
    readonly networkInterfaceId: string;
    readonly privateIpAddresses?: readonly string[] | undefined;
    readonly ipv4Prefixes?: readonly string[] | undefined;
  }): true | AwsError;
  assignIpv6Addresses(input: {
    readonly networkInterfaceId: string;
    readonly ipv6AddressCount?: number | undefined;
    readonly ipv6Addresses?: readonly string[] | undefined;
    readonly ipv6PrefixCount?: number | undefined;
    readonly ipv6Prefixes?: readonly string[] | undefined;
  }):
    | {
        readonly networkInterfaceId: string;
        readonly ipv6Addresses: readonly string[];
        readonly ipv6Prefixes: readonly string[];
      }
    | AwsError;
  unassignIpv6Addresses(input: {
    readonly networkInterfaceId: string;
    readonly ipv6Addresses?: readonly string[] | undefined;
    readonly ipv6Prefixes?: readonly string[] | undefined;
  }): true | AwsError;
  modifyNetworkInterfaceAttribute(input: {
    readonly networkInterfaceId: string;
    /** The service that made it: only the same one may change a requester-managed interface. */
    readonly requesterId?: string | undefined;
    readonly groups?: readonly string[] | undefined;
    readonly sourceDestCheck?: boolean | undefined;
    readonly description?: string | undefined;
    readonly attachment?:
      | { readonly attachmentId: string; readonly deleteOnTermination: boolean }
      | undefined;
  }): true | AwsError;
  associateTrunkInterface(input: {
    readonly trunkInterfaceId: string;
    readonly branchInterfaceId: string;
    readonly vlanId: number;
  }): { readonly associationId: string } | AwsError;
  disassociateTrunkInterface(input: { readonly associationId: string }): true | AwsError;
  createTags(input: {
    readonly resources: readonly string[];
    readonly tags: Tags;
  }): true | AwsError;
  deleteTags(input: {
    readonly resources: readonly string[];
    /** Keys; all of the resource's tags when absent. */
    readonly keys?: readonly string[] | undefined;
    /** Values by key: a tag that has another value stays. */
    readonly values?: Tags | undefined;
  }): true | AwsError;
  runInstances(input: RunInstancesInput): readonly Instance[] | AwsError;
  terminateInstances(input: {
    readonly instanceIds: readonly string[];
  }): readonly Instance[] | AwsError;
  describeNetworkInterfaces(input: {
    readonly networkInterfaceIds?: readonly string[] | undefined;
    readonly filters?: readonly Filter[] | undefined;
  }): readonly NetworkInterface[] | AwsError;
  describeSubnets(input: {
    readonly subnetIds?: readonly string[] | undefined;
    readonly filters?: readonly Filter[] | undefined;
  }): readonly DescribedSubnet[] | AwsError;
  describeInstances(input: {
    readonly instanceIds?: readonly string[] | undefined;
    readonly filters?: readonly Filter[] | undefined;
  }): readonly Instance[] | AwsError;
  describeVpcs(input: {
    readonly vpcIds?: readonly string[] | undefined;
    readonly filters?: readonly Filter[] | undefined;
  }): readonly Vpc[] | AwsError;
  describeSecurityGroups(input: {
    readonly groupIds?: readonly string[] | undefined;
    readonly filters?: readonly Filter[] | undefined;
  }): readonly SecurityGroup[] | AwsError;
  describeInstanceTypes(input: {
    readonly instanceTypes: readonly string[];
  }): readonly InstanceType[] | AwsError;
}

/** Every verb of EC2. */
export interface AllEc2Operations extends Ec2Operations, VpcOperations, UpkeepOperations {}

/** The same operations, taking EC2's time. */
export type Ec2 = {
  readonly [Action in keyof AllEc2Operations]: (
    input: Parameters<AllEc2Operations[Action]>[0],
  ) => Promise<ReturnType<AllEc2Operations[Action]>>;
};

/**
 * Resolves when an address became free in the subnet, at once or later. What waits for addresses
 * parks here instead of polling EC2.
 */
export interface SubnetSignals {
  freed(subnetId: string): Promise<void>;
}
