/**
 * api/aws/autoscaling/autoscaling — the Auto Scaling groups behind node groups: described, resized,
 * and relieved of instances. There are no others.
 */
import type {
  Activity,
  AutoScaling,
  AutoScalingGroup,
  Filter,
  Instance as GroupInstance,
} from '@aws-sdk/client-auto-scaling';
import { isOf } from '../../../controllers/eks-control-plane/node-group.ts';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import type { Instance } from '../../../model/ec2/instance.ts';
import { autoScalingGroupName, nodegroupUuid } from '../../../model/eks/auto-scaling-group.ts';
import type { NodeGroup } from '../../../model/eks/cluster.ts';
import { EPOCH_MS } from '../../../model/time.ts';
import { type AwsCall, type Handlers, untyped } from '../operation.ts';
import { pageOf } from '../page.ts';

const GROUP_TYPE = 'auto-scaling-group';

const instancesOf = ({ store }: AwsCall, group: NodeGroup): readonly Instance[] =>
  store
    .list('ec2/instance')
    .filter((it) => it.state !== 'terminated' && it.state !== 'stopped' && isOf(group, it.tags));

const LIFECYCLE: Readonly<Record<string, GroupInstance['LifecycleState']>> = {
  pending: 'Pending',
  running: 'InService',
};

const member = (it: Instance): GroupInstance => ({
  InstanceId: it.instanceId,
  InstanceType: it.instanceType,
  AvailabilityZone: it.availabilityZone,
  LifecycleState: LIFECYCLE[it.state] ?? 'Terminating',
  HealthStatus: 'Healthy',
  ProtectedFromScaleIn: false,
});

const tagsOf = (group: NodeGroup): Readonly<Record<string, string>> => ({
  ...(group.managed
    ? {
        'eks:cluster-name': group.clusterName,
        'eks:nodegroup-name': group.nodegroupName,
        'k8s.io/cluster-autoscaler/enabled': 'true',
        [`k8s.io/cluster-autoscaler/${group.clusterName}`]: 'owned',
      }
    : {
        'alpha.eksctl.io/cluster-name': group.clusterName,
        'alpha.eksctl.io/nodegroup-name': group.nodegroupName,
      }),
  [`kubernetes.io/cluster/${group.clusterName}`]: 'owned',
});

function tagList(group: NodeGroup) {
  const ResourceId = autoScalingGroupName(group);
  return Object.entries(tagsOf(group)).map(([Key, Value]) => ({
    ResourceId,
    ResourceType: GROUP_TYPE,
    Key,
    Value,
    PropagateAtLaunch: true,
  }));
}

function described(call: AwsCall, group: NodeGroup): AutoScalingGroup {
  const { region, accountId } = call.cloud;
  const name = autoScalingGroupName(group);
  const zones = group.subnetIds.flatMap(
    (id) => call.store.get('ec2/subnet', id)?.availabilityZone ?? [],
  );
  const uuid = nodegroupUuid(group);
  return {
    AutoScalingGroupName: name,
    AutoScalingGroupARN:
      `arn:aws:autoscaling:${region}:${accountId}:autoScalingGroup:${uuid}:` +
      `autoScalingGroupName/${name}`,
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    DesiredCapacity: group.desiredSize,
    DefaultCooldown: 300,
    AvailabilityZones: [...new Set(zones)].sort(),
    LoadBalancerNames: [],
    TargetGroupARNs: [],
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 15,
    Instances: instancesOf(call, group).map(member),
    CreatedTime: new Date(EPOCH_MS + group.createdAtMs),
    SuspendedProcesses: [],
    VPCZoneIdentifier: group.subnetIds.join(','),
    EnabledMetrics: [],
    Tags: tagList(group),
    TerminationPolicies: ['Default'],
    NewInstancesProtectedFromScaleIn: false,
  };
}

const groupsOf = ({ store }: AwsCall): readonly NodeGroup[] => store.list('eks/nodegroup');

function groupOf(call: AwsCall, name: string | undefined): NodeGroup | AwsError {
  const group = groupsOf(call).find((it) => autoScalingGroupName(it) === name);
  return (
    group ??
    awsError(
      'ValidationError',
      `AutoScalingGroup name not found - AutoScalingGroup: ${name} not found`,
    )
  );
}

/** Filters `tag-key`, `tag-value` and `tag:<key>`; DescribeTags calls two of them otherwise. */
function matches(group: NodeGroup, filters: readonly Filter[] = []): boolean {
  const tags = tagsOf(group);
  return filters.every(({ Name = '', Values = [] }) => {
    if (Name === 'tag-key') return Values.some((it) => Object.hasOwn(tags, it));
    if (Name === 'tag-value') return Values.some((it) => Object.values(tags).includes(it));
    return Name.startsWith('tag:') && Values.includes(tags[Name.slice(4)] ?? '');
  });
}

interface PageInput {
  readonly MaxRecords?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** API reference: 50 when nothing is said, at most 100. */
const PAGE_DEFAULT = 50;
const PAGE_MAX = 100;

function page<Item>(call: AwsCall, input: PageInput, all: readonly Item[]) {
  const size = Math.min(input.MaxRecords ?? PAGE_DEFAULT, PAGE_MAX);
  const part = pageOf(call, all, size, input.NextToken);
  if (part === undefined)
    return awsError('InvalidNextToken', `The token '${input.NextToken}' is invalid.`);
  return { items: [...part.items], NextToken: part.next };
}

/** New sizes, taken as Auto Scaling takes them. */
function resized(
  { cloud }: AwsCall,
  { clusterName, nodegroupName }: NodeGroup,
  sizes: { minSize?: number | undefined; maxSize?: number | undefined; desiredSize?: number },
): true | AwsError {
  const changed = cloud.eks.updateNodegroupConfig({ clusterName, nodegroupName, ...sizes });
  return isAwsError(changed) ? awsError('ValidationError', changed.message) : true;
}

const launched = (call: AwsCall, group: NodeGroup, it: Instance): Activity => {
  const StartTime = new Date(EPOCH_MS + it.launchedAtMs);
  return {
    ActivityId: `${nodegroupUuid(group).slice(0, 18)}-${it.instanceId}`,
    AutoScalingGroupName: autoScalingGroupName(group),
    Description: `Launching a new EC2 instance: ${it.instanceId}`,
    Cause:
      `At ${StartTime.toISOString()} an instance was started in response to a difference between ` +
      'desired and actual capacity.',
    StartTime,
    EndTime: StartTime,
    StatusCode: 'Successful',
    Progress: 100,
    Details: JSON.stringify({
      'Subnet ID': it.subnetId,
      'Availability Zone': it.availabilityZone,
    }),
    AutoScalingGroupARN: described(call, group).AutoScalingGroupARN,
  };
};

const autoscaling: Handlers<AutoScaling> = {
  DescribeAutoScalingGroups(input, call) {
    const names = input.AutoScalingGroupNames ?? [];
    const found = groupsOf(call).filter(
      (it) =>
        (names.length === 0 || names.includes(autoScalingGroupName(it))) &&
        matches(it, input.Filters),
    );
    const part = page(call, input, found);
    if (isAwsError(part)) return part;
    const AutoScalingGroups = part.items.map((it) => described(call, it));
    return { AutoScalingGroups, NextToken: part.NextToken };
  },

  DescribeAutoScalingInstances(input, call) {
    const wanted = input.InstanceIds ?? [];
    const all = groupsOf(call).flatMap((group) =>
      instancesOf(call, group)
        .filter((it) => wanted.length === 0 || wanted.includes(it.instanceId))
        .map((it) => ({
          ...member(it),
          HealthStatus: 'HEALTHY',
          AutoScalingGroupName: autoScalingGroupName(group),
        })),
    );
    const part = page(call, input, all);
    return isAwsError(part)
      ? part
      : { AutoScalingInstances: part.items, NextToken: part.NextToken };
  },

  DescribeScalingActivities(input, call) {
    const { AutoScalingGroupName: name } = input;
    const groups = groupsOf(call).filter(
      (it) => name === undefined || autoScalingGroupName(it) === name,
    );
    const activities = groups.flatMap((group) =>
      instancesOf(call, group).map((it) => launched(call, group, it)),
    );
    activities.sort((a, b) => Number(b.StartTime) - Number(a.StartTime));
    const part = page(call, input, activities);
    return isAwsError(part) ? part : { Activities: part.items, NextToken: part.NextToken };
  },

  DescribeTags(input, call) {
    const wanted = (name: string) => input.Filters?.find((it) => it.Name === name)?.Values;
    const [names, keys, values] = ['auto-scaling-group', 'key', 'value'].map(wanted);
    const all = groupsOf(call)
      .flatMap(tagList)
      .filter(
        (it) =>
          (names?.includes(it.ResourceId) ?? true) &&
          (keys?.includes(it.Key) ?? true) &&
          (values?.includes(it.Value) ?? true),
      );
    const part = page(call, input, all);
    return isAwsError(part) ? part : { Tags: part.items, NextToken: part.NextToken };
  },

  SetDesiredCapacity(input, call) {
    const group = groupOf(call, input.AutoScalingGroupName);
    if (isAwsError(group)) return group;
    const desiredSize = input.DesiredCapacity!;
    const [bound, limit] =
      desiredSize > group.maxSize ? ['above max', group.maxSize] : ['below min', group.minSize];
    if (desiredSize > group.maxSize || desiredSize < group.minSize) {
      return awsError(
        'ValidationError',
        `New SetDesiredCapacity value ${desiredSize} is ${bound} value ${limit} for the ` +
          'AutoScalingGroup.',
      );
    }
    const done = resized(call, group, { desiredSize });
    return isAwsError(done) ? done : {};
  },

  UpdateAutoScalingGroup(input, call) {
    const group = groupOf(call, input.AutoScalingGroupName);
    if (isAwsError(group)) return group;
    const { AutoScalingGroupName, MinSize, MaxSize, DesiredCapacity, ...rest } = input;
    const others = Object.keys(rest);
    if (others.length > 0) {
      return awsError(
        'UnsupportedOperation',
        `Changing ${others.join(', ')} of ${AutoScalingGroupName} is not implemented by ekstwin.`,
      );
    }
    const least = MinSize ?? group.minSize;
    const most = MaxSize ?? group.maxSize;
    const done = resized(call, group, {
      minSize: MinSize,
      maxSize: MaxSize,
      desiredSize: DesiredCapacity ?? Math.min(Math.max(group.desiredSize, least), most),
    });
    return isAwsError(done) ? done : {};
  },

  TerminateInstanceInAutoScalingGroup(input, call) {
    const instance = call.store.get('ec2/instance', input.InstanceId ?? '');
    const group = instance && groupsOf(call).find((it) => isOf(it, instance.tags));
    if (instance === undefined || group === undefined)
      return awsError(
        'ValidationError',
        `Instance Id not found - No managed instance found for instance ID: ${input.InstanceId}`,
      );
    if (input.ShouldDecrementDesiredCapacity === true) {
      const desiredSize = group.desiredSize - 1;
      if (desiredSize < group.minSize) {
        return awsError(
          'ValidationError',
          'Currently, desiredSize equals minSize. Terminating instance without replacement will ' +
            "violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to " +
            "false or lower group's min size.",
        );
      }
      const done = resized(call, group, { desiredSize });
      if (isAwsError(done)) return done;
    }
    const { instanceId } = instance;
    const ended = call.cloud.ec2.terminateInstances({ instanceIds: [instanceId] });
    if (isAwsError(ended)) return ended;
    return {
      Activity: {
        ...launched(call, group, instance),
        Description: `Terminating EC2 instance: ${instanceId}`,
        Cause: 'At the request of a user an instance was taken out of service.',
        StartTime: new Date(EPOCH_MS + call.twin.clock.now()),
        EndTime: undefined,
        StatusCode: 'InProgress',
        Progress: 0,
      },
    };
  },
};

export const HANDLERS = untyped<AutoScaling>(autoscaling);
