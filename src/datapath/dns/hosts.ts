/**
 * datapath/dns/hosts — CoreDNS's hosts plugin: addresses written into the Corefile. A hosts file
 * that the directive names lies in the pod and is not known.
 *
 * Upstream: coredns/coredns@4b26cced3 plugin/hosts/hosts.go ServeDNS, setup.go hostsParse.
 */
import { type Directive, zonesOf } from '../../model/coredns/corefile.ts';
import { formatIp, parseIp } from '../../net/index.ts';
import { type DnsRecord, emptyReply, type RecordType } from './answer.ts';
import { addressOfReverse, fqdn, longestZone } from './domain-name.ts';
import { fallthroughZones } from './kubernetes-options.ts';
import type { Plugin, PluginProblem } from './plugin.ts';

/** setup.go: `ttl: 3600`. */
const DEFAULT_TTL = 3600;
const OPTIONS = ['fallthrough', 'no_reverse', 'ttl', 'reload'];

/** One `hosts` of a server block. */
export function hostsPlugin(
  { args, block, line }: Directive,
  serverZones: readonly string[],
): Plugin | PluginProblem {
  const hasFile = args[0]?.startsWith('/') === true || args[0]?.includes('.hosts') === true;
  const named = (hasFile ? args.slice(1) : args).flatMap(zonesOf);
  const zones = named.length === 0 ? serverZones : named;
  const byName = new Map<string, string[]>();
  const byAddress = new Map<string, string[]>();
  for (const { name, args: names, line: at } of block ?? []) {
    if (OPTIONS.includes(name)) continue;
    const ip = parseIp(name);
    if (ip === undefined) return { problem: `unknown property '${name}'`, line: at };
    const address = formatIp(ip);
    for (const host of names.map((it) => fqdn(it).toLowerCase())) {
      byName.set(host, [...(byName.get(host) ?? []), address]);
      byAddress.set(address, [...(byAddress.get(address) ?? []), host]);
    }
  }
  const option = (word: string): Directive | undefined => block?.find(({ name }) => name === word);
  const through = option('fallthrough');
  const fallthrough = through === undefined ? [] : fallthroughZones(through.args);
  const ttl = Number(option('ttl')?.args[0] ?? DEFAULT_TTL);
  if (!Number.isInteger(ttl) || ttl < 0) return { problem: 'ttl needs a number', line };
  const answersReverse = option('no_reverse') === undefined;
  return (question, passage, next) => {
    const { type } = question;
    const name = question.name.toLowerCase();
    const zone = longestZone(zones, name);
    if (zone === undefined && type !== 'PTR') return next(question);
    if (hasFile) passage.notes.push(`hosts: the file ${args[0]} of the CoreDNS pod is not known`);
    const record = (data: string): DnsRecord => ({
      name: question.name,
      type: type as RecordType,
      ttl,
      data,
    });
    const reply = (answer: readonly DnsRecord[]) => {
      passage.source = `hosts ${zone ?? 'in-addr.arpa.'}`;
      return { ...emptyReply('NOERROR'), answer };
    };
    if (type === 'PTR') {
      const ip = addressOfReverse(name);
      const hosts = ip === undefined ? undefined : byAddress.get(formatIp(ip));
      if (hosts === undefined || !answersReverse) return next(question);
      return reply(hosts.map(record));
    }
    const addresses = byName.get(name) ?? [];
    if (addresses.length === 0) {
      if (longestZone(fallthrough, name) !== undefined) return next(question);
      passage.source = `hosts ${zone}`;
      return emptyReply('SERVFAIL');
    }
    const wanted = addresses.filter(
      (ip) => (type === 'A' && !ip.includes(':')) || (type === 'AAAA' && ip.includes(':')),
    );
    return reply(wanted.map(record));
  };
}
