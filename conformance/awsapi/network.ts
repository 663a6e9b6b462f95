/** conformance/awsapi/network — EC2's actions on VPCs, subnets, routes and network ACLs. */
import type { NetworkAclEntryInput, RouteTargetInput } from '../../src/cloud/ec2/vpc-operations.ts';
import { isAwsError } from '../../src/model/aws-error.ts';
import type { RouteDestination } from '../../src/model/ec2/route-table.ts';
import { describing, done, type Handlers, MissingMember, one, page, type Request } from './wire.ts';

const ASSOCIATED = { State: 'associated' };
const ASSOCIATING = { State: 'associating' };

const vpcs: Handlers = {
  CreateVpc: (request, backend) =>
    one(
      backend,
      'Vpc',
      'ec2/vpc',
      backend.cloud.ec2.createVpc({
        cidrBlock: request.text('CidrBlock'),
        amazonProvidedIpv6CidrBlock: request.flag('AmazonProvidedIpv6CidrBlock'),
        tags: request.tags(),
      }),
    ),
  DeleteVpc: (request, { cloud }) => done(cloud.ec2.deleteVpc({ vpcId: request.text('VpcId') })),
  DescribeVpcs: describing('ec2/vpc', 'VpcIds', (ec2, { ids: vpcIds, filters }) =>
    ec2.describeVpcs({ vpcIds, filters }),
  ),
  ModifyVpcAttribute: (request, { cloud }) =>
    done(
      cloud.ec2.modifyVpcAttribute({
        vpcId: request.text('VpcId'),
        enableDnsSupport: request.flag('EnableDnsSupport'),
        enableDnsHostnames: request.flag('EnableDnsHostnames'),
      }),
    ),
  DescribeVpcAttribute: (request, { cloud }) => {
    const found = cloud.ec2.describeVpcs({ vpcIds: [request.text('VpcId')] });
    if (isAwsError(found)) return found;
    const { vpcId, enableDnsSupport, enableDnsHostnames } = found[0]!;
    const attributes: Readonly<Record<string, object>> = {
      enableDnsSupport: { EnableDnsSupport: { Value: enableDnsSupport } },
      enableDnsHostnames: { EnableDnsHostnames: { Value: enableDnsHostnames } },
    };
    return { VpcId: vpcId, ...attributes[request.text('Attribute')] };
  },
  AssociateVpcCidrBlock: (request, { cloud }) => {
    const vpcId = request.text('VpcId');
    const ipv6 = request.flag('AmazonProvidedIpv6CidrBlock') === true;
    const added = cloud.ec2.associateVpcCidrBlock({
      vpcId,
      cidrBlock: request.optional('CidrBlock'),
      amazonProvidedIpv6CidrBlock: ipv6,
    });
    if (isAwsError(added)) return added;
    const { associationId: AssociationId, cidrBlock } = added;
    return ipv6
      ? {
          VpcId: vpcId,
          Ipv6CidrBlockAssociation: {
            AssociationId,
            Ipv6CidrBlock: cidrBlock,
            Ipv6CidrBlockState: ASSOCIATING,
          },
        }
      : {
          VpcId: vpcId,
          CidrBlockAssociation: {
            AssociationId,
            CidrBlock: cidrBlock,
            CidrBlockState: ASSOCIATING,
          },
        };
  },
  DisassociateVpcCidrBlock: (request, { cloud }) => {
    const associationId = request.text('AssociationId');
    const gone = cloud.ec2.disassociateVpcCidrBlock({ associationId });
    if (isAwsError(gone)) return gone;
    const state = { State: 'disassociating' };
    const association = gone.cidrBlock.includes(':')
      ? { Ipv6CidrBlock: gone.cidrBlock, Ipv6CidrBlockState: state }
      : { CidrBlock: gone.cidrBlock, CidrBlockState: state };
    const member = gone.cidrBlock.includes(':')
      ? 'Ipv6CidrBlockAssociation'
      : 'CidrBlockAssociation';
    return { [member]: { AssociationId: associationId, ...association } };
  },
};

const subnets: Handlers = {
  CreateSubnet: (request, backend) =>
    one(
      backend,
      'Subnet',
      'ec2/subnet',
      backend.cloud.ec2.createSubnet({
        vpcId: request.text('VpcId'),
        cidrBlock: request.text('CidrBlock'),
        ipv6CidrBlock: request.optional('Ipv6CidrBlock'),
        availabilityZone:
          request.optional('AvailabilityZone') ?? request.optional('AvailabilityZoneId'),
        tags: request.tags(),
      }),
    ),
  DeleteSubnet: (request, { cloud }) =>
    done(cloud.ec2.deleteSubnet({ subnetId: request.text('SubnetId') })),
  DescribeSubnets: (request, backend) => {
    const found = backend.cloud.ec2.describeSubnets({
      subnetIds: request.texts('SubnetIds'),
      filters: request.filters(),
    });
    const answer = page(request, backend, 'ec2/subnet', found);
    if (isAwsError(found) || isAwsError(answer)) return answer;
    // The count the cloud keeps is what this set is about, not the one worked out for exports.
    const counts = new Map(found.map((it) => [it.subnetId as string, it.availableIpAddressCount]));
    const Subnets = (answer.Subnets as { readonly SubnetId: string }[]).map((it) => ({
      ...it,
      AvailableIpAddressCount: counts.get(it.SubnetId),
    }));
    return { ...answer, Subnets };
  },
  ModifySubnetAttribute: (request, { cloud }) =>
    done(
      cloud.ec2.modifySubnetAttribute({
        subnetId: request.text('SubnetId'),
        mapPublicIpOnLaunch: request.flag('MapPublicIpOnLaunch'),
        assignIpv6AddressOnCreation: request.flag('AssignIpv6AddressOnCreation'),
      }),
    ),
  AssociateSubnetCidrBlock: (request, { cloud }) => {
    const subnetId = request.text('SubnetId');
    const added = cloud.ec2.associateSubnetCidrBlock({
      subnetId,
      ipv6CidrBlock: request.text('Ipv6CidrBlock'),
    });
    if (isAwsError(added)) return added;
    const Ipv6CidrBlockAssociation = {
      AssociationId: added.associationId,
      Ipv6CidrBlock: added.cidrBlock,
      Ipv6CidrBlockState: ASSOCIATING,
    };
    return { SubnetId: subnetId, Ipv6CidrBlockAssociation };
  },
  DisassociateSubnetCidrBlock: (request, { cloud }) =>
    done(cloud.ec2.disassociateSubnetCidrBlock({ associationId: request.text('AssociationId') })),
  CreateSubnetCidrReservation: (request, { cloud }) => {
    const subnetId = request.text('SubnetId');
    const made = cloud.ec2.createSubnetCidrReservation({
      subnetId,
      cidr: request.text('Cidr'),
      type: request.text('ReservationType') === 'explicit' ? 'explicit' : 'prefix',
      description: request.optional('Description'),
    });
    if (isAwsError(made)) return made;
    return { SubnetCidrReservation: reservationJson(subnetId, cloud.accountId, made) };
  },
  DeleteSubnetCidrReservation: (request, { cloud }) => {
    const reservationId = request.text('SubnetCidrReservationId');
    const gone = cloud.ec2.deleteSubnetCidrReservation({ reservationId });
    if (isAwsError(gone)) return gone;
    return { DeletedSubnetCidrReservation: { SubnetCidrReservationId: reservationId } };
  },
  GetSubnetCidrReservations: (request, { cloud }) => {
    const subnetId = request.text('SubnetId');
    const found = cloud.ec2.describeSubnets({ subnetIds: [subnetId] });
    if (isAwsError(found)) return found;
    const all = found[0]!.cidrReservations.map((it) =>
      reservationJson(subnetId, cloud.accountId, it),
    );
    const isIpv6 = ({ Cidr }: { readonly Cidr: string }) => Cidr.includes(':');
    return {
      SubnetIpv4CidrReservations: all.filter((it) => !isIpv6(it)),
      SubnetIpv6CidrReservations: all.filter(isIpv6),
    };
  },
};

const reservationJson = (
  SubnetId: string,
  OwnerId: string,
  it: { reservationId: string; cidr: string; type: string; description?: string | undefined },
) => ({
  SubnetCidrReservationId: it.reservationId,
  SubnetId,
  OwnerId,
  Cidr: it.cidr,
  ReservationType: it.type,
  Description: it.description,
});

function destinationOf(request: Request): RouteDestination {
  const ipv4 = request.optional('DestinationCidrBlock');
  if (ipv4 !== undefined) return { kind: 'ipv4', cidr: ipv4 };
  const ipv6 = request.optional('DestinationIpv6CidrBlock');
  if (ipv6 !== undefined) return { kind: 'ipv6', cidr: ipv6 };
  const prefixListId = request.optional('DestinationPrefixListId');
  if (prefixListId === undefined) throw new MissingMember('destinationCidrBlock');
  return { kind: 'prefix-list', prefixListId };
}

const TARGET_MEMBERS: readonly (readonly [member: string, kind: RouteTargetInput['kind']])[] = [
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

function targetOf(request: Request): RouteTargetInput {
  const gateway = request.optional('GatewayId');
  if (gateway !== undefined) {
    const kind = gateway.startsWith('vgw-') ? 'vpn-gateway' : 'internet-gateway';
    return { kind: gateway.startsWith('vpce-') ? 'vpc-endpoint' : kind, id: gateway };
  }
  for (const [member, kind] of TARGET_MEMBERS) {
    const id = request.optional(member);
    if (id !== undefined) return { kind, id };
  }
  throw new MissingMember('gatewayId');
}

const isLocal = (request: Request): boolean =>
  request.flag('LocalTarget') === true || request.optional('GatewayId') === 'local';

const routes: Handlers = {
  CreateRouteTable: (request, backend) =>
    one(
      backend,
      'RouteTable',
      'ec2/route-table',
      backend.cloud.ec2.createRouteTable({ vpcId: request.text('VpcId'), tags: request.tags() }),
    ),
  DeleteRouteTable: (request, { cloud }) =>
    done(cloud.ec2.deleteRouteTable({ routeTableId: request.text('RouteTableId') })),
  DescribeRouteTables: describing('ec2/route-table', 'RouteTableIds', (ec2, asked) =>
    ec2.describeRouteTables(asked),
  ),
  AssociateRouteTable: (request, { cloud }) => {
    const made = cloud.ec2.associateRouteTable({
      routeTableId: request.text('RouteTableId'),
      subnetId: request.optional('SubnetId'),
      gatewayId: request.optional('GatewayId'),
    });
    if (isAwsError(made)) return made;
    return { AssociationId: made.associationId, AssociationState: ASSOCIATED };
  },
  DisassociateRouteTable: (request, { cloud }) =>
    done(cloud.ec2.disassociateRouteTable({ associationId: request.text('AssociationId') })),
  ReplaceRouteTableAssociation: (request, { cloud }) => {
    const made = cloud.ec2.replaceRouteTableAssociation({
      associationId: request.text('AssociationId'),
      routeTableId: request.text('RouteTableId'),
    });
    if (isAwsError(made)) return made;
    return { NewAssociationId: made.associationId, AssociationState: ASSOCIATED };
  },
  CreateRoute: (request, { cloud }) =>
    done(
      cloud.ec2.createRoute({
        routeTableId: request.text('RouteTableId'),
        destination: destinationOf(request),
        target: targetOf(request),
      }),
    ),
  ReplaceRoute: (request, { cloud }) =>
    done(
      cloud.ec2.replaceRoute({
        routeTableId: request.text('RouteTableId'),
        destination: destinationOf(request),
        target: isLocal(request) ? { kind: 'local' } : targetOf(request),
      }),
    ),
  DeleteRoute: (request, { cloud }) =>
    done(
      cloud.ec2.deleteRoute({
        routeTableId: request.text('RouteTableId'),
        destination: destinationOf(request),
      }),
    ),
};

function entryOf(request: Request): NetworkAclEntryInput {
  const ports = request.object('PortRange');
  const icmp = request.object('IcmpTypeCode');
  return {
    networkAclId: request.text('NetworkAclId'),
    ruleNumber: Number(request.text('RuleNumber')),
    egress: request.flag('Egress') ?? false,
    protocol: Number(request.text('Protocol')),
    action: request.text('RuleAction') === 'allow' ? 'allow' : 'deny',
    cidrBlock: request.optional('CidrBlock'),
    ipv6CidrBlock: request.optional('Ipv6CidrBlock'),
    portRange: ports && { from: ports.number('From') ?? 0, to: ports.number('To') ?? 0 },
    icmp: icmp && { type: icmp.number('Type') ?? -1, code: icmp.number('Code') ?? -1 },
  };
}

const networkAcls: Handlers = {
  CreateNetworkAcl: (request, backend) =>
    one(
      backend,
      'NetworkAcl',
      'ec2/network-acl',
      backend.cloud.ec2.createNetworkAcl({ vpcId: request.text('VpcId'), tags: request.tags() }),
    ),
  DeleteNetworkAcl: (request, { cloud }) =>
    done(cloud.ec2.deleteNetworkAcl({ networkAclId: request.text('NetworkAclId') })),
  DescribeNetworkAcls: describing('ec2/network-acl', 'NetworkAclIds', (ec2, asked) =>
    ec2.describeNetworkAcls(asked),
  ),
  CreateNetworkAclEntry: (request, { cloud }) =>
    done(cloud.ec2.createNetworkAclEntry(entryOf(request))),
  ReplaceNetworkAclEntry: (request, { cloud }) =>
    done(cloud.ec2.replaceNetworkAclEntry(entryOf(request))),
  DeleteNetworkAclEntry: (request, { cloud }) =>
    done(
      cloud.ec2.deleteNetworkAclEntry({
        networkAclId: request.text('NetworkAclId'),
        ruleNumber: Number(request.text('RuleNumber')),
        egress: request.flag('Egress') ?? false,
      }),
    ),
  ReplaceNetworkAclAssociation: (request, { cloud }) => {
    const made = cloud.ec2.replaceNetworkAclAssociation({
      associationId: request.text('AssociationId'),
      networkAclId: request.text('NetworkAclId'),
    });
    return isAwsError(made) ? made : { NewAssociationId: made.associationId };
  },
};

export const networkHandlers: Handlers = { ...vpcs, ...subnets, ...routes, ...networkAcls };
