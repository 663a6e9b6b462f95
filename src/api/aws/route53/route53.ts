/** api/aws/route53/route53 — Route 53's operations that are built, by name. */
import type { Route53 } from '@aws-sdk/client-route-53';
import { untyped } from '../operation.ts';
import { hostedZones } from './hosted-zones.ts';
import { recordSets } from './record-sets.ts';
import { zoneTags } from './zone-tags.ts';

export const HANDLERS = untyped<Route53>({ ...hostedZones, ...recordSets, ...zoneTags });
