/**
 * datapath/vpc/internet-gateway — packets between a VPC and the internet: one public address for
 * one private, nothing for a private address that has none. And egress-only gateways, for IPv6.
 *
 * Source: VPC User Guide, "Internet gateways", "Egress-only internet gateways", "Gateway route
 * tables".
 */
import { formatIp, type Ip, parseIp, withDestination, withSource } from '../../net/index.ts';
import { isLinkLocal, isRfc1918, isRfc6598 } from './address-ranges.ts';
import { deliverLocally } from './arrival.ts';
import { edgeRoute } from './edge-route.ts';
import { gatewayElement, type Next, note, type Passage, rewrite, stop } from './passage.ts';
import { checkLength, INTERNET_MTU } from './path-mtu.ts';
import { anyContains, type SubnetPlace, type VpcPlace } from './topology.ts';

const kind = 'internet-gateway';
/** Where flows that left for the internet are remembered, to know their answers. */
const INTERNET = 'internet';

const dropped = (passage: Passage, gateway: string, text: string, code: string): Next =>
  stop(passage, {
    layer: 'vpc',
    kind,
    disposition: 'timed-out',
    text,
    code,
    decisive: [gatewayElement(gateway)],
  });

/** The public address that stands for a private one: an interface's, or a NAT gateway's own. */
function publicOf({ fabric }: Passage, vpcId: string, ip: Ip): Ip | undefined {
  const open = fabric.addresses.at(vpcId, ip)?.publics.get(ip)?.publicIp;
  return parseIp(open ?? fabric.topology.natGatewayAt(vpcId, ip)?.publicIp ?? '');
}

/** The place behind a public address, or behind an IPv6 one. */
function behind(
  { fabric }: Passage,
  ip: Ip,
): { readonly vpc: VpcPlace | undefined; readonly address: Ip } | undefined {
  if (typeof ip === 'bigint') {
    const [holder] = fabric.addresses.everywhere(ip);
    if (holder === undefined) return undefined;
    return { vpc: fabric.topology.vpc(holder.eni.vpcId), address: ip };
  }
  const held = fabric.addresses.byPublic(ip);
  if (held !== undefined) {
    const vpc = fabric.topology.vpc(held.holder.eni.vpcId);
    return { vpc, address: held.privateAddress };
  }
  const nat = fabric.topology.natGatewayByPublic(ip);
  const address = parseIp(nat?.privateIp ?? '');
  if (nat === undefined || address === undefined) return undefined;
  return { vpc: fabric.topology.vpc(nat.vpcId), address };
}

/** A packet that is out on the internet: gone, or on its way back to another VPC of ours. */
function outOnTheInternet(passage: Passage, via: string, vpcId: string): Next {
  const { packet, memory } = passage;
  passage.sender = undefined;
  memory.track(INTERNET, packet, gatewayElement(via));
  if (behind(passage, packet.destination) !== undefined) return fromInternet(passage);
  return { kind: 'outside', place: 'internet', via, vpcId, packet };
}

function refusedDestination(passage: Passage, id: string): Next | undefined {
  const { destination } = passage.packet;
  const address = formatIp(destination);
  const code = isRfc1918(destination)
    ? 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS'
    : isRfc6598(destination)
      ? 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS'
      : isLinkLocal(destination)
        ? 'NO_POSSIBLE_DESTINATION'
        : undefined;
  if (code === undefined) return undefined;
  return dropped(passage, id, `${id} drops it: ${address} is no address of the internet`, code);
}

/** Out by an internet gateway. */
export function throughInternetGateway(passage: Passage, id: string, from: SubnetPlace): Next {
  const { fabric, packet, recorder } = passage;
  const { vpcId } = from.vpc.vpc;
  recorder.enter(id, 'vpc');
  const gateway = fabric.store.get('ec2/internet-gateway', id);
  if (gateway !== undefined && gateway.vpcId !== vpcId)
    return dropped(passage, id, `${id} is not attached to ${vpcId}`, 'BAD_STATE_ATTACHMENT');
  const refused =
    refusedDestination(passage, id) ?? checkLength(passage, INTERNET_MTU, id, [gatewayElement(id)]);
  if (refused !== undefined) return refused;
  const { source } = packet;
  if (typeof source === 'bigint') {
    if (anyContains(from.vpc.cidrs, source)) {
      note(passage, 'vpc', kind, 'forward', `${id} passes IPv6 as it is`, [gatewayElement(id)]);
      return outOnTheInternet(passage, id, vpcId);
    }
    const text = `${id} drops it: ${formatIp(source)} is no address of ${vpcId}`;
    return dropped(passage, id, text, 'GATEWAY_REJECTS_SPOOFED_TRAFFIC');
  }
  const open = publicOf(passage, vpcId, source);
  if (open === undefined) {
    return stop(passage, {
      layer: 'vpc',
      kind,
      disposition: 'timed-out',
      text: `${id} drops it: ${formatIp(source)} has no public address`,
      code: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS',
      decisive: [gatewayElement(id)],
      remedy: {
        text:
          `give ${formatIp(source)} a public address, or route ${from.subnet.subnetId} ` +
          'through a NAT gateway in a public subnet',
        command: publicAddressCommand(passage, vpcId, source),
      },
    });
  }
  rewrite(passage, kind, withSource(packet, open), [gatewayElement(id)]);
  return outOnTheInternet(passage, id, vpcId);
}

function publicAddressCommand({ fabric }: Passage, vpcId: string, ip: Ip): string | undefined {
  const holder = fabric.addresses.at(vpcId, ip);
  if (holder === undefined) return undefined;
  return (
    'aws ec2 associate-address --allocation-id ALLOCATION-ID ' +
    `--network-interface-id ${holder.eni.networkInterfaceId} --private-ip-address ${formatIp(ip)}`
  );
}

/** In from the internet, to whoever has the public address. */
export function fromInternet(passage: Passage): Next {
  const { packet, recorder, memory } = passage;
  const { source, destination } = packet;
  const address = formatIp(destination);
  const found = behind(passage, destination);
  if (found?.vpc === undefined) {
    recorder.enter(INTERNET, 'vpc');
    const isPrivate = isRfc1918(destination) || isRfc6598(destination) || isLinkLocal(destination);
    return stop(passage, {
      layer: 'vpc',
      kind,
      disposition: 'no-route',
      text: isPrivate
        ? `${address} is private: the internet has no route to it`
        : `no interface here has the public address ${address}`,
      code: 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS',
    });
  }
  const { vpc } = found;
  const { vpcId } = vpc.vpc;
  if (memory.answered(INTERNET, packet) !== undefined) passage.isReply = true;
  if (typeof destination === 'bigint') return inByIpv6(passage, vpc);
  const gateway = vpc.internetGateway;
  if (gateway === undefined) {
    recorder.enter(vpcId, 'vpc');
    return stop(passage, {
      layer: 'vpc',
      kind,
      disposition: 'no-route',
      text: `${vpcId} has no internet gateway: nothing from the internet gets to ${address}`,
      code: 'BAD_STATE_ATTACHMENT',
    });
  }
  const id = gateway.internetGatewayId;
  recorder.enter(id, 'vpc');
  if (isRfc1918(source) || isRfc6598(source)) {
    const block = isRfc1918(source) ? 'RFC1918' : 'RFC6598';
    const text = `${id} drops it: ${formatIp(source)} is no address of the internet`;
    return dropped(passage, id, text, `IGW_SOURCE_ADDRESS_NOT_IN_${block}_INGRESS`);
  }
  rewrite(passage, kind, withDestination(packet, found.address), [gatewayElement(id)]);
  return edgeRoute(passage, id, vpc) ?? deliverLocally(passage, vpc, undefined);
}

/** IPv6 comes in where its subnet's way out leads: by the internet gateway, or answers only. */
function inByIpv6(passage: Passage, vpc: VpcPlace): Next {
  const { fabric, packet, recorder, isReply } = passage;
  const { vpcId } = vpc.vpc;
  const place = vpc.subnets.longestMatch(packet.destination)?.value;
  const table = place?.table === undefined ? undefined : fabric.topology.ready(place.table.table);
  const back = table?.choose(packet.source);
  if (back?.route.target.kind === 'egress-only-internet-gateway') {
    const { id } = back.route.target;
    recorder.enter(id, 'vpc');
    const decisive = [gatewayElement(id), ...back.elements];
    if (isReply) {
      note(passage, 'vpc', kind, 'forward', `${id} knows the flow this answers`, decisive);
      return deliverLocally(passage, vpc, undefined);
    }
    return stop(passage, {
      layer: 'vpc',
      kind: 'egress-only-internet-gateway',
      disposition: 'timed-out',
      text: `${id} lets nobody outside begin: ${formatIp(packet.destination)} goes out only`,
      code: 'EIGW_INGRESS_RESTRICTION',
      decisive,
    });
  }
  const gateway = vpc.internetGateway;
  if (gateway === undefined) {
    recorder.enter(vpcId, 'vpc');
    return stop(passage, {
      layer: 'vpc',
      kind,
      disposition: 'no-route',
      text: `${vpcId} has no internet gateway: no IPv6 comes in`,
      code: 'BAD_STATE_ATTACHMENT',
    });
  }
  const id = gateway.internetGatewayId;
  recorder.enter(id, 'vpc');
  note(passage, 'vpc', kind, 'forward', `${id} passes IPv6 as it is`, [gatewayElement(id)]);
  return edgeRoute(passage, id, vpc) ?? deliverLocally(passage, vpc, undefined);
}

/** Out by an egress-only gateway: IPv6, and only answers come back. */
export function throughEgressOnlyGateway(passage: Passage, id: string, from: SubnetPlace): Next {
  const { packet, recorder } = passage;
  recorder.enter(id, 'vpc');
  const tooLong = checkLength(passage, INTERNET_MTU, id, [gatewayElement(id)]);
  if (tooLong !== undefined) return tooLong;
  if (typeof packet.source !== 'bigint')
    return dropped(passage, id, `${id} carries IPv6 only`, 'PROTOCOL_RESTRICTION');
  const text = `${id} passes IPv6 out, and its answers back in`;
  note(passage, 'vpc', 'egress-only-internet-gateway', 'forward', text, [gatewayElement(id)]);
  return outOnTheInternet(passage, id, from.vpc.vpc.vpcId);
}
