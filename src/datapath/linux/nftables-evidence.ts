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
export const ruleElement = (
  object: string,
  table: NftTable,
  chain: string,
  rule: NftRule,
): Element => ({
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

/** What kube-proxy names a chain after: a hash, then `namespace/name/protocol/port`. */
const SERVICE_CHAIN = /-[A-Z2-7]{8}-([^/]+\/[^/]+)\/(?:tcp|udp|sctp)\/(.*?)(?:__.*)?$/;

/** `default/web:http` of a chain of that Service; undefined of other chains. */
function serviceOfChain(chain: string): string | undefined {
  const found = SERVICE_CHAIN.exec(chain);
  if (found === null) return undefined;
  return found[2] === '' ? found[1] : `${found[1]}:${found[2]}`;
}

/** `kubectl -n default edit service web` of `default/web:http`. */
function kubectl(verb: string, service: string): string {
  const [namespace, name] = service.split('/');
  return `kubectl -n ${namespace} ${verb} service ${name?.split(':')[0]}`;
}

/** kube-proxy's refusals, by the element or the chain that refused. */
function kubeProxyVerdict(
  chain: string,
  map: string | undefined,
  service: string | undefined,
): Verdict | undefined {
  if (map?.startsWith('no-endpoint-') && service !== undefined) {
    const isRefused = chain === 'reject-chain';
    return {
      disposition: 'no-endpoints',
      text: isRefused
        ? `Service ${service} has no endpoints that are ready`
        : `Service ${service} has a Local traffic policy and no endpoint on this node`,
      code: 'K8S_SVC_NO_ENDPOINTS',
      remedy: {
        text: isRefused
          ? 'let a pod that the Service selects become ready'
          : 'run a ready pod of it on the node, or set the traffic policy to Cluster',
        command: kubectl('describe', service),
      },
    };
  }
  if (chain === 'cluster-ips-check') {
    return {
      disposition: 'refused',
      text: 'The address is a ClusterIP, and its Service has no such port',
      code: 'K8S_SVC_PORT_MISMATCH',
      remedy: { text: 'use a port of the Service, or add this one to it' },
    };
  }
  const guarded = chain.startsWith('firewall-') ? serviceOfChain(chain) : undefined;
  if (guarded === undefined) return undefined;
  return {
    disposition: 'denied-by-netfilter',
    text: `loadBalancerSourceRanges of Service ${guarded} leave the sender out`,
    code: 'K8S_SVC_SOURCE_RANGES',
    remedy: {
      text: "add the sender's block to spec.loadBalancerSourceRanges",
      command: kubectl('edit', guarded),
    },
  };
}

/** How a packet came to a rule. */
export interface Trail {
  /** The rules and elements that led there, outermost first. */
  readonly decisive: readonly Element[];
  /** The last map it was found in, with that element's comment. */
  readonly found?: { readonly map: string; readonly comment: string | undefined } | undefined;
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
