/**
 * controllers/workloads/deployment-status — what a Deployment says of its rollout.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/deployment/sync.go calculateStatus, progress.go
 * syncRolloutStatus, util/deployment_util.go (reasons and texts).
 */
import type { Deployment, ReplicaSet } from '../../model/kubernetes/apps.ts';
import {
  conditionOf,
  withCondition as setCondition,
  withoutCondition,
} from '../../model/kubernetes/condition.ts';
import type { Condition } from '../../model/kubernetes/meta.ts';
import { parseTimestamp, timestamp } from '../../model/time.ts';
import { replicasOf, roomOf, sumAvailable, sumReplicas } from './rollout-arithmetic.ts';

type Status = NonNullable<Deployment['status']>;

/** progressDeadlineSeconds of this size means none (HasProgressDeadline). */
const NO_DEADLINE = 2 ** 31 - 1;

/** Sums of a field over the sets' status. */
const sumStatus = (
  sets: readonly ReplicaSet[],
  field: 'replicas' | 'readyReplicas' | 'availableReplicas',
): number => sets.reduce((sum, { status }) => sum + (status?.[field] ?? 0), 0);

const condition = (
  type: string,
  status: Condition['status'],
  reason: string,
  message: string,
  nowMs: number,
): Condition => ({
  type,
  status,
  lastUpdateTime: timestamp(nowMs),
  lastTransitionTime: timestamp(nowMs),
  reason,
  message,
});

/** SetDeploymentCondition: nothing is written when status and reason stay. */
export function withProgress(
  conditions: readonly Condition[] | undefined,
  added: Condition,
): readonly Condition[] {
  const before = conditionOf(conditions, added.type);
  if (before?.status === added.status && before.reason === added.reason) return conditions!;
  return setCondition(conditions, added);
}

export const progressing = (
  status: Condition['status'],
  reason: string,
  message: string,
  nowMs: number,
): Condition => condition('Progressing', status, reason, message, nowMs);

/** Counts, and the Available condition. */
export function statusOf(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
  nowMs: number,
): Status {
  const available = sumAvailable(all);
  const unavailable = Math.max(0, sumReplicas(all) - available);
  const isEnough = available >= replicasOf(deployment) - roomOf(deployment).unavailable;
  const availability = isEnough
    ? condition(
        'Available',
        'True',
        'MinimumReplicasAvailable',
        'Deployment has minimum availability.',
        nowMs,
      )
    : condition(
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
        nowMs,
      );
  const some = (name: string, count: number): object => (count === 0 ? {} : { [name]: count });
  const { collisionCount } = (deployment.status ?? {}) as { collisionCount?: number };
  return {
    observedGeneration: deployment.metadata.generation,
    ...some('replicas', sumStatus(all, 'replicas')),
    ...some('updatedReplicas', newest?.status?.replicas ?? 0),
    ...some('readyReplicas', sumStatus(all, 'readyReplicas')),
    ...some('availableReplicas', available),
    ...some('unavailableReplicas', unavailable),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withProgress(deployment.status?.conditions, availability),
  };
}

/** DeploymentComplete: all replicas are new, available and alone. */
export function isComplete(deployment: Deployment, status: Status): boolean {
  const wanted = replicasOf(deployment);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** DeploymentProgressing: more new, fewer old, more ready or more available than before. */
function isProgressing({ status: before = {} }: Deployment, after: Status): boolean {
  const oldOf = (it: Status): number => (it.replicas ?? 0) - (it.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    oldOf(after) < oldOf(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

export interface Rollout {
  readonly status: Status;
  /** When the progress deadline passes, in virtual ms from now; undefined when none is running. */
  readonly deadlineInMs: number | undefined;
}

/** The status with Progressing and ReplicaFailure (progress.go syncRolloutStatus). */
export function rolloutStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
  nowMs: number,
): Rollout {
  const counted = statusOf(deployment, all, newest, nowMs);
  const deadlineSeconds = deployment.spec.progressDeadlineSeconds ?? 600;
  let conditions = counted.conditions ?? [];
  if (deadlineSeconds === NO_DEADLINE) conditions = withoutCondition(conditions, 'Progressing');
  else {
    conditions = progressOf(deployment, { ...counted, conditions }, newest, nowMs, deadlineSeconds);
  }
  const failure = conditionOf(newest?.status?.conditions, 'ReplicaFailure');
  conditions =
    failure === undefined
      ? withoutCondition(conditions, 'ReplicaFailure')
      : withProgress(conditions, { ...failure, lastUpdateTime: timestamp(nowMs) });
  const status = { ...counted, conditions };
  return { status, deadlineInMs: deadlineIn(deployment, status, nowMs, deadlineSeconds) };
}

function progressOf(
  deployment: Deployment,
  status: Status,
  newest: ReplicaSet | undefined,
  nowMs: number,
  deadlineSeconds: number,
): readonly Condition[] {
  const conditions = status.conditions ?? [];
  const current = conditionOf(conditions, 'Progressing');
  const named = newest === undefined ? 'Deployment' : 'ReplicaSet';
  const name = newest?.metadata.name ?? deployment.metadata.name;
  // progress.go: a finished rollout stays finished until the template changes.
  const isDone =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) &&
    current?.reason === 'NewReplicaSetAvailable';
  if (isDone) return conditions;
  if (isComplete(deployment, status)) {
    const message = `${named} "${name}" has successfully progressed.`;
    return withProgress(conditions, progressing('True', 'NewReplicaSetAvailable', message, nowMs));
  }
  if (isProgressing(deployment, status)) {
    const message = `${named} "${name}" is progressing.`;
    const progress = progressing('True', 'ReplicaSetUpdated', message, nowMs);
    if (current === undefined) return [...conditions, progress];
    const since = current.status === 'True' ? current.lastTransitionTime : undefined;
    const kept = since === undefined ? progress : { ...progress, lastTransitionTime: since };
    return conditions.map((it) => (it === current ? kept : it));
  }
  if (!isTimedOut(current, nowMs, deadlineSeconds)) return conditions;
  const message = `${named} "${name}" has timed out progressing.`;
  return withProgress(conditions, progressing('False', 'ProgressDeadlineExceeded', message, nowMs));
}

const sinceMs = (current: Condition): number => parseTimestamp(current.lastUpdateTime ?? '') ?? 0;

function isTimedOut(current: Condition | undefined, nowMs: number, seconds: number): boolean {
  if (current === undefined) return false;
  if (current.reason === 'ProgressDeadlineExceeded') return true;
  if (current.reason === 'NewReplicaSetAvailable') return false;
  // DeploymentTimedOut: a paused rollout does not time out.
  if (current.reason === 'DeploymentPaused') return false;
  return sinceMs(current) + seconds * 1000 <= nowMs;
}

function deadlineIn(
  deployment: Deployment,
  status: Status,
  nowMs: number,
  seconds: number,
): number | undefined {
  const current = conditionOf(status.conditions, 'Progressing');
  if (seconds === NO_DEADLINE || current === undefined || current.status !== 'True')
    return undefined;
  if (deployment.spec.paused === true || isComplete(deployment, status)) return undefined;
  if (current.reason === 'NewReplicaSetAvailable') return undefined;
  return Math.max(0, sinceMs(current) + seconds * 1000 - nowMs);
}
