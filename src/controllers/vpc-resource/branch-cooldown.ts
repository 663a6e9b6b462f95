/**
 * controllers/vpc-resource/branch-cooldown — how long a branch interface rests before deletion.
 *
 * Upstream: aws/amazon-vpc-resource-controller-k8s@b8d425119 pkg/provider/branch/cooldown.
 */
import type { ConfigMap } from '../../model/kubernetes/core.ts';
import type { Millis } from '../../sim/clock.ts';

const DEFAULT_S = 60;
const MINIMUM_S = 30;

/** From ConfigMap kube-system/amazon-vpc-cni; 60 s without it or with nonsense, at least 30 s. */
export function branchCooldownMs(config: ConfigMap | undefined): Millis {
  const text = config?.data?.['branch-eni-cooldown'];
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return DEFAULT_S * 1_000;
  return Math.max(Number(text), MINIMUM_S) * 1_000;
}
