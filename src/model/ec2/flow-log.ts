/** model/ec2/flow-log — which flows are recorded: of a VPC, a subnet or one interface. */
import type { Tags } from './tags.ts';

export interface FlowLog {
  readonly flowLogId: string;
  /** `vpc-…`, `subnet-…` or `eni-…`. */
  readonly resourceId: string;
  readonly trafficType: 'ACCEPT' | 'REJECT' | 'ALL';
  readonly destinationType: 'cloud-watch-logs' | 's3' | 'kinesis-data-firehose';
  /** The ARN of a log group, bucket or stream. */
  readonly destination?: string | undefined;
  readonly logGroupName?: string | undefined;
  readonly deliverLogsPermissionArn?: string | undefined;
  /** `${version} ${account-id} …`. */
  readonly logFormat: string;
  readonly maxAggregationIntervalSeconds: 60 | 600;
  readonly createdAtMs: number;
  readonly tags: Tags;
}
