/**
 * controllers/kube-proxy/shared-chains — the long chains in which every Service port has its rules,
 * made once for all nodes that see the same.
 *
 * What a node sees differs from another's only where a policy is Local, and there only in whether
 * the node has an endpoint. An interpreter indexes a rule array once, so arrays are kept for as long
 * as they say the same, also across changes of endpoints.
 */
import type { IptablesRule } from '../../model/linux/netfilter.ts';
import { hasAnyEndpoint, type ProxyEndpoint } from './endpoints.ts';
import { type ServiceHead, serviceHead } from './service-heads.ts';
import type { PortView } from './service-views.ts';

/** Views of a service list kept at a time; a node's own is made again when it comes round. */
const SHARED_MAX = 64;

const NO_ENDPOINTS: readonly ProxyEndpoint[] = Object.freeze([]);
const byNode = new WeakMap<PortView, ReadonlyMap<string, readonly ProxyEndpoint[]>>();

/** A view's endpoints on one node, ready or not. */
export function endpointsOn(view: PortView, nodeName: string): readonly ProxyEndpoint[] {
  let known = byNode.get(view);
  if (known === undefined) {
    const made = new Map<string, ProxyEndpoint[]>();
    for (const endpoint of view.endpoints) {
      const on = endpoint.nodeName ?? '';
      const there = made.get(on);
      if (there === undefined) made.set(on, [endpoint]);
      else there.push(endpoint);
    }
    known = made;
    byNode.set(view, known);
  }
  return known.get(nodeName) ?? NO_ENDPOINTS;
}

/** Rules of all Service ports, chain by chain. */
export type SharedRules = Readonly<Record<keyof ServiceHead, readonly IptablesRule[]>>;

const CHAINS = [
  'natServices',
  'natNodePorts',
  'filterServices',
  'filterExternal',
  'filterNodePorts',
  'filterFirewall',
] as const satisfies readonly (keyof ServiceHead)[];

export class SharedChains {
  readonly #views: readonly PortView[];
  /** By the view's place; undefined where it depends on the node. */
  readonly #fixed: readonly (ServiceHead | undefined)[];
  /** Places of the views that depend on the node. */
  readonly #varying: readonly number[];
  readonly #made: Map<string, SharedRules>;

  /** @param before  whose arrays are taken over where nothing in them changed */
  constructor(views: readonly PortView[], before?: SharedChains) {
    this.#views = views;
    const fixed: (ServiceHead | undefined)[] = [];
    const varying: number[] = [];
    views.forEach(({ port, endpoints }, i) => {
      const any = hasAnyEndpoint(endpoints);
      const dependsOnNode = any && port.usesLocalEndpoints;
      fixed.push(dependsOnNode ? undefined : serviceHead(port, { any, local: false }));
      if (dependsOnNode) varying.push(i);
    });
    this.#fixed = fixed;
    this.#varying = varying;
    this.#made = before !== undefined && this.#saysAs(before) ? before.#made : new Map();
  }

  /**
   * The rules one node has.
   *
   * @param last  what stands at the end of KUBE-SERVICES
   */
  rulesOn(nodeName: string, last: readonly IptablesRule[], lastKey: string): SharedRules {
    const presence = this.#varying.map((at) => this.#hasLocal(at, nodeName));
    const key = presence.map((is) => (is ? '1' : '0')).join('') + lastKey;
    let rules = this.#made.get(key);
    if (rules !== undefined) return rules;
    rules = this.#make(presence, last);
    const oldest = this.#made.size < SHARED_MAX ? undefined : this.#made.keys().next().value;
    if (oldest !== undefined) this.#made.delete(oldest);
    this.#made.set(key, rules);
    return rules;
  }

  #hasLocal(at: number, nodeName: string): boolean {
    return hasAnyEndpoint(endpointsOn(this.#views[at]!, nodeName));
  }

  #make(presence: readonly boolean[], last: readonly IptablesRule[]): SharedRules {
    const heads = [...this.#fixed];
    this.#varying.forEach((at, i) => {
      heads[at] = serviceHead(this.#views[at]!.port, { any: true, local: presence[i]! });
    });
    const made = Object.fromEntries(CHAINS.map((chain) => [chain, [] as IptablesRule[]]));
    for (const head of heads) for (const chain of CHAINS) made[chain]!.push(...head![chain]);
    made.natServices!.push(...last);
    return made as Record<keyof ServiceHead, IptablesRule[]>;
  }

  /** Heads are the same object for the same rules. */
  #saysAs(other: SharedChains): boolean {
    return (
      this.#fixed.length === other.#fixed.length &&
      this.#fixed.every((head, i) => head === other.#fixed[i]) &&
      this.#varying.every((at) => this.#views[at]!.port === other.#views[at]!.port)
    );
  }
}
