/**
 * model/linux/ip-text — a policy rule and a route as iproute2 6.1 prints one: `ip rule`,
 * `ip route show table all`. Whole listings, and reading them, are in formats/linux.
 */
import { formatProtocol, PROTOCOL_ICMPV6, type Protocol } from '../../net/index.ts';
import type { IpRoute, IpRule } from './cni.ts';

export const LOCAL_TABLE = 255;
export const MAIN_TABLE = 254;
const DEFAULT_TABLE = 253;

/** `main`, `local`, `default`, or the number. */
export function tableName(table: number): string {
  if (table === MAIN_TABLE) return 'main';
  if (table === LOCAL_TABLE) return 'local';
  return table === DEFAULT_TABLE ? 'default' : String(table);
}

/** What `main`, `local`, `default` or a number means; undefined for another word. */
export function tableNumber(name: string): number | undefined {
  if (name === 'main') return MAIN_TABLE;
  if (name === 'local') return LOCAL_TABLE;
  if (name === 'default') return DEFAULT_TABLE;
  return /^\d{1,10}$/.test(name) ? Number(name) : undefined;
}

/** As /etc/protocols names it. */
export const protocolName = (protocol: Protocol): string =>
  protocol === PROTOCOL_ICMPV6 ? 'ipv6-icmp' : formatProtocol(protocol);

function matchText({ kind, value = '' }: IpRule['match']): string {
  if (kind === 'all') return 'from all';
  if (kind === 'from') return `from ${value}`;
  return `from all ${kind} ${value}`;
}

/** `from all to 10.0.3.50 lookup main`, without the priority. */
export function ipRuleAction(rule: IpRule): string {
  const { protocol } = rule.match;
  const only = protocol === undefined ? '' : ` ipproto ${protocolName(protocol)}`;
  return `${matchText(rule.match)}${only} lookup ${tableName(rule.table)}`;
}

/** `10.0.3.50/32` is `10.0.3.50` and `::/0` is `default`, as the tool prints them. */
const destinationText = (destination: string): string =>
  destination === '::/0' || destination === '0.0.0.0/0'
    ? 'default'
    : destination.replace(destination.includes(':') ? /\/128$/ : /\/32$/, '');

/** `default via 10.0.3.1 dev eth0`, without the table. */
export function ipRouteText(route: IpRoute, table = ''): string {
  const isIpv6 = route.destination.includes(':');
  const words = [
    ...(route.type === undefined ? [] : [route.type]),
    destinationText(route.destination),
    ...(route.via === undefined ? [] : ['via', route.via]),
    ...(route.type === undefined || isIpv6 ? ['dev', route.device] : []),
    ...(table === '' ? [] : ['table', table]),
    ...(route.protocol === undefined ? [] : ['proto', route.protocol]),
    ...(route.scope === undefined || isIpv6 ? [] : ['scope', route.scope]),
    ...(route.source === undefined ? [] : ['src', route.source]),
    ...(route.metric === undefined ? [] : ['metric', String(route.metric)]),
  ];
  return words.join(' ');
}
