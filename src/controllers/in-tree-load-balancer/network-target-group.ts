/**
 * controllers/in-tree-load-balancer/network-target-group — the target group of one port: nodes at
 * their node port.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws_loadbalancer.go:551-690,
 * 771-975.
 */
import type { Instance } from '../../model/ec2/instance.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { TargetGroup } from '../../model/elbv2/target-group.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { keyValues } from './annotations.ts';
import { type PortMapping, targetGroupName } from './network-plan.ts';
import type { Provider } from './provider.ts';
import { must } from './provider-error.ts';

const AT_ONCE = 100;
const DRAINING = 'Target.DeregistrationInProgress';

/** Makes the group and registers the nodes. */
export async function createTargetGroup(
  provider: Provider,
  service: Service,
  mapping: PortMapping,
  instances: readonly Instance[],
  at: { readonly vpcId: string; readonly tags: Tags },
): Promise<TargetGroup> {
  // The timeout is left to AWS: 6 seconds for HTTP, 10 for the others.
  const { timeoutSeconds: _, ...healthCheck } = mapping.healthCheck;
  const group = must(
    await provider.elbv2.createTargetGroup({
      name: targetGroupName(provider, service, mapping),
      targetType: 'instance',
      protocol: mapping.targetProtocol,
      port: mapping.nodePort,
      healthCheck,
      ...at,
    }),
    'error creating load balancer target group',
  );
  await register(provider, group, idsOf(instances));
  return group;
}

const idsOf = (instances: readonly Instance[]): readonly string[] =>
  instances.map(({ instanceId }): string => instanceId).sort();

/** The nodes registered and no others; the health check's port, path and threshold as wanted. */
export async function syncTargetGroup(
  provider: Provider,
  group: TargetGroup,
  mapping: PortMapping,
  instances: readonly Instance[],
): Promise<void> {
  const { elbv2 } = provider;
  const { targetGroupArn } = group;
  const health = must(
    await elbv2.describeTargetHealth({ targetGroupArn }),
    'error describing target group health',
  );
  const staying = health.filter((target) => target.health.reason !== DRAINING);
  const current = new Set(staying.map(({ id }) => id));
  const wanted = new Set(idsOf(instances));
  // First those that go: the group may be full.
  await deregister(provider, group, [...current].filter((id) => !wanted.has(id)).sort());
  await register(
    provider,
    group,
    [...wanted].filter((id) => !current.has(id)),
  );
  const { port, path, healthyThresholdCount, unhealthyThresholdCount } = mapping.healthCheck;
  const changed = {
    ...(port === group.healthCheck.port ? {} : { port }),
    ...(path === undefined || path === group.healthCheck.path ? {} : { path }),
    ...(healthyThresholdCount === group.healthCheck.healthyThresholdCount
      ? {}
      : { healthyThresholdCount, unhealthyThresholdCount }),
  };
  if (Object.keys(changed).length === 0) return;
  must(
    await elbv2.modifyTargetGroup({ targetGroupArn, healthCheck: changed }),
    'error modifying target group health check',
  );
}

const register = ({ elbv2 }: Provider, group: TargetGroup, ids: readonly string[]) =>
  inParts(group, ids, (input) => elbv2.registerTargets(input), 'register targets in');

const deregister = ({ elbv2 }: Provider, group: TargetGroup, ids: readonly string[]) =>
  inParts(group, ids, (input) => elbv2.deregisterTargets(input), 'deregister targets in');

/** A call takes so many targets and no more. */
async function inParts(
  { targetGroupArn, port }: TargetGroup,
  ids: readonly string[],
  call: Provider['elbv2']['registerTargets'],
  what: string,
): Promise<void> {
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const targets = ids.slice(at, at + AT_ONCE).map((id) => ({ id, port }));
    must(await call({ targetGroupArn, targets }), `error trying to ${what} target group`);
  }
}

/** Attributes of the annotation that a group has already under another value. */
export async function syncGroupAttributes(
  { elbv2 }: Provider,
  service: Service,
  loadBalancerArn: string,
): Promise<void> {
  const wanted = Object.entries(keyValues(service, 'target-group-attributes'));
  if (wanted.length === 0) return;
  const groups = must(
    await elbv2.describeTargetGroups({ loadBalancerArn }),
    'error updating target groups attributes from load balancer',
  );
  for (const { targetGroupArn } of groups) {
    const current = must(await elbv2.describeTargetGroupAttributes({ targetGroupArn }));
    const changed = wanted.filter(
      ([key, value]) => current[key] !== undefined && current[key] !== value,
    );
    if (changed.length === 0) continue;
    const attributes = Object.fromEntries(changed);
    must(await elbv2.modifyTargetGroupAttributes({ targetGroupArn, attributes }));
  }
}
