/**
 * controllers/elb-health/classic-health — Classic Load Balancers' health checks: instances come into
 * service after as many passed checks as the healthy threshold says, and leave it likewise.
 *
 * Source: Elastic Load Balancing, "Configure health checks for your Classic Load Balancer"; reason
 * codes and descriptions: ELB API 2012-06-01 DescribeInstanceHealth.
 * Reads: elbv2/classic-load-balancer and what stands in the way.  Writes: its instances' states.
 */
import type { TargetHealthWriter } from '../../cloud/elbv2/target-actions.ts';
import { classicGroupKey } from '../../model/elbv2/classic-group.ts';
import type { HealthChecker } from '../../model/elbv2/health-checker.ts';
import type { ClassicLoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { TargetHealth } from '../../model/elbv2/target-group.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Clock, Timer } from '../../sim/clock.ts';
import { counted, type HealthCount, NO_CHECKS } from './health-count.ts';
import { followChanges, type Marks } from './what-changed.ts';

type ClassicInstance = ClassicLoadBalancer['instances'][number];

const FAILED = 'Instance has failed at least the UnhealthyThreshold number of health checks';
const OUT: Omit<ClassicInstance, 'instanceId'> = {
  state: 'OutOfService',
  reasonCode: 'Instance',
  description: `${FAILED} consecutively.`,
};

interface Checks {
  timer: Timer | undefined;
  /** Something has changed since the last walks. */
  isDue: boolean;
  readonly counts: Map<string, { count: HealthCount; finding: TargetHealth | undefined }>;
}

export class ClassicHealth implements Marks {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #checker: HealthChecker;
  readonly #writer: TargetHealthWriter;
  readonly #checks = new Map<string, Checks>();
  readonly #stops: readonly (() => void)[];

  constructor(clock: Clock, store: TwinStore, checker: HealthChecker, writer: TargetHealthWriter) {
    this.#clock = clock;
    this.#store = store;
    this.#checker = checker;
    this.#writer = writer;
    this.#stops = [
      followChanges(store, this),
      store.subscribe('elbv2/classic-load-balancer', ({ key, value, previous }) => {
        if (value === undefined) this.#forget(key);
        else if (mattersToInstances(previous, value)) this.#mark(key);
      }),
    ];
    for (const { key, value } of store.entries('elbv2/classic-load-balancer'))
      if (value.instances.some(isRegistering)) this.#mark(key);
  }

  get isNeeded(): boolean {
    return this.#store.count('elbv2/classic-load-balancer') > 0;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    for (const { timer } of this.#checks.values()) timer?.cancel();
  }

  id(id: string): void {
    this.#markWhere(({ instances }) => instances.some(({ instanceId }) => instanceId === id));
  }

  nodePort(port: number): void {
    this.#markWhere(({ listeners }) => listeners.some(({ instancePort }) => instancePort === port));
  }

  all(): void {
    this.#markWhere(() => true);
  }

  // Targets are of the other load balancers.
  forget(): void {}
  target(): void {}
  group(): void {}

  #markWhere(isMeant: (balancer: ClassicLoadBalancer) => boolean): void {
    for (const { key, value } of this.#store.entries('elbv2/classic-load-balancer'))
      if (isMeant(value)) this.#mark(key);
  }

  #mark(name: string): void {
    const checks = this.#checksOf(name);
    checks.isDue = true;
    this.#wake(name, checks);
  }

  #forget(name: string): void {
    this.#checks.get(name)?.timer?.cancel();
    this.#checks.delete(name);
  }

  #checksOf(name: string): Checks {
    let checks = this.#checks.get(name);
    if (checks === undefined) {
      checks = { timer: undefined, isDue: false, counts: new Map() };
      this.#checks.set(name, checks);
    }
    return checks;
  }

  #wake(name: string, checks: Checks): void {
    const balancer = this.#store.get('elbv2/classic-load-balancer', name);
    if (checks.timer !== undefined || balancer === undefined) return;
    const everyMs = balancer.healthCheck.intervalSeconds * 1_000;
    const sinceMs = this.#clock.now() - balancer.createdAtMs;
    checks.timer = this.#clock.after(everyMs - (sinceMs % everyMs), () => {
      checks.timer = undefined;
      this.#check(name, checks);
    });
  }

  #check(name: string, checks: Checks): void {
    const balancer = this.#store.get('elbv2/classic-load-balancer', name);
    if (balancer === undefined) return;
    const { isDue } = checks;
    checks.isDue = false;
    let goesOn = false;
    const outcomes: ClassicInstance[] = [];
    for (const instance of balancer.instances) {
      const { instanceId } = instance;
      const before = checks.counts.get(instanceId);
      const finding =
        isDue || before === undefined ? this.#find(balancer, instanceId) : before.finding;
      const count =
        finding === undefined ? NO_CHECKS : counted(before?.count ?? NO_CHECKS, finding);
      checks.counts.set(instanceId, { count, finding });
      if (finding === undefined) continue;
      const after = instanceAfter(instance, count, balancer.healthCheck);
      outcomes.push(after);
      if ((after.state === 'InService') !== (finding.state === 'healthy') || isRegistering(after)) {
        goesOn = true;
      }
    }
    for (const id of checks.counts.keys())
      if (!balancer.instances.some(({ instanceId }) => instanceId === id)) checks.counts.delete(id);
    for (const outcome of outcomes) this.#writer.setInstanceHealth(name, outcome);
    if (goesOn) this.#wake(name, checks);
  }

  /** The check is of the machine, not of one listener: any of them stands for it. */
  #find(balancer: ClassicLoadBalancer, id: string): TargetHealth | undefined {
    const { loadBalancerName: name, listeners } = balancer;
    const port = listeners[0]?.instancePort;
    if (port === undefined) return undefined;
    const state = this.#store.get('ec2/instance', id)?.state;
    if (state !== 'running') return { state: 'unhealthy' };
    return this.#checker.check(name, { targetGroupArn: classicGroupKey(name, port), id, port });
  }
}

const isRegistering = ({ reasonCode }: ClassicInstance): boolean => reasonCode === 'ELB';

/** What an instance is after one more check. */
function instanceAfter(
  instance: ClassicInstance,
  { passes, failures }: HealthCount,
  { healthyThreshold, unhealthyThreshold }: ClassicLoadBalancer['healthCheck'],
): ClassicInstance {
  const { instanceId } = instance;
  if (passes >= healthyThreshold) return { instanceId, state: 'InService' };
  return failures >= unhealthyThreshold ? { instanceId, ...OUT } : instance;
}

/** Not only what a check has just found. */
function mattersToInstances(was: ClassicLoadBalancer | undefined, is: ClassicLoadBalancer) {
  const ids = (it: ClassicLoadBalancer): string =>
    it.instances.map(({ instanceId }) => instanceId).join();
  return (
    was === undefined ||
    was.healthCheck !== is.healthCheck ||
    was.zones !== is.zones ||
    was.securityGroups !== is.securityGroups ||
    was.listeners !== is.listeners ||
    ids(was) !== ids(is)
  );
}
