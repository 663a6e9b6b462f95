/**
 * cloud/elbv2/elb-error — Elastic Load Balancing's refusals: codes of API 2015-12-01, texts as
 * public reports quote them.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';

export const validationError = (message: string): AwsError => awsError('ValidationError', message);

export const invalidConfiguration = (message: string): AwsError =>
  awsError('InvalidConfigurationRequest', message);

export const noLoadBalancer = (arn: string): AwsError =>
  awsError('LoadBalancerNotFound', `Load balancer '${arn}' not found`);
export const noTargetGroup = (arn: string): AwsError =>
  awsError('TargetGroupNotFound', `Target group '${arn}' not found`);
export const noListener = (arn: string): AwsError =>
  awsError('ListenerNotFound', `Listener '${arn}' not found`);
export const noRule = (arn: string): AwsError =>
  awsError('RuleNotFound', `Rule '${arn}' not found`);

/** The done of verbs that have nothing else to say. */
export const DONE = { kind: 'done' } as const;
