/** cloud/ec2/internet-gateway-actions — internet gateways, both ways and egress-only. */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { EgressOnlyInternetGatewayId, InternetGatewayId, VpcId } from '../../model/ec2/ids.ts';
import type { Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import {
  hasDependencies,
  invalidValue,
  noEgressOnlyInternetGateway,
  noInternetGateway,
  noVpc,
} from './not-found.ts';
import { markRoutesTo } from './route-target.ts';
import type { VpcOperations } from './vpc-operations.ts';

const DESCRIBED_INTERNET_GATEWAY: Described<'ec2/internet-gateway'> = {
  kind: 'ec2/internet-gateway',
  missing: noInternetGateway,
  filters: {
    'internet-gateway-id': (it) => it.internetGatewayId,
    'attachment.vpc-id': (it) => it.vpcId,
    'attachment.state': (it) => (it.vpcId === undefined ? undefined : 'available'),
    'owner-id': (it) => it.ownerId,
  },
};

const DESCRIBED_EGRESS_ONLY: Described<'ec2/egress-only-internet-gateway'> = {
  kind: 'ec2/egress-only-internet-gateway',
  missing: noEgressOnlyInternetGateway,
  filters: {},
};

type InternetGatewayActions = Pick<
  VpcOperations,
  | 'createInternetGateway'
  | 'attachInternetGateway'
  | 'detachInternetGateway'
  | 'deleteInternetGateway'
  | 'createEgressOnlyInternetGateway'
  | 'deleteEgressOnlyInternetGateway'
  | 'describeInternetGateways'
  | 'describeEgressOnlyInternetGateways'
>;

export const internetGatewayActions = (region: Region): InternetGatewayActions => ({
  createInternetGateway({ tags }) {
    const gateway = {
      internetGatewayId: region.ids.next<InternetGatewayId>('igw'),
      ownerId: region.accountId,
      tags: tags ?? {},
    };
    region.store.put('ec2/internet-gateway', gateway.internetGatewayId, gateway);
    return gateway;
  },
  attachInternetGateway: ({ internetGatewayId, vpcId }) => attach(region, internetGatewayId, vpcId),
  detachInternetGateway: ({ internetGatewayId, vpcId }) => detach(region, internetGatewayId, vpcId),
  deleteInternetGateway({ internetGatewayId }) {
    const gateway = region.store.get('ec2/internet-gateway', internetGatewayId);
    if (gateway === undefined) return noInternetGateway(internetGatewayId);
    if (gateway.vpcId !== undefined) return hasDependencies('internetGateway', internetGatewayId);
    region.store.delete('ec2/internet-gateway', internetGatewayId);
    return true;
  },
  createEgressOnlyInternetGateway({ vpcId, tags }) {
    const vpc = region.store.get('ec2/vpc', vpcId);
    if (vpc === undefined) return noVpc(vpcId);
    const gateway = {
      egressOnlyInternetGatewayId: region.ids.next<EgressOnlyInternetGatewayId>('eigw'),
      vpcId: vpc.vpcId,
      tags: tags ?? {},
    };
    const id = gateway.egressOnlyInternetGatewayId;
    region.store.put('ec2/egress-only-internet-gateway', id, gateway);
    return gateway;
  },
  deleteEgressOnlyInternetGateway({ egressOnlyInternetGatewayId: id }) {
    const gateway = region.store.get('ec2/egress-only-internet-gateway', id);
    if (gateway === undefined) return noEgressOnlyInternetGateway(id);
    region.store.delete('ec2/egress-only-internet-gateway', id);
    markRoutesTo(region, [gateway.vpcId], id, 'blackhole');
    return true;
  },
  describeInternetGateways: ({ ids, filters }) =>
    describe(region, DESCRIBED_INTERNET_GATEWAY, ids, filters),
  describeEgressOnlyInternetGateways: ({ ids, filters }) =>
    describe(region, DESCRIBED_EGRESS_ONLY, ids, filters),
});

function attach(region: Region, id: string, vpcId: string): true | AwsError {
  const gateway = region.store.get('ec2/internet-gateway', id);
  if (gateway === undefined) return noInternetGateway(id);
  if (region.store.get('ec2/vpc', vpcId) === undefined) return noVpc(vpcId);
  if (gateway.vpcId !== undefined) {
    return awsError(
      'Resource.AlreadyAssociated',
      `resource ${id} is already attached to network ${gateway.vpcId}`,
    );
  }
  if (region.store.list('ec2/internet-gateway').some((it) => it.vpcId === vpcId))
    return invalidValue(`Network ${vpcId} already has an internet gateway attached`);
  region.store.put('ec2/internet-gateway', id, { ...gateway, vpcId: vpcId as VpcId });
  markRoutesTo(region, [vpcId], id, 'active');
  return true;
}

function detach(region: Region, id: string, vpcId: string): true | AwsError {
  const gateway = region.store.get('ec2/internet-gateway', id);
  if (gateway === undefined) return noInternetGateway(id);
  if (region.store.get('ec2/vpc', vpcId) === undefined) return noVpc(vpcId);
  if (gateway.vpcId !== vpcId) {
    return awsError('Gateway.NotAttached', `resource ${id} is not attached to network ${vpcId}`);
  }
  for (const { value: eni } of region.store.entries('ec2/network-interface')) {
    if (eni.vpcId !== vpcId) continue;
    if (!eni.privateIpAddresses.some((it) => it.public !== undefined)) continue;
    // hashicorp/terraform#497, #31658.
    return awsError(
      'DependencyViolation',
      `Network ${vpcId} has some mapped public address(es). Please unmap those public ` +
        'address(es) before detaching the gateway.',
    );
  }
  region.store.put('ec2/internet-gateway', id, { ...gateway, vpcId: undefined });
  markRoutesTo(region, [vpcId], id, 'blackhole');
  return true;
}
