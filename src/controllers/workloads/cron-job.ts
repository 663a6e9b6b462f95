/**
 * controllers/workloads/cron-job — makes a Job whenever its schedule comes round.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/cronjob/cronjob_controllerv2.go syncCronJob,
 * cleanupFinishedJobs. The wait for the next run is a background wait: a twin settles without
 * running a cluster's year. Schedules run in UTC; another timeZone is told by an event and not run.
 * Reads: CronJob, Job.  Writes: Job, CronJob status, events.
 */
import { isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { CronJob, Job } from '../../model/kubernetes/apps.ts';
import { controllerOf, controllerReference, keyOf } from '../../model/kubernetes/meta.ts';
import { EPOCH_MS, parseTimestamp, timestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { type CronSchedule, isCronProblem, nextRunMs, parseCron } from './cron-schedule.ts';
import { Deadlines } from './deadlines.ts';
import { isFinished } from './job-progress.ts';

const COMPONENT = 'cronjob-controller';
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
const UTC: ReadonlySet<string> = new Set(['UTC', 'Etc/UTC', 'Etc/GMT', 'GMT', 'Etc/UCT', 'Zulu']);
/** cronjob utils.go mostRecentScheduleTime: more missed runs than this are worth a warning. */
const MISSED_MAX = 100;

export function cronJobController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const sync = new CronSync(clock, store, kubernetes);
  return {
    name: 'cron-job',
    watches: [
      watch<Kinds, 'CronJob'>('CronJob', ({ key }) => [key]),
      watch<Kinds, 'Job'>('Job', ({ value, previous }) => {
        const job = value ?? previous;
        const owner = job === undefined ? undefined : controllerOf(job);
        return owner?.kind === 'CronJob' ? [`${job!.metadata.namespace}/${owner.name}`] : [];
      }),
    ],
    reconcile(request) {
      sync.sync(request);
      return done;
    },
    stop: () => sync.stop(),
  };
}

class CronSync {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #timers: Deadlines;

  constructor(clock: Clock, store: TwinStore, kubernetes: Kubernetes) {
    this.#clock = clock;
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#timers = new Deadlines(clock, (request) => this.sync(request));
  }

  sync(request: string): void {
    this.#timers.set(request, undefined);
    const cron = this.#store.get('CronJob', request);
    if (cron === undefined) return;
    this.#seeFinished(cron);
    this.#cleanUp(cron);
    const current = this.#store.get('CronJob', request) ?? cron;
    if (current.metadata.deletionTimestamp !== undefined || current.spec.suspend === true) return;
    const schedule = this.#schedule(current);
    if (schedule === undefined) return;
    this.#runDue(current, schedule);
    const nextMs = nextRunMs(schedule, this.#lastMs(current, schedule));
    if (nextMs === undefined) return;
    const inMs = Math.max(0, nextMs - this.#clock.now());
    this.#timers.set(request, inMs, { background: true });
  }

  stop(): void {
    this.#timers.stop();
  }

  #schedule(cron: CronJob): CronSchedule | undefined {
    const { timeZone, schedule: text } = cron.spec;
    if (timeZone !== undefined && !UTC.has(timeZone)) {
      const message = `invalid timeZone: "${timeZone}": this twin runs schedules in UTC only`;
      this.#tell(cron, 'Warning', 'UnknownTimeZone', message);
      return undefined;
    }
    const schedule = parseCron(text);
    if (!isCronProblem(schedule)) return schedule;
    const message = `unparseable schedule: "${text}" : ${schedule.problem}`;
    this.#tell(cron, 'Warning', 'UnparseableSchedule', message);
    return undefined;
  }

  /** The run the next one is counted from: the last that is not in the future. */
  #lastMs(cron: CronJob, schedule: CronSchedule): number {
    const nowMs = this.#clock.now();
    if (schedule.kind !== 'every') return nowMs;
    const { lastScheduleTime } = this.#store.get('CronJob', keyOf(cron))?.status ?? {};
    const since = lastScheduleTime ?? cron.metadata.creationTimestamp ?? '';
    return parseTimestamp(since) ?? nowMs;
  }

  /** utils.go mostRecentScheduleTime: of several missed runs only the last is made up for. */
  #dueMs(cron: CronJob, schedule: CronSchedule): number | undefined {
    const nowMs = this.#clock.now();
    const created = parseTimestamp(cron.metadata.creationTimestamp ?? '') ?? 0;
    let sinceMs = parseTimestamp(cron.status?.lastScheduleTime ?? '') ?? created;
    const { startingDeadlineSeconds } = cron.spec;
    if (startingDeadlineSeconds !== undefined) {
      sinceMs = Math.max(sinceMs, nowMs - startingDeadlineSeconds * 1000);
    }
    let dueMs: number | undefined;
    let missed = 0;
    for (;;) {
      const atMs = nextRunMs(schedule, dueMs ?? sinceMs);
      if (atMs === undefined || atMs > nowMs) break;
      dueMs = atMs;
      missed++;
    }
    if (missed > MISSED_MAX) {
      const advice = 'Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      const message = `too many missed start times: ${missed}. ${advice}`;
      this.#tell(cron, 'Warning', 'TooManyMissedTimes', message);
    }
    return dueMs;
  }

  #runDue(cron: CronJob, schedule: CronSchedule): void {
    const dueMs = this.#dueMs(cron, schedule);
    if (dueMs === undefined) return;
    const name = `${cron.metadata.name}-${Math.floor((EPOCH_MS + dueMs) / 60_000)}`;
    if (this.#store.get('Job', `${cron.metadata.namespace}/${name}`) !== undefined) return;
    const active = this.#jobs(cron).filter((job) => !isFinished(job));
    if (cron.spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
      const message =
        'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.#tell(cron, 'Normal', 'JobAlreadyActive', message);
      return;
    }
    if (cron.spec.concurrencyPolicy === 'Replace')
      for (const job of active) this.#delete(cron, job);
    this.#start(cron, name, dueMs);
  }

  #start(cron: CronJob, name: string, dueMs: number): void {
    const { metadata, spec } = cron.spec.jobTemplate;
    const job: Job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name,
        namespace: cron.metadata.namespace,
        labels: metadata?.labels,
        annotations: { ...metadata?.annotations, [SCHEDULED_AT]: timestamp(dueMs) },
        ownerReferences: [controllerReference(cron)],
      },
      spec,
    };
    const created = this.#kubernetes.create(job);
    if (isApiStatus(created)) {
      this.#tell(cron, 'Warning', 'FailedCreate', `Error creating job: ${created.message}`);
      return;
    }
    this.#tell(cron, 'Normal', 'SuccessfulCreate', `Created job ${name}`);
    this.#writeStatus(cron, { lastScheduleTime: timestamp(dueMs) });
  }

  #jobs({ metadata }: CronJob): readonly Job[] {
    return this.#store.lookup('Job', 'owner', metadata.uid!);
  }

  /** Jobs listed as active that have ended or gone. */
  #seeFinished(cron: CronJob): void {
    const listed = (cron.status?.active ?? []) as readonly { name: string; uid?: string }[];
    const jobs = this.#jobs(cron);
    let lastSuccess: string | undefined;
    for (const { name } of listed) {
      const job = jobs.find((it) => it.metadata.name === name);
      if (job === undefined || !isFinished(job)) continue;
      const ended = job.status?.conditions?.find(
        (it) => (it.type === 'Complete' || it.type === 'Failed') && it.status === 'True',
      );
      const message = `Saw completed job: ${name}, condition: ${ended?.type}`;
      this.#tell(cron, 'Normal', 'SawCompletedJob', message);
      if (ended?.type === 'Complete') lastSuccess = job.status?.completionTime;
    }
    this.#writeStatus(cron, lastSuccess === undefined ? {} : { lastSuccessfulTime: lastSuccess });
  }

  #writeStatus(cron: CronJob, changes: Partial<NonNullable<CronJob['status']>>): void {
    const current = this.#store.get('CronJob', keyOf(cron)) ?? cron;
    const active = this.#jobs(cron)
      .filter((job) => !isFinished(job))
      .map(({ apiVersion, kind, metadata }) => ({
        kind,
        apiVersion,
        namespace: metadata.namespace,
        name: metadata.name,
        uid: metadata.uid,
      }));
    const { active: _, ...rest } = current.status ?? {};
    const status = { ...rest, ...changes, ...(active.length === 0 ? {} : { active }) };
    this.#kubernetes.updateStatus({ ...current, status });
  }

  /** Keeps the last few of either outcome. */
  #cleanUp(cron: CronJob): void {
    const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cron.spec;
    const finished = this.#jobs(cron).filter(isFinished);
    const of = (type: string): Job[] =>
      finished
        .filter((job) =>
          job.status?.conditions?.some((it) => it.type === type && it.status === 'True'),
        )
        .sort((a, b) => ((a.status?.startTime ?? '') < (b.status?.startTime ?? '') ? -1 : 1));
    const spare = [
      ...oldest(of('Complete'), successfulJobsHistoryLimit),
      ...oldest(of('Failed'), failedJobsHistoryLimit),
    ];
    for (const job of spare) this.#delete(cron, job);
  }

  #delete(cron: CronJob, job: Job): void {
    if (job.metadata.deletionTimestamp !== undefined) return;
    const deleted = this.#kubernetes.delete('Job', keyOf(job), { propagation: 'Background' });
    if (isApiStatus(deleted)) return;
    this.#tell(cron, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
  }

  #tell(cron: CronJob, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#kubernetes.recordEvent(cron, { type, reason, message, component: COMPONENT });
  }
}

const oldest = (jobs: readonly Job[], keep: number): readonly Job[] =>
  jobs.slice(0, Math.max(0, jobs.length - keep));
