/** cloud/ec2/route-actions — single routes: made, replaced, deleted. */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { Route, RouteDestination, RouteTable } from '../../model/ec2/route-table.ts';
import { canonicalCidrText, cidrTextContainsCidr } from '../../net/index.ts';
import type { Region } from '../region.ts';
import { invalidValue, noPrefixList, noRouteTable } from './not-found.ts';
import { isMiddlebox, routeTarget } from './route-target.ts';
import type { ReplaceRouteInput, RouteInput, VpcOperations } from './vpc-operations.ts';

type RouteActions = Pick<VpcOperations, 'createRoute' | 'replaceRoute' | 'deleteRoute'>;

export const routeActions = (region: Region): RouteActions => ({
  createRoute: (input) => createRoute(region, input),
  replaceRoute: (input) => replaceRoute(region, input),
  deleteRoute: ({ routeTableId, destination }) => deleteRoute(region, routeTableId, destination),
});

/** The block or the prefix list a route is for. */
export const destinationText = (to: RouteDestination): string =>
  to.kind === 'prefix-list' ? to.prefixListId : to.cidr;

/** The destination with host bits cleared, or what is wrong with it. */
function soundDestination(region: Region, to: RouteDestination): RouteDestination | AwsError {
  if (to.kind === 'prefix-list') {
    const known = region.store.get('ec2/prefix-list', to.prefixListId) !== undefined;
    return known ? to : noPrefixList(to.prefixListId);
  }
  const cidr = canonicalCidrText(to.cidr);
  if (cidr === undefined || cidr.includes(':') !== (to.kind === 'ipv6')) {
    return invalidValue(
      `Value (${to.cidr}) for parameter destinationCidrBlock is invalid. This is not a valid ` +
        'CIDR block.',
    );
  }
  return { kind: to.kind, cidr };
}

function createRoute(region: Region, input: RouteInput): true | AwsError {
  const table = region.store.get('ec2/route-table', input.routeTableId);
  if (table === undefined) return noRouteTable(input.routeTableId);
  const destination = soundDestination(region, input.destination);
  if (isAwsError(destination)) return destination;
  const text = destinationText(destination);
  const target = routeTarget(region, table, input.target, destination);
  if (isAwsError(target)) return target;
  if (table.routes.some((route) => destinationText(route.destination) === text))
    return awsError('RouteAlreadyExists', `The route identified by ${text} already exists.`);
  const withinVpc = table.routes.some(
    (route) =>
      route.target.kind === 'local' &&
      cidrTextContainsCidr(destinationText(route.destination), text),
  );
  if (withinVpc && !isMiddlebox(target)) return unsupportedTarget();
  const state = routeState(region, target);
  const route: Route = { destination, target, state, origin: 'CreateRoute' };
  region.store.put('ec2/route-table', table.routeTableId, {
    ...table,
    routes: [...table.routes, route],
  });
  return true;
}

/** hashicorp/terraform-provider-aws#13896. */
const unsupportedTarget = (): AwsError =>
  invalidValue(
    'Route target is not supported. This route only supports the following target types: ' +
      'interface, instance, Gateway Load Balancer endpoint, NAT gateway.',
  );

/** A route to a peering nobody accepted yet, or to an interface without a host, goes nowhere. */
function routeState(region: Region, target: Route['target']): Route['state'] {
  if (target.kind === 'vpc-peering-connection') {
    const peering = region.store.get('ec2/vpc-peering-connection', target.id);
    return peering?.status === 'active' ? 'active' : 'blackhole';
  }
  if (target.kind === 'network-interface') {
    const eni = region.store.get('ec2/network-interface', target.id);
    return eni?.status === 'in-use' ? 'active' : 'blackhole';
  }
  return 'active';
}

function replaceRoute(region: Region, input: ReplaceRouteInput): true | AwsError {
  const table = region.store.get('ec2/route-table', input.routeTableId);
  if (table === undefined) return noRouteTable(input.routeTableId);
  const destination = soundDestination(region, input.destination);
  if (isAwsError(destination)) return destination;
  const text = destinationText(destination);
  const old = table.routes.find((route) => destinationText(route.destination) === text);
  if (old === undefined) return noRouteToReplace(text);
  const target =
    input.target.kind === 'local'
      ? input.target
      : routeTarget(region, table, input.target, destination);
  if (isAwsError(target)) return target;
  const ofVpc = old.origin === 'CreateRouteTable';
  if (ofVpc ? !isMiddlebox(target) : target.kind === 'local') return unsupportedTarget();
  const state = routeState(region, target);
  region.store.put('ec2/route-table', table.routeTableId, {
    ...table,
    routes: table.routes.map((route) => (route === old ? { ...route, target, state } : route)),
  });
  return true;
}

function deleteRoute(
  region: Region,
  routeTableId: string,
  given: RouteDestination,
): true | AwsError {
  const table = region.store.get('ec2/route-table', routeTableId);
  if (table === undefined) return noRouteTable(routeTableId);
  const text = canonicalCidrText(destinationText(given)) ?? destinationText(given);
  const route = table.routes.find(({ destination }) => destinationText(destination) === text);
  if (route === undefined) return noRoute(table, text);
  if (route.origin === 'CreateRouteTable')
    return invalidValue(`cannot remove local route ${text} in route table ${routeTableId}`);
  region.store.put('ec2/route-table', routeTableId, {
    ...table,
    routes: table.routes.filter((it) => it !== route),
  });
  return true;
}

/** Not InvalidRoute.NotFound, as DeleteRoute has it (getmoto/moto#6425, checked against AWS). */
const noRouteToReplace = (text: string): AwsError =>
  invalidValue(
    `There is no route defined for '${text}' in the route table. Use CreateRoute instead.`,
  );

const noRoute = ({ routeTableId }: RouteTable, text: string): AwsError =>
  awsError(
    'InvalidRoute.NotFound',
    `no route with destination-cidr-block ${text} in route table ${routeTableId}`,
  );
