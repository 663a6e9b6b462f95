/** api/aws/ec2/addresses — EC2's operations on Elastic IPs. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { invalidValue, missingParameter } from '../../../cloud/ec2/not-found.ts';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import type { ElasticIp } from '../../../model/ec2/gateways.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { askedOf } from './nouns-of.ts';
import { done, filtersOf, page, tagsFor } from './requests.ts';

const noPublicIp = (publicIp: string): AwsError =>
  awsError('InvalidAddress.NotFound', `Address '${publicIp}' not found.`);

/** The allocation a request means, by id or by the address itself. */
function allocationOf(
  { store }: AwsCall,
  input: { readonly AllocationId?: string | undefined; readonly PublicIp?: string | undefined },
): string | AwsError {
  const { AllocationId, PublicIp } = input;
  if (AllocationId !== undefined) return AllocationId;
  if (PublicIp === undefined) return missingParameter('AllocationId');
  const held = store.list('ec2/elastic-ip').find(({ publicIp }) => publicIp === PublicIp);
  return held?.allocationId ?? noPublicIp(PublicIp);
}

/** With whose interface it is on, which the noun alone does not say. */
function showAddress(call: AwsCall, elastic: ElasticIp) {
  const eni = call.store.get('ec2/network-interface', elastic.networkInterfaceId ?? '');
  return {
    ...shown(call, 'ec2/elastic-ip', elastic),
    NetworkBorderGroup: call.cloud.region,
    ...(eni === undefined
      ? {}
      : { NetworkInterfaceOwnerId: eni.ownerId, InstanceId: eni.attachment?.instanceId }),
  };
}

export const addresses: Handlers<EC2> = {
  AllocateAddress(input, call) {
    const tags = tagsFor('elastic-ip', input);
    if (isAwsError(tags)) return tags;
    if (input.Domain === 'standard')
      return invalidValue("Invalid value 'standard' for domain. EC2-Classic has been retired.");
    const elastic = call.cloud.ec2.allocateAddress({ tags });
    if (isAwsError(elastic)) return elastic;
    return {
      PublicIp: elastic.publicIp,
      AllocationId: elastic.allocationId,
      PublicIpv4Pool: 'amazon',
      NetworkBorderGroup: call.cloud.region,
      Domain: 'vpc',
    };
  },

  ReleaseAddress(input, call) {
    const allocationId = allocationOf(call, input);
    if (isAwsError(allocationId)) return allocationId;
    return done(call.cloud.ec2.releaseAddress({ allocationId }));
  },

  AssociateAddress(input, call) {
    const allocationId = allocationOf(call, input);
    if (isAwsError(allocationId)) return allocationId;
    const held = call.cloud.ec2.associateAddress({
      allocationId,
      networkInterfaceId: input.NetworkInterfaceId,
      instanceId: input.InstanceId,
      privateIpAddress: input.PrivateIpAddress,
      allowReassociation: input.AllowReassociation,
    });
    return isAwsError(held) ? held : { AssociationId: held.associationId };
  },

  DisassociateAddress(input, call) {
    const { AssociationId, PublicIp } = input;
    const byAddress = call.store
      .list('ec2/elastic-ip')
      .find(({ publicIp }) => publicIp === PublicIp)?.associationId;
    const associationId = AssociationId ?? byAddress;
    if (associationId === undefined)
      return PublicIp === undefined ? missingParameter('AssociationId') : noPublicIp(PublicIp);
    return done(call.cloud.ec2.disassociateAddress({ associationId }));
  },

  DescribeAddresses(input, call) {
    const { PublicIps = [], AllocationIds } = input;
    const all = call.store.list('ec2/elastic-ip');
    const unknown = PublicIps.find((ip) => !all.some(({ publicIp }) => publicIp === ip));
    if (unknown !== undefined) return noPublicIp(unknown);
    const byIp = PublicIps.length === 0 ? [] : [{ name: 'public-ip', values: PublicIps }];
    const found = call.cloud.ec2.describeAddresses({
      ids: AllocationIds,
      filters: [...filtersOf(input), ...byIp],
    });
    if (isAwsError(found)) return found;
    // The one Describe of EC2 that has no pages.
    return { Addresses: found.map((it) => showAddress(call, it)) };
  },

  DescribeAddressesAttribute(input, call) {
    const found = call.cloud.ec2.describeAddresses(askedOf({}, input.AllocationIds));
    // Only addresses with a reverse DNS name are listed, and ekstwin's have none.
    const none = isAwsError(found) ? found : [];
    const part = page(call, input, none, (it) => it, 1);
    return isAwsError(part) ? part : { Addresses: [], NextToken: part.NextToken };
  },
};
