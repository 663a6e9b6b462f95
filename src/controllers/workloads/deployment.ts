/**
 * controllers/workloads/deployment — rolls pod templates out by making one ReplicaSet per template
 * and moving replicas from the old to the new.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/deployment (syncDeployment, rolling.go,
 * recreate.go, sync.go, progress.go).
 * Reads: Deployment, ReplicaSet, Pod (Recreate only).  Writes: ReplicaSet, Deployment status and
 * revision annotation, events.
 */
import { isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { Deployment, ReplicaSet } from '../../model/kubernetes/apps.ts';
import { conditionOf, isPodTerminal } from '../../model/kubernetes/condition.ts';
import { controllerOf, keyOf } from '../../model/kubernetes/meta.ts';
import { isEmptySelector } from '../../model/kubernetes/selectors.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Result, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { BackgroundRetry } from './background-retry.ts';
import { Claims } from './claims.ts';
import { Deadlines } from './deadlines.ts';
import {
  newestSet,
  nextRevision,
  REVISION,
  revisionOf,
  setAnnotations,
  setFor,
  sizeAnnotations,
  wasScaled,
} from './deployment-sets.ts';
import {
  isComplete,
  progressing,
  rolloutStatus,
  statusOf,
  withProgress,
} from './deployment-status.ts';
import {
  byAge,
  isRecreate,
  newSetReplicas,
  oldSetReplicas,
  proportionalReplicas,
  replicasOf,
  sumReplicas,
} from './rollout-arithmetic.ts';
import { templateText } from './template-hash.ts';

const COMPONENT = 'deployment-controller';
const BATCH_MS = 20;

export function deploymentController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const claims = new Claims(store, kubernetes, 'ReplicaSet', 'Deployment');
  const deadlines = new Deadlines(clock, (request) => void reconcile(request));
  const sync = new DeploymentSync(clock, store, kubernetes, deadlines);
  const reconcile = (request: string): Result => {
    const deployment = store.get('Deployment', request);
    if (deployment === undefined) {
      deadlines.set(request, undefined);
      return done;
    }
    claims.settle(deployment);
    return sync.sync(request, deployment);
  };
  return {
    name: 'deployment',
    batchMs: BATCH_MS,
    watches: [
      watch<Kinds, 'Deployment'>('Deployment', ({ key, value }) => {
        claims.seeOwner(key, value);
        return [key];
      }),
      watch<Kinds, 'ReplicaSet'>('ReplicaSet', (event) => claims.seeChild(event)),
      // Recreate waits for the old pods to be gone (getDeploymentForPod).
      watch<Kinds, 'Pod'>('Pod', ({ value, previous }) => {
        if (value !== undefined || previous === undefined) return [];
        const owner = controllerOf(previous);
        if (owner?.kind !== 'ReplicaSet') return [];
        const set = store.get('ReplicaSet', `${previous.metadata.namespace}/${owner.name}`);
        const deployment = set === undefined ? undefined : controllerOf(set);
        if (set === undefined || deployment?.kind !== 'Deployment') return [];
        const key = `${set.metadata.namespace}/${deployment.name}`;
        const found = store.get('Deployment', key);
        return found !== undefined && isRecreate(found) ? [key] : [];
      }),
    ],
    reconcile,
    stop: () => deadlines.stop(),
  };
}

/** One look at one Deployment. Every write is followed by an event, hence by another look. */
class DeploymentSync {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #retries: BackgroundRetry;
  readonly #deadlines: Deadlines;

  constructor(clock: Clock, store: TwinStore, kubernetes: Kubernetes, deadlines: Deadlines) {
    this.#clock = clock;
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#retries = new BackgroundRetry(clock);
    this.#deadlines = deadlines;
  }

  sync(request: string, given: Deployment): Result {
    if (isEmptySelector(given.spec.selector)) return done;
    const sets = this.#store.lookup('ReplicaSet', 'owner', given.metadata.uid!);
    if (given.metadata.deletionTimestamp !== undefined) return this.#writeStatus(given, sets);
    const deployment = this.#withPause(given);
    if (deployment.spec.paused === true || wasScaled(deployment, sets)) {
      const newest = this.#withNewest(deployment, sets, undefined);
      this.#scale(newest.deployment, newest.sets, newest.set);
      if (deployment.spec.paused === true) this.#cleanUp(deployment, newest.sets, newest.set);
      return this.#writeStatus(newest.deployment, this.#fresh(deployment));
    }
    if (isRecreate(deployment)) return this.#recreate(request, deployment, sets);
    return this.#roll(request, deployment, sets);
  }

  #fresh({ metadata }: Deployment): readonly ReplicaSet[] {
    return this.#store.lookup('ReplicaSet', 'owner', metadata.uid!);
  }

  #roll(request: string, deployment: Deployment, sets: readonly ReplicaSet[]): Result {
    const made = this.#withNewest(deployment, sets, newSetReplicas(deployment, sets, undefined));
    if (made.refused !== undefined) return this.#refused(request, made.deployment, made.refused);
    const newest = made.set!;
    const all = made.sets;
    const replicas = replicasOf(newest);
    const wanted =
      replicas > replicasOf(deployment)
        ? replicasOf(deployment)
        : newSetReplicas(deployment, all, newest);
    if (wanted !== replicas) {
      this.#resize(made.deployment, newest, wanted);
      return this.#progress(made.deployment);
    }
    const old = all.filter((set) => set !== newest);
    for (const [set, size] of oldSetReplicas(deployment, newest, old)) {
      this.#resize(made.deployment, set, size);
    }
    return this.#finish(made.deployment, newest);
  }

  #recreate(request: string, deployment: Deployment, sets: readonly ReplicaSet[]): Result {
    const found = this.#withNewest(deployment, sets, undefined);
    const old = found.sets.filter((set) => set !== found.set);
    const shrinking = old.filter((set) => replicasOf(set) > 0);
    for (const set of shrinking) this.#resize(found.deployment, set, 0);
    if (shrinking.length > 0 || this.#arePodsLeft(old)) return this.#progress(found.deployment);
    const made = this.#withNewest(found.deployment, found.sets, replicasOf(deployment));
    if (made.refused !== undefined) return this.#refused(request, made.deployment, made.refused);
    const newest = made.set!;
    if (replicasOf(newest) !== replicasOf(deployment)) {
      this.#resize(made.deployment, newest, replicasOf(deployment));
    }
    return this.#finish(made.deployment, newest);
  }

  /** recreate.go oldPodsRunning. */
  #arePodsLeft(old: readonly ReplicaSet[]): boolean {
    return old.some((set) =>
      this.#store.lookup('Pod', 'owner', set.metadata.uid!).some((pod) => !isPodTerminal(pod)),
    );
  }

  #finish(deployment: Deployment, { metadata }: ReplicaSet): Result {
    const sets = this.#fresh(deployment);
    const newest = sets.find((set) => set.metadata.uid === metadata.uid);
    const status = statusOf(deployment, sets, newest, this.#clock.now());
    if (isComplete(deployment, status)) this.#cleanUp(deployment, sets, newest);
    return this.#progress(deployment);
  }

  /** The set of the present template; made with `replicas` when there is none and that is given. */
  #withNewest(
    deployment: Deployment,
    sets: readonly ReplicaSet[],
    replicas: number | undefined,
  ): {
    readonly deployment: Deployment;
    readonly sets: readonly ReplicaSet[];
    readonly set?: ReplicaSet | undefined;
    readonly refused?: string | undefined;
  } {
    const found = newestSet(deployment, sets);
    const revision = nextRevision(sets.filter((set) => set !== found));
    if (found !== undefined) {
      const set = this.#annotate(deployment, found, revision);
      const revised = this.#withRevision(deployment, revisionOf(set));
      const all = sets.map((it) => (it === found ? set : it));
      return { deployment: this.#noteFound(revised, set), sets: all, set };
    }
    if (replicas === undefined) return { deployment, sets };
    const created = this.#kubernetes.create(setFor(deployment, replicas, revision));
    if (isApiStatus(created)) {
      if (created.reason === 'AlreadyExists')
        return this.#collided(deployment, sets, created.message);
      return { deployment, sets, refused: created.message };
    }
    if (replicas > 0) this.#tellScaled(deployment, created, 0, replicas);
    const revised = this.#withRevision(deployment, revision);
    const message = `Created new replica set "${created.metadata.name}"`;
    const noted = this.#note(revised, 'True', 'NewReplicaSetCreated', message);
    return { deployment: noted, sets: [...sets, created], set: created };
  }

  /** A set of that name with another template: the next hash is told apart by a count. */
  #collided(deployment: Deployment, sets: readonly ReplicaSet[], refused: string) {
    const name = setFor(deployment, 0, 0).metadata.name;
    const other = this.#store.get('ReplicaSet', `${deployment.metadata.namespace}/${name}`);
    const isOurs =
      other !== undefined &&
      controllerOf(other)?.uid === deployment.metadata.uid &&
      templateText(other.spec.template) === templateText(deployment.spec.template);
    if (isOurs) return { deployment, sets, refused };
    const { collisionCount = 0 } = (deployment.status ?? {}) as { collisionCount?: number };
    const status = { ...deployment.status, collisionCount: collisionCount + 1 };
    const written = this.#kubernetes.updateStatus({ ...deployment, status });
    return { deployment: isApiStatus(written) ? deployment : written, sets, refused };
  }

  #annotate(deployment: Deployment, set: ReplicaSet, revision: number): ReplicaSet {
    const annotations = setAnnotations(deployment, set, revision);
    const { minReadySeconds } = deployment.spec;
    const spec =
      (set.spec.minReadySeconds ?? 0) === (minReadySeconds ?? 0)
        ? set.spec
        : { ...set.spec, minReadySeconds };
    const written = this.#kubernetes.update({
      ...set,
      metadata: { ...set.metadata, annotations },
      spec,
    });
    return isApiStatus(written) ? set : written;
  }

  #withRevision(deployment: Deployment, revision: number): Deployment {
    if (revision === 0 || revisionOf(deployment) === revision) return deployment;
    const annotations = { ...deployment.metadata.annotations, [REVISION]: String(revision) };
    const metadata = { ...deployment.metadata, annotations };
    const written = this.#kubernetes.update({ ...deployment, metadata });
    return isApiStatus(written) ? deployment : written;
  }

  /** A rollout that found its set ready made still begins. */
  #noteFound(deployment: Deployment, { metadata }: ReplicaSet): Deployment {
    if (conditionOf(deployment.status?.conditions, 'Progressing') !== undefined) return deployment;
    const message = `Found new replica set "${metadata.name}"`;
    return this.#note(deployment, 'True', 'FoundNewReplicaSet', message);
  }

  #note(
    deployment: Deployment,
    status: 'True' | 'False' | 'Unknown',
    reason: string,
    message: string,
  ): Deployment {
    const condition = progressing(status, reason, message, this.#clock.now());
    const conditions = withProgress(deployment.status?.conditions, condition);
    const noted = { ...deployment, status: { ...deployment.status, conditions } };
    const written = this.#kubernetes.updateStatus(noted);
    return isApiStatus(written) ? noted : written;
  }

  /** sync.go checkPausedConditions. */
  #withPause(deployment: Deployment): Deployment {
    const current = conditionOf(deployment.status?.conditions, 'Progressing');
    if (current?.reason === 'ProgressDeadlineExceeded') return deployment;
    const isPaused = deployment.spec.paused === true;
    const wasPaused = current?.reason === 'DeploymentPaused';
    if (isPaused === wasPaused) return deployment;
    const [reason, message] = isPaused
      ? ['DeploymentPaused', 'Deployment is paused']
      : ['DeploymentResumed', 'Deployment is resumed'];
    return this.#note(deployment, 'Unknown', reason!, message!);
  }

  /** sync.go scale: the Deployment's size changed, or it is paused. */
  #scale(
    deployment: Deployment,
    sets: readonly ReplicaSet[],
    newest: ReplicaSet | undefined,
  ): void {
    const active = sets.filter((set) => replicasOf(set) > 0);
    const sole =
      active.length > 1 ? undefined : (active[0] ?? newest ?? [...sets].sort(byAge).at(-1));
    if (sole !== undefined) {
      this.#resize(deployment, sole, replicasOf(deployment));
      return;
    }
    const wanted = replicasOf(deployment);
    const isSaturated =
      newest !== undefined &&
      replicasOf(newest) === wanted &&
      (newest.status?.availableReplicas ?? 0) === wanted;
    if (isSaturated) {
      for (const set of active) if (set !== newest) this.#resize(deployment, set, 0);
      return;
    }
    if (isRecreate(deployment)) return;
    for (const [set, size] of proportionalReplicas(deployment, active)) {
      this.#resize(deployment, set, size);
    }
  }

  #resize(deployment: Deployment, set: ReplicaSet, replicas: number): void {
    const before = replicasOf(set);
    const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) };
    const metadata = { ...set.metadata, annotations };
    const written = this.#kubernetes.update({ ...set, metadata, spec: { ...set.spec, replicas } });
    if (isApiStatus(written) || before === replicas) return;
    this.#tellScaled(deployment, set, before, replicas);
  }

  #tellScaled(deployment: Deployment, { metadata }: ReplicaSet, from: number, to: number): void {
    const direction = to > from ? 'up' : 'down';
    this.#kubernetes.recordEvent(deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${direction} replica set ${metadata.name} from ${from} to ${to}`,
      component: COMPONENT,
    });
  }

  /** sync.go cleanupDeployment: empty old sets beyond the history limit go. */
  #cleanUp(
    deployment: Deployment,
    sets: readonly ReplicaSet[],
    newest: ReplicaSet | undefined,
  ): void {
    const limit = deployment.spec.revisionHistoryLimit ?? 10;
    const old = sets.filter((set) => set.metadata.uid !== newest?.metadata.uid);
    const removable = old.filter((set) => set.metadata.deletionTimestamp === undefined);
    const surplus = removable.length - limit;
    if (surplus <= 0) return;
    const oldest = removable.sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, surplus);
    for (const set of oldest) {
      const isEmpty = sumReplicas([set]) === 0 && (set.status?.replicas ?? 0) === 0;
      if (isEmpty) this.#kubernetes.delete('ReplicaSet', keyOf(set));
    }
  }

  #progress(deployment: Deployment): Result {
    this.#retries.succeeded(keyOf(deployment));
    const sets = this.#fresh(deployment);
    const newest = newestSet(deployment, sets);
    const rollout = rolloutStatus(deployment, sets, newest, this.#clock.now());
    this.#kubernetes.updateStatus({ ...deployment, status: rollout.status });
    const { deadlineInMs } = rollout;
    // In the background: a rollout that is stuck is as settled as it gets until something changes.
    this.#deadlines.set(keyOf(deployment), deadlineInMs, { background: true });
    return done;
  }

  #writeStatus(deployment: Deployment, sets: readonly ReplicaSet[]): Result {
    const newest = newestSet(deployment, sets);
    const status = statusOf(deployment, sets, newest, this.#clock.now());
    this.#kubernetes.updateStatus({ ...deployment, status });
    return done;
  }

  #refused(request: string, deployment: Deployment, message: string): Result {
    this.#note(deployment, 'False', 'ReplicaSetCreateError', message);
    return this.#retries.refused(request, message);
  }
}
