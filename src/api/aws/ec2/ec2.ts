/** api/aws/ec2/ec2 — EC2's operations that are built, by name. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { untyped } from '../operation.ts';
import { vpcs } from './vpcs.ts';

export const HANDLERS = untyped<EC2>({ ...vpcs });
