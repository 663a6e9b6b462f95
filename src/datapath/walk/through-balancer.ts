/**
 * datapath/walk/through-balancer — a packet at a load balancer: whether it listens there, and
 * whether it looks at requests (ALB, Classic HTTP) or passes on bytes (NLB, Classic TCP).
 *
 * Source: Elastic Load Balancing's guides; Reachability Analyzer's codes (ELBV2_LISTENERS_MISMATCH).
 */
import type { ListenerProtocol } from '../../model/elbv2/listener.ts';
import { formatProtocol, isIcmp, type Packet, PROTOCOL_TCP } from '../../net/index.ts';
import type { BalancerNode } from '../elb/balancers.ts';
import type { ReadyBalancer } from '../elb/ready-balancer.ts';
import type { ReadyListener } from '../elb/ready-listener.ts';
import type { Remedy, Verdict } from '../trace.ts';
import { type Balanced, refusedBy } from './balanced.ts';
import { throughHttp } from './balancing-requests.ts';
import { throughStream } from './balancing-streams.ts';
import type { Exchange, Taken } from './exchange.ts';
import type { Flow } from './flow.ts';

/** What a load balancer does about a packet that got to its interface. */
export function throughBalancer(
  exchange: Exchange,
  flow: Flow,
  packet: Packet,
  node: BalancerNode,
  before: number,
): Taken {
  const { balancer } = node;
  const { there } = exchange;
  there.enter(balancer.label, 'load-balancer');
  if (!balancer.isActive) return notActive(exchange, balancer);
  if (isIcmp(packet)) return pinged(exchange, balancer);
  const listener = balancer.listeners.find((it) => isFor(it, packet));
  if (listener === undefined) return withoutListener(exchange, balancer, packet);
  there.step({
    layer: 'load-balancer',
    kind: 'listener',
    action: 'allow',
    text: `listens on ${listener.label} in ${node.zone.zoneName}`,
    evidence: { decisive: [balancer.element, listener.element] },
  });
  const balanced: Balanced = { exchange, flow, packet, node, listener, before };
  return isHttp(listener.protocol) ? throughHttp(balanced) : throughStream(balanced);
}

const isHttp = (protocol: ListenerProtocol): boolean => protocol === 'HTTP' || protocol === 'HTTPS';

const OF_UDP: ReadonlySet<ListenerProtocol> = new Set(['UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC']);
const OF_TCP: ReadonlySet<ListenerProtocol> = new Set([
  'HTTP',
  'HTTPS',
  'TCP',
  'TLS',
  'TCP_UDP',
  'TCP_QUIC',
]);

const isFor = ({ port, protocol }: ReadyListener, packet: Packet): boolean =>
  port === packet.destinationPort &&
  (packet.protocol === PROTOCOL_TCP ? OF_TCP : OF_UDP).has(protocol);

function notActive(exchange: Exchange, balancer: ReadyBalancer): Taken {
  const verdict: Verdict = {
    disposition: 'timed-out',
    text: `${balancer.label} is not active yet: it takes no connections`,
    code: 'BAD_STATE',
    remedy: { text: 'wait until its state is active' },
  };
  return refusedBy(exchange, 'state', verdict, { says: undefined, decisive: [balancer.element] });
}

/** An NLB drops what no listener is for, pings too; the others answer them. */
function pinged(exchange: Exchange, { kind, label, element }: ReadyBalancer): Taken {
  if (kind !== 'network') {
    const text = `assumed: ${label} answers the ping`;
    const evidence = { decisive: [element] };
    exchange.there.step({ layer: 'load-balancer', kind: 'socket', action: 'note', text, evidence });
    return { verdict: { disposition: 'delivered', text: 'delivered' }, says: 'answer' };
  }
  const verdict: Verdict = {
    disposition: 'timed-out',
    text: `${label} answers no ping: a Network Load Balancer drops what no listener is for`,
    code: 'ELBV2_LISTENERS_MISMATCH',
    remedy: { text: 'connect to a port it listens on' },
  };
  return refusedBy(exchange, 'listener', verdict, { says: undefined, decisive: [element] });
}

function withoutListener(exchange: Exchange, balancer: ReadyBalancer, packet: Packet): Taken {
  const { kind, label, listeners, element } = balancer;
  const asked = `${formatProtocol(packet.protocol).toUpperCase()} ${packet.destinationPort}`;
  const has = listeners.map((it) => it.label).join(', ');
  const says = kind === 'network' || packet.protocol !== PROTOCOL_TCP ? undefined : 'reset';
  const verdict: Verdict = {
    disposition: says === undefined ? 'timed-out' : 'refused',
    text: `${label} has no listener for ${asked}, only ${has === '' ? 'none at all' : has}`,
    code: kind === 'classic' ? 'ELB_LISTENERS_MISMATCH' : 'ELBV2_LISTENERS_MISMATCH',
    remedy: listenerRemedy(balancer, packet.destinationPort),
  };
  const considered = listeners.map((it) => it.element);
  return refusedBy(exchange, 'listener', verdict, { says, decisive: [element], considered });
}

/** Where a controller made the load balancer, the object that it reads is to be changed. */
function listenerRemedy({ tags, listeners }: ReadyBalancer, port: number): Remedy {
  const others = listeners.map((it) => it.label).join(' or ');
  const instead = others === '' ? '' : `send to ${others}, or `;
  const ingress = tags['ingress.k8s.aws/stack'];
  if (ingress !== undefined) {
    const annotation = 'alb.ingress.kubernetes.io/listen-ports';
    return { text: `${instead}add ${port} to ${annotation} of Ingress ${ingress}` };
  }
  const service = tags['service.k8s.aws/stack'] ?? tags['kubernetes.io/service-name'];
  if (service !== undefined) return { text: `${instead}add port ${port} to Service ${service}` };
  return { text: `${instead}add a listener for port ${port}` };
}
