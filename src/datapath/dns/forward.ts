/**
 * datapath/dns/forward — CoreDNS's forward plugin: which names go on, to whom and by which protocol.
 *
 * Upstream: coredns/coredns@4b26cced3 plugin/forward/setup.go parseStanza, forward.go match,
 * ServeDNS. The policy (random, round_robin, sequential) chooses among servers that here answer in
 * the order they are written; health checks find every server well.
 */
import { type Directive, zonesOf } from '../../model/coredns/corefile.ts';
import { parseIp } from '../../net/index.ts';
import { type DnsReply, emptyReply } from './answer.ts';
import { isWithin, longestZone } from './domain-name.ts';
import type { Plugin, PluginProblem } from './plugin.ts';

const FILE = '/etc/resolv.conf';

interface Server {
  readonly address: string;
  readonly port: number;
}

/** `10.0.0.2`, `10.0.0.2:54`, `[fd00::2]:53`, `dns://…`; tls and https keep their port. */
function serverOf(text: string): Server | undefined {
  const bare = text.replace(/^(dns|tls|https):\/\//, '').replace(/%.*$/, '');
  const port = /^tls:/.test(text) ? 853 : /^https:/.test(text) ? 443 : 53;
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(bare) ?? /^([\d.]+):(\d+)$/.exec(bare);
  const address = bracketed?.[1] ?? bare;
  if (parseIp(address) === undefined) return undefined;
  return { address, port: bracketed?.[2] === undefined ? port : Number(bracketed[2]) };
}

const FLAGS = ['force_tcp', 'prefer_udp'];

/** One `forward FROM TO…` of a server block. */
export function forwardPlugin({ args, block, line }: Directive): Plugin | PluginProblem {
  const [from, ...to] = args;
  if (from === undefined || to.length === 0) {
    return { problem: "Wrong argument count or unexpected line ending after 'forward'", line };
  }
  for (const target of to) {
    if (target.startsWith('/') || serverOf(target) !== undefined) continue;
    return { problem: `not an IP address or file: "${target}"`, line };
  }
  const zone = zonesOf(from)[0]!;
  const options = block ?? [];
  const except = options
    .filter(({ name }) => name === 'except')
    .flatMap((option) => option.args.flatMap(zonesOf));
  const [isTcp, isUdp] = FLAGS.map((flag) => options.some(({ name }) => name === flag));
  return (question, passage, next) => {
    const { name } = question;
    const isExcepted = name.toLowerCase() !== zone && longestZone(except, name) !== undefined;
    if (!isWithin(zone, name) || isExcepted) return next(question);
    passage.source = `forward ${zone}`;
    const protocol = isTcp ? 'tcp' : isUdp ? 'udp' : passage.protocol;
    const servers = to.flatMap((target): readonly Server[] => {
      const server = serverOf(target);
      if (server !== undefined) return [server];
      if (target === FILE)
        return passage.context.resolvConf().servers.map((address) => ({ address, port: 53 }));
      passage.notes.push(`forward ${zone}: ${target} is not known here`);
      return [];
    });
    let last: DnsReply = emptyReply('SERVFAIL');
    for (const { address, port } of servers) {
      const query = passage.context.ask(address, port, protocol, question);
      passage.forwarded.push(query);
      last = { ...query, additional: [] };
      // A server that does not answer is passed over; its refusals are answers.
      if (query.rcode !== 'TIMEOUT') return replyOf(last);
    }
    return emptyReply(last.rcode === 'NOT-SIMULATED' ? 'NOT-SIMULATED' : 'SERVFAIL');
  };
}

const replyOf = ({ rcode, answer, authority, additional }: DnsReply): DnsReply => ({
  rcode,
  answer,
  authority,
  additional,
});
