/** formats/aws/route-table — `aws ec2 describe-route-tables`. */
import type {
  Route,
  RouteDestination,
  RouteTable,
  RouteTarget,
} from '../../model/ec2/route-table.ts';
import { type AwsJson, type AwsReader, type NounFormat, present, tagList } from './aws-json.ts';

type Target = Exclude<RouteTarget, { readonly kind: 'local' }>['kind'];

/** EC2's member for each sort of target; gateways share one, told apart by the id's prefix. */
const MEMBERS: Readonly<Record<Target, string>> = {
  'internet-gateway': 'GatewayId',
  'vpn-gateway': 'GatewayId',
  'vpc-endpoint': 'GatewayId',
  'egress-only-internet-gateway': 'EgressOnlyInternetGatewayId',
  'nat-gateway': 'NatGatewayId',
  'network-interface': 'NetworkInterfaceId',
  instance: 'InstanceId',
  'vpc-peering-connection': 'VpcPeeringConnectionId',
  'transit-gateway': 'TransitGatewayId',
  'carrier-gateway': 'CarrierGatewayId',
  'local-gateway': 'LocalGatewayId',
};

const GATEWAY_PREFIXES: Readonly<Record<string, Target>> = {
  'igw-': 'internet-gateway',
  'vgw-': 'vpn-gateway',
  'vpce-': 'vpc-endpoint',
};

function destinationJson(destination: RouteDestination): AwsJson {
  if (destination.kind === 'ipv4') return { DestinationCidrBlock: destination.cidr };
  if (destination.kind === 'ipv6') return { DestinationIpv6CidrBlock: destination.cidr };
  return { DestinationPrefixListId: destination.prefixListId };
}

const routeJson = ({ destination, target, state, origin }: Route): AwsJson => ({
  ...destinationJson(destination),
  ...(target.kind === 'local' ? { GatewayId: 'local' } : { [MEMBERS[target.kind]]: target.id }),
  Origin: origin,
  State: state,
});

function readDestination(read: AwsReader): RouteDestination {
  const ipv4 = read.optionalText('DestinationCidrBlock');
  if (ipv4 !== undefined) return { kind: 'ipv4', cidr: ipv4 };
  const ipv6 = read.optionalText('DestinationIpv6CidrBlock');
  if (ipv6 !== undefined) return { kind: 'ipv6', cidr: ipv6 };
  return { kind: 'prefix-list', prefixListId: read.text('DestinationPrefixListId') };
}

function readTarget(read: AwsReader): RouteTarget {
  const gateway = read.optionalText('GatewayId');
  if (gateway === 'local') return { kind: 'local' };
  if (gateway !== undefined) {
    const prefix = Object.keys(GATEWAY_PREFIXES).find((it) => gateway.startsWith(it));
    return { kind: GATEWAY_PREFIXES[prefix ?? 'igw-']!, id: gateway };
  }
  for (const [kind, member] of Object.entries(MEMBERS)) {
    const id = read.optionalText(member);
    // A route to an instance shows its interface too; the instance is what was asked for.
    if (id !== undefined && !(kind === 'network-interface' && read.has('InstanceId'))) {
      return { kind: kind as Target, id };
    }
  }
  return { kind: 'instance', id: read.text('InstanceId') };
}

export const routeTable: NounFormat<'ec2/route-table'> = {
  kind: 'ec2/route-table',
  member: 'RouteTables',
  file: 'describe-route-tables.json',
  toAws: (noun) => ({
    Associations: noun.associations.map((it) =>
      present({
        Main: it.main,
        RouteTableAssociationId: it.associationId,
        RouteTableId: noun.routeTableId,
        SubnetId: it.subnetId,
        GatewayId: it.gatewayId,
        AssociationState: { State: 'associated' },
      }),
    ),
    PropagatingVgws: noun.propagatingVgws.map((GatewayId) => ({ GatewayId })),
    RouteTableId: noun.routeTableId,
    Routes: noun.routes.map(routeJson),
    Tags: tagList(noun.tags),
    VpcId: noun.vpcId,
    OwnerId: noun.ownerId,
  }),
  fromAws: (read): RouteTable => ({
    routeTableId: read.id('RouteTableId'),
    vpcId: read.id('VpcId'),
    ownerId: read.text('OwnerId'),
    routes: read.list('Routes').map((it) => ({
      destination: readDestination(it),
      target: readTarget(it),
      state: it.optionalText('State') === 'blackhole' ? 'blackhole' : 'active',
      origin: (it.optionalText('Origin') ?? 'CreateRoute') as Route['origin'],
    })),
    associations: read.list('Associations').map((it) => ({
      associationId: it.text('RouteTableAssociationId'),
      main: it.flag('Main'),
      subnetId: it.optionalId('SubnetId'),
      gatewayId: it.optionalText('GatewayId'),
    })),
    propagatingVgws: read.list('PropagatingVgws').map((it) => it.text('GatewayId')),
    tags: read.tags(),
  }),
};
