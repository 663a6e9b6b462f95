/**
 * datapath/vpc/edge-route — ingress routing: a gateway's own route table may send what comes in to
 * an interface first (an appliance) instead of to its destination.
 *
 * Source: VPC User Guide, "Gateway route tables".
 */
import { throughInterface } from './middlebox.ts';
import { type Next, note, type Passage, stop } from './passage.ts';
import type { VpcPlace } from './topology.ts';

/** Where the gateway's table sends the packet; undefined: to its destination. */
export function edgeRoute(passage: Passage, gatewayId: string, vpc: VpcPlace): Next | undefined {
  const { fabric, packet } = passage;
  const edge = fabric.topology.edgeTable(gatewayId);
  if (edge === undefined) return undefined;
  const chosen = fabric.topology.ready(edge.table).choose(packet.destination);
  if (chosen === undefined) return undefined;
  const decisive = [...chosen.elements, edge.association];
  const text = `${chosen.routeTableId} of ${gatewayId}: ${chosen.text}`;
  note(passage, 'vpc', 'edge-route-table', 'forward', text, decisive);
  const { target } = chosen.route;
  if (target.kind === 'local') return undefined;
  if (target.kind === 'network-interface' || target.kind === 'instance')
    return throughInterface(passage, target.kind, target.id, undefined, vpc);
  return stop(passage, {
    layer: 'vpc',
    kind: 'edge-route-table',
    disposition: 'not-simulated',
    text: `${target.id} as the target of a gateway's route table is not simulated`,
    decisive,
  });
}
