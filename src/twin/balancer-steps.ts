/**
 * twin/balancer-steps — load balancers as they come to be, read off the store: made, active, their
 * listeners, rules and target groups, targets and what health checks say of them, names in status.
 */
import type { Tags } from '../model/ec2/tags.ts';
import type { TargetHealth } from '../model/elbv2/target-group.ts';
import type { TwinStore } from '../model/kinds.ts';
import type { Ingress } from '../model/kubernetes/ingress.ts';
import { keyOf } from '../model/kubernetes/meta.ts';

export interface BalancerStep {
  readonly atMs: number;
  readonly what: 'made' | 'state' | 'target' | 'health' | 'status' | 'deleted';
  /** `alb/k8s-shop-web-0123`, `rule/1 on HTTP:80`, `target-group/k8s-…`. */
  readonly object: string;
  readonly text: string;
  /** Whose it is: a group's name, or `namespace/name`. */
  readonly stack?: string | undefined;
  /** The target's id, an address or an instance. */
  readonly target?: string | undefined;
}

const STACK_TAG = /^(ingress|service|gateway)\.k8s\.aws[.\w]*\/stack$/;

/** Whose a resource is, by the tags of either controller. */
function stackOf(tags: Tags): string | undefined {
  const tag = Object.keys(tags).find((key) => STACK_TAG.test(key));
  return tag === undefined ? tags['kubernetes.io/service-name'] : tags[tag];
}

/** Tells of every step from now on. */
export function followBalancers(
  store: TwinStore,
  add: (step: Omit<BalancerStep, 'atMs'>) => void,
): void {
  store.subscribe('elbv2/load-balancer', ({ value, previous }) => {
    const it = value ?? previous!;
    const object = `${it.type === 'application' ? 'alb' : 'nlb'}/${it.loadBalancerName}`;
    const stack = stackOf(it.tags);
    if (value === undefined) add({ what: 'deleted', object, text: '', stack });
    else if (previous === undefined) {
      const zones = it.zones.map(({ zoneName }) => zoneName).join(', ');
      add({ what: 'made', object, text: `${it.scheme} in ${zones}, ${it.state}`, stack });
    } else if (previous.state !== it.state) add({ what: 'state', object, text: it.state, stack });
  });
  store.subscribe('elbv2/listener', ({ value, previous }) => {
    const it = value ?? previous!;
    if (value !== undefined && previous !== undefined) return;
    const object = `listener/${it.protocol}:${it.port}`;
    const what = value === undefined ? 'deleted' : 'made';
    add({ what, object, text: '', stack: stackOf(it.tags) });
  });
  store.subscribe('elbv2/rule', ({ value, previous }) => {
    const it = value ?? previous!;
    if (value !== undefined && previous !== undefined) return;
    const listener = store.get('elbv2/listener', it.listenerArn);
    const on = listener === undefined ? '' : ` on ${listener.protocol}:${listener.port}`;
    const text = it.conditions.map(({ field }) => field).join(', ');
    const what = value === undefined ? 'deleted' : 'made';
    add({ what, object: `rule/${it.priority}${on}`, text, stack: stackOf(it.tags) });
  });
  followTargets(store, add);
  store.subscribe('Ingress', ({ value, previous }) => {
    const [now, before] = [hostOf(value), hostOf(previous)];
    if (value === undefined || now === undefined || now === before) return;
    add({ what: 'status', object: `ing/${keyOf(value)}`, text: now });
  });
}

function followTargets(store: TwinStore, add: (step: Omit<BalancerStep, 'atMs'>) => void): void {
  store.subscribe('elbv2/target-group', ({ value, previous }) => {
    const it = value ?? previous!;
    if (value !== undefined && previous !== undefined) return;
    const text = `${it.targetType} targets, ${it.protocol} ${it.port}`;
    const what = value === undefined ? 'deleted' : 'made';
    add({ what, object: `target-group/${it.targetGroupName}`, text, stack: stackOf(it.tags) });
  });
  store.subscribe('elbv2/target', ({ value, previous }) => {
    if (value?.health === previous?.health) return;
    const { id, port, targetGroupArn } = value ?? previous!;
    const group = store.get('elbv2/target-group', targetGroupArn);
    const object = `target-group/${group?.targetGroupName ?? targetGroupArn}`;
    const stack = group && stackOf(group.tags);
    const isSame = value?.health.state === previous?.health.state;
    if (isSame && value?.health.reason === previous?.health.reason) return;
    const is = value === undefined ? 'deregistered' : healthText(value.health);
    const what = previous === undefined ? 'target' : 'health';
    const text = `${id}:${port} ${previous === undefined ? 'registered, ' : ''}${is}`;
    add({ what, object, text, stack, target: id });
  });
}

const healthText = ({ state, reason }: TargetHealth): string =>
  reason === undefined ? state : `${state} (${reason})`;

const hostOf = (ingress: Ingress | undefined): string | undefined =>
  ingress?.status?.loadBalancer?.ingress?.[0]?.hostname;
