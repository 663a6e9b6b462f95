/**
 * datapath/dns/autopath — CoreDNS's autopath plugin: the search list walked on the server, so that
 * the pod asks once.
 *
 * Upstream: coredns/coredns@4b26cced3 plugin/autopath/autopath.go ServeDNS, setup.go; the search
 * list of `@kubernetes` is plugin/kubernetes/autopath.go AutoPath: it needs `pods verified`.
 */
import { type Directive, zonesOf } from '../../model/coredns/corefile.ts';
import type { DnsReply, Question } from './answer.ts';
import { fqdn, isWithin, longestZone, withoutZone } from './domain-name.ts';
import type { KubernetesOptions } from './kubernetes-options.ts';
import type { Passage, Plugin, PluginProblem } from './plugin.ts';

/** A search list for a query; empty: walk none. The last entry is the name itself. */
type SearchOf = (name: string, passage: Passage) => readonly string[];

/** One `autopath [ZONE…] @kubernetes`, or with a file that holds the search list. */
export function autopathPlugin(
  { args, line }: Directive,
  serverZones: readonly string[],
  kubernetes: KubernetesOptions | undefined,
): Plugin | PluginProblem {
  const source = args.at(-1);
  if (source === undefined)
    return { problem: "Wrong argument count or unexpected line ending after 'autopath'", line };
  const zones = args.length === 1 ? serverZones : args.slice(0, -1).flatMap(zonesOf);
  if (source.startsWith('@') && (source !== '@kubernetes' || kubernetes === undefined))
    return { problem: `plugin ${source.slice(1)} not found in this server block`, line };
  const search = source.startsWith('@') ? kubernetesSearch(kubernetes!) : fileSearch(source);
  return autopath(zones, search);
}

const fileSearch =
  (file: string): SearchOf =>
  (_, passage) => {
    if (file === '/etc/resolv.conf') return [...passage.context.resolvConf().search.map(fqdn), ''];
    passage.notes.push(`autopath: ${file} is not known here`);
    return [];
  };

const kubernetesSearch =
  (options: KubernetesOptions): SearchOf =>
  (name, passage) => {
    const zone = longestZone(options.zones, name);
    if (zone === undefined || options.pods !== 'verified') return [];
    const pod =
      passage.client === undefined ? undefined : passage.context.names.podsAt(passage.client)[0];
    if (pod === undefined) return [];
    const below = zone === '.' ? '' : zone;
    const host = passage.context.resolvConf().search.map(fqdn);
    return [`${pod.metadata.namespace}.svc.${below}`, `svc.${below}`, zone, ...host, ''];
  };

/** The plugin with the way to its search list. */
export function autopath(zones: readonly string[], searchOf: SearchOf): Plugin {
  return (question, passage, next) => {
    const name = question.name.toLowerCase();
    if (longestZone(zones, name) === undefined) return next(question);
    const search = searchOf(name, passage);
    const [first] = search;
    if (first === undefined || !isWithin(first, name)) return next(question);
    const base = withoutZone(question.name, first);
    let firstReply: DnsReply | undefined;
    for (const zone of search) {
      const asked: Question = { ...question, name: `${base}.${zone}` };
      const reply = next(asked);
      firstReply ??= reply;
      const isRefusal = reply.rcode === 'SERVFAIL' || reply.rcode === 'REFUSED';
      if (isRefusal || reply.rcode === 'NXDOMAIN') continue;
      return aliased(reply, question.name);
    }
    return firstReply!;
  };
}

/** autopath/cname.go: the asked name is an alias of the first record that has another name. */
function aliased(reply: DnsReply, asked: string): DnsReply {
  const other = reply.answer.find(({ name }) => name.toLowerCase() !== asked.toLowerCase());
  if (other === undefined) return reply;
  const alias = { name: asked, type: 'CNAME', ttl: other.ttl, data: other.name } as const;
  return { ...reply, answer: [alias, ...reply.answer] };
}
