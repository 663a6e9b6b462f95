/**
 * load-balancer/gateway/model/load-balancer-groups — the security groups of a Gateway's load
 * balancer: its configuration's own, or a managed one for clients with the shared one for targets,
 * or none.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/model/
 * model_build_security_group.go.
 */
import type { LoadBalancerAddressType } from '../../../../model/elbv2/load-balancer.ts';
import type { Listener } from '../../../../model/kubernetes/gateway.ts';
import type { LoadBalancerConfigurationSpec } from '../../../../model/kubernetes/gateway-configuration.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import { BuildError } from '../../build-error.ts';
import { isDualStack } from '../../ingress/group-build.ts';
import type { BalancerGroups } from '../../service/balancer.ts';
import { isIpv6, pathMtuOf, sourceOf } from '../../service/client-rules.ts';
import { digestOf, nameOfObject } from '../../stack/names.ts';
import type { IpPermission } from '../../stack/security-group-spec.ts';
import { fieldOf } from '../../stack/token.ts';
import { type GatewayBuild, tagsOf } from './gateway-build.ts';

const MANAGED_GROUP = 'ManagedLBSecurityGroup';
const MANAGED = fieldOf('AWS::EC2::SecurityGroup', MANAGED_GROUP, 'groupID');
const EVERYBODY = ['0.0.0.0/0', '::/0'];

/** @throws BuildError  where groups cannot be found, or may not be used so */
export async function groupsOf(
  build: GatewayBuild,
  ipAddressType: LoadBalancerAddressType,
): Promise<BalancerGroups> {
  const { configuration, settings, type } = build;
  const without = { backendGroup: undefined, usesBackendSecurityGroup: false };
  if (configuration.disableSecurityGroup === true && type === 'network') {
    return { securityGroups: [], ...without };
  }
  const named = configuration.securityGroups ?? [];
  if (named.length === 0) {
    addManagedGroup(build, ipAddressType);
    return settings.enableBackendSecurityGroup
      ? withBackendGroup(build, [MANAGED])
      : { securityGroups: [MANAGED], backendGroup: MANAGED, usesBackendSecurityGroup: false };
  }
  const found = await build.reads.securityGroups(named);
  if ('problem' in found) throw new BuildError(found.problem);
  if (configuration.manageBackendSecurityGroupRules !== true) {
    return { securityGroups: found.groupIds, ...without };
  }
  if (settings.enableBackendSecurityGroup) return withBackendGroup(build, found.groupIds);
  throw new BuildError(
    'backendSG feature is required to manage worker node SG rules when frontendSG manually ' +
      'specified',
  );
}

async function withBackendGroup(
  { gateway, reads }: GatewayBuild,
  frontend: BalancerGroups['securityGroups'],
): Promise<BalancerGroups> {
  const backendGroup = await reads.backendSecurityGroup([keyOf(gateway)]);
  const securityGroups = [...frontend, backendGroup];
  return { securityGroups, backendGroup, usesBackendSecurityGroup: true };
}

function addManagedGroup(build: GatewayBuild, ipAddressType: LoadBalancerAddressType): void {
  const { configuration, gateway, loaded, settings, stack } = build;
  const { name, namespace = '', uid = '' } = gateway.metadata;
  const digest = digestOf(settings.clusterName, name, namespace, uid);
  stack.add('AWS::EC2::SecurityGroup', MANAGED_GROUP, {
    groupName: nameOfObject(namespace, name, digest),
    description: '[k8s] Managed SecurityGroup for LoadBalancer',
    tags: tagsOf(build, configuration.tags),
    ingress: loaded.listeners.flatMap((it) =>
      clientRules(it, configuration, isDualStack(ipAddressType)),
    ),
  });
}

/** Clients' way in to one listener. */
function clientRules(
  { port, protocol }: Listener,
  { enableICMP, securityGroupPrefixes = [], sourceRanges }: LoadBalancerConfigurationSpec,
  takesIpv6: boolean,
): readonly IpPermission[] {
  const ipProtocol = protocol === 'UDP' ? 'udp' : 'tcp';
  const ports = { ipProtocol, fromPort: port, toPort: port };
  const ranges = (sourceRanges ?? EVERYBODY).filter((cidr) => takesIpv6 || !isIpv6(cidr));
  return [
    ...ranges.flatMap((cidr) => {
      const from = sourceOf(cidr);
      const rule = { ...ports, ...from };
      return enableICMP === true ? [rule, { ...pathMtuOf(cidr), ...from }] : [rule];
    }),
    ...securityGroupPrefixes.map((listID) => ({ ...ports, prefixLists: [{ listID }] })),
  ];
}
