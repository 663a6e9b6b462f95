/**
 * cloud/ec2/db-instance-actions — an RDS instance as far as the network sees it: an interface in
 * one of its subnets that RDS made and that answers on the database's port.
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import { DATABASE_TAG, databaseOf, RDS_DESCRIPTION } from '../../model/ec2/database.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Region } from '../region.ts';
import { insufficientAddresses } from './address-error.ts';
import { newInterface, removeInterface } from './new-interface.ts';
import { noSubnet } from './not-found.ts';
import type { VpcOperations } from './vpc-operations.ts';

const REQUESTER = 'amazon-rds';

type DbInstanceActions = Pick<VpcOperations, 'createDbInstance' | 'deleteDbInstance'>;

export const dbInstanceActions = (region: Region): DbInstanceActions => ({
  createDbInstance: (input) => create(region, input),
  deleteDbInstance({ identifier }) {
    const eni = interfaceOf(region, identifier);
    if (eni === undefined)
      return awsError('DBInstanceNotFound', `DBInstance ${identifier} not found.`);
    removeInterface(region, eni);
    return true;
  },
});

function interfaceOf({ store }: Region, identifier: string): NetworkInterface | undefined {
  for (const { value: eni } of store.entries('ec2/network-interface'))
    if (eni.requesterId === REQUESTER && databaseOf(eni) === identifier) return eni;
  return undefined;
}

type CreateInput = Parameters<VpcOperations['createDbInstance']>[0];

function create(region: Region, input: CreateInput): NetworkInterface | AwsError {
  const { identifier, subnetIds, port, groups, tags } = input;
  if (interfaceOf(region, identifier) !== undefined)
    return awsError('DBInstanceAlreadyExists', 'DB instance already exists');
  for (const subnetId of subnetIds) {
    const subnet = region.store.get('ec2/subnet', subnetId);
    if (subnet === undefined) return noSubnet(subnetId);
    // The database goes where there is room, in the order the subnets were given.
    if (region.addresses.available(subnet) === 0) continue;
    const eni = newInterface(region, {
      subnetId,
      groups,
      description: RDS_DESCRIPTION,
      requesterId: REQUESTER,
      listens: [{ protocol: 'tcp', port }],
      tags: { ...tags, [DATABASE_TAG]: identifier },
    });
    if (!isAwsError(eni) || eni.code !== 'InsufficientFreeAddressesInSubnet') return eni;
  }
  return insufficientAddresses();
}
