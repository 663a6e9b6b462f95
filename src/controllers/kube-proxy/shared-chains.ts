/**
 * controllers/kube-proxy/shared-chains — the long chains in which every Service port has its rules,
 * made once for all nodes that see the same.
 *
 * What a node sees differs from another's only where a policy is Local, and there only in whether
 * the node has an endpoint: the ways in by policy Local inside, what is dropped by policy Local
 * outside. An interpreter indexes a rule array once, so arrays are kept for as long as they say the
 * same, also across changes of endpoints.
 */
import type { IptablesRule } from '../../model/linux/netfilter.ts';
import { hasAnyEndpoint, type ProxyEndpoint } from './endpoints.ts';
import { type ServiceHead, serviceHead } from './service-heads.ts';
import type { PortView } from './service-views.ts';

/** Rules kept at a time for one chain: a hundred different views of 10,000 Services. */
const RULES_MAX = 1_000_000;

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

/** Places of views that have an endpoint on a node, by the policy that is Local. */
interface Places {
  readonly internal: number[];
  readonly external: number[];
}

/** The arrays made of one chain, by what differs between nodes. */
interface Kept {
  readonly byKey: Map<string, readonly IptablesRule[]>;
  rules: number;
}

const NOWHERE: Places = { internal: [], external: [] };
const NO_RULES: readonly IptablesRule[] = Object.freeze([]);

const emptyKept = (): Kept => ({ byKey: new Map(), rules: 0 });

export class SharedChains {
  readonly #views: readonly PortView[];
  /** By the view's place: its rules on a node without endpoints of it. */
  readonly #heads: readonly ServiceHead[];
  readonly #kept: Readonly<Record<keyof ServiceHead, Kept>>;
  #placesOn: ReadonlyMap<string, Places> | undefined;

  /** @param before  whose arrays are taken over where nothing in them changed */
  constructor(views: readonly PortView[], before?: SharedChains) {
    this.#views = views;
    this.#heads = views.map((view, i) =>
      before !== undefined && view === before.#views[i] ? before.#heads[i]! : headWithout(view),
    );
    const isSame =
      before !== undefined &&
      before.#heads.length === this.#heads.length &&
      // A head is one port's, and the same object for the same rules.
      this.#heads.every((head, i) => head === before.#heads[i]);
    this.#kept = isSame
      ? before.#kept
      : {
          natServices: emptyKept(),
          natNodePorts: emptyKept(),
          filterServices: emptyKept(),
          filterExternal: emptyKept(),
          filterNodePorts: emptyKept(),
          filterFirewall: emptyKept(),
        };
  }

  /**
   * The rules one node has, each chain's made when it is asked for.
   *
   * @param last     what stands at the end of KUBE-SERVICES
   * @param lastKey  a text for it
   */
  rulesOn(nodeName: string, last: readonly IptablesRule[], lastKey: string): SharedRules {
    this.#placesOn ??= placesOf(this.#views);
    const { internal, external } = this.#placesOn.get(nodeName) ?? NOWHERE;
    const none = NOWHERE.internal;
    const rules = (chain: keyof ServiceHead, places: readonly number[]) =>
      this.#rules(chain, places, NO_RULES, '');
    return {
      natServices: this.#rules('natServices', internal, last, lastKey),
      filterServices: rules('filterServices', internal),
      filterExternal: rules('filterExternal', external),
      natNodePorts: rules('natNodePorts', none),
      filterNodePorts: rules('filterNodePorts', none),
      filterFirewall: rules('filterFirewall', none),
    };
  }

  #rules(
    chain: keyof ServiceHead,
    places: readonly number[],
    last: readonly IptablesRule[],
    lastKey: string,
  ): readonly IptablesRule[] {
    const kept = this.#kept[chain];
    const key = `${places.join()} ${lastKey}`;
    const known = kept.byKey.get(key);
    if (known !== undefined) return known;
    const made: IptablesRule[] = [];
    let next = 0;
    this.#heads.forEach((head, i) => {
      const isHere = places[next] === i;
      if (isHere) next++;
      const { port } = this.#views[i]!;
      made.push(...(isHere ? serviceHead(port, { any: true, local: true }) : head)[chain]);
    });
    made.push(...last);
    if (kept.rules > RULES_MAX) {
      kept.byKey.clear();
      kept.rules = 0;
    }
    kept.byKey.set(key, made);
    kept.rules += made.length;
    return made;
  }
}

const headWithout = ({ port, endpoints }: PortView): ServiceHead =>
  serviceHead(port, { any: hasAnyEndpoint(endpoints), local: false });

/** Which nodes have endpoints of Services with a Local policy. */
function placesOf(views: readonly PortView[]): ReadonlyMap<string, Places> {
  const places = new Map<string, Places>();
  views.forEach(({ port, endpoints }, place) => {
    if (!port.usesLocalEndpoints) return;
    for (const { nodeName, isReady, isServingTerminating } of endpoints) {
      if (nodeName === undefined || !(isReady || isServingTerminating)) continue;
      let on = places.get(nodeName);
      if (on === undefined) {
        on = { internal: [], external: [] };
        places.set(nodeName, on);
      }
      if (port.isInternalPolicyLocal && on.internal.at(-1) !== place) on.internal.push(place);
      if (port.isExternalPolicyLocal && on.external.at(-1) !== place) on.external.push(place);
    }
  });
  return places;
}
