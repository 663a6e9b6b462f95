/** cloud/elbv2/target-actions — targets: registered, deregistered, and how they are. */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { ClassicLoadBalancer } from '../../model/elbv2/load-balancer.ts';
import {
  type Target,
  type TargetGroup,
  type TargetHealth,
  targetKeyOf,
} from '../../model/elbv2/target-group.ts';
import { cidrTextContains, parseIp } from '../../net/index.ts';
import { setInstanceHealth } from '../classic-elb/instance-actions.ts';
import type { Region } from '../region.ts';
import { DONE, noTargetGroup, validationError } from './elb-error.ts';
import type { Elbv2Operations, TargetDescription } from './operations.ts';
import { targetQuotaRefusal } from './target-quota.ts';
import { healthAtFirst } from './target-use.ts';

type TargetActions = Pick<
  Elbv2Operations,
  'registerTargets' | 'deregisterTargets' | 'describeTargetHealth'
>;

export const targetActions = (region: Region): TargetActions => ({
  registerTargets: (input) => register(region, input),
  deregisterTargets: (input) => deregister(region, input),
  describeTargetHealth: (input) => describe(region, input),
});

/**
 * The other end of health: what AWS's health checkers (the twin's) write. No caller of the API
 * can.
 */
export interface TargetHealthWriter {
  /** Says how a target is; of one that is not registered, or is draining or unused, nothing. */
  setTargetHealth(
    target: Pick<Target, 'targetGroupArn' | 'id' | 'port'>,
    health: TargetHealth,
  ): void;
  /** Says how an instance behind a Classic Load Balancer is. */
  setInstanceHealth(
    loadBalancerName: string,
    health: ClassicLoadBalancer['instances'][number],
  ): void;
}

export const targetHealthWriter = (region: Region): TargetHealthWriter => ({
  setInstanceHealth: (name, health) => setInstanceHealth(region, name, health),
  setTargetHealth(key, health) {
    const { store } = region;
    const target = store.get('elbv2/target', targetKeyOf(key));
    if (target === undefined || hasSameHealth(target.health, health)) return;
    if (target.health.state === 'draining' || isUnasked(target.health)) return;
    store.put('elbv2/target', targetKeyOf(target), { ...target, health });
  },
});

/** Not used, whatever a check would find; a stopped instance may start again. */
const isUnasked = ({ state, reason }: TargetHealth): boolean =>
  state === 'unused' && reason !== 'Target.InvalidState';

const hasSameHealth = (a: TargetHealth, b: TargetHealth): boolean =>
  a.state === b.state && a.reason === b.reason && a.description === b.description;

function register(
  region: Region,
  { targetGroupArn, targets }: Parameters<Elbv2Operations['registerTargets']>[0],
): typeof DONE | AwsError {
  const group = region.store.get('elbv2/target-group', targetGroupArn);
  if (group === undefined) return noTargetGroup(targetGroupArn);
  const wanted = new Map<string, Target>();
  for (const description of targets) {
    const target = soundTarget(region, group, description);
    if ('code' in target) return target;
    wanted.set(targetKeyOf(target), target);
  }
  const added = [...wanted].filter(([key]) => !isRegistered(region, key)).map(([, it]) => it);
  const quota = targetQuotaRefusal(region, group, added);
  if (quota !== undefined) return quota;
  for (const target of added)
    region.store.put('elbv2/target', targetKeyOf(target), {
      ...target,
      health: healthAtFirst(region, target),
    });
  return DONE;
}

/** A target that is draining can be registered again. */
function isRegistered({ store }: Region, key: string): boolean {
  const target = store.get('elbv2/target', key);
  return target !== undefined && target.health.state !== 'draining';
}

function soundTarget(
  region: Region,
  group: TargetGroup,
  description: TargetDescription,
): Target | AwsError {
  const zone = zoneOf(region, group, description);
  if (zone !== undefined && typeof zone !== 'string') return zone;
  return {
    targetGroupArn: group.targetGroupArn,
    id: description.id,
    port: description.port ?? group.port,
    availabilityZone: zone,
    health: { state: 'initial' },
    registeredAtMs: region.clock.now(),
  };
}

/** Where the target is, or why it cannot be one. */
function zoneOf(
  region: Region,
  group: TargetGroup,
  description: TargetDescription,
): string | AwsError | undefined {
  if (group.targetType === 'instance') return zoneOfInstance(region, group, description.id);
  if (group.targetType === 'alb') return albRefusal(region, group, description);
  return zoneOfAddress(region, group, description);
}

function zoneOfInstance(
  { store }: Region,
  { vpcId }: TargetGroup,
  id: string,
): string | AwsError | undefined {
  const instance = store.get('ec2/instance', id);
  if (instance === undefined)
    return awsError('InvalidTarget', `The following targets do not exist: '${id}'`);
  const subnet = store.get('ec2/subnet', instance.subnetId);
  if (subnet?.vpcId !== vpcId)
    return awsError(
      'InvalidTarget',
      `The following targets are not in the target group VPC '${vpcId}': '${id}'`,
    );
  if (instance.state !== 'running' && instance.state !== 'pending')
    return awsError(
      'InvalidTarget',
      `The following targets are not in a running state and cannot be registered: '${id}'`,
    );
  return subnet.availabilityZone;
}

/** Blocks a target outside the VPC may be in. Source: user guides, "Target type". */
const OUTSIDE_BLOCKS = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'];

function zoneOfAddress(
  { store }: Region,
  { vpcId, ipAddressType }: TargetGroup,
  { id, availabilityZone }: TargetDescription,
): string | AwsError | undefined {
  const ip = parseIp(id);
  const family = typeof ip === 'bigint' ? 'ipv6' : 'ipv4';
  if (ip === undefined || family !== ipAddressType)
    return validationError(`The IP address '${id}' is not a valid ${ipAddressType} address`);
  const subnet = store
    .lookup('ec2/subnet', 'vpc', vpcId)
    .find(({ cidrBlock, ipv6CidrBlock }) =>
      cidrTextContains(family === 'ipv4' ? cidrBlock : (ipv6CidrBlock?.cidrBlock ?? ''), id),
    );
  if (subnet !== undefined) return ownZone(id, subnet.availabilityZone, availabilityZone);
  if (!OUTSIDE_BLOCKS.some((block) => cidrTextContains(block, id)))
    return validationError(
      `The IP address '${id}' must be within the VPC '${vpcId}' or a private block: ` +
        OUTSIDE_BLOCKS.join(', '),
    );
  return availabilityZone ?? zoneRequired(id);
}

/** aws-load-balancer-controller#561. */
const ownZone = (id: string, own: string, given = own): string | AwsError =>
  given === own
    ? own
    : validationError(
        `The IP address '${id}' is within the VPC, and cannot have its Availability Zone ` +
          `overridden to '${given}' from '${own}'`,
      );

/** AWS looks at the subnets, not at the VPC's blocks (aws-load-balancer-controller#3714). */
const zoneRequired = (id: string): AwsError =>
  validationError(
    `The Availability Zone is required for IP address '${id}' because it is not in the VPC`,
  );

function albRefusal(
  { store }: Region,
  group: TargetGroup,
  { id }: TargetDescription,
): AwsError | undefined {
  const balancer = store.get('elbv2/load-balancer', id);
  if (balancer?.type !== 'application')
    return awsError('InvalidTarget', `The following targets are not valid: '${id}'`);
  const hasListener = store
    .lookup('elbv2/listener', 'load-balancer', id)
    .some((it) => it.port === group.port);
  if (hasListener) return undefined;
  return awsError(
    'InvalidTarget',
    `The Application Load Balancer '${id}' has no listener on the target group's port ${group.port}`,
  );
}

/**
 * A target that gets traffic drains for the group's deregistration delay, then is gone; an unused
 * one goes at once.
 */
function deregister(
  region: Region,
  { targetGroupArn, targets }: Parameters<Elbv2Operations['deregisterTargets']>[0],
): typeof DONE | AwsError {
  const { store, clock } = region;
  const group = store.get('elbv2/target-group', targetGroupArn);
  if (group === undefined) return noTargetGroup(targetGroupArn);
  const delayMs = Number(group.attributes['deregistration_delay.timeout_seconds']) * 1_000;
  for (const target of registeredOf(region, targetGroupArn, targets)) {
    const key = targetKeyOf(target);
    if (target.health.state === 'draining') continue;
    if (target.health.state === 'unused' || delayMs === 0) {
      store.delete('elbv2/target', key);
      continue;
    }
    const draining = { ...target, health: DRAINING, goneAtMs: clock.now() + delayMs };
    store.put('elbv2/target', key, draining);
    removeDrained(region, draining);
  }
  return DONE;
}

/** Takes a target that drains away at its time. */
export function removeDrained({ store, clock }: Pick<Region, 'store' | 'clock'>, target: Target) {
  if (target.goneAtMs === undefined) return;
  const key = targetKeyOf(target);
  const revision = store.entry('elbv2/target', key)?.revision;
  clock.after(target.goneAtMs - clock.now(), () => {
    // Registered again meanwhile, or gone with its group: then it is not this drain's any more.
    if (store.entry('elbv2/target', key)?.revision === revision) store.delete('elbv2/target', key);
  });
}

const DRAINING: TargetHealth = {
  state: 'draining',
  reason: 'Target.DeregistrationInProgress',
  description: 'Target deregistration is in progress',
};

/** The registered targets a caller means; without a port, the id on every port. */
function registeredOf(
  { store }: Region,
  targetGroupArn: string,
  descriptions: readonly TargetDescription[],
): readonly Target[] {
  return descriptions.flatMap(({ id, port }) => {
    if (port !== undefined)
      return store.get('elbv2/target', targetKeyOf({ targetGroupArn, id, port })) ?? [];
    return store
      .lookup('elbv2/target', 'id', id)
      .filter((it) => it.targetGroupArn === targetGroupArn);
  });
}

function describe(
  region: Region,
  { targetGroupArn, targets }: Parameters<Elbv2Operations['describeTargetHealth']>[0],
): readonly Target[] | AwsError {
  const group = region.store.get('elbv2/target-group', targetGroupArn);
  if (group === undefined) return noTargetGroup(targetGroupArn);
  if (targets === undefined || targets.length === 0)
    return region.store.lookup('elbv2/target', 'target-group', targetGroupArn);
  return targets.flatMap((description): readonly Target[] => {
    const found = registeredOf(region, targetGroupArn, [description]);
    if (found.length > 0) return found;
    return [
      {
        targetGroupArn,
        id: description.id,
        port: description.port ?? group.port,
        health: {
          state: 'unused',
          reason: 'Target.NotRegistered',
          description: 'Target is not registered to the target group',
        },
        registeredAtMs: region.clock.now(),
      },
    ];
  });
}
