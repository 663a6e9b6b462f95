/**
 * load-balancer/gateway/model/target-networking — what a Gateway's targets have to let in: from its
 * load balancer's security group, or where it has none, from addresses.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/model/
 * model_build_target_group_binding_network.go.
 */
import { parseBool } from '../../annotations/go-literals.ts';
import { BuildError, built } from '../../build-error.ts';
import { isBoth, isDatagram, numberOf, TRAFFIC_PORT } from '../../service/networking-wish.ts';
import { rulesByAddress } from '../../service/target-networking-by-address.ts';
import type { NetworkingSpec, TargetGroupSpec } from '../../stack/target-group-spec.ts';
import type { GatewayBalancer, GatewayBuild } from './gateway-build.ts';

/** Undefined: nobody changes the targets' security groups. */
export async function networkingOf(
  build: GatewayBuild,
  balancer: GatewayBalancer,
  group: TargetGroupSpec,
  targetPort: number | string,
): Promise<NetworkingSpec | undefined> {
  if (balancer.securityGroups.length === 0) return byAddress(build, balancer, group, targetPort);
  const { backendGroup } = balancer;
  if (backendGroup === undefined) return undefined;
  const from = [{ securityGroup: { groupID: backendGroup } }];
  const hasDatagrams = isBoth(group.protocol) || isDatagram(group.protocol);
  if (build.settings.disableRestrictedSgRules) {
    const protocols = hasDatagrams ? (['TCP', 'UDP'] as const) : (['TCP'] as const);
    return { ingress: [{ from, ports: protocols.map((protocol) => ({ protocol })) }] };
  }
  // Of TCP and UDP on one port, TCP's own rule is that of the health checks.
  const traffic = { protocol: hasDatagrams ? 'UDP' : 'TCP', port: targetPort } as const;
  const checked = group.healthCheckConfig?.port ?? TRAFFIC_PORT;
  const isOwnPort = typeof checked === 'number' && checked !== numberOf(targetPort);
  const port = typeof checked === 'number' ? checked : targetPort;
  const check = hasDatagrams || isOwnPort ? [{ protocol: 'TCP', port } as const] : [];
  return { ingress: [traffic, ...check].map((it) => ({ from, ports: [it] })) };
}

function byAddress(
  { configuration, reads }: GatewayBuild,
  { scheme, subnets }: GatewayBalancer,
  group: TargetGroupSpec,
  targetPort: number | string,
): Promise<NetworkingSpec> {
  const { ipAddressType = 'ipv4', protocol } = group;
  const seesClients = isBoth(protocol) || isDatagram(protocol) || keepsClientIp(group);
  const healthCheckPort = group.healthCheckConfig?.port ?? TRAFFIC_PORT;
  return rulesByAddress(
    { protocol, targetPort, healthCheckPort, ipAddressType, keepsClientIp: seesClients },
    {
      subnets,
      scheme,
      ranges: configuration.sourceRanges ?? [],
      vpcBlocks: () => reads.vpcBlocks(),
      isAlwaysChecked: isBoth(protocol) || isDatagram(protocol),
    },
  );
}

/** Nodes see clients' addresses unless told otherwise, pods do not; what is no boolean is no. */
function keepsClientIp({ targetGroupAttributes = [], targetType }: TargetGroupSpec): boolean {
  const own = targetGroupAttributes.find(({ key }) => key === 'preserve_client_ip.enabled');
  if (own === undefined) return targetType === 'instance';
  const value = built(() => parseBool(own.value));
  return value instanceof BuildError ? false : value;
}
