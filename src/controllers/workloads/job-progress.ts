/**
 * controllers/workloads/job-progress — how far a Job has come, and whether it is over.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/job/job_controller.go syncJob, getStatus,
 * pastBackoffLimitOnFailure; reasons of k8s.io/api/batch/v1.
 */
import type { Job } from '../../model/kubernetes/apps.ts';
import { isPodActive, isPodReady } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type { Condition } from '../../model/kubernetes/meta.ts';
import { parseTimestamp } from '../../model/time.ts';
import { completedIndexes, indexRanges, JOB_FINALIZER } from './job-pod.ts';

export interface JobCounts {
  readonly active: number;
  readonly ready: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Restarts of containers of pods that are at work. */
  readonly restarts: number;
  readonly completedIndexes: string | undefined;
}

export interface JobVerdict {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

export const isFinished = ({ status }: Job): boolean =>
  (status?.conditions ?? []).some(
    (it) => (it.type === 'Complete' || it.type === 'Failed') && it.status === 'True',
  );

/** Pods counted before, in the status, and those that still carry the finalizer. */
export function countOf(job: Job, pods: readonly Pod[]): JobCounts {
  const uncounted = pods.filter((it) => it.metadata.finalizers?.includes(JOB_FINALIZER) === true);
  const active = pods.filter(isPodActive);
  const indexes = job.spec.completionMode === 'Indexed' ? completedIndexes(job, pods) : undefined;
  const ended = (phase: string): number =>
    uncounted.filter((it) => it.status?.phase === phase).length;
  return {
    active: active.length,
    ready: active.filter(isPodReady).length,
    succeeded: indexes?.size ?? (job.status?.succeeded ?? 0) + ended('Succeeded'),
    failed: (job.status?.failed ?? 0) + ended('Failed'),
    restarts: active.reduce((sum, pod) => sum + restartsOf(pod), 0),
    completedIndexes: indexes === undefined ? undefined : indexRanges(indexes),
  };
}

const restartsOf = ({ status }: Pod): number =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].reduce(
    (sum, it) => sum + it.restartCount,
    0,
  );

/** Whether the Job is over; undefined while it goes on. */
export function verdictOf(job: Job, counts: JobCounts, nowMs: number): JobVerdict | undefined {
  const { backoffLimit = 6, activeDeadlineSeconds, completions, template } = job.spec;
  const restarts = template.spec.restartPolicy === 'OnFailure' ? counts.restarts : 0;
  const isPastRestarts = restarts > 0 && restarts >= backoffLimit;
  if (counts.failed > backoffLimit || isPastRestarts) {
    return {
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    };
  }
  const startMs = parseTimestamp(job.status?.startTime ?? '');
  if (activeDeadlineSeconds !== undefined && startMs !== undefined && job.spec.suspend !== true) {
    if (nowMs >= startMs + activeDeadlineSeconds * 1000) {
      return {
        type: 'Failed',
        reason: 'DeadlineExceeded',
        message: 'Job was active longer than specified deadline',
      };
    }
  }
  // Without completions: the first success ends it, once nobody is at work any more.
  const isOver =
    completions === undefined
      ? counts.succeeded > 0 && counts.active === 0
      : counts.succeeded >= completions;
  if (!isOver) return undefined;
  return {
    type: 'Complete',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  };
}

/** The interim condition and the final one (1.31: SuccessCriteriaMet, FailureTarget). */
export function finishedConditions(verdict: JobVerdict, at: string): readonly Condition[] {
  const { reason, message } = verdict;
  const times = { lastProbeTime: at, lastTransitionTime: at };
  const interim = verdict.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  return [
    { type: interim, status: 'True', ...times, reason, message },
    { type: verdict.type, status: 'True', ...times, reason, message },
  ];
}
