/**
 * datapath/vpc/transit-routes — which route of a transit gateway's route table a destination takes.
 *
 * Source: Transit Gateways Guide, "Route evaluation order": longest prefix; static before
 * propagated; of propagated ones VPC before Direct Connect before VPN.
 */
import type {
  TransitGatewayAttachment,
  TransitGatewayRouteTable,
} from '../../model/ec2/gateways.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { type Ip, PrefixTrie, parseCidr } from '../../net/index.ts';
import type { Element } from '../trace.ts';

type Route = TransitGatewayRouteTable['routes'][number];

export interface TransitRoute {
  readonly route: Route;
  readonly element: Element;
  /** `10.2.0.0/16 -> tgw-attach-0a… (propagated)`. */
  readonly text: string;
}

export interface TransitTable {
  readonly routes: readonly TransitRoute[];
  choose(ip: Ip): TransitRoute | undefined;
}

const RANKS: Readonly<Record<TransitGatewayAttachment['resourceType'], number>> = {
  vpc: 1,
  peering: 1,
  'direct-connect-gateway': 2,
  vpn: 3,
};

function transitRoute(table: string, route: Route, from: string | undefined): TransitRoute {
  const { destinationCidrBlock: rule, attachmentId, type, state } = route;
  const target = state === 'blackhole' ? 'blackhole' : (attachmentId ?? 'nowhere');
  const how = from === undefined ? type : `propagation of ${from}`;
  const field = `${how}, ${target}`;
  const element: Element = { kind: 'transit-gateway-route', object: table, rule, field };
  return { route, element, text: `${rule} -> ${target} (${type})` };
}

/** Routes of attachments that propagate here, where the export shows none of them. */
function propagatedRoutes(store: TwinStore, table: TransitGatewayRouteTable): TransitRoute[] {
  const shown = new Set(
    table.routes.filter(({ type }) => type === 'propagated').map((it) => it.attachmentId),
  );
  const found: TransitRoute[] = [];
  for (const attachmentId of table.propagations) {
    if (shown.has(attachmentId)) continue;
    const attachment = store.get('ec2/transit-gateway-attachment', attachmentId);
    if (attachment?.resourceType !== 'vpc') continue;
    const vpc = store.get('ec2/vpc', attachment.resourceId);
    for (const { cidrBlock } of [...(vpc?.cidrBlocks ?? []), ...(vpc?.ipv6CidrBlocks ?? [])]) {
      const destinationCidrBlock = cidrBlock;
      const route = { destinationCidrBlock, attachmentId, type: 'propagated', state: 'active' };
      found.push(transitRoute(table.transitGatewayRouteTableId, route as Route, attachmentId));
    }
  }
  return found;
}

/** The table's routes, ready to be asked. */
export function transitTable(store: TwinStore, table: TransitGatewayRouteTable): TransitTable {
  const rankOf = ({ type, attachmentId }: Route): number => {
    if (type === 'static') return 0;
    const attachment = store.get('ec2/transit-gateway-attachment', attachmentId ?? '');
    return RANKS[attachment?.resourceType ?? 'vpn'];
  };
  const id = table.transitGatewayRouteTableId;
  const routes = [
    ...table.routes.map((route) => transitRoute(id, route, undefined)),
    ...propagatedRoutes(store, table),
  ];
  const trie = new PrefixTrie<TransitRoute>();
  for (const it of routes) {
    const cidr = parseCidr(it.route.destinationCidrBlock);
    if (cidr === undefined) continue;
    const held = trie.get(cidr);
    if (held === undefined || rankOf(it.route) < rankOf(held.route)) trie.insert(cidr, it);
  }
  return { routes, choose: (ip) => trie.longestMatch(ip)?.value };
}
