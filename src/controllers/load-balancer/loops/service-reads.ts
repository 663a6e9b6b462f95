/**
 * load-balancer/loops/service-reads — what the builder of a Service's stack asks, answered by AWS
 * and the cluster.
 */
import type { TwinStore } from '../../../model/kinds.ts';
import type { Tracking } from '../deploy/tracking.ts';
import type { BackendSecurityGroup } from '../security-groups/backend-security-group.ts';
import type { ServiceReads } from '../service/service-reads.ts';
import { stackIdText } from '../stack/stack.ts';
import { type AwsReads, whileBuilding } from './aws-reads.ts';

/** The builder's questions, each asked of who knows. */
export const serviceReads = (
  store: TwinStore,
  tracking: Tracking,
  reads: AwsReads,
  backend: BackendSecurityGroup,
): ServiceReads => ({
  existingLoadBalancer: (stack) => reads.existingLoadBalancer(tracking, stack),
  discoverSubnets: (demand) => reads.discoverSubnets(demand),
  namedSubnets: (demand, names) => reads.namedSubnets(demand, names),
  securityGroups: (names) => reads.securityGroups(names),
  vpcBlocks: () => reads.vpcBlocks(),
  backendSecurityGroup: (stack) =>
    whileBuilding(() => backend.get([{ kind: 'Service', key: stackIdText(stack) }])),
  service: (namespace, name) => store.get('Service', `${namespace}/${name}`),
});
