/**
 * load-balancer/service/load-balancer-groups — the security groups of the load balancer: the
 * Service's own, or a managed one for clients with the shared one for targets, or none.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_load_balancer.go:101-169
 * and model_build_managed_sg.go.
 */
import { BuildError } from '../build-error.ts';
import { digestOf, nameOfObject } from '../stack/names.ts';
import type { IpPermission } from '../stack/security-group-spec.ts';
import { fieldOf } from '../stack/token.ts';
import type { BalancerGroups } from './balancer.ts';
import { isIpv6, pathMtuOf, sourceOf } from './client-rules.ts';
import { additionalTags, annotated, type ServiceBuild, sourceRanges } from './service-build.ts';
import type { ExistingLoadBalancer } from './service-reads.ts';

const MANAGED_GROUP = 'ManagedLBSecurityGroup';
const NO_GROUPS: BalancerGroups = {
  securityGroups: [],
  backendGroup: undefined,
  usesBackendSecurityGroup: false,
};

/** @throws BuildError  where groups are asked for that AWS or the settings do not allow */
export async function resolveSecurityGroups(
  build: ServiceBuild,
  existing: ExistingLoadBalancer | undefined,
  ipAddressType: string,
): Promise<BalancerGroups> {
  const { annotations, settings } = build;
  const isDisabled = annotated.bool('aws-load-balancer-disable-nlb-sg', annotations);
  // A network load balancer made without groups never gets any.
  if (existing !== undefined && existing.securityGroups.length === 0) return NO_GROUPS;
  if (!settings.featureGates.NLBSecurityGroup || isDisabled) {
    if (existing !== undefined) throw new BuildError('conflicting security groups configuration');
    return NO_GROUPS;
  }
  const named = annotated.stringList('aws-load-balancer-security-groups', annotations) ?? [];
  return named.length === 0 ? managedGroups(build, ipAddressType) : ownGroups(build, named);
}

/** The group that is made for the Service, and the one all load balancers share. */
async function managedGroups(build: ServiceBuild, ipAddressType: string): Promise<BalancerGroups> {
  addManagedGroup(build, ipAddressType);
  const managed = fieldOf('AWS::EC2::SecurityGroup', MANAGED_GROUP, 'groupID');
  if (!build.settings.enableBackendSecurityGroup) {
    const securityGroups = [managed];
    return { securityGroups, backendGroup: managed, usesBackendSecurityGroup: false };
  }
  const backendGroup = await build.reads.backendSecurityGroup(build.stack.id);
  const securityGroups = [managed, backendGroup];
  return { securityGroups, backendGroup, usesBackendSecurityGroup: true };
}

/** The groups that the Service names; targets' groups are left alone unless asked for. */
async function ownGroups(build: ServiceBuild, named: readonly string[]): Promise<BalancerGroups> {
  const { annotations, reads, settings } = build;
  const suffix = 'aws-load-balancer-manage-backend-security-group-rules';
  const managesRules =
    annotated.bool(suffix, annotations) ?? settings.enableManageBackendSecurityGroupRules;
  const found = await reads.securityGroups(named);
  if ('problem' in found) throw new BuildError(found.problem);
  const securityGroups = found.groupIds;
  if (!managesRules) return { ...NO_GROUPS, securityGroups };
  if (!settings.enableBackendSecurityGroup) {
    throw new BuildError(
      'backendSG feature is required to manage worker node SG rules when frontendSG is manually ' +
        'specified',
    );
  }
  const backendGroup = await reads.backendSecurityGroup(build.stack.id);
  return {
    securityGroups: [...securityGroups, backendGroup],
    backendGroup,
    usesBackendSecurityGroup: true,
  };
}

function addManagedGroup(build: ServiceBuild, ipAddressType: string): void {
  const { name, namespace = '', uid = '' } = build.service.metadata;
  const digest = digestOf(build.settings.clusterName, name, namespace, uid);
  const tags = additionalTags(build);
  build.stack.add('AWS::EC2::SecurityGroup', MANAGED_GROUP, {
    groupName: nameOfObject(namespace, name, digest),
    description: '[k8s] Managed SecurityGroup for LoadBalancer',
    tags,
    ingress: clientRules(build, ipAddressType),
  });
}

/** Clients' way in: every port of the Service from every source. */
export function clientRules(build: ServiceBuild, ipAddressType: string): readonly IpPermission[] {
  const { annotations, service } = build;
  const pathMtu = 'aws-load-balancer-enable-icmp-for-path-mtu-discovery';
  const allowsPathMtu = annotated.string(pathMtu, annotations) === 'on';
  const suffix = 'aws-load-balancer-security-group-prefix-lists';
  const prefixLists = annotated.stringList(suffix, annotations);
  const cidrs = clientRanges(build, ipAddressType, prefixLists !== undefined);
  return (service.spec.ports ?? []).flatMap(({ port, protocol = 'TCP' }) => {
    const ports = { ipProtocol: protocol.toLowerCase(), fromPort: port, toPort: port };
    const byRange = cidrs.flatMap((cidr) => {
      const from = sourceOf(cidr);
      const rule = { ...ports, ...from };
      return allowsPathMtu ? [rule, { ...pathMtuOf(cidr), ...from }] : [rule];
    });
    const byList = (prefixLists ?? []).map((listID) => ({ ...ports, prefixLists: [{ listID }] }));
    return [...byRange, ...byList];
  });
}

function clientRanges(
  build: ServiceBuild,
  ipAddressType: string,
  hasPrefixLists: boolean,
): readonly string[] {
  const ranges = sourceRanges(build, build.service);
  const ipv6 = ranges.find(isIpv6);
  if (ipv6 !== undefined && ipAddressType !== 'dualstack') {
    throw new BuildError(`unsupported v6 cidr ${ipv6} when lb is not dualstack`);
  }
  if (ranges.length > 0 || hasPrefixLists) return ranges;
  return ipAddressType === 'dualstack' ? ['0.0.0.0/0', '::/0'] : ['0.0.0.0/0'];
}
