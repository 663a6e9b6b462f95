/**
 * controllers/elb-health — Elastic Load Balancing's own health checks: every target of a group that
 * a load balancer forwards to is asked once an interval. A check is walked when something it
 * depends on has changed; until then the next one finds what the last one found, and a group whose
 * targets are all known waits without a timer.
 *
 * Source: Elastic Load Balancing, "Health checks for your target groups" (Application, Network).
 * Reads: elbv2, EC2, pods and what stands in the way.  Writes: elbv2/target through AWS's own pen.
 */
import { loadBalancersTo } from '../../cloud/elbv2/forwards.ts';
import type { TargetHealthWriter } from '../../cloud/elbv2/target-actions.ts';
import type { HealthChecker } from '../../model/elbv2/health-checker.ts';
import type { LoadBalancer } from '../../model/elbv2/load-balancer.ts';
import {
  type Target,
  type TargetGroup,
  type TargetHealth,
  targetKeyOf,
} from '../../model/elbv2/target-group.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Clock, Timer } from '../../sim/clock.ts';
import { counted, type HealthCount, healthAfter, isSettled, NO_CHECKS } from './health-count.ts';
import { followChanges, isInstance, type Marks, type Which } from './what-changed.ts';

/**
 * A network load balancer takes minutes to know a new target (user guide, "It can take a few
 * minutes for the registration process to complete"; the figure is recollection).
 */
const NETWORK_REGISTRATION_MS = 90_000;

interface Known {
  count: HealthCount;
  /** What the last walk found; undefined: nobody asks. */
  finding: TargetHealth | undefined;
}

interface GroupChecks {
  /** Targets whose check has to be walked, by key. */
  readonly due: Set<string>;
  readonly known: Map<string, Known>;
  timer: Timer | undefined;
}

export class ElbHealth implements Marks {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #checker: HealthChecker;
  readonly #writer: TargetHealthWriter;
  readonly #groups = new Map<string, GroupChecks>();
  readonly #all = new Set<Which>();
  readonly #unfollow: () => void;
  #isStopped = false;

  constructor(clock: Clock, store: TwinStore, checker: HealthChecker, writer: TargetHealthWriter) {
    this.#clock = clock;
    this.#store = store;
    this.#checker = checker;
    this.#writer = writer;
    this.#unfollow = followChanges(store, this);
    // What is known already stays known: an export says how its targets are.
    for (const { value } of store.entries('elbv2/target'))
      if (value.health.state === 'initial') this.target(value);
  }

  stop(): void {
    this.#isStopped = true;
    this.#unfollow();
    for (const { timer } of this.#groups.values()) timer?.cancel();
  }

  forget(target: Target): void {
    const key = targetKeyOf(target);
    const checks = this.#groups.get(target.targetGroupArn);
    checks?.known.delete(key);
    checks?.due.delete(key);
  }

  target(target: Target): void {
    if (!isAsked(target)) return;
    this.#checksOf(target.targetGroupArn).due.add(targetKeyOf(target));
    this.#wake(target.targetGroupArn);
  }

  group(targetGroupArn: string): void {
    for (const target of this.#store.lookup('elbv2/target', 'target-group', targetGroupArn))
      this.target(target);
  }

  get isNeeded(): boolean {
    return this.#store.count('elbv2/target') > 0;
  }

  id(id: string): void {
    for (const target of this.#store.lookup('elbv2/target', 'id', id)) this.target(target);
  }

  nodePort(port: number): void {
    for (const target of this.#store.lookup('elbv2/target', 'port', String(port)))
      if (isInstance(target)) this.target(target);
  }

  /** Gone through once for all changes of the same instant. */
  all(which: Which): void {
    if (this.#all.size === 0) this.#clock.after(0, () => this.#markAll());
    this.#all.add(which);
  }

  #markAll(): void {
    const asked = [...this.#all];
    this.#all.clear();
    if (this.#isStopped) return;
    for (const { value } of this.#store.entries('elbv2/target'))
      if (asked.some((which) => which(value))) this.target(value);
  }

  #checksOf(arn: string): GroupChecks {
    let checks = this.#groups.get(arn);
    if (checks === undefined) {
      checks = { due: new Set(), known: new Map(), timer: undefined };
      this.#groups.set(arn, checks);
    }
    return checks;
  }

  /** Looks at the group when its next checks are due; they come once an interval. */
  #wake(arn: string): void {
    const checks = this.#checksOf(arn);
    const group = this.#store.get('elbv2/target-group', arn);
    if (checks.timer !== undefined || group === undefined) return;
    const everyMs = group.healthCheck.intervalSeconds * 1_000;
    const sinceMs = this.#clock.now() - group.createdAtMs;
    checks.timer = this.#clock.after(everyMs - (sinceMs % everyMs), () => {
      checks.timer = undefined;
      this.#check(arn, checks);
    });
  }

  #check(arn: string, checks: GroupChecks): void {
    const group = this.#store.get('elbv2/target-group', arn);
    const balancer = this.#balancerOf(arn);
    if (group === undefined) {
      this.#groups.delete(arn);
      return;
    }
    // Its becoming active marks its groups again.
    if (balancer === undefined || !group.healthCheck.enabled) return;
    const targets = this.#store.lookup('elbv2/target', 'target-group', arn).filter(isAsked);
    const notBeforeMs = balancer.type === 'network' ? NETWORK_REGISTRATION_MS : 0;
    let goesOn = false;
    const outcomes: (readonly [Target, TargetHealth])[] = [];
    // All are walked before one is written: a write makes the group anew for the next walk.
    for (const target of targets) {
      if (this.#clock.now() < target.registeredAtMs + notBeforeMs) {
        if (checks.due.has(targetKeyOf(target))) goesOn = true;
        continue;
      }
      const health = this.#look(group, balancer, target, checks);
      if (health === undefined) continue;
      outcomes.push([target, health]);
      if (!isSettled(health, checks.known.get(targetKeyOf(target))!.finding!)) goesOn = true;
    }
    for (const [target, health] of outcomes) this.#writer.setTargetHealth(target, health);
    if (outcomes.length > 0) this.#tellFront(balancer);
    if (goesOn) this.#wake(arn);
  }

  /** What a target is after one more check; undefined: as it was, and nothing is under way. */
  #look(
    group: TargetGroup,
    balancer: LoadBalancer,
    target: Target,
    checks: GroupChecks,
  ): TargetHealth | undefined {
    const key = targetKeyOf(target);
    const before = checks.known.get(key);
    const isDue = checks.due.delete(key);
    if (!isDue && (before?.finding === undefined || isSettled(target.health, before.finding))) {
      return undefined;
    }
    const finding =
      isDue || before === undefined ? this.#find(group, balancer, target) : before.finding;
    if (finding === undefined) {
      checks.known.set(key, { count: NO_CHECKS, finding });
      return undefined;
    }
    // A target that cannot be asked at all is said so at once.
    if (finding.state === 'unused') {
      checks.known.set(key, { count: NO_CHECKS, finding });
      return finding;
    }
    const count = counted(before?.count ?? NO_CHECKS, finding);
    checks.known.set(key, { count, finding });
    return healthAfter(target.health, count, finding, group.healthCheck);
  }

  #find(group: TargetGroup, balancer: LoadBalancer, target: Target): TargetHealth | undefined {
    if (group.targetType === 'instance') {
      const state = this.#store.get('ec2/instance', target.id)?.state ?? 'terminated';
      if (state !== 'running' && state !== 'pending') return inState(state);
    }
    return this.#checker.check(balancer.loadBalancerArn, target);
  }

  /** A group is forwarded to by one load balancer; undefined while it has none that is active. */
  #balancerOf(arn: string): LoadBalancer | undefined {
    for (const balancerArn of loadBalancersTo(this.#store, arn)) {
      const balancer = this.#store.get('elbv2/load-balancer', balancerArn);
      if (balancer !== undefined && IS_UP.has(balancer.state)) return balancer;
    }
    return undefined;
  }

  /** A load balancer in front of this one asks what this one answers now. */
  #tellFront({ loadBalancerArn }: LoadBalancer): void {
    for (const key of this.#store.lookupKeys('elbv2/target', 'id', loadBalancerArn)) {
      const front = this.#store.get('elbv2/target', key);
      if (front !== undefined) this.target(front);
    }
  }
}

const IS_UP: ReadonlySet<string> = new Set(['active', 'active_impaired']);

const inState = (state: string): TargetHealth => ({
  state: 'unused',
  reason: 'Target.InvalidState',
  description: `Target is in the ${state} state`,
});

/** Whether load balancers ask the target at all. */
const isAsked = ({ health }: Target): boolean =>
  health.state !== 'draining' &&
  (health.state !== 'unused' || health.reason === 'Target.InvalidState');
