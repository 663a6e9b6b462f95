/**
 * controllers/load-balancer/target-group-binding — the loop over TargetGroupBindings, those of the
 * controller's own stacks and those that users write.
 *
 * Upstream: aws-load-balancer-controller@225f4456
 * controllers/elbv2/targetgroupbinding_controller.go,
 * targetgroupbinding_deferred_reconciler.go, eventhandlers/*.go. A look-again every fifteen seconds
 * is an idle poll here; it becomes due when the target or the group it waits for has changed.
 * Reads: TargetGroupBinding, Service, EndpointSlice, Pod, Node.  Writes: as reconcile-binding.
 */
import type { Ec2 } from '../../../cloud/ec2/operations.ts';
import type { Elbv2 } from '../../../cloud/elbv2/operations.ts';
import { isApiStatus, type Kubernetes } from '../../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../../model/kinds.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { type Condition, keyOf } from '../../../model/kubernetes/meta.ts';
import { timestamp, unixSeconds } from '../../../model/time.ts';
import type { Clock } from '../../../sim/clock.ts';
import { type Controller, done, type Result, retry } from '../../../sim/controller.ts';
import type { Random } from '../../../sim/random.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import { IDLE_RETRY_MS } from '../loops/outcome.ts';
import type { BindingNetworking } from '../networking/binding-networking.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { bindingWatches } from './binding-watches.ts';
import { CHECKPOINT, CHECKPOINT_TIMESTAMP } from './checkpoint.ts';
import { Deferral } from './deferral.ts';
import { LookAgain } from './look-again.ts';
import { ReadinessGates } from './readiness-gate.ts';
import { type BindingParts, cleanUpBinding, reconcileBinding } from './reconcile-binding.ts';
import { Registration } from './registration.ts';
import { Targets } from './targets.ts';
import { TrackedTargets } from './tracked-targets.ts';

export const BINDING_FINALIZER = 'elbv2.k8s.aws/resources';
const COMPONENT = 'targetGroupBinding';

export type BindingSettings = Pick<
  ControllerSettings,
  | 'vpcId'
  | 'featureGates'
  | 'maxTargetsPerTargetGroup'
  | 'targetgroupbindingRequeueDuration'
  | 'targetgroupbindingMaxConcurrentReconciles'
>;

/** What the controller is given of the cloud and of the parts it shares with its neighbours. */
export interface BindingWorld {
  readonly ec2: Ec2;
  readonly elbv2: Elbv2;
  readonly networking: BindingNetworking;
}

/** Requests are `namespace/name`. */
export function targetGroupBindingController(
  clock: Clock,
  random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
  world: BindingWorld,
  settings: BindingSettings,
): Controller<Kinds> {
  const loop = new BindingLoop(clock, random, store, kubernetes, world, settings);
  return {
    name: 'target-group-binding',
    concurrency: settings.targetgroupbindingMaxConcurrentReconciles,
    idleRetryMs: IDLE_RETRY_MS,
    watches: bindingWatches(store, loop.lookAgain, world.networking),
    reconcile: (key) => loop.reconcile(key),
    stop: () => loop.stop(),
  };
}

class BindingLoop {
  readonly lookAgain: LookAgain;
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #parts: BindingParts;
  readonly #deferral: Deferral;

  constructor(
    clock: Clock,
    random: Random,
    store: TwinStore,
    kubernetes: Kubernetes,
    { ec2, elbv2, networking }: BindingWorld,
    settings: BindingSettings,
  ) {
    this.#clock = clock;
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.lookAgain = new LookAgain(clock, settings.targetgroupbindingRequeueDuration);
    this.#deferral = new Deferral(clock, random, (key) => this.#writeCheckpoint(key, ''));
    const targets = new Targets(clock, elbv2);
    this.#parts = {
      store,
      targets,
      registration: new Registration(clock, store, ec2, targets, settings.vpcId),
      networking,
      tracked: new TrackedTargets(store, kubernetes),
      gates: new ReadinessGates(clock, store, kubernetes),
      settings: {
        failOpen: settings.featureGates.EndpointsFailOpen,
        maxTargets: settings.maxTargetsPerTargetGroup,
      },
      writeCheckpoint: (binding, checkpoint) => this.#writeCheckpoint(keyOf(binding), checkpoint),
      checkpointOf: (binding) => this.#checkpointOf(keyOf(binding)),
      warn: (binding, reason, message) => this.#event(binding, 'Warning', reason, message),
    };
  }

  stop(): void {
    this.#deferral.stop();
  }

  async reconcile(key: string): Promise<Result> {
    const binding = this.#store.get('TargetGroupBinding', key);
    if (binding === undefined) {
      this.lookAgain.forget(key);
      return done;
    }
    const early = this.lookAgain.waitsStill(key);
    if (early !== undefined) return early;
    try {
      return binding.metadata.deletionTimestamp === undefined
        ? await this.#bring(key, binding)
        : await this.#cleanUp(key, binding);
    } catch (error) {
      if (!(error instanceof DeployError)) throw error;
      return retry(error.message);
    }
  }

  async #bring(key: string, given: TargetGroupBinding): Promise<Result> {
    const binding = this.#withFinalizer(given);
    const outcome = await this.#told(binding, 'FailedReconcile', 'Failed reconcile', () =>
      reconcileBinding(this.#parts, binding),
    );
    if (outcome.kind === 'look again') return this.lookAgain.after(key, outcome.why, binding);
    this.lookAgain.forget(key);
    if (outcome.kind === 'skipped') {
      this.#deferral.enqueue(key);
      return done;
    }
    this.#deferral.markProcessed(key);
    this.#writeObservedGeneration(key);
    this.#event(binding, 'Normal', 'SuccessfullyReconciled', 'Successfully reconciled');
    return done;
  }

  async #cleanUp(key: string, binding: TargetGroupBinding): Promise<Result> {
    if (!(binding.metadata.finalizers ?? []).includes(BINDING_FINALIZER)) return done;
    await this.#told(binding, 'FailedCleanup', 'Failed cleanup', async () => {
      try {
        await cleanUpBinding(this.#parts, binding);
      } catch (error) {
        if (error instanceof DeployError) this.#writeNotReady(key, error.message);
        throw error;
      }
    });
    const now = this.#store.get('TargetGroupBinding', key);
    if (now === undefined) return done;
    const finalizers = (now.metadata.finalizers ?? []).filter((it) => it !== BINDING_FINALIZER);
    const removed = this.#kubernetes.update({ ...now, metadata: { ...now.metadata, finalizers } });
    if (!isApiStatus(removed)) return done;
    this.#event(
      binding,
      'Warning',
      'FailedRemoveFinalizer',
      `Failed remove finalizer due to ${removed.message}`,
    );
    return retry(removed.message);
  }

  /** Runs `work`; a failure becomes an event. */
  async #told<T>(
    binding: TargetGroupBinding,
    reason: string,
    says: string,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DeployError) {
        this.#event(binding, 'Warning', reason, `${says} due to ${error.message}`);
      }
      throw error;
    }
  }

  #withFinalizer(binding: TargetGroupBinding): TargetGroupBinding {
    const { finalizers = [] } = binding.metadata;
    if (finalizers.includes(BINDING_FINALIZER)) return binding;
    const metadata = { ...binding.metadata, finalizers: [...finalizers, BINDING_FINALIZER] };
    const written = this.#kubernetes.update({ ...binding, metadata });
    if (!isApiStatus(written)) return written;
    const text = `Failed add finalizer due to ${written.message}`;
    this.#event(binding, 'Warning', 'FailedAddFinalizer', text);
    throw new DeployError(written.message);
  }

  #checkpointOf(key: string): string {
    return this.#store.get('TargetGroupBinding', key)?.metadata.annotations?.[CHECKPOINT] ?? '';
  }

  #writeCheckpoint(key: string, checkpoint: string): void {
    const binding = this.#store.get('TargetGroupBinding', key);
    if (binding === undefined || this.#checkpointOf(key) === checkpoint) return;
    const seconds = unixSeconds(this.#clock.now());
    const annotations = {
      ...binding.metadata.annotations,
      [CHECKPOINT]: checkpoint,
      [CHECKPOINT_TIMESTAMP]: String(seconds),
    };
    const metadata = { ...binding.metadata, annotations };
    const written = this.#kubernetes.update({ ...binding, metadata });
    if (!isApiStatus(written)) return;
    throw new DeployError(
      `failed to update targetGroupBinding checkpoint: ${key}: ${written.message}`,
    );
  }

  #writeObservedGeneration(key: string): void {
    const binding = this.#store.get('TargetGroupBinding', key);
    if (binding === undefined) return;
    const { generation: observedGeneration } = binding.metadata;
    if (binding.status?.observedGeneration === observedGeneration) return;
    this.#kubernetes.updateStatus({
      ...binding,
      status: { ...binding.status, observedGeneration },
    });
  }

  #writeNotReady(key: string, message: string): void {
    const binding = this.#store.get('TargetGroupBinding', key);
    if (binding === undefined) return;
    const condition: Condition = {
      type: 'Ready',
      status: 'False',
      reason: 'FailedCleanup',
      message,
      observedGeneration: binding.metadata.generation,
      lastTransitionTime: timestamp(this.#clock.now()),
    };
    const conditions = binding.status?.conditions ?? [];
    const before = conditions.find(({ type }) => type === 'Ready');
    if (before?.message === message && before.reason === condition.reason) return;
    const others = conditions.filter(({ type }) => type !== 'Ready');
    const status = { ...binding.status, conditions: [...others, condition] };
    this.#kubernetes.updateStatus({ ...binding, status });
  }

  #event(
    binding: TargetGroupBinding,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    this.#kubernetes.recordEvent(binding, { type, reason, message, component: COMPONENT });
  }
}
