/** cloud/ec2/address-actions — Elastic IPs (the Address of EC2's API). */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { ElasticIp } from '../../model/ec2/gateways.ts';
import type { AllocationId } from '../../model/ec2/ids.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Region } from '../region.ts';
import { addressInUse } from './address-error.ts';
import { type Described, describe } from './describe.ts';
import { associate, disassociate } from './elastic-ip.ts';
import {
  invalidValue,
  missingParameter,
  noAllocation,
  noAssociation,
  noInstance,
  noNetworkInterface,
} from './not-found.ts';
import type { VpcOperations } from './vpc-operations.ts';

const describedAddress = ({ store, name, accountId }: Region): Described<'ec2/elastic-ip'> => ({
  kind: 'ec2/elastic-ip',
  missing: noAllocation,
  filters: {
    'allocation-id': (it) => it.allocationId,
    'association-id': (it) => it.associationId,
    'public-ip': (it) => it.publicIp,
    'private-ip-address': (it) => it.privateIpAddress,
    'network-interface-id': (it) => it.networkInterfaceId,
    'instance-id': (it) =>
      store.get('ec2/network-interface', it.networkInterfaceId ?? '')?.attachment?.instanceId,
    domain: () => 'vpc',
    'network-border-group': () => name,
    'network-interface-owner-id': (it) =>
      it.networkInterfaceId === undefined ? undefined : accountId,
  },
});

type AddressActions = Pick<
  VpcOperations,
  | 'allocateAddress'
  | 'releaseAddress'
  | 'associateAddress'
  | 'disassociateAddress'
  | 'describeAddresses'
>;

export const addressActions = (region: Region): AddressActions => ({
  allocateAddress({ tags }) {
    if (region.store.count('ec2/elastic-ip') >= region.quotas.elasticIps) {
      return awsError('AddressLimitExceeded', 'The maximum number of addresses has been reached.');
    }
    const elastic: ElasticIp = {
      allocationId: region.ids.next<AllocationId>('eipalloc'),
      publicIp: region.ids.publicIpv4(),
      tags: tags ?? {},
    };
    region.store.put('ec2/elastic-ip', elastic.allocationId, elastic);
    return elastic;
  },
  releaseAddress({ allocationId }) {
    const elastic = region.store.get('ec2/elastic-ip', allocationId);
    if (elastic === undefined) return noAllocation(allocationId);
    if (elastic.associationId !== undefined) return addressInUse(elastic.publicIp);
    region.store.delete('ec2/elastic-ip', allocationId);
    return true;
  },
  associateAddress: (input) => associateAddress(region, input),
  disassociateAddress({ associationId }) {
    const elastic = region.store
      .list('ec2/elastic-ip')
      .find((it) => it.associationId === associationId);
    if (elastic === undefined) return noAssociation(associationId);
    const eni = region.store.get('ec2/network-interface', elastic.networkInterfaceId ?? '');
    if (eni?.requesterManaged === true) return serviceHasIt(elastic);
    disassociate(region, elastic);
    return true;
  },
  describeAddresses: ({ ids, filters }) => describe(region, describedAddress(region), ids, filters),
});

const serviceHasIt = ({ publicIp }: ElasticIp): AwsError =>
  awsError(
    'AuthFailure',
    `You do not have permission to access the specified resource: ${publicIp}.`,
  );

type AssociateInput = Parameters<VpcOperations['associateAddress']>[0];

function associateAddress(
  region: Region,
  input: AssociateInput,
): { readonly associationId: string } | AwsError {
  const elastic = region.store.get('ec2/elastic-ip', input.allocationId);
  if (elastic === undefined) return noAllocation(input.allocationId);
  const eni = interfaceFor(region, input);
  if ('code' in eni) return eni;
  if (!hasInternetGateway(region, eni.vpcId)) return notAttached(eni.vpcId);
  const address = input.privateIpAddress ?? eni.privateIpAddresses[0]!.address;
  if (!eni.privateIpAddresses.some((it) => it.address === address))
    return invalidValue(`Invalid value '${address}' for PrivateIpAddress.`);
  if (elastic.associationId !== undefined) {
    if (input.allowReassociation === false) {
      return awsError(
        'Resource.AlreadyAssociated',
        `resource ${elastic.allocationId} is already associated with associate-id ` +
          elastic.associationId,
      );
    }
    disassociate(region, elastic);
  }
  const now = region.store.get('ec2/network-interface', eni.networkInterfaceId)!;
  return { associationId: associate(region, elastic, now, address) };
}

function interfaceFor(region: Region, input: AssociateInput): NetworkInterface | AwsError {
  const { networkInterfaceId, instanceId } = input;
  if (networkInterfaceId !== undefined) {
    const eni = region.store.get('ec2/network-interface', networkInterfaceId);
    return eni ?? noNetworkInterface(networkInterfaceId);
  }
  if (instanceId === undefined) return missingParameter('networkInterfaceId');
  const primary = region.store
    .lookup('ec2/network-interface', 'instance', instanceId)
    .find((eni) => eni.attachment!.deviceIndex === 0);
  return primary ?? noInstance(instanceId);
}

export const hasInternetGateway = ({ store }: Region, vpcId: string): boolean =>
  store.list('ec2/internet-gateway').some((it) => it.vpcId === vpcId);

const notAttached = (vpcId: string): AwsError =>
  awsError('Gateway.NotAttached', `Network ${vpcId} is not attached to any internet gateway`);
