/** model/kubernetes/disruption-budget — policy/v1: how many pods of a kind may be missing. */
import type { Condition, KubernetesObject, LabelSelector } from './meta.ts';

export interface DisruptionBudget extends KubernetesObject {
  readonly spec?:
    | {
        readonly selector?: LabelSelector | undefined;
        readonly minAvailable?: number | string | undefined;
        readonly maxUnavailable?: number | string | undefined;
        readonly unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow' | undefined;
      }
    | undefined;
  readonly status?:
    | {
        readonly observedGeneration?: number | undefined;
        readonly currentHealthy?: number | undefined;
        readonly desiredHealthy?: number | undefined;
        readonly expectedPods?: number | undefined;
        readonly disruptionsAllowed?: number | undefined;
        /** Pods evicted and not gone yet, with the time of the eviction. */
        readonly disruptedPods?: Readonly<Record<string, string>> | undefined;
        readonly conditions?: readonly Condition[] | undefined;
      }
    | undefined;
}
