/** datapath/linux/compiled-link — a link with its addresses read. */
import type { Link } from '../../model/linux/namespace.ts';
import { type Cidr, type Ip, parseCidrOrIp } from '../../net/index.ts';

export interface LinkAddress {
  readonly ip: Ip;
  readonly cidr: Cidr;
  readonly text: string;
}

export interface CompiledLink {
  readonly link: Link;
  readonly addresses: readonly LinkAddress[];
}

const NO_ADDRESSES: readonly LinkAddress[] = [];

function compiledLink(link: Link): CompiledLink {
  const addresses = link.addresses.flatMap((text) => {
    const cidr = parseCidrOrIp(text);
    return cidr === undefined ? [] : [{ ip: cidr.first, cidr, text }];
  });
  return { link, addresses };
}

/** What every namespace has, whether its description says so or not. */
const LOOPBACK = compiledLink({
  name: 'lo',
  kind: 'loopback',
  macAddress: '00:00:00:00:00:00',
  mtu: 65536,
  addresses: ['127.0.0.1/8', '::1/128'],
});

/** Namespaces share the link object of their loopback. */
const loopbacks = new WeakMap<Link, CompiledLink>();

function loopbackOf(link: Link): CompiledLink {
  const known = loopbacks.get(link) ?? compiledLink(link);
  loopbacks.set(link, known);
  return known;
}

/**
 * The links of a namespace by name. A node has one for each pod, without an address, of which a
 * packet meets one: it is compiled when somebody asks for it.
 */
export class CompiledLinks {
  readonly #written: readonly Link[];
  readonly #byName = new Map<string, Link | CompiledLink>();
  #addressed: readonly CompiledLink[] | undefined;

  constructor(links: readonly Link[]) {
    this.#written = links;
    this.#byName.set('lo', LOOPBACK);
    for (const link of links)
      this.#byName.set(link.name, link.kind === 'loopback' ? loopbackOf(link) : link);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  get(name: string): CompiledLink | undefined {
    const found = this.#byName.get(name);
    if (found === undefined || 'link' in found) return found;
    const made =
      found.addresses.length === 0 ? { link: found, addresses: NO_ADDRESSES } : compiledLink(found);
    this.#byName.set(name, made);
    return made;
  }

  /** Those that have addresses, in the order of `ip addr`. */
  get addressed(): readonly CompiledLink[] {
    this.#addressed ??= this.#withAddresses();
    return this.#addressed;
  }

  #withAddresses(): readonly CompiledLink[] {
    const written = this.#written.some(({ name }) => name === 'lo');
    const links = written ? [] : [LOOPBACK];
    for (const { name, addresses } of this.#written)
      if (addresses.length > 0) links.push(this.get(name)!);
    return links;
  }
}
