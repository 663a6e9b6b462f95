/**
 * analysis/load-balancer/explain/explain-target-group — a target group, field by field, and who its
 * targets are and why.
 */
import { groupsForwardedTo } from '../../../cloud/elbv2/forwards.ts';
import type { Target, TargetGroup } from '../../../model/elbv2/target-group.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { ExplainedResource, Mapping, Origin } from './explanation.ts';
import { byDefault } from './origins.ts';

export type TargetSetting =
  | 'target-type'
  | 'port'
  | 'protocol'
  | 'protocol-version'
  | 'attributes'
  | 'healthcheck-protocol'
  | 'healthcheck-port'
  | 'healthcheck-path'
  | 'success-codes'
  | 'healthcheck-interval'
  | 'healthcheck-timeout'
  | 'healthy-threshold'
  | 'unhealthy-threshold'
  | 'targets';

/** Where the settings of one target group come from. */
export type TargetSettings = (setting: TargetSetting) => Origin;

/** The target groups that a load balancer may send to, in the order of their names. */
export function targetGroupsOf(store: TwinStore, loadBalancerArn: string): TargetGroup[] {
  return [...groupsForwardedTo(store, loadBalancerArn)]
    .flatMap((arn) => store.get('elbv2/target-group', arn) ?? [])
    .sort((a, b) => (a.targetGroupName < b.targetGroupName ? -1 : 1));
}

/** What a controller calls the target group: `ns/ing-svc:port`, `ns/svc:port`. */
export const resourceIdOf = ({ tags }: TargetGroup): string | undefined =>
  tags['ingress.k8s.aws/resource'] ??
  tags['service.k8s.aws/resource'] ??
  tags['gateway.k8s.aws.alb/resource'] ??
  tags['gateway.k8s.aws.nlb/resource'];

/** One target group, with its targets. */
export function explainTargetGroup(
  store: TwinStore,
  group: TargetGroup,
  from: TargetSettings,
): ExplainedResource {
  const { healthCheck: check, protocolVersion } = group;
  const seconds = (setting: TargetSetting, field: string, value: number): Mapping[] =>
    isSaid(from(setting)) ? [{ field, value: `${value}`, origin: from(setting) }] : [];
  const mappings: Mapping[] = [
    { field: 'TargetType', value: group.targetType, origin: from('target-type') },
    { field: 'Port', value: `${group.port}`, origin: from('port') },
    { field: 'Protocol', value: group.protocol, origin: from('protocol') },
    ...(protocolVersion === undefined || protocolVersion === 'HTTP1'
      ? []
      : [{ field: 'ProtocolVersion', value: protocolVersion, origin: from('protocol-version') }]),
    { field: 'HealthCheckProtocol', value: check.protocol, origin: from('healthcheck-protocol') },
    { field: 'HealthCheckPort', value: check.port, origin: from('healthcheck-port') },
    ...(check.path === undefined
      ? []
      : [{ field: 'HealthCheckPath', value: check.path, origin: from('healthcheck-path') }]),
    ...(check.matcher === undefined
      ? []
      : [{ field: 'Matcher', value: check.matcher, origin: from('success-codes') }]),
    ...seconds('healthcheck-interval', 'HealthCheckIntervalSeconds', check.intervalSeconds),
    ...seconds('healthcheck-timeout', 'HealthCheckTimeoutSeconds', check.timeoutSeconds),
    ...seconds('healthy-threshold', 'HealthyThresholdCount', check.healthyThresholdCount),
    ...seconds('unhealthy-threshold', 'UnhealthyThresholdCount', check.unhealthyThresholdCount),
    ...ofAttributes(group, from('attributes')),
    ...ofTargets(store, group, from('targets')),
  ];
  return { name: `target group ${group.targetGroupName}`, mappings };
}

const isSaid = ({ object }: Origin): boolean => object !== undefined;

function ofAttributes({ attributes }: TargetGroup, origin: Origin): Mapping[] {
  if (origin.said === undefined) return [];
  return Object.entries(attributes).flatMap(([key, value]) =>
    origin.said!.includes(key) ? [{ field: key, value, origin }] : [],
  );
}

/** Targets in full up to this many; above it, counts. */
const SHOWN_MAX = 6;

function ofTargets(store: TwinStore, group: TargetGroup, origin: Origin): Mapping[] {
  const targets = store
    .lookup('elbv2/target', 'target-group', group.targetGroupArn)
    .sort((a, b) => (`${a.id}:${a.port}` < `${b.id}:${b.port}` ? -1 : 1));
  if (targets.length === 0) {
    return [{ field: 'targets', value: 'none', origin }];
  }
  if (targets.length <= SHOWN_MAX) {
    return targets.map((target) => ({ field: 'target', value: targetText(target), origin }));
  }
  const counts = new Map<string, number>();
  for (const { health } of targets) counts.set(health.state, (counts.get(health.state) ?? 0) + 1);
  const text = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  return [{ field: 'targets', value: `${targets.length}: ${text}`, origin }];
}

function targetText({ id, port, health }: Target): string {
  const why = health.reason === undefined ? '' : ` (${health.reason}: ${health.description})`;
  return `${id}:${port} ${health.state}${why}`;
}

/** How targets of a kind come to be. */
export const registered = (targetType: TargetGroup['targetType'], service: string): Origin =>
  byDefault(
    targetType === 'ip'
      ? `pods that are endpoints of ${service}`
      : 'nodes that are Ready and not excluded',
  );
