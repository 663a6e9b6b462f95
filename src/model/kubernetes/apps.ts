/** model/kubernetes/apps — apps/v1 and batch/v1: what makes pods. */
import type { PodTemplateSpec } from './core.ts';
import type { Condition, KubernetesObject, LabelSelector } from './meta.ts';

export interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number | undefined;
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly strategy?:
      | {
          readonly type?: 'RollingUpdate' | 'Recreate' | undefined;
          readonly rollingUpdate?:
            | {
                readonly maxSurge?: number | string | undefined;
                readonly maxUnavailable?: number | string | undefined;
              }
            | undefined;
        }
      | undefined;
    readonly minReadySeconds?: number | undefined;
    readonly revisionHistoryLimit?: number | undefined;
    readonly progressDeadlineSeconds?: number | undefined;
    readonly paused?: boolean | undefined;
  };
  readonly status?:
    | {
        readonly observedGeneration?: number | undefined;
        readonly replicas?: number | undefined;
        readonly updatedReplicas?: number | undefined;
        readonly readyReplicas?: number | undefined;
        readonly availableReplicas?: number | undefined;
        readonly unavailableReplicas?: number | undefined;
        readonly conditions?: readonly Condition[] | undefined;
      }
    | undefined;
}

export interface ReplicaSet extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number | undefined;
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly minReadySeconds?: number | undefined;
  };
  readonly status?:
    | {
        readonly replicas?: number | undefined;
        readonly fullyLabeledReplicas?: number | undefined;
        readonly readyReplicas?: number | undefined;
        readonly availableReplicas?: number | undefined;
        readonly observedGeneration?: number | undefined;
        readonly conditions?: readonly Condition[] | undefined;
      }
    | undefined;
}

export interface StatefulSet extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number | undefined;
    readonly selector: LabelSelector;
    readonly serviceName?: string | undefined;
    readonly template: PodTemplateSpec;
    readonly podManagementPolicy?: 'OrderedReady' | 'Parallel' | undefined;
    readonly updateStrategy?:
      | {
          readonly type?: 'RollingUpdate' | 'OnDelete' | undefined;
          readonly rollingUpdate?: { readonly partition?: number | undefined } | undefined;
        }
      | undefined;
    readonly ordinals?: { readonly start?: number | undefined } | undefined;
    readonly [field: string]: unknown;
  };
  readonly status?:
    | {
        readonly observedGeneration?: number | undefined;
        readonly replicas?: number | undefined;
        readonly readyReplicas?: number | undefined;
        readonly currentReplicas?: number | undefined;
        readonly updatedReplicas?: number | undefined;
        readonly availableReplicas?: number | undefined;
        readonly currentRevision?: string | undefined;
        readonly updateRevision?: string | undefined;
        readonly collisionCount?: number | undefined;
      }
    | undefined;
}

export interface DaemonSet extends KubernetesObject {
  readonly spec: {
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly updateStrategy?:
      | {
          readonly type?: 'RollingUpdate' | 'OnDelete' | undefined;
          readonly rollingUpdate?:
            | {
                readonly maxUnavailable?: number | string | undefined;
                readonly maxSurge?: number | string | undefined;
              }
            | undefined;
        }
      | undefined;
    readonly minReadySeconds?: number | undefined;
  };
  readonly status?:
    | {
        readonly currentNumberScheduled?: number | undefined;
        readonly desiredNumberScheduled?: number | undefined;
        readonly numberAvailable?: number | undefined;
        readonly numberMisscheduled?: number | undefined;
        readonly numberReady?: number | undefined;
        readonly updatedNumberScheduled?: number | undefined;
        readonly numberUnavailable?: number | undefined;
        readonly observedGeneration?: number | undefined;
      }
    | undefined;
}

export interface Job extends KubernetesObject {
  readonly spec: {
    readonly completions?: number | undefined;
    readonly parallelism?: number | undefined;
    readonly backoffLimit?: number | undefined;
    readonly activeDeadlineSeconds?: number | undefined;
    readonly ttlSecondsAfterFinished?: number | undefined;
    readonly suspend?: boolean | undefined;
    readonly selector?: LabelSelector | undefined;
    readonly template: PodTemplateSpec;
    readonly [field: string]: unknown;
  };
  readonly status?:
    | {
        readonly active?: number | undefined;
        readonly ready?: number | undefined;
        readonly succeeded?: number | undefined;
        readonly failed?: number | undefined;
        readonly startTime?: string | undefined;
        readonly completionTime?: string | undefined;
        readonly conditions?: readonly Condition[] | undefined;
        readonly [field: string]: unknown;
      }
    | undefined;
}

export interface CronJob extends KubernetesObject {
  readonly spec: {
    readonly schedule: string;
    readonly timeZone?: string | undefined;
    readonly suspend?: boolean | undefined;
    readonly concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace' | undefined;
    readonly startingDeadlineSeconds?: number | undefined;
    readonly successfulJobsHistoryLimit?: number | undefined;
    readonly failedJobsHistoryLimit?: number | undefined;
    readonly jobTemplate: {
      readonly metadata?: Job['metadata'] | undefined;
      readonly spec: Job['spec'];
    };
  };
  readonly status?:
    | {
        readonly active?: readonly unknown[] | undefined;
        readonly lastScheduleTime?: string | undefined;
        readonly lastSuccessfulTime?: string | undefined;
      }
    | undefined;
}
