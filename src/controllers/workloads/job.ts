/**
 * controllers/workloads/job — runs pods until enough of them succeeded.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/job/job_controller.go syncJob, manageJob,
 * backoff_utils.go. Pods carry the batch.kubernetes.io/job-tracking finalizer until they are
 * counted. Not simulated: podFailurePolicy, successPolicy, backoffLimitPerIndex, managedBy.
 * Reads: Job, Pod.  Writes: Pod, Job status, events; deletes finished Jobs after their TTL.
 */
import { isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { Job } from '../../model/kubernetes/apps.ts';
import {
  conditionOf,
  isConditionTrue,
  isPodActive,
  isPodTerminal,
} from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { controllerOf, keyOf } from '../../model/kubernetes/meta.ts';
import { parseTimestamp, timestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Result, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { BackgroundRetry } from './background-retry.ts';
import { Deadlines } from './deadlines.ts';
import { inDeletionOrder } from './deletion-rank.ts';
import { freeIndexes, JOB_FINALIZER, jobPod } from './job-pod.ts';
import {
  countOf,
  finishedConditions,
  isFinished,
  type JobCounts,
  verdictOf,
} from './job-progress.ts';
import { PodControl, slowStart } from './pod-control.ts';

/** job_controller.go MaxPodCreateDeletePerSync. */
const BURST = 500;
const COMPONENT = 'job-controller';
const BATCH_MS = 50;
/** job_controller.go DefaultJobPodFailureBackOff, MaxJobPodFailureBackOff. */
const FAILURE_FIRST_MS = 10_000;
const FAILURE_LAST_MS = 600_000;

export function jobController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const sync = new JobSync(clock, store, kubernetes);
  return {
    name: 'job',
    batchMs: BATCH_MS,
    watches: [
      watch<Kinds, 'Job'>('Job', ({ key }) => [key]),
      watch<Kinds, 'Pod'>('Pod', ({ value, previous }) => {
        const pod = value ?? previous;
        const owner = pod === undefined ? undefined : controllerOf(pod);
        if (owner?.kind !== 'Job') return [];
        const key = `${pod!.metadata.namespace}/${owner.name}`;
        // Without its Job a pod matters once more only: while it has the finalizer.
        const isCounted = pod!.metadata.finalizers?.includes(JOB_FINALIZER) === true;
        return isCounted || store.get('Job', key) !== undefined ? [key] : [];
      }),
    ],
    reconcile: (request) => sync.sync(request),
    stop: () => sync.stop(),
  };
}

class JobSync {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #pods: PodControl;
  readonly #retries: BackgroundRetry;
  readonly #deadlines: Deadlines;

  constructor(clock: Clock, store: TwinStore, kubernetes: Kubernetes) {
    this.#clock = clock;
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#pods = new PodControl(kubernetes, COMPONENT);
    this.#retries = new BackgroundRetry(clock);
    this.#deadlines = new Deadlines(clock, (request) => void this.sync(request));
  }

  sync(request: string): Result {
    const job = this.#store.get('Job', request);
    if (job === undefined) {
      this.#deadlines.set(request, undefined);
      this.#freeOrphans(request);
      return done;
    }
    if (isFinished(job)) {
      this.#free(this.#podsOf(job));
      this.#expire(request, job);
      return done;
    }
    const started = this.#withStart(job);
    const pods = this.#podsOf(started);
    const counts = countOf(started, pods);
    const verdict = verdictOf(started, counts, this.#clock.now());
    if (verdict !== undefined) return this.#end(started, pods, counts, verdict);
    return this.#manage(request, started, pods, counts);
  }

  stop(): void {
    this.#deadlines.stop();
  }

  #podsOf({ metadata }: Job): readonly Pod[] {
    return this.#store.lookup('Pod', 'owner', metadata.uid!);
  }

  #withStart(job: Job): Job {
    const isSuspended = job.spec.suspend === true;
    const wasSuspended = isConditionTrue(job.status?.conditions, 'Suspended');
    if (isSuspended || (job.status?.startTime !== undefined && !wasSuspended)) return job;
    return { ...job, status: { ...job.status, startTime: timestamp(this.#clock.now()) } };
  }

  /** Starts or stops pods so that `parallelism` of them work. */
  #manage(request: string, job: Job, pods: readonly Pod[], counts: JobCounts): Result {
    const active = pods.filter(isPodActive);
    const parallelism = job.spec.suspend === true ? 0 : (job.spec.parallelism ?? 1);
    const { completions } = job.spec;
    const left = completions === undefined ? undefined : completions - counts.succeeded;
    // Without completions nothing is started once one has succeeded.
    const useful = left ?? (counts.succeeded > 0 ? active.length : parallelism);
    const wanted = Math.max(0, Math.min(parallelism, useful));
    const waitMs = this.#failureWaitMs(pods);
    let refused: string | undefined;
    if (job.metadata.deletionTimestamp === undefined) {
      if (active.length > wanted) this.#stop(job, active, active.length - wanted);
      else if (waitMs === 0)
        refused = this.#start(job, pods, wanted - active.length - this.#leaving(job, pods));
    }
    this.#write(job, counts);
    this.#free(pods);
    this.#deadlines.set(request, this.#nextMs(job, active.length < wanted ? waitMs : 0));
    if (refused !== undefined) return this.#retries.refused(request, refused);
    this.#retries.succeeded(request);
    return done;
  }

  /** podReplacementPolicy Failed: a pod on its way out is replaced only when it has ended. */
  #leaving(job: Job, pods: readonly Pod[]): number {
    if (job.spec.podReplacementPolicy !== 'Failed') return 0;
    return pods.filter((it) => !isPodTerminal(it) && !isPodActive(it)).length;
  }

  #start(job: Job, pods: readonly Pod[], missing: number): string | undefined {
    const isIndexed = job.spec.completionMode === 'Indexed';
    const indexes = isIndexed ? freeIndexes(job, pods) : undefined;
    const count = Math.min(missing, BURST, indexes?.length ?? BURST);
    const { refused } = slowStart(Math.max(0, count), (i) => {
      const created = this.#pods.create(job, jobPod(job, indexes?.[i]));
      return isApiStatus(created) ? created : undefined;
    });
    return refused?.message;
  }

  #stop(job: Job, active: readonly Pod[], surplus: number): void {
    const order = inDeletionOrder(active, new Map(), this.#clock.now());
    for (const pod of order.slice(0, Math.min(surplus, BURST))) {
      this.#pods.delete(job, pod);
      this.#free(
        [this.#store.get('Pod', keyOf(pod))].filter((it) => it !== undefined),
        true,
      );
    }
  }

  /** How long the last failures hold the next pod back. */
  #failureWaitMs(pods: readonly Pod[]): number {
    const failures = pods
      .filter((pod) => pod.status?.phase === 'Failed')
      .map(finishedAtMs)
      .sort((a, b) => b - a);
    const lastSuccessMs = Math.max(
      Number.NEGATIVE_INFINITY,
      ...pods.filter((pod) => pod.status?.phase === 'Succeeded').map(finishedAtMs),
    );
    const inARow = failures.filter((atMs) => atMs > lastSuccessMs).length;
    if (inARow === 0) return 0;
    const waitMs = Math.min(FAILURE_FIRST_MS * 2 ** (inARow - 1), FAILURE_LAST_MS);
    return Math.max(0, failures[0]! + waitMs - this.#clock.now());
  }

  #nextMs(job: Job, waitMs: number): number | undefined {
    const { activeDeadlineSeconds } = job.spec;
    const startMs = parseTimestamp(job.status?.startTime ?? '');
    const deadlineMs =
      activeDeadlineSeconds === undefined || startMs === undefined || job.spec.suspend === true
        ? Number.POSITIVE_INFINITY
        : startMs + activeDeadlineSeconds * 1000 - this.#clock.now();
    const nextMs = Math.min(waitMs > 0 ? waitMs : Number.POSITIVE_INFINITY, deadlineMs);
    return nextMs === Number.POSITIVE_INFINITY ? undefined : Math.max(0, nextMs);
  }

  #end(
    job: Job,
    pods: readonly Pod[],
    counts: JobCounts,
    verdict: NonNullable<ReturnType<typeof verdictOf>>,
  ): Result {
    const active = pods.filter(isPodActive);
    for (const pod of active) this.#pods.delete(job, pod);
    const at = timestamp(this.#clock.now());
    const isComplete = verdict.type === 'Complete';
    const failed = counts.failed + active.length;
    const status = {
      ...statusOf(job, { ...counts, active: 0, ready: 0, failed }),
      conditions: [...(job.status?.conditions ?? []), ...finishedConditions(verdict, at)],
      ...(isComplete ? { completionTime: at } : {}),
    };
    const written = this.#kubernetes.updateStatus({ ...job, status });
    this.#free(this.#podsOf(job), true);
    this.#kubernetes.recordEvent(job, {
      type: isComplete ? 'Normal' : 'Warning',
      reason: isComplete ? 'Completed' : verdict.reason,
      message: isComplete ? 'Job completed' : verdict.message,
      component: COMPONENT,
    });
    if (!isApiStatus(written)) this.#expire(keyOf(job), written);
    return done;
  }

  #write(job: Job, counts: JobCounts): void {
    const before = conditionOf(job.status?.conditions, 'Suspended');
    const isSuspended = job.spec.suspend === true;
    let conditions = job.status?.conditions ?? [];
    if (isSuspended !== (before?.status === 'True') && (isSuspended || before !== undefined)) {
      const [reason, message] = isSuspended
        ? ['JobSuspended', 'Job suspended']
        : ['JobResumed', 'Job resumed'];
      const at = timestamp(this.#clock.now());
      const status = isSuspended ? ('True' as const) : ('False' as const);
      const condition = {
        type: 'Suspended',
        status,
        lastProbeTime: at,
        lastTransitionTime: at,
        reason,
        message,
      };
      conditions = [...conditions.filter((it) => it !== before), condition];
      const event = isSuspended ? 'Suspended' : 'Resumed';
      this.#kubernetes.recordEvent(job, {
        type: 'Normal',
        reason: event,
        message: message!,
        component: COMPONENT,
      });
    }
    const status = { ...statusOf(job, counts), ...(conditions.length === 0 ? {} : { conditions }) };
    this.#kubernetes.updateStatus({ ...job, status });
  }

  /** Counted pods may go: the finalizer that held them for the count is taken off. */
  #free(pods: readonly Pod[], evenActive = false): void {
    for (const pod of pods) {
      if (!evenActive && isPodActive(pod)) continue;
      const { finalizers = [] } = pod.metadata;
      if (!finalizers.includes(JOB_FINALIZER)) continue;
      const rest = finalizers.filter((it) => it !== JOB_FINALIZER);
      this.#kubernetes.update({ ...pod, metadata: { ...pod.metadata, finalizers: rest } });
    }
  }

  /** job_controller.go syncOrphanPod: the Job is gone, nobody will count its pods. */
  #freeOrphans(request: string): void {
    const slash = request.indexOf('/');
    const [namespace, name] = [request.slice(0, slash), request.slice(slash + 1)];
    const pods = this.#store.lookup('Pod', 'namespace', namespace).filter((pod) => {
      const owner = controllerOf(pod);
      return owner?.kind === 'Job' && owner.name === name;
    });
    this.#free(pods, true);
  }

  /** ttlafterfinished: a finished Job goes after ttlSecondsAfterFinished. */
  #expire(request: string, job: Job): void {
    const { ttlSecondsAfterFinished } = job.spec;
    const finished = job.status?.conditions?.find(
      (it) => (it.type === 'Complete' || it.type === 'Failed') && it.status === 'True',
    );
    if (ttlSecondsAfterFinished === undefined || job.metadata.deletionTimestamp !== undefined) {
      this.#deadlines.set(request, undefined);
      return;
    }
    const atMs = parseTimestamp(finished?.lastTransitionTime ?? '') ?? this.#clock.now();
    const leftMs = atMs + ttlSecondsAfterFinished * 1000 - this.#clock.now();
    if (leftMs > 0) this.#deadlines.set(request, leftMs);
    else this.#kubernetes.delete('Job', request, { propagation: 'Foreground' });
  }
}

function finishedAtMs({ status, metadata }: Pod): number {
  const ends = (status?.containerStatuses ?? []).map((it) =>
    parseTimestamp(it.state?.terminated?.finishedAt ?? ''),
  );
  const known = ends.filter((it) => it !== undefined);
  if (known.length > 0) return Math.max(...known);
  const ready = conditionOf(status?.conditions, 'Ready')?.lastTransitionTime;
  return parseTimestamp(ready ?? metadata.creationTimestamp ?? '') ?? 0;
}

function statusOf({ status }: Job, counts: JobCounts): NonNullable<Job['status']> {
  const { active: _a, ready: _r, succeeded: _s, failed: _f, ...rest } = status ?? {};
  const some = (name: string, count: number): object => (count === 0 ? {} : { [name]: count });
  return {
    ...rest,
    ...some('active', counts.active),
    ready: counts.ready,
    ...some('succeeded', counts.succeeded),
    ...some('failed', counts.failed),
    ...(counts.completedIndexes === undefined ? {} : { completedIndexes: counts.completedIndexes }),
    uncountedTerminatedPods: {},
  };
}
