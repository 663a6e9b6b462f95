/**
 * analysis/capacity/seed-formula — the estimate many guides give: nodes × 1 + pods + load
 * balancers + NAT gateways + 5. Shown beside the truth because people plan with it; it leaves out
 * the warm pool, the primary address of every further ENI and the control plane's interfaces.
 */
import { RESERVED_PER_SUBNET } from '../../model/ec2/subnet.ts';

export interface SeedTerms {
  readonly nodes: number;
  readonly pods: number;
  readonly loadBalancers: number;
  readonly natGateways: number;
}

export interface SeedEstimate {
  readonly total: number;
  /** `10 × 1 + 100 + 5 + 2 + 5 = 122`. */
  readonly formula: string;
}

/** The estimate, and the sum written out. */
export function seedEstimate(terms: SeedTerms): SeedEstimate {
  const { nodes, pods, loadBalancers, natGateways } = terms;
  const total = nodes + pods + loadBalancers + natGateways + RESERVED_PER_SUBNET;
  const formula =
    `${nodes} × 1 + ${pods} + ${loadBalancers} + ${natGateways} + ${RESERVED_PER_SUBNET} ` +
    `= ${total}`;
  return { total, formula };
}
