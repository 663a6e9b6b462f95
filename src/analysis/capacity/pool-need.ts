/**
 * analysis/capacity/pool-need — how many blocks of addresses ipamd would ask for next: upstream's
 * formulas on plain counts, so that thousands of nodes can be reckoned without a datastore each.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:2177-2260, 2551-2745, as
 * controllers/vpc-cni/pool-targets has them. Pods are taken to fill one prefix before the next.
 */
import { divideUp } from '../../controllers/vpc-cni/address-count.ts';

export interface WarmSettings {
  readonly warmEniTarget: number;
  readonly warmIpTarget: number;
  readonly minimumIpTarget: number;
  readonly warmPrefixTarget: number;
}

export interface PoolLimits {
  /** Addresses in one block: 1, or 16 with prefixes. */
  readonly blockSize: number;
  /** Blocks one ENI takes. */
  readonly blocksPerEni: number;
  /** ipamd stops growing at that many addresses. */
  readonly maxPods: number;
}

/**
 * Blocks ipamd is short of; 0 = the targets are met.
 *
 * @param blocks    blocks the node holds
 * @param assigned  addresses pods have
 */
export function blocksMissing(
  settings: WarmSettings,
  limits: PoolLimits,
  blocks: number,
  assigned: number,
): number {
  const { blockSize, blocksPerEni, maxPods } = limits;
  const total = blocks * blockSize;
  if (total >= maxPods) return 0;
  const available = total - assigned;
  const { warmIpTarget, minimumIpTarget } = settings;
  if (warmIpTarget > 0 || minimumIpTarget > 0) {
    const short = Math.max(0, warmIpTarget - available, minimumIpTarget - total);
    return divideUp(short, blockSize);
  }
  const withPrefixes = blockSize > 1;
  const target = withPrefixes ? settings.warmPrefixTarget : settings.warmEniTarget;
  const unit = withPrefixes ? blockSize : blocksPerEni;
  const tooLow = available < unit * target || (target === 0 && available === 0);
  if (!tooLow) return 0;
  if (!withPrefixes) return blocksPerEni;
  return Math.max(1, target - (blocks - divideUp(assigned, blockSize)));
}
