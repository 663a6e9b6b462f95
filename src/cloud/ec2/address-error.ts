/** cloud/ec2/address-error — how addresses are chosen, and what EC2 says when one cannot be had. */
import { type AwsError, awsError } from '../../model/aws-error.ts';

/** EC2 chooses at random; lowest first is for tests. */
export type AddressChoice = 'random' | 'sequential';

/** aws/amazon-vpc-cni-k8s#40. */
export const insufficientAddresses = (): AwsError =>
  awsError(
    'InsufficientFreeAddressesInSubnet',
    'The specified subnet does not have enough free addresses to satisfy the request.',
  );

/** aws/amazon-vpc-cni-k8s#1836. */
export const insufficientBlocks = (): AwsError =>
  awsError(
    'InsufficientCidrBlocks',
    'The specified subnet does not have enough free cidr blocks to satisfy the request.',
  );

export const addressOutside = (address: string): AwsError =>
  awsError(
    'InvalidParameterValue',
    `Address ${address} does not fall within the subnet's address range`,
  );

export const addressReserved = (address: string): AwsError =>
  awsError('InvalidParameterValue', `Address ${address} is in subnet's reserved address range`);

export const addressInUse = (address: string): AwsError =>
  awsError('InvalidIPAddress.InUse', `Address ${address} is in use.`);
