/** api/aws/elbv2/requests — what requests of Elastic Load Balancing have in common. */

import { AwsReader } from '../../../formats/aws/aws-json.ts';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type {
  HealthCheck as ModelHealthCheck,
  TargetGroup,
} from '../../../model/elbv2/target-group.ts';
import type { AwsCall } from '../operation.ts';
import { pageOf } from '../page.ts';

interface Pair {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** `[{Key, Value}]` as a record: tags and attributes. */
export const recordOf = (pairs: readonly Pair[] | undefined): Tags =>
  Object.fromEntries((pairs ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

/** A record as `[{Key, Value}]`. */
export const pairsOf = (record: Readonly<Record<string, string>>) =>
  Object.entries(record).map(([Key, Value]) => ({ Key, Value }));

/** Members of a request, read as the formats read documents. */
export const readersOf = (
  member: string,
  list: readonly object[] | undefined,
): readonly AwsReader[] => new AwsReader({ [member]: list ?? [] }, member).list(member);

interface PageInput {
  readonly PageSize?: number | undefined;
  readonly Marker?: string | undefined;
}

/** API reference, DescribeLoadBalancers: 1 to 400. */
const PAGE_MAX = 400;

/** One page, each noun shown by `show`, and the marker of the next. */
export function page<Noun, Item>(
  call: AwsCall,
  { PageSize, Marker }: PageInput,
  found: readonly Noun[] | AwsError,
  show: (noun: Noun) => Item,
): { readonly items: Item[]; readonly NextMarker: string | undefined } | AwsError {
  if (isAwsError(found)) return found;
  if (PageSize !== undefined && (PageSize < 1 || PageSize > PAGE_MAX)) {
    return awsError(
      'ValidationError',
      `1 validation error detected: Value '${PageSize}' at 'pageSize' failed to satisfy ` +
        `constraint: Member must have value ${PageSize < 1 ? 'greater' : 'less'} than or equal to ` +
        `${PageSize < 1 ? 1 : PAGE_MAX}`,
    );
  }
  const part = pageOf(call, found, PageSize ?? PAGE_MAX, Marker);
  if (part === undefined) return awsError('ValidationError', 'The marker is not valid.');
  return { items: part.items.map(show), NextMarker: part.next };
}

/** The health check members of CreateTargetGroup and ModifyTargetGroup. */
export interface HealthCheckMembers {
  readonly HealthCheckEnabled?: boolean | undefined;
  readonly HealthCheckProtocol?: string | undefined;
  readonly HealthCheckPort?: string | undefined;
  readonly HealthCheckPath?: string | undefined;
  readonly HealthCheckIntervalSeconds?: number | undefined;
  readonly HealthCheckTimeoutSeconds?: number | undefined;
  readonly HealthyThresholdCount?: number | undefined;
  readonly UnhealthyThresholdCount?: number | undefined;
  readonly Matcher?:
    | { readonly HttpCode?: string | undefined; readonly GrpcCode?: string | undefined }
    | undefined;
}

/** A health check as far as it is given. */
export function healthCheckOf(input: HealthCheckMembers): Partial<TargetGroup['healthCheck']> {
  const given = {
    enabled: input.HealthCheckEnabled,
    protocol: input.HealthCheckProtocol as ModelHealthCheck['protocol'] | undefined,
    port: input.HealthCheckPort,
    path: input.HealthCheckPath,
    matcher: input.Matcher?.HttpCode ?? input.Matcher?.GrpcCode,
    intervalSeconds: input.HealthCheckIntervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds,
    healthyThresholdCount: input.HealthyThresholdCount,
    unhealthyThresholdCount: input.UnhealthyThresholdCount,
  };
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<ModelHealthCheck>;
}
