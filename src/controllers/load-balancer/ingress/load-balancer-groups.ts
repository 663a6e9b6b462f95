/**
 * load-balancer/ingress/load-balancer-groups — the security groups of the load balancer: those its
 * members name, or a managed one for clients with the shared one for targets.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_load_balancer.go
 * buildLoadBalancerSecurityGroups, model_build_managed_sg.go, model_builder.go
 * buildManageSecurityGroupRulesFlag.
 */
import type { LoadBalancerAddressType } from '../../../model/elbv2/load-balancer.ts';
import { listText } from '../annotations/go-literals.ts';
import { BuildError } from '../build-error.ts';
import { nameOfGroup } from '../stack/names.ts';
import type { IpPermission } from '../stack/security-group-spec.ts';
import { fieldOf, type Token } from '../stack/token.ts';
import { alb } from './alb-annotations.ts';
import { type ClassifiedIngress, memberKey } from './group.ts';
import { annotationsOf, type GroupBuild, groupDigest, isDualStack } from './group-build.ts';
import { tagsOfMembers } from './group-tags.ts';
import type { ListenPorts } from './listen-ports.ts';

const MANAGED_GROUP = 'ManagedLBSecurityGroup';
const MANAGED = fieldOf('AWS::EC2::SecurityGroup', MANAGED_GROUP, 'groupID');

export interface BalancerGroups {
  readonly securityGroups: readonly Token[];
  readonly backendGroup: Token | undefined;
  readonly usesBackendSecurityGroup: boolean;
}

/** @throws BuildError  where members disagree, or groups cannot be found */
export async function resolveSecurityGroups(
  build: GroupBuild,
  listenPorts: ListenPorts,
  ipAddressType: LoadBalancerAddressType,
): Promise<BalancerGroups> {
  const named = agreedGroups(build.group.members, 'security-groups') ?? [];
  if (named.length > 0) return ownGroups(build, named);
  addManagedGroup(build, listenPorts, ipAddressType);
  if (!build.settings.enableBackendSecurityGroup) {
    const securityGroups = [MANAGED];
    return { securityGroups, backendGroup: MANAGED, usesBackendSecurityGroup: false };
  }
  const backendGroup = await backendGroupOf(build);
  const securityGroups = [MANAGED, backendGroup];
  return { securityGroups, backendGroup, usesBackendSecurityGroup: true };
}

const backendGroupOf = ({ reads, group }: GroupBuild): Promise<string> =>
  reads.backendSecurityGroup(group.members.map(memberKey));

async function ownGroups(build: GroupBuild, named: readonly string[]): Promise<BalancerGroups> {
  const managesRules = managesBackendRules(build);
  const found = await build.reads.securityGroups(named);
  if ('problem' in found) throw new BuildError(found.problem);
  if (!managesRules) {
    const securityGroups = found.groupIds;
    return { securityGroups, backendGroup: undefined, usesBackendSecurityGroup: false };
  }
  if (!build.settings.enableBackendSecurityGroup) {
    throw new BuildError(
      'backendSG feature is required to manage worker node SG rules when frontendSG manually ' +
        'specified',
    );
  }
  const backendGroup = await backendGroupOf(build);
  const securityGroups = [...found.groupIds, backendGroup];
  return { securityGroups, backendGroup, usesBackendSecurityGroup: true };
}

/** Groups by id or name as the members give them: the order counts. @throws BuildError */
export function agreedGroups(
  members: readonly ClassifiedIngress[],
  suffix: string,
): readonly string[] | undefined {
  let chosen: readonly string[] | undefined;
  for (const member of members) {
    const named = alb.stringList(suffix, annotationsOf(member));
    if (named === undefined) continue;
    if (chosen !== undefined && chosen.join('\n') !== named.join('\n')) {
      throw new BuildError(`conflicting securityGroups: ${listText(chosen)} | ${listText(named)}`);
    }
    chosen ??= named;
  }
  return chosen;
}

/** Does the controller open the targets' groups for load balancers with groups of their own? */
export function managesBackendRules({
  group,
  settings,
}: Pick<GroupBuild, 'group' | 'settings'>): boolean {
  const explicit = new Set<boolean>();
  for (const member of group.members) {
    const own = alb.bool('manage-backend-security-group-rules', annotationsOf(member));
    if (own !== undefined) explicit.add(own);
  }
  if (explicit.size > 1) {
    throw new BuildError('conflicting manage backend security group rules settings');
  }
  const [flag = settings.enableManageBackendSecurityGroupRules] = explicit;
  return flag;
}

function addManagedGroup(
  build: GroupBuild,
  listenPorts: ListenPorts,
  ipAddressType: LoadBalancerAddressType,
): void {
  const { group, settings, stack } = build;
  stack.add('AWS::EC2::SecurityGroup', MANAGED_GROUP, {
    groupName: nameOfGroup(group.id, groupDigest(build)),
    description: '[k8s] Managed SecurityGroup for LoadBalancer',
    tags: tagsOfMembers(group.members, settings),
    ingress: clientRules(listenPorts, isDualStack(ipAddressType)),
  });
}

/** Clients' way in: every port from everywhere its Ingresses let in. */
function clientRules(listenPorts: ListenPorts, takesIpv6: boolean): readonly IpPermission[] {
  return [...listenPorts].flatMap(([port, { inboundIpv4, inboundIpv6, prefixLists }]) => {
    const tcp = { ipProtocol: 'tcp', fromPort: port, toPort: port };
    return [
      ...inboundIpv4.map((cidrIP) => ({ ...tcp, ipRanges: [{ cidrIP }] })),
      ...(takesIpv6 ? inboundIpv6 : []).map((cidrIPv6) => ({ ...tcp, ipv6Ranges: [{ cidrIPv6 }] })),
      ...prefixLists.map((listID) => ({ ...tcp, prefixLists: [{ listID }] })),
    ];
  });
}
