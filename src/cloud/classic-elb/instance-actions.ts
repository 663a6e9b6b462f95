/** cloud/classic-elb/instance-actions — instances behind a Classic Load Balancer, and its check. */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { ClassicLoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { Region } from '../region.ts';
import { changedBalancer } from './named-balancer.ts';
import type { ClassicElbOperations } from './operations.ts';

type ClassicInstance = ClassicLoadBalancer['instances'][number];

type InstanceActions = Pick<
  ClassicElbOperations,
  | 'configureHealthCheck'
  | 'registerInstancesWithLoadBalancer'
  | 'deregisterInstancesFromLoadBalancer'
>;

export const instanceActions = (region: Region): InstanceActions => ({
  configureHealthCheck: ({ loadBalancerName, healthCheck }) =>
    changedBalancer(
      region,
      loadBalancerName,
      (it) => checkRefusal(healthCheck) ?? { ...it, healthCheck },
    ),
  registerInstancesWithLoadBalancer: ({ loadBalancerName, instances }) =>
    changedBalancer(region, loadBalancerName, (it) => registered(region, it, instances)),
  deregisterInstancesFromLoadBalancer: ({ loadBalancerName, instances }) =>
    changedBalancer(region, loadBalancerName, (it) => ({
      ...it,
      instances: it.instances.filter(({ instanceId }) => !instances.includes(instanceId)),
    })),
});

/** What AWS's health checks of a Classic Load Balancer say of an instance. */
export function setInstanceHealth(
  region: Region,
  loadBalancerName: string,
  health: ClassicInstance,
): void {
  changedBalancer(region, loadBalancerName, (it) => {
    const isSame = (each: ClassicInstance) =>
      each.instanceId === health.instanceId &&
      each.state === health.state &&
      each.description === health.description;
    if (it.instances.some(isSame)) return it;
    const instances = it.instances.map((each) =>
      each.instanceId === health.instanceId ? health : each,
    );
    return { ...it, instances };
  });
}

const TARGET = /^((TCP|SSL):\d{1,5}|(HTTP|HTTPS):\d{1,5}\/.*)$/;

/** Source: ELB API 2012-06-01, HealthCheck. */
function checkRefusal(check: ClassicLoadBalancer['healthCheck']): AwsError | undefined {
  if (!TARGET.test(check.target))
    return awsError(
      'ValidationError',
      'HealthCheck Target must begin with one of HTTP, TCP, HTTPS, SSL',
    );
  const ranges: readonly (readonly [string, number, number, number])[] = [
    ['Interval', check.intervalSeconds, 5, 300],
    ['Timeout', check.timeoutSeconds, 2, 60],
    ['Healthy Threshold', check.healthyThreshold, 2, 10],
    ['Unhealthy Threshold', check.unhealthyThreshold, 2, 10],
  ];
  for (const [name, value, least, most] of ranges)
    if (value < least || value > most)
      return awsError(
        'ValidationError',
        `HealthCheck ${name} must be in the range ${least}-${most}`,
      );
  if (check.intervalSeconds > check.timeoutSeconds) return undefined;
  return awsError('ValidationError', 'HealthCheck timeout must be less than interval');
}

/** What an instance says until its first checks are over. */
const REGISTERING = {
  state: 'OutOfService',
  reasonCode: 'ELB',
  description: 'Instance registration is still in progress.',
} as const;

function registered(
  { store }: Region,
  balancer: ClassicLoadBalancer,
  ids: readonly string[],
): ClassicLoadBalancer | AwsError {
  const instances = [...balancer.instances];
  for (const instanceId of new Set(ids)) {
    const instance = store.get('ec2/instance', instanceId);
    if (instance === undefined || instance.state === 'terminated')
      return awsError('InvalidInstance', `Could not find EC2 instance ${instanceId}.`);
    const subnet = store.get('ec2/subnet', instance.subnetId);
    if (subnet?.vpcId !== balancer.vpcId)
      return awsError(
        'InvalidInstance',
        `EC2 instance ${instanceId} is not in the same VPC as ELB.`,
      );
    if (!instances.some((it) => it.instanceId === instanceId))
      instances.push({ instanceId, ...REGISTERING });
  }
  return instances.length === balancer.instances.length ? balancer : { ...balancer, instances };
}
