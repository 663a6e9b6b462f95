/**
 * datapath/linux/compiled-namespace — a network namespace with what packets ask of it looked up by
 * address: its own addresses, policy rules, routes per table, links by name.
 *
 * Made once per immutable namespace. Table 255 is made from the links' addresses, as the kernel
 * does (net/ipv4/fib_frontend.c fib_add_ifaddr); a route or rule whose link is not there is left
 * out, because the kernel takes it away with the link.
 */
import type { IpRoute, IpRule } from '../../model/linux/cni.ts';
import { LOCAL_TABLE } from '../../model/linux/ip-text.ts';
import type { Link, Neighbour, NetworkNamespace, Socket } from '../../model/linux/namespace.ts';
import {
  type Cidr,
  hostCidr,
  type Ip,
  type IpFamily,
  lastAddress,
  PrefixTrie,
  parseCidr,
  parseCidrOrIp,
  parseIp,
} from '../../net/index.ts';

/** What a route does with a packet. */
export type RouteType = 'unicast' | 'local' | 'broadcast' | NonNullable<IpRoute['type']>;

export interface CompiledRoute {
  readonly type: RouteType;
  readonly link: CompiledLink;
  readonly via: Ip | undefined;
  /** The route as written; undefined where the kernel made it from an address. */
  readonly route: IpRoute | undefined;
  /** `10.0.3.10/24`, of a route that the kernel made. */
  readonly address: string | undefined;
}

export interface CompiledRule {
  readonly rule: IpRule;
  /** Place in the order of evaluation. */
  readonly order: number;
  readonly block: Cidr | undefined;
  readonly mark: number;
  readonly mask: number;
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

/** Policy rules of one family, by what a packet must have to meet them. */
export interface RuleIndex {
  readonly to: ReadonlyMap<Ip, readonly CompiledRule[]>;
  readonly from: ReadonlyMap<Ip, readonly CompiledRule[]>;
  readonly rest: readonly CompiledRule[];
}

export interface CompiledNamespace {
  readonly namespace: NetworkNamespace;
  /** `node NAME`, `pod NAMESPACE/NAME`. */
  readonly label: string;
  readonly links: ReadonlyMap<string, CompiledLink>;
  readonly local: ReadonlyMap<Ip, CompiledRoute>;
  readonly broadcasts: ReadonlySet<Ip>;
  readonly rules: Readonly<Record<IpFamily, RuleIndex>>;
  /** By table number; both families. */
  readonly tables: ReadonlyMap<number, PrefixTrie<readonly CompiledRoute[]>>;
  readonly neighbours: ReadonlyMap<string, Neighbour>;
  readonly sockets: ReadonlyMap<string, readonly Socket[]>;
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
  const made = make(namespace);
  compiled.set(namespace, made);
  return made;
}

function make(namespace: NetworkNamespace): CompiledNamespace {
  const links = linksOf(namespace);
  const local = new Map<Ip, CompiledRoute>();
  const broadcasts = new Set<Ip>();
  const tables = new Map<number, PrefixTrie<readonly CompiledRoute[]>>();
  for (const link of links.values()) addLocal(link, local, broadcasts, tables);
  for (const route of namespace.routes) addRoute(route, links, tables);
  return {
    namespace,
    label: namespace.id.replace('/', ' '),
    links,
    local,
    broadcasts,
    rules: { 4: rulesOf(namespace, links, 4), 6: rulesOf(namespace, links, 6) },
    tables,
    neighbours: new Map(
      namespace.neighbours.map((one) => [neighbourKey(one.device, one.address), one]),
    ),
    sockets: socketsOf(namespace),
  };
}

/** How a neighbour entry is found. */
export const neighbourKey = (device: string, address: string): string => `${device} ${address}`;

function linksOf(namespace: NetworkNamespace): ReadonlyMap<string, CompiledLink> {
  const written = namespace.links.some(({ name }) => name === 'lo')
    ? namespace.links
    : [LOOPBACK, ...namespace.links];
  return new Map(
    written.map((link) => [
      link.name,
      {
        link,
        addresses: link.addresses.flatMap((text) => {
          const cidr = parseCidrOrIp(text);
          return cidr === undefined ? [] : [{ ip: cidr.first, cidr, text }];
        }),
      },
    ]),
  );
}

function addLocal(
  link: CompiledLink,
  local: Map<Ip, CompiledRoute>,
  broadcasts: Set<Ip>,
  tables: Map<number, PrefixTrie<readonly CompiledRoute[]>>,
): void {
  for (const { ip, cidr, text } of link.addresses) {
    const made = { link, via: undefined, route: undefined, address: text };
    const own: CompiledRoute = { type: 'local', ...made };
    if (!local.has(ip)) local.set(ip, own);
    file(tables, LOCAL_TABLE, hostCidr(ip), own);
    if (cidr.family === 6) continue;
    if (link.link.kind === 'loopback') file(tables, LOCAL_TABLE, cidr, own);
    else if (cidr.bits < 31) {
      broadcasts.add(lastAddress(cidr));
      file(tables, LOCAL_TABLE, hostCidr(lastAddress(cidr)), { type: 'broadcast', ...made });
    }
  }
}

function addRoute(
  route: IpRoute,
  links: ReadonlyMap<string, CompiledLink>,
  tables: Map<number, PrefixTrie<readonly CompiledRoute[]>>,
): void {
  const link = links.get(route.type === undefined ? route.device : 'lo');
  const block = destinationOf(route);
  if (link === undefined || block === undefined) return;
  const via = route.via === undefined ? undefined : parseIp(route.via);
  const type = route.type ?? 'unicast';
  file(tables, route.table, block, { type, link, via, route, address: undefined });
}

/** The block a route is for; `default` is IPv6's where its gateway is. */
export function destinationOf(route: IpRoute): Cidr | undefined {
  if (route.destination !== 'default') return parseCidrOrIp(route.destination);
  return parseCidr(route.via?.includes(':') === true ? '::/0' : '0.0.0.0/0');
}

/** Files a route; of two to one block the lower metric stands first. */
function file(
  tables: Map<number, PrefixTrie<readonly CompiledRoute[]>>,
  table: number,
  block: Cidr,
  route: CompiledRoute,
): void {
  const trie = tables.get(table) ?? new PrefixTrie<readonly CompiledRoute[]>();
  tables.set(table, trie);
  const others = trie.get(block) ?? [];
  const metric = (one: CompiledRoute): number => one.route?.metric ?? 0;
  trie.insert(
    block,
    others.length === 0 ? [route] : [...others, route].sort((a, b) => metric(a) - metric(b)),
  );
}

/** `0x80/0x80` or `0x80`. */
function maskedValue(text: string): { mark: number; mask: number } {
  const [value = '0', mask = '0xffffffff'] = text.split('/');
  return { mark: Number(value) >>> 0, mask: Number(mask) >>> 0 };
}

function rulesOf(
  namespace: NetworkNamespace,
  links: ReadonlyMap<string, CompiledLink>,
  family: IpFamily,
): RuleIndex {
  const to = new Map<Ip, CompiledRule[]>();
  const from = new Map<Ip, CompiledRule[]>();
  const rest: CompiledRule[] = [];
  const whole = family === 4 ? 32 : 128;
  namespace.rules
    .toSorted((a, b) => a.priority - b.priority)
    .forEach((rule, order) => {
      const { kind, value = '' } = rule.match;
      const block = kind === 'from' || kind === 'to' ? parseCidrOrIp(value) : undefined;
      if ((kind === 'from' || kind === 'to') && block?.family !== family) return;
      if (kind === 'iif' && !links.has(value)) return;
      const masked = kind === 'fwmark' ? maskedValue(value) : { mark: 0, mask: 0 };
      const made: CompiledRule = { rule, order, block, ...masked };
      const index = kind === 'to' ? to : kind === 'from' ? from : undefined;
      if (index === undefined || block === undefined || block.bits < whole) rest.push(made);
      else index.set(block.first, [...(index.get(block.first) ?? []), made]);
    });
  return { to, from, rest };
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

/** A setting of one link: its own, else what links get by default, else the kernel's default. */
export function linkSetting(
  { namespace }: CompiledNamespace,
  family: 'ipv4' | 'ipv6',
  link: string,
  name: string,
): number {
  const { sysctls } = namespace;
  const text =
    sysctls[`net.${family}.conf.${link}.${name}`] ??
    sysctls[`net.${family}.conf.default.${name}`] ??
    '0';
  return Number(text);
}

/** A setting of the whole namespace, or what the kernel starts with. */
export const setting = (
  { namespace }: CompiledNamespace,
  name: string,
  initially: string,
): number => Number(namespace.sysctls[name] ?? initially);
