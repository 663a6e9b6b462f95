/** formats/linux/resolv-conf — a resolv.conf as the file itself. */
import type { ResolvConf } from '../../datapath/dns/answer.ts';

/** glibc's own ndots, which nobody writes down. */
const NDOTS_DEFAULT = 1;

/** `search`, `nameserver` and `options` lines, in the kubelet's order. */
export function resolvConfText({ servers, search, ndots, options }: ResolvConf): string {
  const all = [...(ndots === NDOTS_DEFAULT ? [] : [`ndots:${ndots}`]), ...options];
  const lines = [
    ...(search.length === 0 ? [] : [`search ${search.join(' ')}`]),
    ...servers.map((server) => `nameserver ${server}`),
    ...(all.length === 0 ? [] : [`options ${all.join(' ')}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
