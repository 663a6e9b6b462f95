/**
 * datapath/vpc/security-groups — an interface's security groups asked about a packet: the union of
 * their rules, stateful per interface.
 *
 * Source: VPC User Guide, "Security groups", "Connection tracking", and "Update your security
 * groups to reference peer security groups", "Middlebox routing"; transit gateways: ingress
 * references only.
 */
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { contains, formatPacket, type Ip } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import { allowByGroup } from './aws-command.ts';
import type { Holder } from './interface-addresses.ts';
import type { VpcOutcome } from './outcome.ts';
import { note, type Passage, stop } from './passage.ts';
import { blocksOfList } from './prefix-list-blocks.ts';
import {
  type Direction,
  groupLabel,
  type ReadyRule,
  rulesOfGroup,
} from './security-group-rules.ts';
import { anyContains } from './topology.ts';
import { isOfClass } from './traffic-class.ts';

/** AWS gives these interfaces no security groups. */
const WITHOUT_GROUPS: ReadonlySet<string> = new Set([
  'nat_gateway',
  'transit_gateway',
  'gateway_load_balancer',
  'network_load_balancer',
]);

/** The other end's groups, where AWS lets a rule refer to them. */
function peerOf(
  passage: Passage,
  { vpcId }: NetworkInterface,
  direction: Direction,
): NetworkInterface | undefined {
  if (direction === 'ingress') {
    return passage.isSenderKnown ? passage.sender?.eni : undefined;
  }
  const { fabric, packet } = passage;
  const here = fabric.addresses.at(vpcId, packet.destination);
  if (here !== undefined) return here.eni;
  return referablePeer(passage, vpcId, packet.destination)?.eni;
}

/** The interface of a VPC peered in the same region that has the address. */
function referablePeer({ fabric }: Passage, vpcId: string, ip: Ip): Holder | undefined {
  const vpc = fabric.topology.vpc(vpcId);
  for (const { status, requesterVpcId, accepterVpcId } of vpc?.peerings ?? []) {
    if (status !== 'active') continue;
    const other = fabric.topology.vpc(requesterVpcId === vpcId ? accepterVpcId : requesterVpcId);
    if (other === undefined || other.region !== vpc!.region) continue;
    const holder = fabric.addresses.at(other.vpc.vpcId, ip);
    if (holder !== undefined) return holder;
  }
  return undefined;
}

interface WayOut {
  readonly isByAppliance: boolean;
  readonly elements: readonly Element[];
}

const SAME_SUBNET: WayOut = { isByAppliance: false, elements: [] };

/**
 * The route a packet will leave by. Where an appliance gets it first, a rule that names the other
 * end's group does not hold: the appliance stands between them.
 */
function wayOut({ fabric, packet }: Passage, subnetId: string): WayOut {
  const place = fabric.topology.subnet(subnetId);
  if (place?.table === undefined || anyContains(place.cidrs, packet.destination))
    return SAME_SUBNET;
  const { table, association } = place.table;
  const chosen = fabric.topology.ready(table).choose(packet.destination);
  const kind = chosen?.route.target.kind;
  return {
    isByAppliance: kind === 'network-interface' || kind === 'instance',
    elements: [...(chosen?.elements ?? []), association],
  };
}

/** The interface whose groups a rule may name, and the way that makes it so. */
interface PeerEnd {
  readonly eni: NetworkInterface | undefined;
  readonly way: WayOut;
}

function peerEnd(passage: Passage, eni: NetworkInterface, direction: Direction): PeerEnd {
  const way = direction === 'egress' ? wayOut(passage, eni.subnetId) : SAME_SUBNET;
  return { eni: way.isByAppliance ? undefined : peerOf(passage, eni, direction), way };
}

/** The rule's peer is the packet's other end; of a prefix list also the entry that says so. */
function matchesPeer(
  { fabric }: Passage,
  rule: ReadyRule,
  ip: Ip,
  peer: () => NetworkInterface | undefined,
): Element | boolean {
  if (rule.cidr !== undefined) return contains(rule.cidr, ip);
  if (rule.peer.kind === 'group') return peer()?.groups.includes(rule.peer.groupId) === true;
  if (rule.peer.kind !== 'prefix-list') return false;
  const list = fabric.store.get('ec2/prefix-list', rule.peer.prefixListId);
  const entry = list === undefined ? undefined : blocksOfList(list).holding(ip);
  if (entry === undefined) return false;
  return { kind: 'prefix-list', object: list!.prefixListId, rule: entry };
}

/** Records which rule allows the packet, and remembers the flow; false when none does. */
function findRule(passage: Passage, eni: NetworkInterface, direction: Direction): boolean {
  const { fabric, packet, recorder, memory } = passage;
  const ip = direction === 'ingress' ? packet.source : packet.destination;
  // Asked for by the first rule that names a group; most packets never get to one.
  let found: PeerEnd | undefined;
  const peer = (): NetworkInterface | undefined => {
    found ??= peerEnd(passage, eni, direction);
    return found.eni;
  };
  for (const groupId of eni.groups) {
    const group = fabric.store.get('ec2/security-group', groupId);
    if (group === undefined) continue;
    for (const rule of rulesOfGroup(group)[direction]) {
      if (!isOfClass(rule.traffic, packet)) continue;
      const match = matchesPeer(passage, rule, ip, peer);
      if (match === false) continue;
      const { allowed } = rule;
      // That the way out is not by an appliance is told by the route, the next step.
      recorder.step(
        match === true ? allowed : { ...allowed, evidence: { decisive: [rule.element, match] } },
      );
      memory.track(eni.networkInterfaceId, packet, rule.element);
      return true;
    }
  }
  return false;
}

/** Prefix lists a group's rules name and no document tells the entries of. */
function unreadLists({ fabric }: Passage, groupId: string, direction: Direction): string[] {
  const group = fabric.store.get('ec2/security-group', groupId);
  if (group === undefined) return [];
  return rulesOfGroup(group)[direction].flatMap(({ peer }) => {
    if (peer.kind !== 'prefix-list') return [];
    const entries = fabric.store.get('ec2/prefix-list', peer.prefixListId)?.entries ?? [];
    return entries.length === 0 ? [peer.prefixListId] : [];
  });
}

function denied(passage: Passage, eni: NetworkInterface, direction: Direction): VpcOutcome {
  const { fabric, packet } = passage;
  const considered: Element[] = [];
  const unknown: string[] = [];
  for (const groupId of eni.groups) {
    const group = fabric.store.get('ec2/security-group', groupId);
    if (group === undefined) unknown.push(groupId);
    else for (const { element } of rulesOfGroup(group)[direction]) considered.push(element);
  }
  const rulesSeen = considered.length;
  const { eni: peer, way } = peerEnd(passage, eni, direction);
  considered.push(...way.elements);
  const groups = eni.groups
    .map((id) => groupLabel(id, fabric.store.get('ec2/security-group', id)))
    .join(', ');
  const rules = direction === 'ingress' ? 'inbound' : 'outbound';
  const why =
    rulesSeen === 0 ? `${groups} has no ${rules} rules` : `no ${rules} rule of ${groups} allows it`;
  const unread = eni.groups.flatMap((groupId) => unreadLists(passage, groupId, direction));
  const notTold = [...unknown, ...new Set(unread)];
  const missing = notTold.length === 0 ? '' : `; not told by any document: ${notTold.join(', ')}`;
  const peerGroup = peer?.vpcId === eni.vpcId ? peer.groups[0] : undefined;
  return stop(passage, {
    layer: 'security',
    kind: `security-group-${direction}`,
    disposition: 'denied-by-security-group',
    text: `${eni.networkInterfaceId}: ${why}: ${formatPacket(packet)}${missing}`,
    code: rulesSeen === 0 ? 'SG_HAS_NO_RULES' : 'ENI_SG_RULES_MISMATCH',
    considered,
    remedy: allowByGroup(eni.groups[0]!, direction, packet, peerGroup),
  });
}

/** Asks the interface's groups; the end of the way where they refuse. */
export function checkSecurityGroups(
  passage: Passage,
  eni: NetworkInterface,
  direction: Direction,
): VpcOutcome | undefined {
  const id = eni.networkInterfaceId;
  const allowedBy = passage.memory.answered(id, passage.packet);
  if (allowedBy !== undefined) {
    passage.isReply = true;
    const text = `${id} remembers the flow, which ${allowedBy.object} allowed`;
    note(passage, 'security', `security-group-${direction}`, 'allow', text, [allowedBy]);
    return undefined;
  }
  if (eni.groups.length === 0) {
    if (WITHOUT_GROUPS.has(eni.interfaceType)) return undefined;
    const text = `${id} has no security group in any document: taken as open`;
    note(passage, 'security', `security-group-${direction}`, 'note', text);
    return undefined;
  }
  return findRule(passage, eni, direction) ? undefined : denied(passage, eni, direction);
}
