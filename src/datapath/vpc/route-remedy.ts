/**
 * datapath/vpc/route-remedy — the route a subnet lacks: by what is there already and leads to the
 * destination.
 */
import { contains, formatCidr, hostCidr } from '../../net/index.ts';
import type { Element, Remedy } from '../trace.ts';
import { isLinkLocal, isRfc1918, isRfc6598 } from './address-ranges.ts';
import { createRoute } from './aws-command.ts';
import { gatewayElement, type Passage } from './passage.ts';
import type { SubnetPlace } from './topology.ts';

interface Way {
  /** What the route would be to. */
  readonly destination: string;
  /** The option of create-route with its value. */
  readonly option: string;
  readonly element: Element | undefined;
}

/** Out to the internet: a NAT gateway first, as a subnet without public addresses needs one. */
function wayOut({ fabric, packet }: Passage, { vpc }: SubnetPlace): Way | undefined {
  const { destination, source } = packet;
  if (isRfc1918(destination) || isRfc6598(destination) || isLinkLocal(destination))
    return undefined;
  const everywhere = typeof destination === 'number' ? '0.0.0.0/0' : '::/0';
  const isOpen =
    typeof source === 'bigint' ||
    fabric.addresses.at(vpc.vpc.vpcId, source)?.publics.has(source) === true;
  const nat = vpc.natGateways[0];
  if (!isOpen && nat !== undefined) {
    const option = `--nat-gateway-id ${nat.natGatewayId}`;
    return { destination: everywhere, option, element: gatewayElement(nat.natGatewayId) };
  }
  const id = vpc.internetGateway?.internetGatewayId;
  if (!isOpen || id === undefined) {
    const option = typeof source === 'bigint' ? '--egress-only-internet-gateway-id' : undefined;
    const value = option === undefined ? '--nat-gateway-id NAT-GATEWAY-ID' : `${option} EIGW-ID`;
    return { destination: everywhere, option: value, element: undefined };
  }
  return { destination: everywhere, option: `--gateway-id ${id}`, element: gatewayElement(id) };
}

/** To another VPC: by a peering that joins both. */
function wayOver({ fabric, packet }: Passage, { vpc }: SubnetPlace): Way | undefined {
  const { vpcId } = vpc.vpc;
  for (const it of vpc.peerings) {
    const otherId = it.requesterVpcId === vpcId ? it.accepterVpcId : it.requesterVpcId;
    const other = fabric.topology.vpc(otherId);
    if (it.status !== 'active' || other === undefined) continue;
    const block = other.cidrs.find((cidr) => contains(cidr, packet.destination));
    if (block === undefined) continue;
    const object = it.vpcPeeringConnectionId;
    return {
      destination: formatCidr(block),
      option: `--vpc-peering-connection-id ${object}`,
      element: { kind: 'vpc-peering-connection', object },
    };
  }
  return undefined;
}

/** A route to the packet's destination, and what it would lead by. */
export function missingRoute(
  passage: Passage,
  from: SubnetPlace,
  routeTableId: string,
): { readonly remedy: Remedy; readonly by: readonly Element[] } {
  const way = wayOver(passage, from) ?? wayOut(passage, from);
  const destination = way?.destination ?? formatCidr(hostCidr(passage.packet.destination));
  const command = createRoute(routeTableId, destination, way?.option ?? '--gateway-id GATEWAY-ID');
  const by = way?.element === undefined ? [] : [way.element];
  const through = by[0] === undefined ? 'a gateway that leads there' : by[0].object;
  const text = `add a route to ${destination} through ${through} to ${routeTableId}`;
  return { remedy: { text, command }, by };
}
