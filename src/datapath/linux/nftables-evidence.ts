/**
 * datapath/linux/nftables-evidence — how a rule or an element of nft is cited: by the words one
 * would give to `nft add rule` and `nft add element`, never by a handle or a place.
 */
import type { NftTable } from '../../model/linux/nftables.ts';
import type { NftDatatype } from '../../model/linux/nftables-field.data.ts';
import type { NftElement, NftMapElement } from '../../model/linux/nftables-set.ts';
import type { NftRule } from '../../model/linux/nftables-statement.ts';
import { formatNftElement, formatNftRule } from '../../model/linux/nftables-text.ts';
import type { Element, Layer, Verdict } from '../trace.ts';
import type { Decision } from './decision.ts';
import { outsideSourceRanges, withoutEndpoints } from './refusal.ts';

/** The text of a rule is made once; rules are shared between nodes. */
const textOfRule = new WeakMap<NftRule, string>();

function ruleText(rule: NftRule): string {
  const known = textOfRule.get(rule);
  if (known !== undefined) return known;
  const text = formatNftRule(rule);
  textOfRule.set(rule, text);
  return text;
}

/** `ip kube-proxy services ip daddr … vmap @service-ips` of `node NAME`. */
const ruleElement = (object: string, table: NftTable, chain: string, rule: NftRule): Element => ({
  kind: 'nftables-rule',
  object,
  rule: `${table.family} ${table.name} ${chain} ${ruleText(rule)}`,
});

/** `ip kube-proxy service-ips { 10.100.0.1 . tcp . 443 : goto … }` of `node NAME`. */
export const setElement = (
  object: string,
  table: NftTable,
  set: { readonly name: string; readonly type: readonly NftDatatype[] },
  element: NftElement | NftMapElement,
): Element => ({
  kind: 'nftables-rule',
  object,
  rule: `${table.family} ${table.name} ${set.name} { ${formatNftElement(set.type, element)} }`,
});

const LAYER_OF_TABLE: Readonly<Record<string, Layer>> = {
  'kube-proxy': 'kube-proxy',
  'aws-cni': 'cni',
};

/** Which of the eight layers a table belongs to; one that nobody here knows guards something. */
export const layerOf = ({ name }: NftTable): Layer => LAYER_OF_TABLE[name] ?? 'security';

/** Where kube-proxy refuses what has no endpoints anywhere; with a Local policy it drops. */
const REJECT_CHAIN = 'reject-chain';

/** What kube-proxy names a chain after: a hash, then `namespace/name/protocol/port`. */
const SERVICE_CHAIN = /-[A-Z2-7]{8}-([^/]+\/[^/]+)\/(?:tcp|udp|sctp)\/(.*?)(?:__.*)?$/;

/** `default/web:http` of a chain of that Service; undefined of other chains. */
export function serviceOfChain(chain: string): string | undefined {
  const found = SERVICE_CHAIN.exec(chain);
  if (found === null) return undefined;
  return found[2] === '' ? found[1] : `${found[1]}:${found[2]}`;
}

/** kube-proxy's refusals, by the map that sent the packet there or the chain that refused. */
function kubeProxyVerdict(
  chain: string,
  map: string | undefined,
  comment: string | undefined,
): Verdict | undefined {
  if (map?.startsWith('no-endpoint-')) {
    return withoutEndpoints({ comment }, chain !== REJECT_CHAIN);
  }
  if (chain.startsWith('firewall-')) return outsideSourceRanges({ comment });
  if (chain !== 'cluster-ips-check') return undefined;
  return {
    disposition: 'refused',
    text: 'the address is a ClusterIP, and its Service has no such port',
    code: 'K8S_SVC_PORT_MISMATCH',
    remedy: { text: 'use a port that the Service has, or add this one to it' },
  };
}

/** How a packet came to a rule. */
export interface Trail {
  /** The rules and elements that led there, outermost first. */
  readonly decisive: readonly Element[];
  /** The last map it was found in, with that element's comment. */
  readonly found?: { readonly map: string; readonly comment: string | undefined } | undefined;
}

/** A rule that is being looked at: how the packet came to it, and the elements it was found in. */
export class RuleTrail {
  readonly #object: string;
  readonly #table: NftTable;
  readonly #chain: string;
  readonly #rule: NftRule;
  readonly #before: RuleTrail | undefined;
  #inner: Trail | undefined;

  /** @param before  the rule that jumped to this one's chain */
  constructor(
    object: string,
    table: NftTable,
    chain: string,
    rule: NftRule,
    before: RuleTrail | undefined,
  ) {
    this.#object = object;
    this.#table = table;
    this.#chain = chain;
    this.#rule = rule;
    this.#before = before;
  }

  /** The packet was found in a set or a map. */
  find(found: Trail): void {
    const inner = this.#inner?.decisive ?? [];
    this.#inner = { decisive: [...inner, ...found.decisive], found: found.found };
  }

  /** The trail with this rule on it; made for those only that decide something. */
  cite(): Trail {
    const before = this.#before?.cite();
    const cited = ruleElement(this.#object, this.#table, this.#chain, this.#rule);
    const decisive = [...(before?.decisive ?? []), cited, ...(this.#inner?.decisive ?? [])];
    return { decisive, found: this.#inner?.found ?? before?.found };
  }
}

/** What led to an answer of a chain. */
export function decisionOf(table: NftTable, chain: string, { decisive, found }: Trail): Decision {
  const comment = found?.comment ?? serviceOfChain(chain);
  const verdict =
    table.name === 'kube-proxy' ? kubeProxyVerdict(chain, found?.map, comment) : undefined;
  return {
    layer: layerOf(table),
    chain,
    decisive,
    ...(comment === undefined ? {} : { comment }),
    ...(verdict === undefined ? {} : { verdict }),
  };
}
