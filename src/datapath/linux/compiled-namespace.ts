/**
 * datapath/linux/compiled-namespace — a network namespace with what packets ask of it looked up by
 * address: its own addresses, policy rules, routes per table, links by name.
 *
 * Made once per immutable namespace, each part when it is first asked for. Table 255 is made from
 * the links' addresses, as the kernel does (net/ipv4/fib_frontend.c fib_add_ifaddr); a route or
 * rule whose link is not there is left out, because the kernel takes it away with the link.
 */
import { LOCAL_TABLE } from '../../model/linux/ip-text.ts';
import type { Neighbour, NetworkNamespace, Socket } from '../../model/linux/namespace.ts';
import {
  type Ip,
  type IpFamily,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  type Protocol,
  parseIp,
} from '../../net/index.ts';
import { type BaseChains, baseChains } from './base-chains.ts';
import { CompiledLinks } from './compiled-link.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { AllLinkSettings, type LinkSettings } from './link-settings.ts';
import { LocalAddresses } from './local-addresses.ts';
import { type RouteTables, routeTables } from './route-table.ts';
import { type RuleIndex, ruleIndex } from './rule-index.ts';

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
  readonly links: CompiledLinks;
  /** Own addresses. */
  readonly local: LocalAddresses;
  readonly #tables: RouteTables;
  readonly #chains: { 4: BaseChains | undefined; 6: BaseChains | undefined } = {
    4: undefined,
    6: undefined,
  };
  readonly #rules: { 4: RuleIndex | undefined; 6: RuleIndex | undefined } = {
    4: undefined,
    6: undefined,
  };
  #settings: AllLinkSettings | undefined;
  #sockets: ReadonlyMap<number, readonly Socket[]> | undefined;

  constructor(namespace: NetworkNamespace) {
    this.namespace = namespace;
    this.label = namespace.id.replace('/', ' ');
    this.links = new CompiledLinks(namespace.links);
    this.local = new LocalAddresses(this.links.addressed);
    this.#tables = routeTables(namespace.routes, (name) => this.links.has(name));
  }

  /** The route that a table has for an address; table 255 is the kernel's. */
  routeIn(table: number, ip: Ip): CompiledRoute | undefined {
    const written = this.#tables.get(table)?.longestMatch(ip);
    return table === LOCAL_TABLE ? (this.local.routeTo(ip) ?? written) : written;
  }

  /** The chains on the hooks that packets of one family meet. */
  chains(family: IpFamily): BaseChains {
    this.#chains[family] ??= baseChains(this.namespace, family);
    return this.#chains[family];
  }

  /** Policy rules of one family. */
  rules(family: IpFamily): RuleIndex {
    this.#rules[family] ??= ruleIndex(this.namespace.rules, this.links, family);
    return this.#rules[family];
  }

  /** What sysctls say of what comes in by a link. */
  settingsOf(link: string): LinkSettings {
    this.#settings ??= linkSettings(this.namespace.sysctls);
    return this.#settings.of(link);
  }

  /**
   * The permanent entry for an address on a link.
   *
   * @param written  the address as a route writes it: most often an entry writes it so too
   */
  neighbour(device: string, ip: Ip, written?: string): Neighbour | undefined {
    const { neighbours } = this.namespace;
    // A pod has one, a node none.
    for (let i = neighbours.length - 1; i >= 0; i--) {
      const one = neighbours[i]!;
      if (one.device === device && (one.address === written || parseIp(one.address) === ip))
        return one;
    }
    return undefined;
  }

  /** What listens, by `socketKey`. */
  get sockets(): ReadonlyMap<number, readonly Socket[]> {
    this.#sockets ??= socketsOf(this.namespace);
    return this.#sockets;
  }
}

const allSettings = new WeakMap<NetworkNamespace['sysctls'], AllLinkSettings>();

/** Pods share their sysctls, so what follows from them is read once. */
function linkSettings(sysctls: NetworkNamespace['sysctls']): AllLinkSettings {
  const known = allSettings.get(sysctls) ?? new AllLinkSettings(sysctls);
  allSettings.set(sysctls, known);
  return known;
}

/** A protocol and a port as one number. */
export const socketKey = (protocol: Protocol, port: number): number => port * 256 + protocol;

const SOCKET_PROTOCOLS = { tcp: PROTOCOL_TCP, udp: PROTOCOL_UDP, sctp: PROTOCOL_SCTP };

function socketsOf(namespace: NetworkNamespace): ReadonlyMap<number, readonly Socket[]> {
  const sockets = new Map<number, Socket[]>();
  for (const socket of namespace.sockets) {
    const key = socketKey(SOCKET_PROTOCOLS[socket.protocol], socket.port);
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
