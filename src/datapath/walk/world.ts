/**
 * datapath/walk/world — everything a walk goes through, made once for a twin: namespaces, the VPC's
 * fabric, policy enforcement, and who is behind addresses beyond the VPC.
 */
import type { EksCluster } from '../../model/eks/cluster.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Namespaces } from '../../model/linux/namespace.ts';
import type { Ip } from '../../net/index.ts';
import type { Balancers } from '../elb/balancers.ts';
import type { PolicyEnforcement } from '../policy/enforcement.ts';
import type { VpcFabric } from '../vpc/fabric.ts';

export interface World {
  readonly store: TwinStore;
  readonly namespaces: Namespaces;
  readonly fabric: VpcFabric;
  readonly policies: PolicyEnforcement;
  readonly balancers: Balancers;
  /** The cluster whose public endpoint has this address. */
  publicEndpoint(address: Ip): EksCluster | undefined;
  /** What a person calls the thing behind an ENI. */
  labelOf(networkInterfaceId: string): string;
}
