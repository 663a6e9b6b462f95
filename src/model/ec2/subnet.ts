/** model/ec2/subnet — a subnet and what of it is set aside. */
import type { SubnetId, VpcId } from './ids.ts';
import type { Tags } from './tags.ts';

/** Source: VPC User Guide, "Subnet CIDR blocks": the first four addresses and the last. */
export const RESERVED_PER_SUBNET = 5;

export interface SubnetCidrReservation {
  readonly reservationId: string;
  readonly cidr: string;
  /** `prefix`: EC2 takes prefixes from here; `explicit`: only addresses asked for by name. */
  readonly type: 'prefix' | 'explicit';
  readonly description?: string | undefined;
}

export interface Subnet {
  readonly subnetId: SubnetId;
  readonly vpcId: VpcId;
  readonly ownerId: string;
  readonly cidrBlock: string;
  readonly ipv6CidrBlock?:
    | { readonly associationId: string; readonly cidrBlock: string }
    | undefined;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  readonly mapPublicIpOnLaunch: boolean;
  readonly assignIpv6AddressOnCreation: boolean;
  readonly cidrReservations: readonly SubnetCidrReservation[];
  readonly tags: Tags;
}
