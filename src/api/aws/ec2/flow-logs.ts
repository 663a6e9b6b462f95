/** api/aws/ec2/flow-logs — EC2's operations on flow logs. */
import type { EC2 } from '@aws-sdk/client-ec2';
import type { Unsuccessful } from '../../../cloud/ec2/upkeep-operations.ts';
import { isAwsError } from '../../../model/aws-error.ts';
import type { FlowLog } from '../../../model/ec2/flow-log.ts';
import type { Handlers } from '../operation.ts';
import { ANY_PAGE, listed } from './nouns-of.ts';
import { filtersOf, tagsFor } from './requests.ts';

const unsuccessful = (items: readonly Unsuccessful[]) =>
  items.map(({ resourceId, error }) => ({
    ResourceId: resourceId,
    Error: { Code: error.code, Message: error.message },
  }));

export const flowLogs: Handlers<EC2> = {
  CreateFlowLogs(input, { cloud }) {
    const tags = tagsFor('vpc-flow-log', input);
    if (isAwsError(tags)) return tags;
    const created = cloud.ec2.createFlowLogs({
      resourceType: input.ResourceType!,
      resourceIds: input.ResourceIds!,
      trafficType: input.TrafficType as FlowLog['trafficType'] | undefined,
      destinationType: input.LogDestinationType as FlowLog['destinationType'] | undefined,
      destination: input.LogDestination,
      logGroupName: input.LogGroupName,
      deliverLogsPermissionArn: input.DeliverLogsPermissionArn,
      logFormat: input.LogFormat,
      maxAggregationIntervalSeconds: input.MaxAggregationInterval,
      tags,
    });
    if (isAwsError(created)) return created;
    return {
      ClientToken: input.ClientToken,
      FlowLogIds: [...created.flowLogIds],
      Unsuccessful: unsuccessful(created.unsuccessful),
    };
  },

  DeleteFlowLogs: (input, { cloud }) => ({
    Unsuccessful: unsuccessful(cloud.ec2.deleteFlowLogs({ flowLogIds: input.FlowLogIds! })),
  }),

  DescribeFlowLogs(input, call) {
    const { MaxResults, NextToken } = input;
    const found = call.cloud.ec2.describeFlowLogs({
      ids: input.FlowLogIds,
      filters: filtersOf({ Filters: input.Filter }),
    });
    const asked = { MaxResults, NextToken };
    return listed(call, asked, 'ec2/flow-log', found, 'FlowLogs', ANY_PAGE);
  },
};
