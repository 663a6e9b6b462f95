/**
 * load-balancer/ingress/ingress-reads — what building a group's stack asks of the world. The
 * controller answers from AWS and the cluster, a preview from a twin, a test from a table.
 */
import type { Certificate } from '../../../model/acm/certificate.ts';
import type { SubnetSelector } from '../../../model/kubernetes/ingress.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import type { ServiceReads } from '../service/service-reads.ts';
import type { SubnetDemand } from '../subnets/subnet-reads.ts';
import type { SubnetResolution } from '../subnets/subnet-resolution.ts';

type Shared = 'existingLoadBalancer' | 'discoverSubnets' | 'namedSubnets' | 'securityGroups';

/** Every method may throw a BuildError with the text that the controller would pass on. */
export interface IngressReads extends Pick<ServiceReads, Shared | 'service'> {
  /** Subnets of an IngressClassParams. */
  selectSubnets(demand: SubnetDemand, selector: SubnetSelector): Promise<SubnetResolution>;
  /** The shared group's id; upstream makes it here where there is none. @param members  by key */
  backendSecurityGroup(members: readonly string[]): Promise<string>;
  secret(namespace: string, name: string): KubernetesObject | undefined;
  /** By name; what cannot be found is a BuildError. */
  targetGroupArn(name: string): Promise<string>;
  webAclArn(name: string): Promise<string>;
  trustStoreArns(names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** All issued certificates of the account and region, described. */
  certificates(): Promise<readonly Certificate[]>;
}
