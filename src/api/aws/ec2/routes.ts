/** api/aws/ec2/routes — EC2's operations on single routes. */
import type {
  CreateRouteRequest,
  DeleteRouteRequest,
  EC2,
  ReplaceRouteRequest,
} from '@aws-sdk/client-ec2';
import { missingParameter } from '../../../cloud/ec2/not-found.ts';
import type { RouteTargetInput } from '../../../cloud/ec2/vpc-operations.ts';
import { type AwsError, isAwsError } from '../../../model/aws-error.ts';
import type { RouteDestination } from '../../../model/ec2/route-table.ts';
import type { Handlers } from '../operation.ts';
import { done } from './requests.ts';

type TargetMembers = Pick<
  CreateRouteRequest,
  | 'NatGatewayId'
  | 'NetworkInterfaceId'
  | 'InstanceId'
  | 'VpcPeeringConnectionId'
  | 'TransitGatewayId'
  | 'EgressOnlyInternetGatewayId'
  | 'VpcEndpointId'
  | 'CarrierGatewayId'
  | 'LocalGatewayId'
>;

const TARGET_MEMBERS: readonly (readonly [keyof TargetMembers, RouteTargetInput['kind']])[] = [
  ['NatGatewayId', 'nat-gateway'],
  ['NetworkInterfaceId', 'network-interface'],
  ['InstanceId', 'instance'],
  ['VpcPeeringConnectionId', 'vpc-peering-connection'],
  ['TransitGatewayId', 'transit-gateway'],
  ['EgressOnlyInternetGatewayId', 'egress-only-internet-gateway'],
  ['VpcEndpointId', 'vpc-endpoint'],
  ['CarrierGatewayId', 'carrier-gateway'],
  ['LocalGatewayId', 'local-gateway'],
];

function destinationOf(input: DeleteRouteRequest): RouteDestination | AwsError {
  const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = input;
  if (DestinationCidrBlock !== undefined) return { kind: 'ipv4', cidr: DestinationCidrBlock };
  if (DestinationIpv6CidrBlock !== undefined)
    return { kind: 'ipv6', cidr: DestinationIpv6CidrBlock };
  return DestinationPrefixListId === undefined
    ? missingParameter('destinationCidrBlock')
    : { kind: 'prefix-list', prefixListId: DestinationPrefixListId };
}

function targetOf(input: TargetMembers & { GatewayId?: string | undefined }) {
  const { GatewayId } = input;
  if (GatewayId !== undefined) {
    const kind = GatewayId.startsWith('vgw-') ? 'vpn-gateway' : 'internet-gateway';
    const named = GatewayId.startsWith('vpce-') ? 'vpc-endpoint' : kind;
    return { kind: named, id: GatewayId } as const;
  }
  for (const [member, kind] of TARGET_MEMBERS) {
    const id = input[member];
    if (id !== undefined) return { kind, id };
  }
  return missingParameter('gatewayId');
}

const isLocal = ({ LocalTarget, GatewayId }: ReplaceRouteRequest): boolean =>
  LocalTarget === true || GatewayId === 'local';

export const routes: Handlers<EC2> = {
  CreateRoute(input, { cloud }) {
    const destination = destinationOf(input);
    if (isAwsError(destination)) return destination;
    const target = targetOf(input);
    if (isAwsError(target)) return target;
    const routeTableId = input.RouteTableId!;
    return done(cloud.ec2.createRoute({ routeTableId, destination, target }));
  },

  ReplaceRoute(input, { cloud }) {
    const destination = destinationOf(input);
    if (isAwsError(destination)) return destination;
    const target = isLocal(input) ? ({ kind: 'local' } as const) : targetOf(input);
    if (isAwsError(target)) return target;
    const routeTableId = input.RouteTableId!;
    return done(cloud.ec2.replaceRoute({ routeTableId, destination, target }));
  },

  DeleteRoute(input, { cloud }) {
    const destination = destinationOf(input);
    if (isAwsError(destination)) return destination;
    return done(cloud.ec2.deleteRoute({ routeTableId: input.RouteTableId!, destination }));
  },
};
