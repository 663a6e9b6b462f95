/**
 * datapath/linux/local-addresses — table 255 as the kernel makes it from the links' addresses
 * (net/ipv4/fib_frontend.c fib_add_ifaddr): own addresses, broadcasts, all of the loopback's block.
 */
import { contains, type Ip, lastAddress } from '../../net/index.ts';
import type { CompiledLink, LinkAddress } from './compiled-link.ts';
import { CompiledRoute } from './compiled-route.ts';

interface Owned {
  readonly address: LinkAddress;
  readonly link: CompiledLink;
  /** Of a block on a link: its last address, which is everybody's. */
  readonly broadcast: Ip | undefined;
}

/** A namespace has a few addresses: they are read one by one. */
export class LocalAddresses {
  readonly #owned: readonly Owned[];

  /** @param links  those with addresses, in the order of `ip addr` */
  constructor(links: readonly CompiledLink[]) {
    this.#owned = links.flatMap((link) =>
      link.addresses.map((address) => ({ address, link, broadcast: broadcastOf(link, address) })),
    );
  }

  /** Whether the namespace has the address, loopback's block not counted. */
  has(ip: Ip): boolean {
    for (const { address } of this.#owned) if (address.ip === ip) return true;
    return false;
  }

  isBroadcast(ip: Ip): boolean {
    for (const { broadcast } of this.#owned) if (broadcast === ip) return true;
    return false;
  }

  /** The route of table 255 that a packet to this address takes. */
  routeTo(ip: Ip): CompiledRoute | undefined {
    let within: Owned | undefined;
    let everybody: Owned | undefined;
    for (const owned of this.#owned) {
      if (owned.address.ip === ip) return routeOf('local', owned);
      if (owned.broadcast === ip) everybody ??= owned;
      else if (owned.link.link.kind === 'loopback' && contains(owned.address.cidr, ip))
        within ??= owned;
    }
    if (everybody !== undefined) return routeOf('broadcast', everybody);
    return within && routeOf('local', within);
  }
}

const routeOf = (type: 'local' | 'broadcast', { link, address }: Owned): CompiledRoute =>
  new CompiledRoute(type, link.link.name, address.text);

function broadcastOf({ link }: CompiledLink, { cidr }: LinkAddress): Ip | undefined {
  const isOnLink = cidr.family === 4 && link.kind !== 'loopback' && cidr.bits < 31;
  return isOnLink ? lastAddress(cidr) : undefined;
}
