/** api/aws/ec2/instances — EC2's operations on instances: launched, stopped, terminated, listed. */
import type {
  EC2,
  InstanceStateChange,
  InstanceStateName,
  RunInstancesRequest,
} from '@aws-sdk/client-ec2';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { Instance } from '../../../model/ec2/instance.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { filtersOf, page, silent, tagsFor } from './requests.ts';

/** The default subnet of a zone, or of the first; none where the account has no default VPC. */
function defaultSubnet({ store }: AwsCall, zone: string | undefined): string | undefined {
  const vpc = store.list('ec2/vpc').find(({ isDefault }) => isDefault);
  if (vpc === undefined) return undefined;
  return store
    .lookup('ec2/subnet', 'vpc', vpc.vpcId)
    .find((subnet) => zone === undefined || subnet.availabilityZone === zone)?.subnetId;
}

/** The settings of RunInstances' interface at device 0, where it gives any. */
const primaryOf = ({ NetworkInterfaces }: RunInstancesRequest) =>
  NetworkInterfaces?.find(({ DeviceIndex = 0 }) => DeviceIndex === 0);

/** What RunInstances says that an instance here would not follow. */
function notSimulated(input: RunInstancesRequest): string | undefined {
  if (input.LaunchTemplate !== undefined) return 'LaunchTemplate';
  if (primaryOf(input)?.NetworkInterfaceId !== undefined)
    return 'NetworkInterfaces.NetworkInterfaceId';
  if ((input.NetworkInterfaces?.length ?? 0) > 1) return 'NetworkInterfaces beyond the first';
  return undefined;
}

/** Interfaces and volumes may be tagged along; ekstwin keeps the tags of instances. */
const tagsOfInstances = (input: RunInstancesRequest) =>
  tagsFor('instance', {
    TagSpecifications: input.TagSpecifications?.filter(
      ({ ResourceType }) => ResourceType !== 'volume' && ResourceType !== 'network-interface',
    ),
  });

const reservationOf = (call: AwsCall, instance: Instance) => ({
  ReservationId: instance.instanceId.replace(/^i-/, 'r-'),
  OwnerId: call.cloud.accountId,
  Groups: [],
  Instances: [shown(call, 'ec2/instance', instance)],
});

const STATE_CODES: Readonly<Record<Instance['state'], number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** An instance on its way to another state, unless it is there already. */
function changeOf(
  { instanceId, state }: Instance,
  settled: Instance['state'],
  onTheWay: InstanceStateName,
): InstanceStateChange {
  const current = state === settled ? settled : onTheWay;
  return {
    InstanceId: instanceId,
    CurrentState: { Code: STATE_CODES[current], Name: current },
    PreviousState: { Code: STATE_CODES[state], Name: state },
  };
}

export const instances: Handlers<EC2> = {
  RunInstances(input, call) {
    const unsupported = notSimulated(input);
    if (unsupported !== undefined) {
      return awsError(
        'UnsupportedOperation',
        `RunInstances with ${unsupported} is not implemented by ekstwin.`,
      );
    }
    const tags = tagsOfInstances(input);
    if (isAwsError(tags)) return tags;
    const primary = primaryOf(input);
    const subnetId =
      primary?.SubnetId ?? input.SubnetId ?? defaultSubnet(call, input.Placement?.AvailabilityZone);
    if (subnetId === undefined)
      return awsError('VPCIdNotSpecified', 'No default VPC for this user.');
    if (input.ImageId === undefined)
      return awsError('MissingParameter', 'The request must contain the parameter ImageId');
    const launched = call.cloud.ec2.runInstances({
      imageId: input.ImageId,
      instanceType: input.InstanceType ?? 'm1.small',
      minCount: input.MinCount!,
      maxCount: input.MaxCount!,
      subnetId,
      securityGroupIds: primary?.Groups ?? input.SecurityGroupIds,
      privateIpAddress: primary?.PrivateIpAddress ?? input.PrivateIpAddress,
      associatePublicIpAddress: primary?.AssociatePublicIpAddress,
      httpTokens: input.MetadataOptions?.HttpTokens,
      httpPutResponseHopLimit: input.MetadataOptions?.HttpPutResponseHopLimit,
      tags,
    });
    if (isAwsError(launched)) return launched;
    return {
      ReservationId: launched[0]!.instanceId.replace(/^i-/, 'r-'),
      OwnerId: call.cloud.accountId,
      Groups: [],
      // Its own answer is early: DescribeInstances says `running` at once.
      Instances: launched.map((it) => ({
        ...shown(call, 'ec2/instance', it),
        State: { Code: 0, Name: 'pending' as const },
      })),
    };
  },

  TerminateInstances(input, { cloud, store }) {
    const before = new Map(
      input.InstanceIds!.map((id) => [id, store.get('ec2/instance', id)?.state]),
    );
    const gone = cloud.ec2.terminateInstances({ instanceIds: input.InstanceIds! });
    if (isAwsError(gone)) return gone;
    const TerminatingInstances = gone.map((it) => {
      const state = before.get(it.instanceId) ?? it.state;
      return changeOf({ ...it, state }, 'terminated', 'shutting-down');
    });
    return { TerminatingInstances };
  },

  StopInstances(input, { cloud }) {
    if (input.Hibernate === true) {
      return awsError(
        'UnsupportedHibernationConfiguration',
        'None of the instances is configured for hibernation.',
      );
    }
    const found = cloud.ec2.stopInstances({ instanceIds: input.InstanceIds! });
    if (isAwsError(found)) return found;
    return { StoppingInstances: found.map((it) => changeOf(it, 'stopped', 'stopping')) };
  },

  StartInstances(input, { cloud }) {
    const found = cloud.ec2.startInstances({ instanceIds: input.InstanceIds! });
    if (isAwsError(found)) return found;
    return { StartingInstances: found.map((it) => changeOf(it, 'running', 'pending')) };
  },

  RebootInstances: (input, { cloud }) =>
    silent(cloud.ec2.rebootInstances({ instanceIds: input.InstanceIds! })),

  DescribeInstances(input, call) {
    const found = call.cloud.ec2.describeInstances({
      instanceIds: input.InstanceIds,
      filters: filtersOf(input),
    });
    const part = page(call, input, found, (it) => reservationOf(call, it));
    return isAwsError(part) ? part : { Reservations: part.items, NextToken: part.NextToken };
  },

  DescribeInstanceStatus(input, call) {
    const found = call.cloud.ec2.describeInstances({
      instanceIds: input.InstanceIds,
      filters: filtersOf(input),
    });
    const wanted = isAwsError(found)
      ? found
      : found.filter(({ state }) => state === 'running' || input.IncludeAllInstances === true);
    const part = page(call, input, wanted, ({ instanceId, availabilityZone, state }) => {
      const isUp = state === 'running';
      const Status = isUp ? ('ok' as const) : ('not-applicable' as const);
      const status = {
        Status,
        ...(isUp
          ? { Details: [{ Name: 'reachability' as const, Status: 'passed' as const }] }
          : {}),
      };
      return {
        InstanceId: instanceId,
        AvailabilityZone: availabilityZone,
        InstanceState: { Code: STATE_CODES[state], Name: state },
        InstanceStatus: status,
        SystemStatus: status,
      };
    });
    return isAwsError(part) ? part : { InstanceStatuses: part.items, NextToken: part.NextToken };
  },
};
