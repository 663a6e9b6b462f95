/** api/aws/ec2/transit-gateway-tables — EC2's operations on route tables of transit gateways. */
import type { EC2, TransitGatewayRoute } from '@aws-sdk/client-ec2';
import { type FilterTable, filterTest } from '../../../cloud/ec2/filters.ts';
import { missingParameter, noTransitGatewayRouteTable } from '../../../cloud/ec2/not-found.ts';
import { isAwsError } from '../../../model/aws-error.ts';
import type { TransitGatewayRouteTable } from '../../../model/ec2/gateways.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import { cidrTextContainsCidr } from '../../../net/index.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { askedOf, listed, made } from './nouns-of.ts';
import { filtersOf, page, tagsFor } from './requests.ts';

type Route = TransitGatewayRouteTable['routes'][number];

function showRoute({ store }: AwsCall, route: Route): TransitGatewayRoute {
  const attachment = store.get('ec2/transit-gateway-attachment', route.attachmentId ?? '');
  return {
    DestinationCidrBlock: route.destinationCidrBlock,
    Type: route.type,
    State: route.state,
    ...(attachment === undefined
      ? {}
      : {
          TransitGatewayAttachments: [
            {
              ResourceId: attachment.resourceId,
              ResourceType: attachment.resourceType,
              TransitGatewayAttachmentId: attachment.attachmentId,
            },
          ],
        }),
  };
}

type SearchedRoute = Route & { readonly tags: Tags };

/** `route-search.*` too, each with what it is held against. */
const routeFilters = ({ store }: AwsCall): FilterTable<SearchedRoute> => {
  const attachmentOf = ({ attachmentId }: Route) =>
    store.get('ec2/transit-gateway-attachment', attachmentId ?? '');
  return {
    'attachment.transit-gateway-attachment-id': (route) => route.attachmentId,
    'attachment.resource-id': (route) => attachmentOf(route)?.resourceId,
    'attachment.resource-type': (route) => attachmentOf(route)?.resourceType,
    'prefix-list-id': () => undefined,
    state: (route) => route.state,
    type: (route) => route.type,
  };
};

/** How a route's block stands to the one searched for. */
const SEARCHES: Readonly<Record<string, (block: string, wanted: string) => boolean>> = {
  'route-search.exact-match': (block, wanted) => block === wanted,
  'route-search.longest-prefix-match': (block, wanted) => cidrTextContainsCidr(block, wanted),
  'route-search.subnet-of-match': (block, wanted) => cidrTextContainsCidr(wanted, block),
  'route-search.supernet-of-match': (block, wanted) => cidrTextContainsCidr(block, wanted),
};

const bitsOf = ({ destinationCidrBlock }: Route): number =>
  Number(destinationCidrBlock.split('/')[1]);

export const transitGatewayTables: Handlers<EC2> = {
  CreateTransitGatewayRouteTable(input, call) {
    const tags = tagsFor('transit-gateway-route-table', input);
    if (isAwsError(tags)) return tags;
    const table = call.cloud.ec2.createTransitGatewayRouteTable({
      transitGatewayId: input.TransitGatewayId!,
      tags,
    });
    return made(call, 'ec2/transit-gateway-route-table', table, 'TransitGatewayRouteTable');
  },

  DeleteTransitGatewayRouteTable(input, call) {
    const transitGatewayRouteTableId = input.TransitGatewayRouteTableId!;
    const held = call.store.get('ec2/transit-gateway-route-table', transitGatewayRouteTableId);
    const gone = call.cloud.ec2.deleteTransitGatewayRouteTable({ transitGatewayRouteTableId });
    if (isAwsError(gone) || held === undefined) return isAwsError(gone) ? gone : {};
    const before = shown(call, 'ec2/transit-gateway-route-table', held);
    return { TransitGatewayRouteTable: { ...before, State: 'deleting' } };
  },

  DescribeTransitGatewayRouteTables: (input, call) =>
    listed(
      call,
      input,
      'ec2/transit-gateway-route-table',
      call.cloud.ec2.describeTransitGatewayRouteTables(
        askedOf(input, input.TransitGatewayRouteTableIds),
      ),
      'TransitGatewayRouteTables',
    ),

  AssociateTransitGatewayRouteTable(input, { cloud }) {
    const pair = pairOf(input);
    const held = cloud.ec2.associateTransitGatewayRouteTable(pair.ids);
    return isAwsError(held) ? held : { Association: { ...pair.shown, State: 'associating' } };
  },

  DisassociateTransitGatewayRouteTable(input, { cloud }) {
    const pair = pairOf(input);
    const gone = cloud.ec2.disassociateTransitGatewayRouteTable(pair.ids);
    return isAwsError(gone) ? gone : { Association: { ...pair.shown, State: 'disassociating' } };
  },

  EnableTransitGatewayRouteTablePropagation(input, { cloud }) {
    const pair = pairOf(input);
    const held = cloud.ec2.enableTransitGatewayRouteTablePropagation(pair.ids);
    return isAwsError(held) ? held : { Propagation: { ...pair.shown, State: 'enabled' } };
  },

  DisableTransitGatewayRouteTablePropagation(input, { cloud }) {
    const pair = pairOf(input);
    const gone = cloud.ec2.disableTransitGatewayRouteTablePropagation(pair.ids);
    return isAwsError(gone) ? gone : { Propagation: { ...pair.shown, State: 'disabled' } };
  },

  CreateTransitGatewayRoute(input, call) {
    const transitGatewayRouteTableId = input.TransitGatewayRouteTableId!;
    const destinationCidrBlock = input.DestinationCidrBlock!;
    const attachmentId = input.TransitGatewayAttachmentId;
    if (attachmentId === undefined && input.Blackhole !== true)
      return missingParameter('TransitGatewayAttachmentId');
    const route = { transitGatewayRouteTableId, destinationCidrBlock, attachmentId };
    const added = call.cloud.ec2.createTransitGatewayRoute(route);
    if (isAwsError(added)) return added;
    const table = call.store.get('ec2/transit-gateway-route-table', transitGatewayRouteTableId)!;
    return { Route: showRoute(call, table.routes.at(-1)!) };
  },

  DeleteTransitGatewayRoute(input, { cloud }) {
    const gone = cloud.ec2.deleteTransitGatewayRoute({
      transitGatewayRouteTableId: input.TransitGatewayRouteTableId!,
      destinationCidrBlock: input.DestinationCidrBlock!,
    });
    if (isAwsError(gone)) return gone;
    const { DestinationCidrBlock } = input;
    return { Route: { DestinationCidrBlock, Type: 'static', State: 'deleted' } };
  },

  SearchTransitGatewayRoutes(input, call) {
    const id = input.TransitGatewayRouteTableId!;
    const table = call.store.get('ec2/transit-gateway-route-table', id);
    if (table === undefined) return noTransitGatewayRouteTable(id);
    const filters = filtersOf(input);
    const test = filterTest(
      routeFilters(call),
      filters.filter(({ name }) => !Object.hasOwn(SEARCHES, name)),
    );
    if (isAwsError(test)) return test;
    let found = table.routes.filter((route) => test({ ...route, tags: {} }));
    for (const { name, values } of filters) {
      const search = SEARCHES[name];
      if (search === undefined) continue;
      found = found.filter((it) => values.some((to) => search(it.destinationCidrBlock, to)));
      if (name !== 'route-search.longest-prefix-match') continue;
      const longest = Math.max(...found.map(bitsOf));
      found = found.filter((it) => bitsOf(it) === longest);
    }
    const most = input.MaxResults ?? 1_000;
    return {
      Routes: found.slice(0, most).map((route) => showRoute(call, route)),
      AdditionalRoutesAvailable: found.length > most,
    };
  },

  GetTransitGatewayRouteTableAssociations(input, call) {
    const id = input.TransitGatewayRouteTableId!;
    if (call.store.get('ec2/transit-gateway-route-table', id) === undefined)
      return noTransitGatewayRouteTable(id);
    const filters = filtersOf(input);
    const found = call.cloud.ec2.describeTransitGatewayAttachments({
      filters: [...filters, { name: 'association.transit-gateway-route-table-id', values: [id] }],
    });
    const part = page(call, input, found, ({ attachmentId, resourceId, resourceType }) => ({
      TransitGatewayAttachmentId: attachmentId,
      ResourceId: resourceId,
      ResourceType: resourceType,
      State: 'associated' as const,
    }));
    return isAwsError(part) ? part : { Associations: part.items, NextToken: part.NextToken };
  },

  GetTransitGatewayRouteTablePropagations(input, call) {
    const id = input.TransitGatewayRouteTableId!;
    const table = call.store.get('ec2/transit-gateway-route-table', id);
    if (table === undefined) return noTransitGatewayRouteTable(id);
    const found = call.cloud.ec2.describeTransitGatewayAttachments({
      ids: table.propagations,
      filters: filtersOf(input),
    });
    const own = isAwsError(found)
      ? found
      : found.filter(({ attachmentId }) => table.propagations.includes(attachmentId));
    const part = page(call, input, own, ({ attachmentId, resourceId, resourceType }) => ({
      TransitGatewayAttachmentId: attachmentId,
      ResourceId: resourceId,
      ResourceType: resourceType,
      State: 'enabled' as const,
    }));
    if (isAwsError(part)) return part;
    return { TransitGatewayRouteTablePropagations: part.items, NextToken: part.NextToken };
  },
};

function pairOf(input: {
  readonly TransitGatewayRouteTableId?: string | undefined;
  readonly TransitGatewayAttachmentId?: string | undefined;
}) {
  const { TransitGatewayRouteTableId = '', TransitGatewayAttachmentId = '' } = input;
  return {
    ids: {
      transitGatewayRouteTableId: TransitGatewayRouteTableId,
      attachmentId: TransitGatewayAttachmentId,
    },
    shown: { TransitGatewayRouteTableId, TransitGatewayAttachmentId },
  };
}
