/**
 * datapath/vpc/router — a subnet's router: the route table says by which target a packet leaves,
 * the network ACL whether it may; and the loop that carries a packet from place to place.
 */
import { formatIp } from '../../net/index.ts';
import type { Element, Remedy, Step } from '../trace.ts';
import { arriveAt, deliverLocally } from './arrival.ts';
import { deleteRoute, replaceRoute } from './aws-command.ts';
import { throughEndpoint } from './gateway-endpoint.ts';
import { throughEgressOnlyGateway, throughInternetGateway } from './internet-gateway.ts';
import { throughInterface } from './middlebox.ts';
import { throughNatGateway } from './nat-gateway.ts';
import type { VpcOutcome } from './outcome.ts';
import { type Next, note, type Passage, stop } from './passage.ts';
import { throughPeering } from './peering.ts';
import type { ReadyRoute, ReadyTable } from './route-choice.ts';
import { missingRoute } from './route-remedy.ts';
import { crossBorder } from './subnet-border.ts';
import { type AssociatedTable, anyContains, type SubnetPlace } from './topology.ts';
import { inTransit, throughTransitGateway } from './transit-gateway.ts';
import { throughVpnGateway } from './vpn-gateway.ts';

/** No real way has more turns; more means routes that lead back to themselves. */
const TURNS_MAX = 64;

/** By the target of a route, out of the subnet. */
function byTarget(passage: Passage, { route }: ReadyRoute, from: SubnetPlace): Next {
  const { target } = route;
  switch (target.kind) {
    case 'local':
      return { kind: 'local', vpc: from.vpc, from };
    case 'internet-gateway':
      return throughInternetGateway(passage, target.id, from);
    case 'egress-only-internet-gateway':
      return throughEgressOnlyGateway(passage, target.id, from);
    case 'nat-gateway': {
      const nat = passage.fabric.store.get('ec2/nat-gateway', target.id);
      return nat === undefined
        ? notSimulated(passage, `${target.id} is in no document`)
        : throughNatGateway(passage, nat, from);
    }
    case 'network-interface':
    case 'instance':
      return throughInterface(passage, target.kind, target.id, from, from.vpc);
    case 'vpc-peering-connection':
      return throughPeering(passage, target.id, from);
    case 'transit-gateway':
      return throughTransitGateway(passage, target.id, from);
    case 'vpn-gateway':
      return throughVpnGateway(passage, target.id, from);
    case 'vpc-endpoint':
      return throughEndpoint(passage, target.id, from);
    default:
      return notSimulated(passage, `${target.id}: a ${target.kind} is not simulated`);
  }
}

const notSimulated = (passage: Passage, text: string): Next =>
  stop(passage, { layer: 'vpc', kind: 'route-target', disposition: 'not-simulated', text });

/** What is said of a route, by the table's association that brought the packet to it. */
const forwardSteps = new WeakMap<AssociatedTable, Map<ReadyRoute, Step>>();

function forwardStep(table: AssociatedTable, chosen: ReadyRoute): Step {
  const byRoute = forwardSteps.get(table) ?? new Map<ReadyRoute, Step>();
  let step = byRoute.get(chosen);
  if (step === undefined) {
    step = {
      layer: 'subnet',
      kind: 'route-table',
      action: 'forward',
      text: `${chosen.routeTableId}: ${chosen.text}`,
      evidence: { decisive: withAssociation(chosen.elements, table) },
    };
    forwardSteps.set(table, byRoute.set(chosen, step));
  }
  return step;
}

const withAssociation = (
  elements: readonly Element[],
  { association }: AssociatedTable,
): readonly Element[] => [...elements, association];

function noRoute(passage: Passage, from: SubnetPlace, ready: ReadyTable): Next {
  const { packet } = passage;
  const { routeTableId } = ready.table;
  const address = formatIp(packet.destination);
  const { remedy, by } = missingRoute(passage, from, routeTableId);
  return stop(passage, {
    layer: 'subnet',
    kind: 'route-table',
    disposition: 'no-route',
    text: `${routeTableId} of ${from.subnet.subnetId} has no route to ${address}`,
    code: 'NO_ROUTE_TO_DESTINATION',
    decisive: withAssociation([], from.table!),
    considered: [...ready.routes.flatMap(({ elements }) => elements), ...by],
    remedy,
  });
}

/** Where routes to lists nobody told stand in the table, the answer rests on leaving them out. */
function noteUnknownLists(passage: Passage, { unknown }: ReadyTable): void {
  for (const { elements, text } of unknown) {
    const [element] = elements;
    const why = 'the entries of the list are in no document, so this route is left out';
    note(passage, 'subnet', 'route-table', 'note', `${text}: ${why}`, [element!]);
  }
}

/** What to do with a black hole: the way out is needed again, another way may be needed no more. */
function instead({ route, routeTableId }: ReadyRoute, to: string): Remedy {
  if (route.target.kind !== 'nat-gateway') {
    return {
      text: `delete or replace the route to ${to} of ${routeTableId}`,
      command: deleteRoute(routeTableId, to),
    };
  }
  return {
    text: `point the route to ${to} of ${routeTableId} to a NAT gateway that exists`,
    command: replaceRoute(routeTableId, to, '--nat-gateway-id NAT-GATEWAY-ID'),
  };
}

/** At a subnet's router. */
function routeFrom(passage: Passage, from: SubnetPlace): Next {
  const { fabric, packet, recorder } = passage;
  const { subnet, table } = from;
  if (anyContains(from.cidrs, packet.destination)) return { kind: 'local', vpc: from.vpc, from };
  recorder.enter(subnet.subnetId, 'subnet');
  if (table === undefined) {
    return stop(passage, {
      layer: 'subnet',
      kind: 'route-table',
      disposition: 'no-route',
      text: `no document has a route table for ${subnet.subnetId}`,
      code: 'UNKNOWN_RESOURCE',
    });
  }
  const ready = fabric.topology.ready(table.table);
  const chosen = ready.choose(packet.destination);
  if (chosen?.route.target.kind !== 'local') noteUnknownLists(passage, ready);
  if (chosen === undefined) return noRoute(passage, from, ready);
  if (chosen.route.state === 'blackhole') {
    const { destination } = chosen.route;
    const to = destination.kind === 'prefix-list' ? destination.prefixListId : destination.cidr;
    return stop(passage, {
      layer: 'subnet',
      kind: 'route-table',
      disposition: 'blackholed',
      text: `${chosen.routeTableId}: ${chosen.text}: the target is gone, the route is a black hole`,
      code: 'BAD_STATE_ROUTE',
      decisive: withAssociation(chosen.elements, table),
      remedy: instead(chosen, to),
    });
  }
  recorder.step(forwardStep(table, chosen));
  return crossBorder(passage, from, 'egress') ?? byTarget(passage, chosen, from);
}

/** Carries the packet on until it is somewhere; bounded, whatever the routes say. */
export function carry(passage: Passage, first: Next): VpcOutcome {
  let next = first;
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    if (next.kind === 'route') next = routeFrom(passage, next.from);
    else if (next.kind === 'local') next = deliverLocally(passage, next.vpc, next.from);
    else if (next.kind === 'arrive') next = arriveAt(passage, next.holder);
    else if (next.kind === 'transit')
      next = inTransit(passage, next.attachmentId, next.transitGatewayId);
    else return next;
  }
  return stop(passage, {
    layer: 'vpc',
    kind: 'loop',
    disposition: 'blackholed',
    text: 'the routes lead in a circle: the packet is dropped when its hop limit is used up',
    code: 'ROUTING_LOOP',
  });
}
