/**
 * controllers/in-tree-load-balancer/balancer-subnets — the subnets of a load balancer: named, or of
 * every zone the one that suits best. Public ones only where it faces the internet.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws.go:1653-1920. Where no subnet
 * is the cluster's upstream falls back to the controller's own, which EKS keeps in AWS's account;
 * here there is none then.
 */
import { isAwsError } from '../../model/aws-error.ts';
import type { RouteTable } from '../../model/ec2/route-table.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { isInternal, list, PREFIX } from './annotations.ts';
import { hasClusterTag, isUnclaimed, type Provider } from './provider.ts';
import { must, ProviderError } from './provider-error.ts';

/** Ids in the order of their zones, or as AWS answers for named ones. Never empty. */
export async function balancerSubnets(
  provider: Provider,
  service: Service,
): Promise<readonly string[]> {
  const isNamed = service.metadata.annotations?.[`${PREFIX}subnets`] !== undefined;
  const found = isNamed
    ? await namedSubnets(provider, list(service, 'subnets'))
    : await discoveredSubnets(provider, isInternal(service));
  if (found.length > 0) return found;
  throw new ProviderError('could not find any suitable subnets for creating the ELB');
}

async function namedSubnets(
  { ec2, vpcId }: Provider,
  namesOrIds: readonly string[],
): Promise<readonly string[]> {
  if (namesOrIds.length === 0) throw new ProviderError('unable to resolve empty subnet slice');
  const subnetIds = namesOrIds.filter((it) => it.startsWith('subnet-'));
  const names = namesOrIds.filter((it) => !it.startsWith('subnet-'));
  const byId = subnetIds.length > 0 ? must(await ec2.describeSubnets({ subnetIds })) : [];
  const filters = [
    { name: 'tag:Name', values: names },
    { name: 'vpc-id', values: [vpcId] },
  ];
  const byName = names.length > 0 ? must(await ec2.describeSubnets({ filters })) : [];
  const found = [...byId, ...byName];
  if (found.length !== namesOrIds.length) {
    const counts = `expected to find ${namesOrIds.length}, but found ${found.length}`;
    throw new ProviderError(`${counts} subnets`);
  }
  return found.map(({ subnetId }) => subnetId);
}

async function discoveredSubnets(
  provider: Provider,
  isInternalBalancer: boolean,
): Promise<readonly string[]> {
  const filters = [{ name: 'vpc-id', values: [provider.vpcId] }];
  const subnets = must(await provider.ec2.describeSubnets({ filters }), 'error describing subnets');
  const tables = await provider.ec2.describeRouteTables({ filters });
  if (isAwsError(tables)) must(tables, 'error describe route table');
  const byZone = new Map<string, Subnet>();
  for (const subnet of subnets) {
    if (!hasClusterTag(provider, subnet.tags) && !isUnclaimed(subnet.tags)) continue;
    const isPublic = hasInternetRoute(subnet, must(tables));
    if (!isInternalBalancer && !isPublic) continue;
    if (!/^[a-z]+\d+-az\d+$/.test(subnet.availabilityZoneId)) continue;
    const rival = byZone.get(subnet.availabilityZone);
    if (rival === undefined || isBetter(provider, subnet, rival, isInternalBalancer)) {
      byZone.set(subnet.availabilityZone, subnet);
    }
  }
  return [...byZone.keys()].sort().map((zone) => byZone.get(zone)!.subnetId);
}

/** The role's tag first, whatever its value; then the cluster's; then the lower id. */
function isBetter(
  provider: Provider,
  subnet: Subnet,
  rival: Subnet,
  isInternalBalancer: boolean,
): boolean {
  const role = isInternalBalancer ? 'kubernetes.io/role/internal-elb' : 'kubernetes.io/role/elb';
  const hasRole = subnet.tags[role] !== undefined;
  if (hasRole !== (rival.tags[role] !== undefined)) return hasRole;
  const isOurs = hasClusterTag(provider, subnet.tags);
  if (isOurs !== hasClusterTag(provider, rival.tags)) return isOurs;
  return subnet.subnetId < rival.subnetId;
}

function hasInternetRoute({ subnetId }: Subnet, tables: readonly RouteTable[]): boolean {
  const own = tables.find((table) => table.associations.some((it) => it.subnetId === subnetId));
  const table = own ?? tables.find((it) => it.associations.some(({ main }) => main));
  if (table === undefined) {
    throw new ProviderError(`could not locate routing table for subnet ${subnetId}`);
  }
  return table.routes.some(({ target }) => target.kind === 'internet-gateway');
}
