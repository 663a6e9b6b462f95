/**
 * datapath/linux/compiled-namespace — a network namespace with what packets ask of it looked up by
 * address: its own addresses, policy rules, routes per table, links by name.
 *
 * Made once per immutable namespace, each part when it is first asked for. Table 255 is made from
 * the links' addresses, as the kernel does (net/ipv4/fib_frontend.c fib_add_ifaddr); a route or
 * rule whose link is not there is left out, because the kernel takes it away with the link.
 */
import type { IpRoute } from '../../model/linux/cni.ts';
import { ipRouteText, LOCAL_TABLE } from '../../model/linux/ip-text.ts';
import type { Link, Neighbour, NetworkNamespace, Socket } from '../../model/linux/namespace.ts';
import {
  type Cidr,
  hostCidr,
  type Ip,
  type IpFamily,
  lastAddress,
  parseCidr,
  parseCidrOrIp,
  parseIp,
} from '../../net/index.ts';
import { type LinkSettings, linkSettings } from './link-settings.ts';
import { RouteTable } from './route-table.ts';
import { type RuleIndex, ruleIndex } from './rule-index.ts';

/** What a route does with a packet. */
export type RouteType = 'unicast' | 'local' | 'broadcast' | NonNullable<IpRoute['type']>;

export class CompiledRoute {
  readonly type: RouteType;
  readonly link: CompiledLink;
  readonly via: Ip | undefined;
  /** The route as written; undefined where the kernel made it from an address. */
  readonly route: IpRoute | undefined;
  /** `10.0.3.10/24`, of a route that the kernel made. */
  readonly address: string | undefined;
  #text: string | undefined;
  #shortText: string | undefined;

  constructor(type: RouteType, link: CompiledLink, origin: IpRoute | string) {
    this.type = type;
    this.link = link;
    this.route = typeof origin === 'string' ? undefined : origin;
    this.address = typeof origin === 'string' ? origin : undefined;
    this.via = this.route?.via === undefined ? undefined : parseIp(this.route.via);
  }

  /** As `ip route` shows it. */
  get text(): string {
    this.#text ??=
      this.route === undefined
        ? `${this.type} ${this.address?.split('/')[0]} dev ${this.link.link.name}`
        : ipRouteText(this.route);
    return this.#text;
  }

  /** What it says besides its device and scope, which whoever names the link has said. */
  get shortText(): string {
    this.#shortText ??= this.text.replace(/ dev \S+/, '').replace(/ scope link$/, '');
    return this.#shortText;
  }
}

export interface LinkAddress {
  readonly ip: Ip;
  readonly cidr: Cidr;
  readonly text: string;
}

export interface CompiledLink {
  readonly link: Link;
  readonly addresses: readonly LinkAddress[];
}

const LOOPBACK: Link = {
  name: 'lo',
  kind: 'loopback',
  macAddress: '00:00:00:00:00:00',
  mtu: 65536,
  addresses: ['127.0.0.1/8', '::1/128'],
};

const compiled = new WeakMap<NetworkNamespace, CompiledNamespace>();

/** The namespace, ready for packets; the same object for the same namespace. */
export function compile(namespace: NetworkNamespace): CompiledNamespace {
  const known = compiled.get(namespace);
  if (known !== undefined) return known;
  const made = new CompiledNamespace(namespace);
  compiled.set(namespace, made);
  return made;
}

export class CompiledNamespace {
  readonly namespace: NetworkNamespace;
  /** `node NAME`, `pod NAMESPACE/NAME`. */
  readonly label: string;
  readonly links: ReadonlyMap<string, CompiledLink>;
  /** Own addresses, with the route the kernel made for each. */
  readonly local: ReadonlyMap<Ip, CompiledRoute>;
  readonly broadcasts: readonly Ip[];
  /** By table number; both families. */
  readonly tables: ReadonlyMap<number, RouteTable>;
  readonly #rules: { 4: RuleIndex | undefined; 6: RuleIndex | undefined } = {
    4: undefined,
    6: undefined,
  };
  #settings: Map<string, LinkSettings> | undefined;
  #sockets: ReadonlyMap<string, readonly Socket[]> | undefined;

  constructor(namespace: NetworkNamespace) {
    this.namespace = namespace;
    this.label = namespace.id.replace('/', ' ');
    const links = linksOf(namespace);
    const local = new Map<Ip, CompiledRoute>();
    const broadcasts: Ip[] = [];
    const tables = new Map<number, RouteTable>();
    for (const link of links.values()) addLocal(link, local, broadcasts, tables);
    for (const route of namespace.routes) addRoute(route, links, tables);
    this.links = links;
    this.local = local;
    this.broadcasts = broadcasts;
    this.tables = tables;
  }

  /** Policy rules of one family. */
  rules(family: IpFamily): RuleIndex {
    this.#rules[family] ??= ruleIndex(this.namespace.rules, this.links, family);
    return this.#rules[family];
  }

  /** What sysctls say of what comes in by a link. */
  settingsOf(link: string): LinkSettings {
    this.#settings ??= new Map();
    let known = this.#settings.get(link);
    if (known === undefined) {
      known = linkSettings(this.namespace.sysctls, link);
      this.#settings.set(link, known);
    }
    return known;
  }

  /** The permanent entry for an address on a link. */
  neighbour(device: string, ip: Ip): Neighbour | undefined {
    // A pod has one, a node none.
    return this.namespace.neighbours.findLast(
      (one) => one.device === device && parseIp(one.address) === ip,
    );
  }

  /** What listens, by `tcp 80`. */
  get sockets(): ReadonlyMap<string, readonly Socket[]> {
    this.#sockets ??= socketsOf(this.namespace);
    return this.#sockets;
  }
}

function linksOf(namespace: NetworkNamespace): ReadonlyMap<string, CompiledLink> {
  const written = namespace.links.some(({ name }) => name === 'lo')
    ? namespace.links
    : [LOOPBACK, ...namespace.links];
  return new Map(written.map((link) => [link.name, compiledLink(link)]));
}

const compiledLinks = new WeakMap<Link, CompiledLink>();

function compiledLink(link: Link): CompiledLink {
  const known = compiledLinks.get(link);
  if (known !== undefined) return known;
  const addresses = link.addresses.flatMap((text) => {
    const cidr = parseCidrOrIp(text);
    return cidr === undefined ? [] : [{ ip: cidr.first, cidr, text }];
  });
  const made = { link, addresses };
  // All namespaces share the loopback link; others are one namespace's, whose memory they would add to.
  if (link.kind === 'loopback') compiledLinks.set(link, made);
  return made;
}

function tableOf(tables: Map<number, RouteTable>, number: number): RouteTable {
  const known = tables.get(number);
  if (known !== undefined) return known;
  const made = new RouteTable();
  tables.set(number, made);
  return made;
}

function addLocal(
  link: CompiledLink,
  local: Map<Ip, CompiledRoute>,
  broadcasts: Ip[],
  tables: Map<number, RouteTable>,
): void {
  for (const { ip, cidr, text } of link.addresses) {
    const table = tableOf(tables, LOCAL_TABLE);
    const own = new CompiledRoute('local', link, text);
    if (!local.has(ip)) local.set(ip, own);
    table.file(hostCidr(ip), own);
    if (cidr.family === 6) continue;
    if (link.link.kind === 'loopback') table.file(cidr, own);
    else if (cidr.bits < 31) {
      broadcasts.push(lastAddress(cidr));
      table.file(hostCidr(lastAddress(cidr)), new CompiledRoute('broadcast', link, text));
    }
  }
}

function addRoute(
  route: IpRoute,
  links: ReadonlyMap<string, CompiledLink>,
  tables: Map<number, RouteTable>,
): void {
  const link = links.get(route.type === undefined ? route.device : 'lo');
  const block = destinationOf(route);
  if (link === undefined || block === undefined) return;
  const made = new CompiledRoute(route.type ?? 'unicast', link, route);
  tableOf(tables, route.table).file(block, made);
}

/** The block a route is for; `default` is IPv6's where its gateway is. */
export function destinationOf(route: IpRoute): Cidr | undefined {
  if (route.destination !== 'default') return parseCidrOrIp(route.destination);
  return parseCidr(route.via?.includes(':') === true ? '::/0' : '0.0.0.0/0');
}

function socketsOf(namespace: NetworkNamespace): ReadonlyMap<string, readonly Socket[]> {
  const sockets = new Map<string, Socket[]>();
  for (const socket of namespace.sockets) {
    const key = `${socket.protocol} ${socket.port}`;
    const same = sockets.get(key);
    if (same === undefined) sockets.set(key, [socket]);
    else same.push(socket);
  }
  return sockets;
}

/** A setting of the whole namespace, or what the kernel starts with. */
export const setting = (
  { namespace }: CompiledNamespace,
  name: string,
  initially: string,
): number => Number(namespace.sysctls[name] ?? initially);
