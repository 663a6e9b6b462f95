/**
 * cloud/ec2/vpc-endpoint-actions — private ways to AWS services: a route (Gateway) or interfaces
 * in the VPC's own subnets (Interface).
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { VpcEndpoint } from '../../model/ec2/gateways.ts';
import type {
  NetworkInterfaceId,
  RouteTableId,
  SecurityGroupId,
  SubnetId,
  VpcEndpointId,
} from '../../model/ec2/ids.ts';
import type { Route } from '../../model/ec2/route-table.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import { newInterface, removeInterface, soundGroups } from './new-interface.ts';
import { invalidValue, noRouteTable, noSubnet, noVpc, noVpcEndpoint } from './not-found.ts';
import { gatewayPrefixList } from './prefix-list-actions.ts';
import type { VpcOperations } from './vpc-operations.ts';

const describedEndpoint = ({ name }: Region): Described<'ec2/vpc-endpoint'> => ({
  kind: 'ec2/vpc-endpoint',
  missing: noVpcEndpoint,
  filters: {
    'vpc-endpoint-id': (it) => it.vpcEndpointId,
    'vpc-endpoint-type': (it) => it.type,
    'vpc-id': (it) => it.vpcId,
    'service-name': (it) => it.serviceName,
    'vpc-endpoint-state': (it) => it.state,
    'ip-address-type': () => 'ipv4',
    'service-region': () => name,
  },
});

type VpcEndpointActions = Pick<
  VpcOperations,
  'createVpcEndpoint' | 'deleteVpcEndpoints' | 'describeVpcEndpoints'
>;

export const vpcEndpointActions = (region: Region): VpcEndpointActions => ({
  createVpcEndpoint: (input) => create(region, input),
  deleteVpcEndpoints({ vpcEndpointIds }) {
    const found: VpcEndpoint[] = [];
    for (const id of new Set(vpcEndpointIds)) {
      const endpoint = region.store.get('ec2/vpc-endpoint', id);
      if (endpoint === undefined) return noVpcEndpoint(id);
      found.push(endpoint);
    }
    for (const endpoint of found) remove(region, endpoint);
    return true;
  },
  describeVpcEndpoints: ({ ids, filters }) =>
    describe(region, describedEndpoint(region), ids, filters),
});

type CreateInput = Parameters<VpcOperations['createVpcEndpoint']>[0];

/** What an endpoint of one type consists of. */
type Parts = Pick<
  VpcEndpoint,
  'routeTableIds' | 'subnetIds' | 'networkInterfaceIds' | 'groups' | 'privateDnsEnabled'
>;

function create(region: Region, input: CreateInput): VpcEndpoint | AwsError {
  const vpc = region.store.get('ec2/vpc', input.vpcId);
  if (vpc === undefined) return noVpc(input.vpcId);
  const type = input.type ?? 'Gateway';
  const vpcEndpointId = region.ids.next<VpcEndpointId>('vpce');
  const parts =
    type === 'Gateway'
      ? gatewayParts(region, vpc, vpcEndpointId, input)
      : interfaceParts(region, vpc, vpcEndpointId, input, type);
  if (isAwsError(parts)) return parts;
  const endpoint: VpcEndpoint = {
    vpcEndpointId,
    vpcId: vpc.vpcId,
    type,
    serviceName: input.serviceName,
    state: 'available',
    ...parts,
    policyDocument: input.policyDocument,
    tags: input.tags ?? {},
  };
  region.store.put('ec2/vpc-endpoint', vpcEndpointId, endpoint);
  return endpoint;
}

const noService = (serviceName: string): AwsError =>
  awsError('InvalidServiceName', `The Vpc Endpoint Service '${serviceName}' does not exist`);

/** Puts the service's prefix list into each table; nothing is written when one refuses. */
function gatewayParts(
  region: Region,
  vpc: Vpc,
  id: VpcEndpointId,
  input: CreateInput,
): Parts | AwsError {
  const routeTableIds = addEndpointRoutes(region, vpc, { id, serviceName: input.serviceName }, [
    ...new Set(input.routeTableIds ?? []),
  ]);
  if (isAwsError(routeTableIds)) return routeTableIds;
  return {
    routeTableIds,
    subnetIds: [],
    networkInterfaceIds: [],
    groups: [],
    privateDnsEnabled: false,
  };
}

/** A route to the endpoint in each table, for the service's prefix list; all tables or none. */
export function addEndpointRoutes(
  region: Region,
  vpc: Vpc,
  { id, serviceName }: { readonly id: VpcEndpointId; readonly serviceName: string },
  tableIds: readonly string[],
): readonly RouteTableId[] | AwsError {
  const list = gatewayPrefixList(region, serviceName.split('.').pop() ?? '');
  if (list === undefined) return noService(serviceName);
  const routeTableIds: RouteTableId[] = [];
  for (const tableId of tableIds) {
    const table = region.store.get('ec2/route-table', tableId);
    if (table === undefined || table.vpcId !== vpc.vpcId) return noRouteTable(tableId);
    const held = table.routes.some(
      ({ destination: to }) => to.kind === 'prefix-list' && to.prefixListId === list.prefixListId,
    );
    if (held) {
      return awsError(
        'RouteAlreadyExists',
        `route table ${tableId} already has a route with destination-prefix-list-id ` +
          list.prefixListId,
      );
    }
    routeTableIds.push(table.routeTableId);
  }
  const route: Route = {
    destination: { kind: 'prefix-list', prefixListId: list.prefixListId },
    target: { kind: 'vpc-endpoint', id },
    state: 'active',
    origin: 'CreateRoute',
  };
  for (const tableId of routeTableIds) {
    const table = region.store.get('ec2/route-table', tableId)!;
    region.store.put('ec2/route-table', tableId, { ...table, routes: [...table.routes, route] });
  }
  return routeTableIds;
}

/** Takes the endpoint's route out of the tables. */
export function removeEndpointRoutes(
  { store }: Region,
  endpointId: string,
  tableIds: readonly string[],
): void {
  for (const id of tableIds) {
    const table = store.get('ec2/route-table', id);
    if (table === undefined) continue;
    const routes = table.routes.filter(
      ({ target }) => target.kind === 'local' || target.id !== endpointId,
    );
    store.put('ec2/route-table', id, { ...table, routes });
  }
}

function interfaceParts(
  region: Region,
  vpc: Vpc,
  id: VpcEndpointId,
  input: CreateInput,
  type: VpcEndpoint['type'],
): Parts | AwsError {
  const privateDnsEnabled = type === 'Interface' && (input.privateDnsEnabled ?? true);
  const dns = privateDnsEnabled ? privateDnsRefusal(region, vpc, input) : undefined;
  if (dns !== undefined) return dns;
  const groups =
    type === 'Interface'
      ? soundGroups(region, { vpcId: vpc.vpcId, subnetId: '' as SubnetId }, input.groups)
      : [];
  if (isAwsError(groups)) return groups;
  const subnetIds = soundSubnets(region, vpc, input.subnetIds ?? []);
  if (isAwsError(subnetIds)) return subnetIds;
  const made = endpointInterfaces(region, id, subnetIds, groups, type);
  if (isAwsError(made)) return made;
  return { routeTableIds: [], subnetIds, networkInterfaceIds: made, groups, privateDnsEnabled };
}

/** Why the service may not be known by its own name in the VPC; undefined when it may. */
export function privateDnsRefusal(
  region: Region,
  vpc: Vpc,
  input: Pick<CreateInput, 'serviceName'>,
): AwsError | undefined {
  if (!vpc.enableDnsSupport || !vpc.enableDnsHostnames) {
    return awsError(
      'InvalidParameter',
      'Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC ' +
        `attributes set to true for ${vpc.vpcId}`,
    );
  }
  const conflict = region.store
    .list('ec2/vpc-endpoint')
    .some(
      (it) =>
        it.vpcId === vpc.vpcId && it.serviceName === input.serviceName && it.privateDnsEnabled,
    );
  if (!conflict) return undefined;
  return awsError(
    'InvalidParameter',
    'private-dns-enabled cannot be set because there is already a conflicting DNS domain for ' +
      `${input.serviceName.split('.').slice(3).join('.')}.${region.name}.amazonaws.com in the ` +
      `VPC ${vpc.vpcId}`,
  );
}

/** Subnets of the VPC, one a zone. */
export function soundSubnets(
  { store }: Region,
  vpc: Vpc,
  subnetIds: readonly string[],
): readonly SubnetId[] | AwsError {
  const zones = new Set<string>();
  const sound: SubnetId[] = [];
  for (const id of subnetIds) {
    const subnet = store.get('ec2/subnet', id);
    if (subnet === undefined) return noSubnet(id);
    if (subnet.vpcId !== vpc.vpcId)
      return invalidValue(`Subnet ${id} does not belong to VPC ${vpc.vpcId}`);
    if (zones.has(subnet.availabilityZone)) {
      return awsError(
        'DuplicateSubnetsInSameZone',
        `Found another VPC endpoint subnet in the availability zone of ${id}. VPC endpoint ` +
          'subnets should be in different availability zones supported by the VPC endpoint service.',
      );
    }
    zones.add(subnet.availabilityZone);
    sound.push(subnet.subnetId);
  }
  return sound;
}

/** The endpoint's interface in each subnet; none where one cannot be made. */
export function endpointInterfaces(
  region: Region,
  id: VpcEndpointId,
  subnetIds: readonly SubnetId[],
  groups: readonly SecurityGroupId[],
  type: VpcEndpoint['type'],
): readonly NetworkInterfaceId[] | AwsError {
  const made: NetworkInterfaceId[] = [];
  for (const subnetId of subnetIds) {
    const eni = newInterface(region, {
      subnetId,
      groups,
      interfaceType: type === 'Interface' ? 'vpc_endpoint' : 'gateway_load_balancer',
      description: `VPC Endpoint Interface ${id}`,
      requesterId: 'amazon-vpc-endpoints',
      // The AWS APIs behind interface endpoints are HTTPS.
      listens: type === 'Interface' ? [{ protocol: 'tcp', port: 443 }] : undefined,
    });
    if (isAwsError(eni)) {
      for (const earlier of made) {
        removeInterface(region, region.store.get('ec2/network-interface', earlier)!);
      }
      return eni;
    }
    made.push(eni.networkInterfaceId);
  }
  return made;
}

function remove(region: Region, endpoint: VpcEndpoint): void {
  const { store } = region;
  for (const id of endpoint.networkInterfaceIds) {
    const eni = store.get('ec2/network-interface', id);
    if (eni !== undefined) removeInterface(region, eni);
  }
  removeEndpointRoutes(region, endpoint.vpcEndpointId, endpoint.routeTableIds);
  store.delete('ec2/vpc-endpoint', endpoint.vpcEndpointId);
}
