/** conformance/lbc-ingress-reads — reads of a group's build, each failing unless it is stubbed. */
import { BuildError } from '../src/controllers/load-balancer/build-error.ts';
import type { IngressReads } from '../src/controllers/load-balancer/ingress/ingress-reads.ts';

const unexpected = async (): Promise<never> => {
  throw new BuildError('nothing is stubbed');
};

/** @param stubs  what the case says */
export const stubbedReads = (stubs: Partial<IngressReads>): IngressReads => ({
  existingLoadBalancer: unexpected,
  discoverSubnets: unexpected,
  namedSubnets: unexpected,
  selectSubnets: unexpected,
  securityGroups: unexpected,
  backendSecurityGroup: unexpected,
  targetGroupArn: unexpected,
  webAclArn: unexpected,
  trustStoreArns: unexpected,
  certificates: unexpected,
  service: () => undefined,
  secret: () => undefined,
  ...stubs,
});
