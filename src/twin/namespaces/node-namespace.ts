/**
 * twin/namespaces/node-namespace — a node's network namespace, put together from what ipamd, the
 * CNI plugins and kube-proxy left on it.
 *
 * Every part is made when it is first asked for: a packet that is only forwarded needs no sockets.
 */
import type { Pod } from '../../model/kubernetes/core.ts';
import type { IpRoute, IpRule, PodSandbox } from '../../model/linux/cni.ts';
import type {
  Link,
  NamespaceId,
  Neighbour,
  NetworkNamespace,
  Socket,
} from '../../model/linux/namespace.ts';
import type { NftTable } from '../../model/linux/nftables.ts';
import type { NodeNetwork } from '../../model/linux/node-network.ts';
import { mergeIptables } from './merged-iptables.ts';
import type { PacketFilter } from './node-filter.ts';
import { nodeLinks } from './node-links.ts';

export interface NodeParts {
  readonly id: NamespaceId;
  readonly network: NodeNetwork;
  readonly sandboxes: readonly PodSandbox[];
  readonly pods: readonly Pod[];
  /** In the order their rules stand in built-in chains. */
  readonly filters: () => readonly PacketFilter[];
  readonly sockets: () => readonly Socket[];
}

/**
 * What the machine has before anything of the cluster's runs: forwarding on, and loose reverse path
 * checks for every link (systemd's 50-default.conf on Amazon Linux 2023).
 */
export const MACHINE_SYSCTLS: Readonly<Record<string, string>> = {
  'net.ipv4.ip_forward': '1',
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.default.rp_filter': '2',
};

/** Value, made once. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Rules by priority; equal ones stand in the order they were added. */
function rulesOf({ network, sandboxes }: NodeParts): readonly IpRule[] {
  const rules = [...network.rules];
  for (const { interfaces } of sandboxes)
    for (const { hostRules } of interfaces) rules.push(...hostRules);
  return rules.sort((a, b) => a.priority - b.priority);
}

function routesOf({ network, sandboxes }: NodeParts): readonly IpRoute[] {
  const routes = [...network.routes];
  for (const { interfaces, egress } of sandboxes) {
    for (const { hostRoutes } of interfaces) routes.push(...hostRoutes);
    if (egress !== undefined) routes.push(...egress.hostRoutes);
  }
  return routes;
}

class NodeNamespace implements NetworkNamespace {
  readonly id: NamespaceId;
  readonly neighbours: readonly Neighbour[] = [];
  readonly areSocketsKnown = true;
  readonly #links: () => readonly Link[];
  readonly #rules: () => readonly IpRule[];
  readonly #routes: () => readonly IpRoute[];
  readonly #filters: () => readonly PacketFilter[];
  readonly #iptables: () => NetworkNamespace['iptables'];
  readonly #nftables: () => readonly NftTable[];
  readonly #sockets: () => readonly Socket[];
  readonly sysctls: Readonly<Record<string, string>>;

  constructor(parts: NodeParts) {
    this.id = parts.id;
    this.sysctls = { ...MACHINE_SYSCTLS, ...parts.network.sysctls };
    this.#links = once(() => nodeLinks(parts.network, parts.sandboxes, parts.pods));
    this.#rules = once(() => rulesOf(parts));
    this.#routes = once(() => routesOf(parts));
    this.#filters = once(parts.filters);
    this.#iptables = once(() => ({
      ipv4: mergeIptables(this.#filters().map(({ ipv4 }) => ipv4)),
      ipv6: mergeIptables(this.#filters().map(({ ipv6 }) => ipv6)),
    }));
    this.#nftables = once(() => this.#filters().flatMap(({ nftables }) => nftables));
    this.#sockets = once(parts.sockets);
  }

  get links(): readonly Link[] {
    return this.#links();
  }

  get rules(): readonly IpRule[] {
    return this.#rules();
  }

  get routes(): readonly IpRoute[] {
    return this.#routes();
  }

  get iptables(): NetworkNamespace['iptables'] {
    return this.#iptables();
  }

  get nftables(): readonly NftTable[] {
    return this.#nftables();
  }

  get sockets(): readonly Socket[] {
    return this.#sockets();
  }
}

export const nodeNamespace = (parts: NodeParts): NetworkNamespace => new NodeNamespace(parts);
