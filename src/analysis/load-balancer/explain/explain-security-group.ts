/**
 * analysis/load-balancer/explain/explain-security-group — who may reach the load balancer, and what
 * its targets let in of it: rules of the security groups that the controller writes.
 */
import type { SecurityGroup, SecurityGroupRule } from '../../../model/ec2/security-group.ts';
import type { LoadBalancer } from '../../../model/elbv2/load-balancer.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import { ruleText } from '../words.ts';
import type { ExplainedResource, Mapping, Origin } from './explanation.ts';
import { byDefault } from './origins.ts';

/** The label by which the controller knows its rules on nodes and pods. */
const BINDING_MARK = 'elbv2.k8s.aws/targetGroupBinding=shared';

/** Groups of the load balancer that the controller fills, and rules elsewhere that name them. */
export function explainSecurityGroups(
  store: TwinStore,
  { securityGroups }: LoadBalancer,
  inbound: Origin,
): ExplainedResource[] {
  const groups = securityGroups.flatMap((id) => store.get('ec2/security-group', id) ?? []);
  const managed = groups.filter(
    ({ tags }) =>
      tags['elbv2.k8s.aws/cluster'] !== undefined &&
      tags['elbv2.k8s.aws/resource'] !== 'backend-sg',
  );
  const opened = openedFor(store, new Set(securityGroups));
  return [
    ...managed.map((group) => ({
      name: `security group ${group.groupId} (${group.groupName})`,
      mappings: group.rules
        .filter(({ direction }) => direction === 'ingress')
        .map((rule) => ({ field: 'inbound', value: ruleText(rule), origin: inbound })),
    })),
    ...opened,
  ];
}

/** Security groups of nodes and pods with a rule from one of the load balancer's groups. */
function openedFor(store: TwinStore, sources: ReadonlySet<string>): ExplainedResource[] {
  const origin = byDefault(
    'TargetGroupBinding: ports of all targets, from the lowest to the highest',
  );
  return store.list('ec2/security-group').flatMap((group) => {
    const mappings: Mapping[] = group.rules
      .filter((rule) => isFrom(rule, sources) && rule.description === BINDING_MARK)
      .map((rule) => ({ field: 'inbound', value: ruleText(rule), origin }));
    return mappings.length === 0
      ? []
      : [{ name: `security group of targets ${nameOf(group)}`, mappings }];
  });
}

const nameOf = ({ groupId, groupName }: SecurityGroup): string => `${groupId} (${groupName})`;

const isFrom = ({ direction, peer }: SecurityGroupRule, sources: ReadonlySet<string>): boolean =>
  direction === 'ingress' && peer.kind === 'group' && sources.has(peer.groupId);
