/** model/ec2/route-table — where a subnet's packets go. */
import type { RouteTableId, SubnetId, VpcId } from './ids.ts';
import type { Tags } from './tags.ts';

export type RouteTarget =
  | { readonly kind: 'local' }
  | {
      readonly kind:
        | 'internet-gateway'
        | 'egress-only-internet-gateway'
        | 'nat-gateway'
        | 'network-interface'
        | 'instance'
        | 'vpc-peering-connection'
        | 'transit-gateway'
        | 'vpn-gateway'
        | 'vpc-endpoint'
        | 'carrier-gateway'
        | 'local-gateway';
      readonly id: string;
    };

export type RouteDestination =
  | { readonly kind: 'ipv4'; readonly cidr: string }
  | { readonly kind: 'ipv6'; readonly cidr: string }
  | { readonly kind: 'prefix-list'; readonly prefixListId: string };

export interface Route {
  readonly destination: RouteDestination;
  readonly target: RouteTarget;
  readonly state: 'active' | 'blackhole';
  readonly origin: 'CreateRouteTable' | 'CreateRoute' | 'EnableVgwRoutePropagation';
}

export interface RouteTableAssociation {
  readonly associationId: string;
  readonly main: boolean;
  /** Absent on the main association. */
  readonly subnetId?: SubnetId | undefined;
  /** An edge association (ingress routing). */
  readonly gatewayId?: string | undefined;
}

export interface RouteTable {
  readonly routeTableId: RouteTableId;
  readonly vpcId: VpcId;
  readonly ownerId: string;
  readonly routes: readonly Route[];
  readonly associations: readonly RouteTableAssociation[];
  readonly propagatingVgws: readonly string[];
  readonly tags: Tags;
}
