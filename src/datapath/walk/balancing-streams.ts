/**
 * datapath/walk/balancing-streams — a connection at a Network Load Balancer (or a Classic one that
 * speaks TCP): the target, the client's address kept or not, and its answer passed back.
 *
 * Source: Network Load Balancers, "Target groups" (client IP preservation, proxy protocol),
 * "Troubleshoot" (a client that is its own target times out).
 */
import { familyOf, formatIp, formatPacket, type Ip, PROTOCOL_TCP } from '../../net/index.ts';
import {
  keepsClientAddress,
  preservationElement,
  type ReadyGroup,
  type ReadyTarget,
} from '../elb/ready-group.ts';
import type { Element, Verdict } from '../trace.ts';
import { type Balanced, refusedBy } from './balanced.ts';
import { certificateNotes } from './balancer-certificate.ts';
import { missingCode, missingRemedy, missingText } from './balancer-status.ts';
import type { Heard, Taken } from './exchange.ts';
import type { Flow } from './flow.ts';
import { chooseGroup, chooseTarget, failOpenNotes } from './target-choice.ts';
import {
  ownConnection,
  passedOnConnection,
  sayConnection,
  targetAddress,
  withoutFamily,
} from './target-connection.ts';

/** A connection whose bytes are passed on. */
export function throughStream(balanced: Balanced): Taken {
  const { listener, node, packet, flow } = balanced;
  const action = listener.defaultRule.actions.find(({ type }) => type === 'forward');
  if (action?.type !== 'forward') {
    const text = `${listener.label} of ${node.balancer.label} forwards to nobody`;
    return { verdict: { disposition: 'not-simulated', text }, says: undefined };
  }
  const host = listener.protocol === 'TLS' ? flow.request?.host : undefined;
  const notes = host === undefined ? [] : certificateNotes(balanced, host);
  const group = chooseGroup(balanced, action);
  if (typeof group === 'string') {
    const text = `${listener.label} forwards to ${group}, which is in no document`;
    return { verdict: { disposition: 'not-simulated', text }, says: undefined };
  }
  const { target, candidates } = chooseTarget(balanced, group);
  if (target === undefined) {
    const says = packet.protocol === PROTOCOL_TCP ? 'reset' : undefined;
    const verdict: Verdict = {
      disposition: says === undefined ? 'timed-out' : 'refused',
      text: `${node.balancer.label}: ${missingText(balanced, group, candidates)}`,
      code: missingCode(candidates),
      remedy: missingRemedy(balanced, group, candidates),
    };
    const { considered } = candidates;
    const decisive = [group.element];
    return refusedBy(balanced.exchange, 'target', verdict, { says, decisive, considered });
  }
  const address =
    group.targetType === 'alb' ? balancerAddress(balanced, target) : targetAddress(target);
  if (typeof address === 'object') return { verdict: address, says: undefined };
  notes.push(...failOpenNotes(group, candidates));
  const taken = connect(balanced, group, address, target.port);
  return notes.length === 0 ? taken : { ...taken, notes: [...notes, ...(taken.notes ?? [])] };
}

/** One of the addresses of an ALB that is a target, in the node's own zone where it has one. */
function balancerAddress({ exchange, node, packet }: Balanced, { id }: ReadyTarget): Ip | Verdict {
  const { balancers, fabric } = exchange.world;
  const zones = balancers.balancer(id)?.zones ?? [];
  const own = zones.filter(({ zoneName }) => zoneName === node.zone.zoneName);
  const family = familyOf(packet.destination);
  const addresses = (own.length > 0 ? own : zones).flatMap(
    ({ networkInterfaceId }) =>
      fabric.addresses
        .holder(networkInterfaceId)
        ?.addresses.find((it) => familyOf(it) === family) ?? [],
  );
  if (addresses.length === 0) {
    const text = `target ${id} has no address that is in any document`;
    return { disposition: 'not-simulated', text, code: 'UNKNOWN_RESOURCE' };
  }
  const probability = 1 / addresses.length;
  const options = addresses.map((it) => ({ label: formatIp(it), probability }));
  return addresses[addresses.length === 1 ? 0 : exchange.chance.choose(options)]!;
}

function connect(balanced: Balanced, group: ReadyGroup, address: Ip, port: number): Taken {
  const { node, packet, exchange, before } = balanced;
  const isKept =
    node.balancer.kind === 'network' &&
    keepsClientAddress(group) &&
    familyOf(packet.source) === familyOf(address);
  const flow = isKept
    ? passedOnConnection(balanced, address, port)
    : ownConnection(balanced, address, port, balanced.flow.request);
  if (flow === undefined) return withoutFamily(balanced, address);
  const decisive: Element[] =
    node.balancer.kind === 'network' ? [preservationElement(group)] : [node.balancer.element];
  sayConnection(balanced, flow.packet, connectionText(flow, group, isKept), decisive);
  const heard = exchange.open(flow, before + 1);
  const hairpin = isKept ? hairpinOf(balanced, heard, group) : undefined;
  const { receiver, arrived, http, notes } = heard;
  const isLostError = heard.hears === 'reset' && packet.protocol !== PROTOCOL_TCP;
  const verdict = hairpin ?? (isLostError ? unheard(heard.verdict) : heard.verdict);
  if (hairpin !== undefined) sayHairpin(balanced, hairpin, group);
  const says = hairpin === undefined && !isLostError ? heard.hears : undefined;
  if (says !== undefined && exchange.withReturn) passBack(balanced, isKept);
  return { verdict, says, receiver, arrived, http, notes };
}

function connectionText({ packet }: Flow, { proxyProtocol }: ReadyGroup, isKept: boolean): string {
  const header =
    proxyProtocol === undefined
      ? ''
      : `; a PROXY ${proxyProtocol} header with the client's address comes first, which the ` +
        'target must expect';
  return isKept
    ? `passes it on with the client's address: ${formatPacket(packet)}${header}`
    : `new connection ${formatPacket(packet)}: the client's address is not kept${header}`;
}

function passBack({ exchange, node }: Balanced, isKept: boolean): void {
  exchange.back.enter(node.balancer.label, 'load-balancer');
  exchange.back.step({
    layer: 'load-balancer',
    kind: 'response',
    action: 'forward',
    text: isKept
      ? 'passes the answer back from its own address'
      : "passes the answer to the client, on the client's connection",
    evidence: { decisive: [] },
  });
}

/** An ICMP error of a target is none of a flow that the load balancer knows. */
const unheard = (verdict: Verdict): Verdict => ({
  ...verdict,
  disposition: 'timed-out',
  text: `${verdict.text}, and no load balancer passes the ICMP error on`,
});

/** Why a client that is its own target, or its node's, never hears of it. */
function hairpinOf({ node }: Balanced, heard: Heard, group: ReadyGroup): Verdict | undefined {
  const { verdict, lost } = heard;
  const isMartian = verdict.code === 'NODE_MARTIAN_SOURCE' && heard.hears === undefined;
  if (!isMartian && lost?.isAstray !== true) return undefined;
  const why = isMartian
    ? 'the target gets a packet from its own address and drops it'
    : `the target answers the client without the load balancer: ${lost!.verdict.text}`;
  const isForced = group.targetType === 'alb' || /UDP|QUIC/.test(group.protocol);
  return {
    disposition: 'timed-out',
    text:
      `${node.balancer.label} keeps the client's address, and the client is where the target is: ` +
      why,
    code: 'ELBV2_SOURCE_ADDRESS_PRESERVATION',
    remedy: isForced
      ? { text: 'send to the Service instead of the load balancer from inside the cluster' }
      : {
          text:
            `turn preserve_client_ip.enabled off for target group ${group.name} (proxy protocol ` +
            'can tell the address), or send to the Service from inside the cluster',
          command:
            `aws elbv2 modify-target-group-attributes --target-group-arn ${group.arn} ` +
            '--attributes Key=preserve_client_ip.enabled,Value=false',
        },
  };
}

function sayHairpin(
  { exchange, node }: Balanced,
  { text, code }: Verdict,
  group: ReadyGroup,
): void {
  exchange.there.enter(node.balancer.label, 'load-balancer');
  exchange.there.step({
    layer: 'load-balancer',
    kind: 'hairpin',
    action: 'drop',
    text,
    evidence: { decisive: [preservationElement(group)], code },
  });
}
