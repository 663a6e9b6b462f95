/**
 * controllers/in-tree-load-balancer/balancer-groups — the security groups of a Classic load
 * balancer: those the Service names, or one that is made for it.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws.go:1555-1637,1990-2095,
 * 3119-3275 and aws_loadbalancer.go:1916-2031.
 */
import type { SecurityGroup } from '../../model/ec2/security-group.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { isNetwork, keyValues, list } from './annotations.ts';
import { allFromGroup, fromBlock, removeRules, setRules } from './group-rules.ts';
import {
  balancerName,
  hasClusterTag,
  isOwned,
  ownedTags,
  type Provider,
  serviceKey,
} from './provider.ts';
import { must, ProviderError } from './provider-error.ts';
import { protocolOf } from './service-checks.ts';
import { sourceRangesOf } from './source-ranges.ts';

const DELETED_EVERY_MS = 5_000;
const DELETED_WITHIN_MS = 600_000;

/** The groups in the order they are given; a made one is opened for clients. */
export async function ensureBalancerGroups(
  provider: Provider,
  service: Service,
): Promise<readonly string[]> {
  const own = list(service, 'security-groups');
  const extra = list(service, 'extra-security-groups');
  if (own.length > 0) return [...own, ...extra];
  const groupId = await ensureGroup(provider, service);
  await setRules(provider, groupId, clientRules(service));
  return [groupId, ...extra];
}

function clientRules(service: Service) {
  const ranges = sourceRangesOf(service);
  const ports = (service.spec.ports ?? []).map((port) => ({
    port: port.port,
    protocol: protocolOf(port).toLowerCase(),
  }));
  const traffic = ports.flatMap(({ port, protocol }) =>
    ranges.map((cidr) => fromBlock(cidr, protocol, port)),
  );
  // "Fragmentation needed", for the discovery of the path's MTU.
  return [...traffic, ...ranges.map((cidr) => fromBlock(cidr, 'icmp', 3, 4))];
}

/** The group is found by its name, which the Service's uid makes the only one. */
async function ensureGroup(provider: Provider, service: Service): Promise<string> {
  const { ec2, vpcId } = provider;
  const groupName = `k8s-elb-${balancerName(service)}`;
  const filters = [
    { name: 'group-name', values: [groupName] },
    { name: 'vpc-id', values: [vpcId] },
  ];
  const [found] = must(await ec2.describeSecurityGroups({ filters }));
  if (found !== undefined) return found.groupId;
  const description =
    `Security group for Kubernetes ELB ${balancerName(service)} ` + `(${serviceKey(service)})`;
  const tags = ownedTags(provider, keyValues(service, 'additional-resource-tags'));
  const made = must(await ec2.createSecurityGroup({ vpcId, groupName, description, tags }));
  return made.groupId;
}

/**
 * The load balancer's groups in the order of the annotations; between those of the Service and the
 * extra ones is the made one. The first is the one that nodes let in.
 */
export function firstGroup(service: Service, groupIds: readonly string[]): string | undefined {
  const own = list(service, 'security-groups');
  const extra = list(service, 'extra-security-groups');
  const place = (groupId: string): number => {
    if (own.includes(groupId)) return own.indexOf(groupId);
    const at = extra.indexOf(groupId);
    return at < 0 ? own.length : own.length + 1 + at;
  };
  return groupIds.toSorted((one, other) => place(one) - place(other))[0];
}

/** Of the load balancer's groups those that go with it: tagged, and not named by the Service. */
export async function groupsToDelete(
  provider: Provider,
  service: Service,
  groupIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const filters = [{ name: 'group-id', values: groupIds }];
  const groups = must(
    await provider.ec2.describeSecurityGroups({ filters }),
    'unable to build security groups to delete: error querying security groups for ELB',
  );
  const named = [...list(service, 'security-groups'), ...list(service, 'extra-security-groups')];
  const goes = ({ groupId, tags }: SecurityGroup): boolean =>
    hasClusterTag(provider, tags) &&
    (!isNetwork(service) || isOwned(provider, tags)) &&
    !named.includes(groupId);
  return new Set(groups.filter(goes).map(({ groupId }) => groupId));
}

/** Groups that a load balancer no longer has: nobody lets them in, and made ones go. */
export async function removeReplacedGroups(
  provider: Provider,
  service: Service,
  groupIds: readonly string[],
): Promise<void> {
  const made = new Set<string>();
  for (const groupId of groupIds) {
    const [group] = must(await provider.ec2.describeSecurityGroups({ groupIds: [groupId] }));
    for (const other of await groupsLettingIn(provider, groupId)) {
      if (!hasClusterTag(provider, other.tags)) continue;
      await removeRules(provider, other.groupId, [
        allFromGroup(groupId as SecurityGroup['groupId']),
      ]);
    }
    if (group !== undefined && isOwned(provider, group.tags)) made.add(groupId);
  }
  await deleteGroups(provider, balancerName(service), made);
}

/** The groups with a rule for another group. */
export async function groupsLettingIn(
  { ec2 }: Provider,
  groupId: string,
): Promise<readonly SecurityGroup[]> {
  const filters = [{ name: 'ip-permission.group-id', values: [groupId] }];
  return must(
    await ec2.describeSecurityGroups({ filters }),
    'error querying security groups for ELB',
  );
}

/** Deletes groups, for up to ten minutes: the load balancer's interfaces hold on to them. */
export async function deleteGroups(
  { clock, ec2 }: Provider,
  owner: string,
  groupIds: ReadonlySet<string>,
): Promise<void> {
  const left = new Set(groupIds);
  const untilMs = clock.now() + DELETED_WITHIN_MS;
  while (left.size > 0) {
    for (const groupId of left) {
      const deleted = await ec2.deleteSecurityGroup({ groupId });
      if (deleted === true || deleted.code === 'InvalidGroup.NotFound') left.delete(groupId);
      else if (deleted.code !== 'DependencyViolation') {
        must(deleted, `error while deleting load balancer security group (${groupId})`);
      }
    }
    if (left.size === 0) return;
    if (clock.now() >= untilMs) {
      const ids = [...left].join(',');
      const named = `could not delete security groups ${ids} for Load Balancer "${owner}"`;
      throw new ProviderError(`${named}: context deadline exceeded`, 'DependencyViolation');
    }
    await clock.sleep(DELETED_EVERY_MS);
  }
}
