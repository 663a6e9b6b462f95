/**
 * datapath/policy/resolved-rule — which rule of a policy an entry of its PolicyEndpoint came from.
 * The controller does not write that down, so it is found again: the rule whose peer means the
 * entry's address, by pod, by Service or by block.
 */

import type { NetworkPolicyPeer } from '../../model/kubernetes/networking.ts';
import type { EndpointInfo, PolicyEndpoint } from '../../model/kubernetes/policy-endpoint.ts';
import { policyOf } from '../../model/kubernetes/policy-endpoint.ts';
import { matchesSelector } from '../../model/kubernetes/selectors.ts';
import { type Packet, parseIp } from '../../net/index.ts';
import type { ClusterView } from './cluster-view.ts';
import { compilePolicy, type Direction } from './compiled-policy.ts';
import { peerMatches, portsMatch } from './portable.ts';

type AnyEndpoint = Parameters<typeof policyOf>[0];

const objects = new WeakMap<AnyEndpoint, string>();

/** `networkpolicy ui/allow-ui-egress`, whatever kind of policy an endpoint was made of. */
export function policyObjectOf(endpoint: AnyEndpoint): string {
  let object = objects.get(endpoint);
  if (object === undefined) {
    const [kind = '', ...key] = (policyOf(endpoint) ?? '').split(':');
    object = `${kind.toLowerCase()} ${key.join(':')}`;
    objects.set(endpoint, object);
  }
  return object;
}

/** `egress[0].to[1]`; the direction alone where no rule of today's policy accounts for it. */
export const ruleOfEntry = (
  view: ClusterView,
  endpoint: PolicyEndpoint,
  direction: Direction,
  info: EndpointInfo,
  packet: Packet,
): string => view.ruleOf(info, packet, () => resolved(view, endpoint, direction, info, packet));

function resolved(
  view: ClusterView,
  endpoint: PolicyEndpoint,
  direction: Direction,
  info: EndpointInfo,
  packet: Packet,
): string {
  const { namespace, name } = endpoint.spec.policyRef;
  if (!policyObjectOf(endpoint).startsWith('networkpolicy ')) return direction;
  const policy = view.policy(`${namespace}/${name}`);
  if (policy === undefined) return direction;
  const rules = compilePolicy(policy)[direction];
  const ip = parseIp(info.cidr ?? '');
  const pod = ip === undefined ? undefined : view.podAt(ip);
  const service = ip === undefined ? undefined : view.serviceAt(ip);
  const candidates: string[] = [];
  for (const [i, rule] of rules.entries()) {
    const written = (policy.spec[direction] ?? [])[i] as
      | { readonly from?: readonly NetworkPolicyPeer[]; readonly to?: readonly NetworkPolicyPeer[] }
      | undefined;
    const peers = direction === 'ingress' ? written?.from : written?.to;
    const path = peerPath();
    if (path === undefined) continue;
    // With several rules for one address, the one whose ports are the packet's is meant.
    if (portsMatch(rule.ports, packet, pod)) return path;
    candidates.push(path);

    function peerPath(): string | undefined {
      if (rule.peers === undefined) {
        return info.cidr === '0.0.0.0/0' || info.cidr === '::/0' ? rule.path : undefined;
      }
      const found = rule.peers.find((peer) => {
        if (peer.kind === 'block') {
          return (peers ?? []).some(
            (it, j) => peer.path.endsWith(`[${j}]`) && it.ipBlock?.cidr === info.cidr,
          );
        }
        if (ip === undefined) return false;
        if (service !== undefined) {
          const where = service.metadata.namespace ?? '';
          const isThere =
            peer.namespaces === undefined
              ? where === namespace
              : matchesSelector(peer.namespaces, view.namespaceLabels(where));
          return isThere && matchesSelector(peer.pods ?? {}, service.spec.selector);
        }
        return peerMatches(view, peer, namespace, { ip, pod });
      });
      return found?.path;
    }
  }
  return candidates[0] ?? direction;
}
