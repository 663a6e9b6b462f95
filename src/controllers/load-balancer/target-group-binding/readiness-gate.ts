/**
 * load-balancer/target-group-binding/readiness-gate — the condition of a pod that its readiness
 * gate waits for: is it healthy behind the load balancer?
 *
 * Upstream: aws-load-balancer-controller@225f4456
 * pkg/targetgroupbinding/resource_manager.go:405-560.
 * Writes: Pod status, conditions `target-health.elbv2.k8s.aws/NAME`.
 */
import { isApiStatus, type Kubernetes } from '../../../cluster/kubernetes.ts';
import type { TargetHealth } from '../../../model/elbv2/target-group.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import { conditionOf, withCondition } from '../../../model/kubernetes/condition.ts';
import type { Pod } from '../../../model/kubernetes/core.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { type Condition, keyOf } from '../../../model/kubernetes/meta.ts';
import { timestamp } from '../../../model/time.ts';
import type { Clock } from '../../../sim/clock.ts';
import { DeployError } from '../deploy/deploy-error.ts';

export const GATE_PREFIX = 'target-health.elbv2.k8s.aws';
/** The gates of the controller's first version. */
export const LEGACY_GATE_PREFIX = 'target-health.alb.ingress.k8s.aws';

/** The condition a binding keeps on its pods. */
export const gateOf = ({ metadata }: TargetGroupBinding): string =>
  `${GATE_PREFIX}/${metadata.name}`;

/** True when the pod waits for the condition. */
export const hasGate = ({ spec }: Pod, gate: string): boolean =>
  (spec.readinessGates ?? []).some(({ conditionType }) => conditionType === gate);

/** True when a pod has the condition and it is not True. */
export const isWaiting = ({ status }: Pod, gate: string): boolean =>
  (conditionOf(status?.conditions, gate)?.status ?? 'True') !== 'True';

/** What the gate's condition says of a target; nothing is known of one that was not looked at. */
export function gateStatus(health: TargetHealth | undefined): Condition['status'] {
  if (health === undefined) return 'Unknown';
  return health.state === 'healthy' ? 'True' : 'False';
}

export class ReadinessGates {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;

  constructor(clock: Clock, store: TwinStore, kubernetes: Kubernetes) {
    this.#clock = clock;
    this.#store = store;
    this.#kubernetes = kubernetes;
  }

  /**
   * Writes what a target's health means for its pod.
   *
   * @returns true when it has to be looked at again
   */
  write({ metadata, spec }: Pod, gate: string, health: TargetHealth | undefined): boolean {
    if (!hasGate({ metadata, spec } as Pod, gate)) return false;
    const pod = this.#store.get('Pod', keyOf({ metadata }));
    if (pod === undefined || pod.metadata.uid !== metadata.uid) return false;
    const status = gateStatus(health);
    const goesOn = status !== 'True';
    const { reason = '', description: message = '' } = health ?? {};
    const before = conditionOf(pod.status?.conditions, gate);
    if (
      before?.status === status &&
      (before.reason ?? '') === reason &&
      (before.message ?? '') === message
    )
      return goesOn;
    const condition: Condition = {
      type: gate,
      status,
      lastProbeTime: null,
      lastTransitionTime: timestamp(this.#clock.now()),
      ...(reason === '' ? {} : { reason }),
      ...(message === '' ? {} : { message }),
    };
    // A strategic patch puts what is new in front.
    const conditions =
      before === undefined
        ? [condition, ...(pod.status?.conditions ?? [])]
        : withCondition(pod.status?.conditions, condition);
    const written = this.#kubernetes.updateStatus({
      ...pod,
      status: { ...pod.status, conditions },
    });
    if (isApiStatus(written)) {
      if (written.reason === 'NotFound') return false;
      throw new DeployError(written.message);
    }
    return goesOn;
  }

  /** The binding goes: nobody waits for it any longer. */
  release(binding: TargetGroupBinding): void {
    const gate = gateOf(binding);
    const health = { state: 'healthy', description: 'Target Group Binding is deleted' } as const;
    for (const pod of this.#store.lookup('Pod', 'namespace', binding.metadata.namespace ?? ''))
      if (hasGate(pod, gate)) this.write(pod, gate, health);
  }
}
