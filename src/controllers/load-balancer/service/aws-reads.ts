/**
 * load-balancer/service/aws-reads — what building a Service's stack asks, answered by EC2 and the
 * cluster.
 */
import type { Ec2 } from '../../../cloud/ec2/operations.ts';
import { apiErrorText, isAwsError } from '../../../model/aws-error.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import { BuildError } from '../build-error.ts';
import { resolveSecurityGroups } from '../security-groups/resolve-security-groups.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { discoverSubnets, resolveNamedSubnets } from '../subnets/resolve-subnets.ts';
import { type SubnetReads, zoneTypeOf } from '../subnets/subnet-reads.ts';
import type { ServiceReads } from './service-reads.ts';

/** The calls of EC2 that subnets, groups and blocks are read with. */
type ReadingEc2 = Pick<
  Ec2,
  'describeSubnets' | 'describeRouteTables' | 'describeSecurityGroups' | 'describeVpcs'
>;

/** The search for subnets, asking EC2. */
export const subnetReads = (
  ec2: Pick<ReadingEc2, 'describeSubnets' | 'describeRouteTables'>,
): SubnetReads => ({
  describeSubnets: (input) => ec2.describeSubnets(input),
  describeRouteTables: (input) => ec2.describeRouteTables(input),
  zoneType: async (zoneId) => zoneTypeOf(zoneId),
});

/**
 * The reads of one controller.
 *
 * @param own  what only the controller knows: its load balancers by their tags, its shared group
 */
export function serviceReads(
  store: TwinStore,
  ec2: ReadingEc2,
  settings: ControllerSettings,
  own: Pick<ServiceReads, 'existingLoadBalancer' | 'backendSecurityGroup'>,
): ServiceReads {
  const subnets = subnetReads(ec2);
  return {
    ...own,
    discoverSubnets: (demand) => discoverSubnets(subnets, settings, demand),
    namedSubnets: (demand, names) => resolveNamedSubnets(subnets, settings, demand, names),
    securityGroups: (names) => resolveSecurityGroups(ec2, settings.vpcId, names),
    vpcBlocks: () => vpcBlocks(ec2, settings.vpcId),
    service: (namespace, name) => store.get('Service', `${namespace}/${name}`),
  };
}

async function vpcBlocks(ec2: ReadingEc2, vpcId: string) {
  const vpcs = await ec2.describeVpcs({ vpcIds: [vpcId] });
  if (isAwsError(vpcs)) throw new BuildError(apiErrorText(vpcs));
  const vpc = vpcs[0];
  return {
    ipv4: (vpc?.cidrBlocks ?? []).map(({ cidrBlock }) => cidrBlock),
    ipv6: (vpc?.ipv6CidrBlocks ?? []).map(({ cidrBlock }) => cidrBlock),
  };
}
