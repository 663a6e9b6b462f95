/**
 * load-balancer/service/balancer — a Service's load balancer as its listeners and targets see it.
 */
import type { Token } from '../stack/token.ts';
import type { CandidateSubnet, SubnetDemand } from '../subnets/subnet-reads.ts';

export interface BalancerGroups {
  /** Empty: the load balancer has none, and its targets know clients by address. */
  readonly securityGroups: readonly Token[];
  /** The group that targets let in; undefined where nobody manages the targets' groups. */
  readonly backendGroup: Token | undefined;
  readonly usesBackendSecurityGroup: boolean;
}

export interface Balancer extends BalancerGroups, SubnetDemand {
  readonly subnets: readonly CandidateSubnet[];
}
