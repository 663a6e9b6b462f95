/** formats/aws/flow-log — `aws ec2 describe-flow-logs`. */
import type { FlowLog } from '../../model/ec2/flow-log.ts';
import { ec2Time, type NounFormat, present, tagList } from './aws-json.ts';

export const flowLog: NounFormat<'ec2/flow-log'> = {
  kind: 'ec2/flow-log',
  member: 'FlowLogs',
  file: 'describe-flow-logs.json',
  toAws: (noun) =>
    present({
      CreationTime: ec2Time(noun.createdAtMs),
      DeliverLogsPermissionArn: noun.deliverLogsPermissionArn,
      DeliverLogsStatus: 'SUCCESS',
      FlowLogId: noun.flowLogId,
      FlowLogStatus: 'ACTIVE',
      LogGroupName: noun.logGroupName,
      ResourceId: noun.resourceId,
      TrafficType: noun.trafficType,
      LogDestinationType: noun.destinationType,
      LogDestination: noun.destination,
      LogFormat: noun.logFormat,
      Tags: tagList(noun.tags),
      MaxAggregationInterval: noun.maxAggregationIntervalSeconds,
    }),
  fromAws: (read): FlowLog => ({
    flowLogId: read.text('FlowLogId'),
    resourceId: read.text('ResourceId'),
    trafficType: (read.optionalText('TrafficType') ?? 'ALL') as FlowLog['trafficType'],
    destinationType: (read.optionalText('LogDestinationType') ??
      'cloud-watch-logs') as FlowLog['destinationType'],
    destination: read.optionalText('LogDestination'),
    logGroupName: read.optionalText('LogGroupName'),
    deliverLogsPermissionArn: read.optionalText('DeliverLogsPermissionArn'),
    logFormat: read.optionalText('LogFormat') ?? '',
    maxAggregationIntervalSeconds: read.number('MaxAggregationInterval', 600) === 60 ? 60 : 600,
    createdAtMs: read.time('CreationTime'),
    tags: read.tags(),
  }),
};
