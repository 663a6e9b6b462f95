/** cloud/ec2/nat-gateway-actions — NAT gateways, public and private. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { ElasticIp, NatGateway } from '../../model/ec2/gateways.ts';
import type { NatGatewayId } from '../../model/ec2/ids.ts';
import type { Region } from '../region.ts';
import { hasInternetGateway } from './address-actions.ts';
import { type Described, describe } from './describe.ts';
import { associate } from './elastic-ip.ts';
import { newInterface, removeInterface } from './new-interface.ts';
import { missingParameter, noAllocation, noNatGateway, noSubnet } from './not-found.ts';
import { markRoutesTo } from './route-target.ts';
import type { VpcOperations } from './vpc-operations.ts';

const DESCRIBED_NAT_GATEWAY: Described<'ec2/nat-gateway'> = {
  kind: 'ec2/nat-gateway',
  missing: noNatGateway,
  filters: {
    'nat-gateway-id': (it) => it.natGatewayId,
    'subnet-id': (it) => it.subnetId,
    'vpc-id': (it) => it.vpcId,
    state: (it) => it.state,
    'connectivity-type': (it) => it.connectivityType,
  },
};

type NatGatewayActions = Pick<
  VpcOperations,
  'createNatGateway' | 'deleteNatGateway' | 'describeNatGateways'
>;

export const natGatewayActions = (region: Region): NatGatewayActions => ({
  createNatGateway: (input) => create(region, input),
  deleteNatGateway({ natGatewayId }) {
    const gateway = region.store.get('ec2/nat-gateway', natGatewayId);
    if (gateway === undefined || gateway.state === 'deleted') return noNatGateway(natGatewayId);
    const eni = region.store.get('ec2/network-interface', gateway.networkInterfaceId);
    if (eni !== undefined) removeInterface(region, eni);
    // It stays to be described for an hour, as a deleted one.
    region.store.put('ec2/nat-gateway', natGatewayId, { ...gateway, state: 'deleted' });
    markRoutesTo(region, [gateway.vpcId], natGatewayId, 'blackhole');
    return true;
  },
  describeNatGateways: ({ ids, filters }) => describe(region, DESCRIBED_NAT_GATEWAY, ids, filters),
});

type CreateInput = Parameters<VpcOperations['createNatGateway']>[0];

function create(region: Region, input: CreateInput): NatGateway | AwsError {
  const subnet = region.store.get('ec2/subnet', input.subnetId);
  if (subnet === undefined) return noSubnet(input.subnetId);
  const connectivityType = input.connectivityType ?? 'public';
  const elastic = elasticFor(region, connectivityType, input.allocationId);
  if (elastic !== undefined && 'code' in elastic) return elastic;
  if (connectivityType === 'public' && !hasInternetGateway(region, subnet.vpcId)) {
    return awsError(
      'Gateway.NotAttached',
      `Network ${subnet.vpcId} has no Internet gateway attached`,
    );
  }
  const natGatewayId = region.ids.next<NatGatewayId>('nat');
  const eni = newInterface(region, {
    subnetId: subnet.subnetId,
    interfaceType: 'nat_gateway',
    description: `Interface for NAT Gateway ${natGatewayId}`,
    privateIpAddress: input.privateIpAddress,
    requesterId: 'amazon-nat-gateway',
  });
  if (isAwsError(eni)) return eni;
  const privateIp = eni.privateIpAddresses[0]!.address;
  if (elastic !== undefined) associate(region, elastic, eni, privateIp);
  const gateway: NatGateway = {
    natGatewayId,
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    connectivityType,
    state: 'available',
    networkInterfaceId: eni.networkInterfaceId,
    privateIp,
    publicIp: elastic?.publicIp,
    allocationId: elastic?.allocationId,
    createdAtMs: region.clock.now(),
    tags: input.tags ?? {},
  };
  region.store.put('ec2/nat-gateway', natGatewayId, gateway);
  return gateway;
}

function elasticFor(
  region: Region,
  connectivityType: NatGateway['connectivityType'],
  allocationId: string | undefined,
): ElasticIp | AwsError | undefined {
  if (connectivityType === 'private') {
    if (allocationId === undefined) return undefined;
    return awsError(
      'InvalidParameterCombination',
      'The parameter allocationId cannot be used with connectivityType private',
    );
  }
  if (allocationId === undefined) return missingParameter('AllocationId');
  const elastic = region.store.get('ec2/elastic-ip', allocationId);
  if (elastic === undefined) return noAllocation(allocationId);
  if (elastic.associationId === undefined) return elastic;
  return awsError(
    'Resource.AlreadyAssociated',
    `Elastic IP address [${allocationId}] is already associated`,
  );
}
