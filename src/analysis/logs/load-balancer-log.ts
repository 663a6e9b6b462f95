/**
 * analysis/logs/load-balancer-log — what the AWS Load Balancer Controller prints: its start, what
 * it made and unmade in AWS, and what came of its reconciles.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 main.go, pkg/deploy/{elbv2,ec2}
 * (creating, created …), controllers/ingress/group_controller.go, controllers/service.
 */
import type { Event } from '../../model/kubernetes/core.ts';
import { parseTimestamp } from '../../model/time.ts';
import type { LogLine } from '../../twin/log-book.ts';
import type { Twin } from '../../twin/twin.ts';
import { zap } from './log-formats.ts';

/** What an action is called before and after it, and which member of the answer says its id. */
const TOLD: Readonly<
  Record<string, readonly [doing: string, done: string, noun: string, id: string]>
> = {
  CreateSecurityGroup: ['creating', 'created', 'securityGroup', 'groupId'],
  DeleteSecurityGroup: ['deleting', 'deleted', 'securityGroup', 'groupId'],
  CreateTargetGroup: ['creating', 'created', 'targetGroup', 'targetGroupArn'],
  DeleteTargetGroup: ['deleting', 'deleted', 'targetGroup', 'targetGroupArn'],
  CreateLoadBalancer: ['creating', 'created', 'loadBalancer', 'loadBalancerArn'],
  DeleteLoadBalancer: ['deleting', 'deleted', 'loadBalancer', 'loadBalancerArn'],
  CreateListener: ['creating', 'created', 'listener', 'listenerArn'],
  DeleteListener: ['deleting', 'deleted', 'listener', 'listenerArn'],
  ModifyListener: ['modifying', 'modified', 'listener', 'listenerArn'],
  CreateRule: ['creating', 'created', 'listener rule', 'ruleArn'],
  DeleteRule: ['deleting', 'deleted', 'listener rule', 'ruleArn'],
  ModifyRule: ['modifying', 'modified', 'listener rule', 'ruleArn'],
  RegisterTargets: ['registering', 'registered', 'targets', 'targetGroupArn'],
  DeregisterTargets: ['deRegistering', 'deRegistered', 'targets', 'targetGroupArn'],
};

const CONTROLLERS: Readonly<Record<string, string>> = {
  Ingress: 'ingress',
  Service: 'service',
  TargetGroupBinding: 'targetGroupBinding',
  Gateway: 'gateway',
};

/** Lines of the container, oldest first. */
export function loadBalancerLog(twin: Twin, startedMs: number, image: string): readonly LogLine[] {
  const GitVersion = /:(v[^@]+)/.exec(image)?.[1] ?? '';
  const lines = [
    zap(startedMs, 'version', { GitVersion }),
    zap(startedMs, 'starting podInfo repo', { logger: 'setup' }),
    ...['ingress', 'service', 'targetGroupBinding'].map((controller) =>
      zap(startedMs, 'Starting workers', { controller, 'worker count': 3 }),
    ),
  ];
  for (const { caller, action, atMs, durationMs, change, errorCode } of twin.calls.calls) {
    const told = TOLD[action];
    if (caller !== 'aws-load-balancer-controller' || atMs < startedMs) continue;
    if (told === undefined || change === undefined) continue;
    const [doing, done, noun, id] = told;
    const input = change.input as Readonly<Record<string, unknown>> | undefined;
    const output = change.output as Readonly<Record<string, unknown>> | undefined;
    const name = input?.name ?? input?.groupName;
    const targets = input?.targets === undefined ? {} : { targets: input.targets };
    const arn = String(output?.[id] ?? input?.[id] ?? name ?? '');
    const key = noun === 'targets' || id.endsWith('Arn') ? 'arn' : 'securityGroupID';
    lines.push(
      zap(atMs, `${doing} ${noun}`, { ...(name === undefined ? {} : { name }), ...targets }),
    );
    if (errorCode === undefined)
      lines.push(zap(atMs + durationMs, `${done} ${noun}`, { [key]: arn, ...targets }));
  }
  for (const event of twin.store.list('Event')) lines.push(...reconcileLines(event, startedMs));
  return lines.sort((a, b) => a.atMs - b.atMs);
}

/** What an event says of a reconcile. */
function reconcileLines(event: Event, startedMs: number): readonly LogLine[] {
  const { involvedObject: about, reason, message, type } = event;
  const kind = CONTROLLERS[about.kind];
  const isOurs =
    kind !== undefined &&
    [kind, 'elbv2.k8s.aws', 'aws-load-balancer-controller'].some((it) =>
      event.source.component.includes(it),
    );
  const atMs = parseTimestamp(event.lastTimestamp);
  if (!isOurs || atMs === undefined || atMs < startedMs) return [];
  const { namespace = '', name } = about;
  if (reason === 'SuccessfullyReconciled') {
    const group = kind === 'ingress' ? 'ingressGroup' : kind;
    const logger = `controllers.${kind}`;
    return [zap(atMs, 'successfully deployed model', { logger, [group]: `${namespace}/${name}` })];
  }
  if (type !== 'Warning') return [];
  const fields = { controller: kind, object: { name, namespace }, namespace, name, error: message };
  return [zap(atMs, 'Reconciler error', fields, 'error')];
}
