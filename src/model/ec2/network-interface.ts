/** model/ec2/network-interface — an elastic network interface of any sort. */
import { type Ip, parseIp } from '../../net/index.ts';
import type {
  AllocationId,
  InstanceId,
  NetworkInterfaceId,
  SecurityGroupId,
  SubnetId,
  VpcId,
} from './ids.ts';
import type { Tags } from './tags.ts';

export type InterfaceType =
  | 'interface'
  | 'trunk'
  | 'branch'
  | 'efa'
  | 'nat_gateway'
  | 'network_load_balancer'
  | 'load_balancer'
  | 'gateway_load_balancer'
  | 'vpc_endpoint'
  | 'transit_gateway'
  | 'lambda';

export interface Attachment {
  readonly attachmentId: string;
  /** Absent for interfaces AWS attached for itself (requester-managed) and for branches. */
  readonly instanceId?: InstanceId | undefined;
  readonly instanceOwnerId: string;
  readonly deviceIndex: number;
  readonly networkCardIndex: number;
  readonly deleteOnTermination: boolean;
  readonly attachedAtMs: number;
}

export interface PublicAddress {
  readonly publicIp: string;
  readonly publicDnsName: string;
  /** Absent for an address that is lent until the instance stops. */
  readonly allocationId?: AllocationId | undefined;
  readonly associationId?: string | undefined;
}

export interface PrivateAddress {
  readonly address: string;
  readonly primary: boolean;
  readonly public?: PublicAddress | undefined;
}

export interface InterfacePermission {
  readonly permissionId: string;
  readonly accountId: string;
  readonly permission: 'INSTANCE-ATTACH' | 'EIP-ASSOCIATE';
}

export interface NetworkInterface {
  readonly networkInterfaceId: NetworkInterfaceId;
  readonly subnetId: SubnetId;
  readonly vpcId: VpcId;
  readonly ownerId: string;
  readonly availabilityZone: string;
  readonly description: string;
  readonly interfaceType: InterfaceType;
  readonly macAddress: string;
  readonly requesterId?: string | undefined;
  readonly requesterManaged: boolean;
  readonly sourceDestCheck: boolean;
  readonly status: 'available' | 'in-use';
  /** The primary address first, then secondaries in the order they were assigned. */
  readonly privateIpAddresses: readonly PrivateAddress[];
  /** /28 blocks, in the order they were assigned. */
  readonly ipv4Prefixes: readonly string[];
  readonly ipv6Addresses: readonly string[];
  /** /80 blocks. */
  readonly ipv6Prefixes: readonly string[];
  readonly groups: readonly SecurityGroupId[];
  readonly attachment?: Attachment | undefined;
  /** A branch interface's place on its trunk. */
  readonly trunk?:
    | {
        readonly associationId: string;
        readonly trunkInterfaceId: NetworkInterfaceId;
        readonly vlanId: number;
      }
    | undefined;
  /** What listens behind an interface that is not an instance's, e.g. an RDS instance's 5432. */
  readonly listens?:
    | readonly { readonly protocol: 'tcp' | 'udp'; readonly port: number }[]
    | undefined;
  /** Accounts that may attach it to their instances (a trunk's branches go this way). */
  readonly permissions?: readonly InterfacePermission[] | undefined;
  readonly createdAtMs: number;
  /** When AWS takes it away by itself: its load balancer has gone. */
  readonly goneAtMs?: number | undefined;
  readonly tags: Tags;
}

/** The interface's primary private address. */
export const primaryAddress = (eni: NetworkInterface): string => eni.privateIpAddresses[0]!.address;

/** What sends from the interface without binding sends from these: the first of each family. */
export const addressesOfInterface = (eni: NetworkInterface): readonly Ip[] =>
  [eni.privateIpAddresses[0]?.address, eni.ipv6Addresses[0]].flatMap((text) =>
    text === undefined ? [] : (parseIp(text) ?? []),
  );
