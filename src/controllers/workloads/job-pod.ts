/**
 * controllers/workloads/job-pod — the pods of a Job, and which index the next one gets.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/job/indexed_job_utils.go, job_controller.go
 * manageJob. The labels are put on the template by admission (registry/batch/job strategy.go
 * generateSelector); here they are added to whatever the template has.
 */
import type { Job } from '../../model/kubernetes/apps.ts';
import { isPodActive } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { podFromTemplate } from './pod-from-template.ts';

export const JOB_FINALIZER = 'batch.kubernetes.io/job-tracking';
const INDEX = 'batch.kubernetes.io/job-completion-index';

/** A pod of the Job, not yet created. */
export function jobPod(job: Job, index: number | undefined): Pod {
  const { name, uid = '' } = job.metadata;
  const labels = {
    'controller-uid': uid,
    'batch.kubernetes.io/controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/job-name': name,
  };
  const finalizers = [JOB_FINALIZER];
  if (index === undefined) return podFromTemplate(job, job.spec.template, { labels, finalizers });
  const text = String(index);
  return podFromTemplate(job, job.spec.template, {
    generateName: `${name}-${text}-`,
    labels: { ...labels, [INDEX]: text },
    annotations: { [INDEX]: text },
    finalizers,
    spec: { ...job.spec.template.spec, hostname: `${name}-${text}` },
  });
}

/** The completion index of a pod; undefined for pods of other Jobs. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[INDEX];
  return text === undefined ? undefined : Number(text);
}

/** Indexes nobody works on and nobody has finished, lowest first. */
export function freeIndexes(job: Job, pods: readonly Pod[]): readonly number[] {
  const taken = completedIndexes(job, pods);
  for (const pod of pods) {
    const index = indexOf(pod);
    if (index !== undefined && isPodActive(pod)) taken.add(index);
  }
  const free: number[] = [];
  for (let i = 0; i < (job.spec.completions ?? 0); i++) if (!taken.has(i)) free.push(i);
  return free;
}

/** Indexes that succeeded: those counted before, and those of pods that are there. */
export function completedIndexes(job: Job, pods: readonly Pod[]): Set<number> {
  const completed = new Set<number>();
  const text = (job.status?.completedIndexes as string | undefined) ?? '';
  for (const range of text.split(',').filter((it) => it !== '')) {
    const [first = 0, last = first] = range.split('-').map(Number);
    for (let i = first; i <= last; i++) completed.add(i);
  }
  for (const pod of pods) {
    const index = indexOf(pod);
    if (index !== undefined && pod.status?.phase === 'Succeeded') completed.add(index);
  }
  return completed;
}

/** `0-2,5`: indexes as status.completedIndexes writes them. */
export function indexRanges(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const ranges: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let last = i;
    while (sorted[last + 1] === sorted[last]! + 1) last++;
    const [from, to] = [sorted[i]!, sorted[last]!];
    // Two neighbours are listed, three make a range (indexed_job_utils.go String).
    if (last - i >= 2) ranges.push(`${from}-${to}`);
    else for (let at = i; at <= last; at++) ranges.push(`${sorted[at]}`);
    i = last + 1;
  }
  return ranges.join(',');
}
