/**
 * load-balancer/service/service-reads — what building a Service's stack asks of the world. The
 * controller answers from AWS and the cluster, a preview from a twin, a test from a table.
 */
import type { LoadBalancer } from '../../../model/elbv2/load-balancer.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import type { StackId } from '../stack/stack.ts';
import type { SubnetDemand } from '../subnets/subnet-reads.ts';
import type { SubnetResolution } from '../subnets/subnet-resolution.ts';

/** The load balancer that carries the stack's tags. */
export type ExistingLoadBalancer = Pick<LoadBalancer, 'scheme' | 'securityGroups'> & {
  readonly zones: readonly Pick<LoadBalancer['zones'][number], 'subnetId'>[];
};

/** Every method may throw a BuildError with the text that the controller would pass on. */
export interface ServiceReads {
  existingLoadBalancer(stack: StackId): Promise<ExistingLoadBalancer | undefined>;
  discoverSubnets(demand: SubnetDemand): Promise<SubnetResolution>;
  namedSubnets(demand: SubnetDemand, namesOrIds: readonly string[]): Promise<SubnetResolution>;
  securityGroups(
    namesOrIds: readonly string[],
  ): Promise<{ readonly groupIds: readonly string[] } | { readonly problem: string }>;
  /** Associated blocks, as DescribeVpcs has them now. */
  vpcBlocks(): Promise<{ readonly ipv4: readonly string[]; readonly ipv6: readonly string[] }>;
  /** The shared group's id; upstream makes it here where there is none. */
  backendSecurityGroup(stack: StackId): Promise<string>;
  service(namespace: string, name: string): Service | undefined;
}
