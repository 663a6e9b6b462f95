/**
 * datapath/linux/refusal — how a packet that a packet filter stopped has ended, in words:
 * kube-proxy says in a rule's chain and comment why it refuses.
 */
import type { Verdict } from '../trace.ts';
import type { Decision } from './decision.ts';

const CLIENT_CHAINS = new Set(['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-NODEPORTS']);

/** `default/web:http has no endpoints` -> `default/web`. */
function serviceOf(comment: string): { namespace: string; name: string; port: string } | undefined {
  const found = /^([^/\s]+)\/([^:\s]+)(?::(\S+))?/.exec(comment);
  if (found === null) return undefined;
  return { namespace: found[1]!, name: found[2]!, port: found[3] ?? '' };
}

/** A Service that `comment` begins with has nobody to answer, at all or on this node. */
export function withoutEndpoints(
  { comment = '' }: Pick<Decision, 'comment'>,
  isLocalOnly: boolean,
): Verdict {
  const service = serviceOf(comment);
  const name =
    service === undefined ? 'the Service' : `Service ${service.namespace}/${service.name}`;
  const missing = isLocalOnly ? 'no ready endpoint on this node' : 'no ready endpoint';
  const why = isLocalOnly
    ? ', and its traffic policy is Local: dropped, so the client waits in vain'
    : ', so it is refused at once';
  const slices =
    service &&
    `kubectl get endpointslices -n ${service.namespace} ` +
      `-l kubernetes.io/service-name=${service.name}`;
  return {
    disposition: 'no-endpoints',
    text: `${name} has ${missing}${why}`,
    code: isLocalOnly ? 'K8S_SVC_NO_LOCAL_ENDPOINTS' : 'K8S_SVC_NO_ENDPOINTS',
    remedy: {
      text: isLocalOnly
        ? 'run a ready pod of it on every node that gets its traffic, or set the policy to Cluster'
        : 'make a pod that its selector selects ready, on the port that it targets',
      command: slices,
    },
  };
}

/** The sender is none of those a load balancer's Service is open to. */
export const outsideSourceRanges = ({ comment = '' }: Pick<Decision, 'comment'>): Verdict => ({
  disposition: 'denied-by-netfilter',
  text: `its source is not in loadBalancerSourceRanges (${comment})`,
  code: 'K8S_SVC_SOURCE_RANGES',
  remedy: { text: "add the source to the Service's spec.loadBalancerSourceRanges" },
});

/** The verdict on a packet that a rule dropped or rejected. */
export function refusal(by: Decision, isDropped: boolean): Verdict {
  if (by.verdict !== undefined) return by.verdict;
  const { chain, comment = '' } = by;
  if (CLIENT_CHAINS.has(chain) && /has no (local )?endpoints/.test(comment)) {
    return withoutEndpoints(by, comment.includes('no local endpoints'));
  }
  if (chain === 'KUBE-FORWARD') {
    return {
      disposition: 'denied-by-netfilter',
      text: 'kube-proxy drops it: the node knows no connection that it belongs to (INVALID)',
      code: 'K8S_CONNTRACK_INVALID',
      remedy: { text: 'let both directions of the connection pass the same node interface' },
    };
  }
  if (chain === 'KUBE-PROXY-FIREWALL') return outsideSourceRanges(by);
  const verb = isDropped ? 'drops' : 'rejects';
  const rule = by.decisive.at(-1)?.rule;
  return {
    disposition: 'denied-by-netfilter',
    text: `a rule of the packet filter ${verb} it: ${rule ?? chain}`,
    code: 'NODE_NETFILTER',
    remedy: { text: 'delete the rule, or put one before it that accepts this packet' },
  };
}
