/**
 * load-balancer/service/target-networking — what targets have to let in: from the load balancer's
 * security group, or where it has none, from addresses.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_target_group.go:602-700.
 * The binding carries these rules into the security groups of nodes and pods.
 */
import type { Service } from '../../../model/kubernetes/core.ts';
import type { NetworkingPortSpec, NetworkingSpec } from '../stack/target-group-spec.ts';
import type { Balancer } from './balancer.ts';
import {
  isBoth,
  isDatagram,
  type NetworkingWish,
  numberOf,
  TRAFFIC_PORT,
} from './networking-wish.ts';
import type { ServiceBuild } from './service-build.ts';
import { networkingByAddress } from './target-networking-by-address.ts';

/** Undefined: nobody changes the targets' security groups. */
export async function networkingOf(
  build: ServiceBuild,
  balancer: Balancer,
  wish: NetworkingWish & { readonly service: Service },
): Promise<NetworkingSpec | undefined> {
  if (balancer.securityGroups.length === 0) return networkingByAddress(build, balancer, wish);
  const { backendGroup } = balancer;
  if (backendGroup === undefined) return undefined;
  const ports = build.settings.disableRestrictedSgRules ? allPorts(wish) : neededPorts(wish);
  const from = [{ securityGroup: { groupID: backendGroup } }];
  return { ingress: [{ from, ports }] };
}

const allPorts = ({ protocol }: NetworkingWish): readonly NetworkingPortSpec[] =>
  isBoth(protocol) || isDatagram(protocol)
    ? [{ protocol: 'TCP' }, { protocol: 'UDP' }]
    : [{ protocol: 'TCP' }];

/** The traffic's port, and TCP on the port of the health checks, which are always TCP. */
function neededPorts(wish: NetworkingWish): readonly NetworkingPortSpec[] {
  const { protocol, targetPort: port, healthCheckPort } = wish;
  const isOwnPort = healthCheckPort !== TRAFFIC_PORT && healthCheckPort !== numberOf(port);
  const checked: readonly NetworkingPortSpec[] = isOwnPort
    ? [{ protocol: 'TCP', port: healthCheckPort }]
    : [];
  if (isBoth(protocol) || (isDatagram(protocol) && !isOwnPort)) {
    return [{ protocol: 'UDP', port }, { protocol: 'TCP', port }, ...checked];
  }
  const own = isDatagram(protocol) ? 'UDP' : 'TCP';
  return [{ protocol: own, port }, ...checked];
}
