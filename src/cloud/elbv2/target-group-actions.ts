/** cloud/elbv2/target-group-actions — target groups: made, changed, described, deleted. */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import { tagTerm } from '../../model/ec2/tags.ts';
import type { TargetGroup } from '../../model/elbv2/target-group.ts';
import type { Region } from '../region.ts';
import { DONE, noLoadBalancer, noTargetGroup, validationError } from './elb-error.ts';
import { groupsForwardedTo, loadBalancersTo } from './forwards.ts';
import { healthCheckRefusal } from './health-check-limits.ts';
import { elbArn } from './load-balancer-name.ts';
import { sameTags } from './new-load-balancer.ts';
import type { CreateTargetGroupInput, Elbv2Operations } from './operations.ts';
import { attributesOfNew, given, healthCheckOf } from './target-group-defaults.ts';

type TargetGroupActions = Pick<
  Elbv2Operations,
  'createTargetGroup' | 'describeTargetGroups' | 'modifyTargetGroup' | 'deleteTargetGroup'
>;

export const targetGroupActions = (region: Region): TargetGroupActions => ({
  createTargetGroup: (input) => create(region, input),
  describeTargetGroups: (input) => describe(region, input),
  modifyTargetGroup: ({ targetGroupArn, healthCheck }) => {
    const group = region.store.get('elbv2/target-group', targetGroupArn);
    if (group === undefined) return noTargetGroup(targetGroupArn);
    const after = healthCheckOf(group, { ...group.healthCheck, ...given(healthCheck) });
    const refusal = healthCheckRefusal(group, after);
    if (refusal !== undefined) return refusal;
    const changed: TargetGroup = { ...group, healthCheck: after };
    region.store.put('elbv2/target-group', targetGroupArn, changed);
    return changed;
  },
  deleteTargetGroup: ({ targetGroupArn }) => deleteTargetGroup(region, targetGroupArn),
});

function create(region: Region, input: CreateTargetGroupInput): TargetGroup | AwsError {
  const { store } = region;
  const refusal = nameRefusal(input.name) ?? protocolRefusal(input);
  if (refusal !== undefined) return refusal;
  if (store.get('ec2/vpc', input.vpcId) === undefined)
    return validationError(`The VPC ID '${input.vpcId}' is not found`);
  const healthCheck = healthCheckOf(input, input.healthCheck);
  const unsound = healthCheckRefusal(input, healthCheck);
  if (unsound !== undefined) return unsound;
  const wanted = newGroup(region, input, healthCheck);
  const existing = store.lookup('elbv2/target-group', 'name', input.name)[0];
  if (existing !== undefined) return sameOrDuplicate(existing, wanted);
  if (store.count('elbv2/target-group') >= region.quotas.targetGroups)
    return awsError('TooManyTargetGroups', 'The maximum number of target groups has been reached');
  store.put('elbv2/target-group', wanted.targetGroupArn, wanted);
  return wanted;
}

const newGroup = (
  region: Region,
  input: CreateTargetGroupInput,
  healthCheck: TargetGroup['healthCheck'],
): TargetGroup => {
  const targetType = input.targetType ?? 'instance';
  const isHttp = input.protocol === 'HTTP' || input.protocol === 'HTTPS';
  return {
    targetGroupArn: elbArn(region, `targetgroup/${input.name}/${region.ids.hex(16)}`),
    targetGroupName: input.name,
    targetType,
    protocol: input.protocol,
    protocolVersion: isHttp ? (input.protocolVersion ?? 'HTTP1') : undefined,
    port: input.port,
    vpcId: region.store.get('ec2/vpc', input.vpcId)!.vpcId,
    ipAddressType: input.ipAddressType ?? 'ipv4',
    healthCheck,
    targetControlPort: input.targetControlPort,
    attributes: attributesOfNew({ protocol: input.protocol, targetType }),
    createdAtMs: region.clock.now(),
    tags: input.tags ?? {},
  };
};

/** Creating one that is there with the same settings is no error. */
function sameOrDuplicate(existing: TargetGroup, wanted: TargetGroup): TargetGroup | AwsError {
  const settings = ({ targetType, protocol, protocolVersion, port, vpcId, ...rest }: TargetGroup) =>
    JSON.stringify([targetType, protocol, protocolVersion, port, vpcId, rest.ipAddressType]);
  const health = ({ healthCheck: it }: TargetGroup) =>
    JSON.stringify([it.protocol, it.port, it.path, it.matcher, it.intervalSeconds]) +
    JSON.stringify([it.timeoutSeconds, it.healthyThresholdCount, it.unhealthyThresholdCount]);
  const same =
    settings(existing) === settings(wanted) &&
    health(existing) === health(wanted) &&
    sameTags(existing.tags, wanted.tags);
  if (same) return existing;
  return awsError(
    'DuplicateTargetGroupName',
    `A target group with the same name '${wanted.targetGroupName}' exists, but with different settings`,
  );
}

/** Source: CreateTargetGroup, Name. */
function nameRefusal(name: string): AwsError | undefined {
  if (name.length > 32)
    return validationError(`Target group name '${name}' cannot be longer than '32' characters`);
  if (!/^[A-Za-z0-9-]+$/.test(name))
    return validationError(
      `Target group name '${name}' can only contain characters that are alphanumeric characters ` +
        'or hyphens(-)',
    );
  if (name.startsWith('-') || name.endsWith('-'))
    return validationError(`Target group name '${name}' cannot begin or end with '-'`);
  return undefined;
}

function protocolRefusal(input: CreateTargetGroupInput): AwsError | undefined {
  if (input.port < 1 || input.port > 65_535)
    return validationError(`Port '${input.port}' must be within the range '1-65535'`);
  if (input.targetType === 'alb' && input.protocol !== 'TCP')
    return validationError(
      `The protocol '${input.protocol}' is not supported for target groups with type 'alb'`,
    );
  const isHttp = input.protocol === 'HTTP' || input.protocol === 'HTTPS';
  if (input.protocolVersion !== undefined && !isHttp)
    return validationError('Protocol version is only supported for HTTP and HTTPS target groups');
  return undefined;
}

function describe(
  region: Region,
  input: Parameters<Elbv2Operations['describeTargetGroups']>[0],
): readonly TargetGroup[] | AwsError {
  const { store } = region;
  if (input.tagged !== undefined)
    return store.lookup('elbv2/target-group', 'tag', tagTerm(input.tagged.key, input.tagged.value));
  if (input.loadBalancerArn !== undefined) {
    if (store.get('elbv2/load-balancer', input.loadBalancerArn) === undefined)
      return noLoadBalancer(input.loadBalancerArn);
    return [...groupsForwardedTo(store, input.loadBalancerArn)].flatMap(
      (arn) => store.get('elbv2/target-group', arn) ?? [],
    );
  }
  const arns = input.targetGroupArns ?? [];
  const names = input.names ?? [];
  if (arns.length === 0 && names.length === 0) return store.list('elbv2/target-group');
  const found = [...new Set(arns)].map((arn) => store.get('elbv2/target-group', arn));
  for (const name of new Set(names))
    found.push(store.lookup('elbv2/target-group', 'name', name)[0]);
  const groups = found.flatMap((it) => it ?? []);
  if (groups.length === found.length) return groups;
  return awsError('TargetGroupNotFound', 'One or more target groups not found');
}

/** An unknown ARN is no error: what is to be gone is gone. Its targets go with it. */
function deleteTargetGroup(region: Region, arn: string): typeof DONE | AwsError {
  const { store } = region;
  if (store.get('elbv2/target-group', arn) === undefined) return DONE;
  if (loadBalancersTo(store, arn).length > 0)
    return awsError(
      'ResourceInUse',
      `Target group '${arn}' is currently in use by a listener or a rule`,
    );
  for (const key of [...store.lookupKeys('elbv2/target', 'target-group', arn)])
    store.delete('elbv2/target', key);
  store.delete('elbv2/target-group', arn);
  return DONE;
}
