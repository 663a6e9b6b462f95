/** cloud/ec2/vpc-endpoint-upkeep — an endpoint's tables, subnets, groups and names, changed. */
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { VpcEndpoint } from '../../model/ec2/gateways.ts';
import type { NetworkInterfaceId } from '../../model/ec2/ids.ts';
import type { Region } from '../region.ts';
import { removeInterface, soundGroups } from './new-interface.ts';
import { invalidValue, noRouteTable, noSubnet, noVpcEndpoint } from './not-found.ts';
import type { UpkeepOperations } from './upkeep-operations.ts';
import {
  addEndpointRoutes,
  endpointInterfaces,
  privateDnsRefusal,
  removeEndpointRoutes,
  soundSubnets,
} from './vpc-endpoint-actions.ts';

type EndpointUpkeep = Pick<UpkeepOperations, 'modifyVpcEndpoint'>;
type ModifyInput = Parameters<UpkeepOperations['modifyVpcEndpoint']>[0];

export const vpcEndpointUpkeep = (region: Region): EndpointUpkeep => ({
  modifyVpcEndpoint(input) {
    const endpoint = region.store.get('ec2/vpc-endpoint', input.vpcEndpointId);
    if (endpoint === undefined) return noVpcEndpoint(input.vpcEndpointId);
    const changed =
      endpoint.type === 'Gateway'
        ? withTables(region, endpoint, input)
        : withInterfaces(region, endpoint, input);
    if (isAwsError(changed)) return changed;
    const policyDocument =
      input.resetPolicy === true ? undefined : (input.policyDocument ?? endpoint.policyDocument);
    region.store.put('ec2/vpc-endpoint', endpoint.vpcEndpointId, { ...changed, policyDocument });
    return true;
  },
});

/** What was there without what goes. */
const without = <Id extends string>(held: readonly Id[], gone: readonly string[] = []): Id[] =>
  held.filter((id) => !gone.includes(id));

function withTables(
  region: Region,
  endpoint: VpcEndpoint,
  { addRouteTableIds = [], removeRouteTableIds = [], addSubnetIds = [] }: ModifyInput,
): VpcEndpoint | AwsError {
  if (addSubnetIds.length > 0)
    return invalidValue('Subnets cannot be added to a VPC endpoint of type Gateway');
  const unknown = removeRouteTableIds.find((id) => !endpoint.routeTableIds.includes(id as never));
  if (unknown !== undefined) return noRouteTable(unknown);
  const vpc = region.store.get('ec2/vpc', endpoint.vpcId)!;
  const { vpcEndpointId: id, serviceName } = endpoint;
  const held = new Set<string>(endpoint.routeTableIds);
  const wanted = [...new Set(addRouteTableIds)].filter((it) => !held.has(it));
  const added = addEndpointRoutes(region, vpc, { id, serviceName }, wanted);
  if (isAwsError(added)) return added;
  removeEndpointRoutes(region, id, removeRouteTableIds);
  const routeTableIds = [...without(endpoint.routeTableIds, removeRouteTableIds), ...added];
  return { ...endpoint, routeTableIds };
}

function withInterfaces(
  region: Region,
  endpoint: VpcEndpoint,
  input: ModifyInput,
): VpcEndpoint | AwsError {
  const vpc = region.store.get('ec2/vpc', endpoint.vpcId)!;
  if ((input.addRouteTableIds ?? []).length > 0)
    return invalidValue(`Route tables cannot be added to a VPC endpoint of type ${endpoint.type}`);
  const unknown = (input.removeSubnetIds ?? []).find(
    (id) => !endpoint.subnetIds.includes(id as never),
  );
  if (unknown !== undefined) return noSubnet(unknown);
  const privateDnsEnabled = input.privateDnsEnabled ?? endpoint.privateDnsEnabled;
  if (privateDnsEnabled && !endpoint.privateDnsEnabled) {
    const refusal = privateDnsRefusal(region, vpc, endpoint);
    if (refusal !== undefined) return refusal;
  }
  const groups = changedGroups(region, endpoint, input);
  if (isAwsError(groups)) return groups;
  const kept = without(endpoint.subnetIds, input.removeSubnetIds);
  const subnetIds = soundSubnets(region, vpc, [
    ...new Set([...kept, ...(input.addSubnetIds ?? [])]),
  ]);
  if (isAwsError(subnetIds)) return subnetIds;
  const fresh = subnetIds.filter((id) => !endpoint.subnetIds.includes(id));
  const made = endpointInterfaces(region, endpoint.vpcEndpointId, fresh, groups, endpoint.type);
  if (isAwsError(made)) return made;
  const networkInterfaceIds = [...keptInterfaces(region, endpoint, kept, groups), ...made];
  return { ...endpoint, subnetIds, groups, networkInterfaceIds, privateDnsEnabled };
}

function changedGroups(
  region: Region,
  { vpcId, groups, subnetIds }: VpcEndpoint,
  { addGroups = [], removeGroups }: ModifyInput,
): VpcEndpoint['groups'] | AwsError {
  const wanted = [...new Set<string>([...without(groups, removeGroups), ...addGroups])];
  if (groups.length === 0 && wanted.length === 0) return groups;
  if (wanted.length === 0)
    return invalidValue('A VPC endpoint must have at least one security group');
  return soundGroups(region, { vpcId, subnetId: subnetIds[0] ?? ('' as never) }, wanted);
}

/** Interfaces of subnets that stay, with the groups of now; those of others go. */
function keptInterfaces(
  region: Region,
  endpoint: VpcEndpoint,
  subnetIds: readonly string[],
  groups: VpcEndpoint['groups'],
): NetworkInterfaceId[] {
  const kept: NetworkInterfaceId[] = [];
  for (const id of endpoint.networkInterfaceIds) {
    const eni = region.store.get('ec2/network-interface', id);
    if (eni === undefined) continue;
    if (!subnetIds.includes(eni.subnetId)) {
      removeInterface(region, eni);
      continue;
    }
    region.store.put('ec2/network-interface', id, { ...eni, groups });
    kept.push(id);
  }
  return kept;
}
