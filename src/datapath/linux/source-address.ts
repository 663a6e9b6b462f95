/**
 * datapath/linux/source-address — which of a namespace's addresses a packet gets as its source when
 * nobody asked for one: for programs that do not bind, and for MASQUERADE.
 *
 * Follows net/ipv4/devinet.c inet_select_addr and, shortened to scope and link, RFC 6724 for IPv6.
 */
import { contains, familyOf, type Ip, parseIp } from '../../net/index.ts';
import type { CompiledLink } from './compiled-link.ts';
import type { CompiledNamespace } from './compiled-namespace.ts';
import type { CompiledRoute } from './compiled-route.ts';

const LINK_LOCAL = 0x3fan;

const isLinkLocal = (ip: Ip): boolean => typeof ip === 'bigint' && ip >> 118n === LINK_LOCAL;

/** An address of the link: on one block with the other end, else its first. */
function addressOf(link: CompiledLink, towards: Ip): Ip | undefined {
  const family = familyOf(towards);
  const own = link.addresses.filter(
    ({ cidr, ip }) => cidr.family === family && (isLinkLocal(towards) || !isLinkLocal(ip)),
  );
  return (own.find(({ cidr }) => contains(cidr, towards)) ?? own[0])?.ip;
}

/** Of this link; a link without one borrows the first of another, in the order of `ip addr`. */
export function linkAddress(
  host: CompiledNamespace,
  link: CompiledLink,
  towards: Ip,
): Ip | undefined {
  const own = addressOf(link, towards);
  if (own !== undefined) return own;
  for (const other of host.links.addressed) {
    if (other.link.kind === 'loopback') continue;
    const borrowed = addressOf(other, towards);
    if (borrowed !== undefined) return borrowed;
  }
  return undefined;
}

/** The source of a packet that is made here and takes this route. */
export function routeSource(
  host: CompiledNamespace,
  { route, device, via, type, address }: CompiledRoute,
  destination: Ip,
): Ip | undefined {
  if (type === 'local') return address === undefined ? undefined : destination;
  const link = host.links.get(device)!;
  const written = route?.source === undefined ? undefined : parseIp(route.source);
  const towards = via !== undefined && familyOf(via) === familyOf(destination) ? via : destination;
  // An IPv6 gateway is link-local; the address that goes with it is not.
  return written ?? linkAddress(host, link, isLinkLocal(towards) ? destination : towards);
}
