/** cloud/eks/eks-error — EKS's errors, in its codes and words. */
import { type AwsError, awsError } from '../../model/aws-error.ts';

export const invalidParameter = (message: string): AwsError =>
  awsError('InvalidParameterException', message);

export const invalidRequest = (message: string): AwsError =>
  awsError('InvalidRequestException', message);

export const inUse = (message: string): AwsError => awsError('ResourceInUseException', message);

export const noCluster = (name: string): AwsError =>
  awsError('ResourceNotFoundException', `No cluster found for name: ${name}.`);

/**
 * What EKS makes of EC2's answer: EC2's own words inside an InvalidParameterException
 * (AdminTurnedDevOps/DevOps-The-Hard-Way-AWS#16).
 */
export const fromEc2 = ({ code, message }: AwsError): AwsError =>
  invalidParameter(`${message} (Service: AmazonEC2; Status Code: 400; Error Code: ${code})`);
