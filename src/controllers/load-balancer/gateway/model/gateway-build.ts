/**
 * load-balancer/gateway/model/gateway-build — one Gateway's stack while it is being built.
 */
import type { Tags } from '../../../../model/ec2/tags.ts';
import type { Gateway } from '../../../../model/kubernetes/gateway.ts';
import type { LoadBalancerConfigurationSpec } from '../../../../model/kubernetes/gateway-configuration.ts';
import { withDefaultTags } from '../../ingress/group-build.ts';
import { refuseManagedElsewhere } from '../../ingress/group-tags.ts';
import type { IngressReads } from '../../ingress/ingress-reads.ts';
import type { ServiceReads } from '../../service/service-reads.ts';
import type { ControllerSettings } from '../../settings/settings.ts';
import type { Stack } from '../../stack/stack.ts';
import type { Token } from '../../stack/token.ts';
import type { CandidateSubnet, SubnetDemand } from '../../subnets/subnet-reads.ts';
import type { LoadedGateway } from '../attachment/load-routes.ts';

/** Every method may throw a BuildError with the text that the controller would pass on. */
export type GatewayReads = Omit<IngressReads, 'service' | 'webAclArn'> &
  Pick<ServiceReads, 'vpcBlocks'>;

export interface GatewayBuild {
  readonly settings: ControllerSettings;
  readonly type: 'application' | 'network';
  readonly gateway: Gateway;
  /** Of class and Gateway merged. */
  readonly configuration: LoadBalancerConfigurationSpec;
  readonly loaded: Pick<LoadedGateway, 'listeners' | 'routesByPort'>;
  readonly reads: GatewayReads;
  readonly stack: Stack;
}

/** The Gateway's load balancer as its listeners and targets see it. */
export interface GatewayBalancer extends SubnetDemand {
  readonly subnets: readonly CandidateSubnet[];
  /** Empty: the load balancer has none, and its targets know clients by address. */
  readonly securityGroups: readonly Token[];
  /** The group that targets let in; undefined where nobody manages the targets' groups. */
  readonly backendGroup: Token | undefined;
  readonly usesBackendSecurityGroup: boolean;
}

/** With the controller's own. @throws BuildError  where somebody else manages one of them */
export function tagsOf({ settings }: Pick<GatewayBuild, 'settings'>, tags: Tags = {}): Tags {
  refuseManagedElsewhere(tags, settings);
  return withDefaultTags(settings, tags);
}
