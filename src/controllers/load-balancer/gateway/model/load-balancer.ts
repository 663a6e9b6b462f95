/**
 * load-balancer/gateway/model/load-balancer — the load balancer of a Gateway's stack.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/model/
 * base_model_builder.go, model_build_loadbalancer.go.
 */
import type { Scheme } from '../../../../model/elbv2/load-balancer.ts';
import { LOAD_BALANCER } from '../../ingress/group-build.ts';
import { digestOf, nameOfObject } from '../../stack/names.ts';
import type { AddOns } from './add-ons.ts';
import { type GatewayBalancer, type GatewayBuild, tagsOf } from './gateway-build.ts';
import { groupsOf } from './load-balancer-groups.ts';
import { subnetsOf } from './load-balancer-subnets.ts';

/** Adds the load balancer, and its managed security group where it has one. @throws BuildError */
export async function addLoadBalancer(
  build: GatewayBuild,
  addOns: AddOns,
): Promise<GatewayBalancer> {
  const { configuration, settings, stack, type } = build;
  // The flag's value was looked at when the controller started, the fields' by their CRD.
  const scheme = configuration.scheme ?? (settings.defaultLoadBalancerScheme as Scheme);
  const ipAddressType = configuration.ipAddressType ?? 'ipv4';
  const demand = { type, scheme, ipAddressType };
  const { resolution, mapping, hasSourceNat } = await subnetsOf(build, demand);
  const groups = await groupsOf(build, ipAddressType);
  const own =
    type === 'network'
      ? {
          enablePrefixForIpv6SourceNat: hasSourceNat ? ('on' as const) : ('off' as const),
          securityGroupsInboundRulesOnPrivateLink:
            configuration.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic,
        }
      : {
          customerOwnedIPv4Pool: configuration.customerOwnedIpv4Pool,
          ipv4IPAMPool: configuration.ipv4IPAMPoolId,
        };
  stack.add('AWS::ElasticLoadBalancingV2::LoadBalancer', LOAD_BALANCER, {
    name: configuration.loadBalancerName ?? nameOf(build, scheme),
    type,
    scheme,
    ipAddressType,
    enablePrefixForIpv6SourceNat: own.enablePrefixForIpv6SourceNat,
    subnetMapping: mapping,
    securityGroups: groups.securityGroups,
    securityGroupsInboundRulesOnPrivateLink: own.securityGroupsInboundRulesOnPrivateLink,
    customerOwnedIPv4Pool: own.customerOwnedIPv4Pool,
    loadBalancerAttributes: configuration.loadBalancerAttributes,
    minimumLoadBalancerCapacity: addOns.minimumLoadBalancerCapacity,
    tags: tagsOf(build, configuration.tags),
    ipv4IPAMPool: own.ipv4IPAMPool,
  });
  return { ...demand, ...groups, subnets: resolution.subnets };
}

function nameOf({ gateway, settings }: GatewayBuild, scheme: Scheme): string {
  const { name, namespace = '', uid = '' } = gateway.metadata;
  return nameOfObject(namespace, name, digestOf(settings.clusterName, uid, scheme));
}
