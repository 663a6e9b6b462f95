/**
 * datapath/linux/stop — the ends that routing itself puts to a packet: step and verdict of each.
 */
import { formatIp } from '../../net/index.ts';
import type { Element, Verdict } from '../trace.ts';
import type { CompiledNamespace } from './compiled-namespace.ts';
import type { Answer, Stopped } from './outcome.ts';
import type { Passage } from './passage.ts';
import {
  type RouteAnswer,
  type RouteQuestion,
  routeElements,
  routeReason,
  rulesMet,
} from './policy-routing.ts';
import type { ReversePathRefusal } from './reverse-path.ts';

/** Records the end and makes the outcome. */
export function stop(
  passage: Passage,
  kind: string,
  verdict: Verdict,
  decisive: readonly Element[],
  answer?: Answer,
  considered?: readonly Element[],
): Stopped {
  passage.recorder.step({
    layer: 'cni',
    kind,
    action: 'drop',
    text: verdict.text,
    evidence: {
      decisive: [...decisive, ...passage.takeLeads()],
      considered,
      code: verdict.code,
    },
  });
  return { kind: 'stopped', packet: passage.packet, verdict, answer };
}

/** No rule led to a table that knows the destination. */
export function noRoute(
  host: CompiledNamespace,
  passage: Passage,
  question: RouteQuestion,
): Stopped {
  const met = rulesMet(host, question);
  const destination = formatIp(passage.packet.destination);
  const verdict: Verdict = {
    disposition: 'no-route',
    text: `${host.label} has no route to ${destination}`,
    code: met.length === 0 ? 'CNI_NO_IP_RULE' : 'NODE_NO_ROUTE',
    remedy: {
      text: `give ${host.label} a route to ${destination}: for a pod, its sandbox must be made anew`,
    },
  };
  return stop(passage, 'ip-route', verdict, [], 'icmp-unreachable', met);
}

/** A route that says blackhole, unreachable or prohibit. */
export function refusedByRoute(
  host: CompiledNamespace,
  passage: Passage,
  answer: RouteAnswer,
): Stopped {
  const { type } = answer.route;
  const isSilent = type === 'blackhole';
  const verdict: Verdict = {
    disposition: isSilent ? 'blackholed' : 'no-route',
    text: `${host.label}'s route is ${type}: ${routeReason(answer)}`,
    code: isSilent ? 'NODE_BLACKHOLE_ROUTE' : 'NODE_NO_ROUTE',
    remedy: { text: 'delete that route' },
  };
  const decisive = routeElements(host, answer, passage.mark);
  return stop(passage, 'ip-route', verdict, decisive, isSilent ? undefined : 'icmp-unreachable');
}

/** rp_filter, or a source that cannot come from outside. */
export function reversePath(
  host: CompiledNamespace,
  passage: Passage,
  inLink: string,
  refusal: ReversePathRefusal,
): Stopped {
  const { setting, reason, text, decisive } = refusal;
  const isMartian = reason === 'martian';
  const source = formatIp(passage.packet.source);
  const verdict: Verdict = {
    disposition: 'denied-by-rp-filter',
    text: `${host.label} drops what comes from ${source} by ${inLink}: ${text}`,
    code: isMartian ? 'NODE_MARTIAN_SOURCE' : 'NODE_RP_FILTER',
    remedy: isMartian
      ? { text: 'send it from an address that is not the receiver’s own' }
      : {
          text: `make the way back to ${source} lead by ${inLink}, or check less strictly`,
          command: `sysctl -w ${setting}=${reason === 'strict' ? '2' : '0'}`,
        },
  };
  return stop(passage, 'rp-filter', verdict, decisive);
}

/** A namespace that is no router. */
export function notForwarding(host: CompiledNamespace, passage: Passage): Stopped {
  const isIpv6 = typeof passage.packet.destination === 'bigint';
  const name = isIpv6 ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward';
  const destination = formatIp(passage.packet.destination);
  const verdict: Verdict = {
    disposition: 'no-route',
    text: `${destination} is no address of ${host.label}, which does not forward (${name} = 0)`,
    code: 'NODE_NOT_FORWARDING',
    remedy: { text: `turn ${name} on`, command: `sysctl -w ${name}=1` },
  };
  const decisive: readonly Element[] = [
    { kind: 'sysctl', object: host.label, rule: `${name} = 0` },
  ];
  return stop(passage, 'forwarding', verdict, decisive);
}

/** tcp_early_demux found the socket of a packet that was to be forwarded. */
export function earlyDemux(host: CompiledNamespace, passage: Passage): Stopped {
  const verdict: Verdict = {
    disposition: 'timed-out',
    text:
      `${host.label} finds the socket of this answer before it routes it (tcp_early_demux), ` +
      'and so cannot send it on by its branch interface: strict pod security groups need it off',
    code: 'NODE_TCP_EARLY_DEMUX',
    remedy: {
      text: 'set DISABLE_TCP_EARLY_DEMUX=true on the init container of aws-node',
      command:
        'kubectl patch daemonset aws-node -n kube-system -p ' +
        '\'{"spec":{"template":{"spec":{"initContainers":[{"name":"aws-vpc-cni-init",' +
        '"env":[{"name":"DISABLE_TCP_EARLY_DEMUX","value":"true"}]}]}}}}\'',
    },
  };
  const decisive: readonly Element[] = [
    { kind: 'sysctl', object: host.label, rule: 'net.ipv4.tcp_early_demux = 1' },
  ];
  return stop(passage, 'early-demux', verdict, decisive);
}
