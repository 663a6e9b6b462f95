/**
 * cloud/ec2/flow-log-actions — flow logs: what of the traffic is recorded, and where that goes.
 *
 * Texts: getmoto/moto@0af643a5 moto/ec2/exceptions.py, checked there against AWS.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { FlowLog } from '../../model/ec2/flow-log.ts';
import type { Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import {
  invalidValue,
  missingParameter,
  noFlowLog,
  noNetworkInterface,
  noSubnet,
  noVpc,
} from './not-found.ts';
import type { Unsuccessful, UpkeepOperations } from './upkeep-operations.ts';

/** Source: VPC user guide, "Flow log records", default format. */
export const DEFAULT_FLOW_LOG_FORMAT =
  '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ' +
  '${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}';

const DESCRIBED_FLOW_LOG: Described<'ec2/flow-log'> = {
  kind: 'ec2/flow-log',
  missing: noFlowLog,
  filters: {
    'deliver-log-status': () => 'SUCCESS',
    'flow-log-id': (it) => it.flowLogId,
    'log-destination-type': (it) => it.destinationType,
    'log-group-name': (it) => it.logGroupName,
    'resource-id': (it) => it.resourceId,
    'traffic-type': (it) => it.trafficType,
  },
};

/** By how CreateFlowLogs names the resource's type. */
const RESOURCES = {
  VPC: { kind: 'ec2/vpc', missing: noVpc },
  Subnet: { kind: 'ec2/subnet', missing: noSubnet },
  NetworkInterface: { kind: 'ec2/network-interface', missing: noNetworkInterface },
} as const;

type FlowLogActions = Pick<
  UpkeepOperations,
  'createFlowLogs' | 'deleteFlowLogs' | 'describeFlowLogs'
>;

export const flowLogActions = (region: Region): FlowLogActions => ({
  createFlowLogs: (input) => create(region, input),
  deleteFlowLogs: ({ flowLogIds }) =>
    flowLogIds.flatMap((resourceId): readonly Unsuccessful[] =>
      region.store.delete('ec2/flow-log', resourceId) === true
        ? []
        : [{ resourceId, error: noFlowLog(resourceId) }],
    ),
  describeFlowLogs: ({ ids, filters }) => describe(region, DESCRIBED_FLOW_LOG, ids, filters),
});

type CreateInput = Parameters<UpkeepOperations['createFlowLogs']>[0];

function create(
  region: Region,
  input: CreateInput,
): ReturnType<UpkeepOperations['createFlowLogs']> {
  const resource = RESOURCES[input.resourceType as keyof typeof RESOURCES];
  if (resource === undefined) {
    return awsError(
      'UnsupportedOperation',
      `ekstwin records flows of VPC, Subnet and NetworkInterface, not of ${input.resourceType}.`,
    );
  }
  if (input.resourceIds.length === 0) return missingParameter('ResourceId');
  const settings = soundSettings(input);
  if ('code' in settings) return settings;
  const unknown = input.resourceIds.find((id) => region.store.get(resource.kind, id) === undefined);
  if (unknown !== undefined) return resource.missing(unknown);
  const flowLogIds: string[] = [];
  const unsuccessful: Unsuccessful[] = [];
  for (const resourceId of new Set(input.resourceIds)) {
    const log: FlowLog = {
      flowLogId: region.ids.next('fl'),
      resourceId,
      ...settings,
      createdAtMs: region.clock.now(),
      tags: input.tags ?? {},
    };
    if (region.store.list('ec2/flow-log').some((held) => sameTarget(held, log))) {
      unsuccessful.push({ resourceId, error: alreadyExists() });
      continue;
    }
    region.store.put('ec2/flow-log', log.flowLogId, log);
    flowLogIds.push(log.flowLogId);
  }
  return { flowLogIds, unsuccessful };
}

const alreadyExists = (): AwsError =>
  awsError(
    'FlowLogAlreadyExists',
    'Error. There is an existing Flow Log with the same configuration and log destination.',
  );

const sameTarget = (a: FlowLog, b: FlowLog): boolean =>
  a.resourceId === b.resourceId &&
  a.trafficType === b.trafficType &&
  a.destinationType === b.destinationType &&
  a.destination === b.destination &&
  a.logGroupName === b.logGroupName;

type Settings = Omit<FlowLog, 'flowLogId' | 'resourceId' | 'createdAtMs' | 'tags'>;

function soundSettings(input: CreateInput): Settings | AwsError {
  const { trafficType, destination, logGroupName, deliverLogsPermissionArn } = input;
  if (trafficType === undefined) return missingParameter('TrafficType');
  const destinationType = input.destinationType ?? 'cloud-watch-logs';
  const interval = input.maxAggregationIntervalSeconds ?? 600;
  if (interval !== 60 && interval !== 600)
    return awsError('InvalidParameter', 'Invalid Flow Log Max Aggregation Interval');
  if (destination !== undefined && logGroupName !== undefined) {
    return awsError(
      'InvalidParameterCombination',
      'Please only provide LogGroupName or only provide LogDestination.',
    );
  }
  if (destinationType === 'cloud-watch-logs') {
    if (destination === undefined && logGroupName === undefined) {
      return awsError(
        'InvalidParameter',
        "LogDestination can't be empty if LogGroupName is not provided.",
      );
    }
    if (deliverLogsPermissionArn === undefined) {
      return awsError(
        'InvalidParameter',
        "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
      );
    }
  } else if (destination === undefined) {
    return invalidValue(
      `LogDestination can't be empty if LogDestinationType is ${destinationType}.`,
    );
  }
  return {
    trafficType,
    destinationType,
    destination,
    logGroupName,
    deliverLogsPermissionArn,
    logFormat: input.logFormat ?? DEFAULT_FLOW_LOG_FORMAT,
    maxAggregationIntervalSeconds: interval,
  };
}
