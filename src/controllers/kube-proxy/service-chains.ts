/**
 * controllers/kube-proxy/service-chains — the chains of a Service port: KUBE-EXT (from outside),
 * KUBE-FW (allowed sources), KUBE-SVC and KUBE-SVL (choice of an endpoint) and KUBE-SEP (one).
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/iptables/proxier.go syncProxyRules,
 * writeServiceToEndpointRules. Pure: rules from a port, endpoints and the node's settings.
 */
import {
  commentOf,
  jumpTo,
  localAddress,
  protocolOf,
  ruleOf,
  sourceIn,
} from '../../model/linux/iptables-words.ts';
import type { IptablesMatch, IptablesRule } from '../../model/linux/netfilter.ts';
import { hostCidr, PORT_MAX } from '../../net/index.ts';
import {
  EXTERNAL,
  endpointChainName,
  POLICY_CLUSTER,
  POLICY_LOCAL,
  portHash,
} from './chain-names.ts';
import type { ProxyEndpoint } from './endpoints.ts';
import type { LocalDetector } from './proxy-settings.ts';
import { type EndpointPresence, hasExternal, toAddress } from './service-heads.ts';
import { protocolNumber, type ServicePort } from './service-port.ts';

export const MARK_MASQ = 'KUBE-MARK-MASQ';

/** What of a node and its configuration shapes the chains of every Service port. */
export interface ChainStyle {
  readonly masqueradeAll: boolean;
  readonly detector: LocalDetector;
  /** Above a thousand endpoints the rules that are many go without their comments. */
  readonly isLarge: boolean;
}

/** How the kernel keeps a probability, and iptables-save prints it: in steps of 2^-31. */
export const probabilityText = (choices: number): string =>
  (Math.round((1 / choices) * 2 ** 31) / 2 ** 31).toFixed(11);

const ANY_PORT: IptablesMatch = {
  kind: 'destination-port',
  from: 0,
  to: PORT_MAX,
  negated: false,
};

/** Traffic of the node's own pods, or all other. */
function fromPods(detector: LocalDetector, negated: boolean): IptablesMatch[] {
  switch (detector.kind) {
    case 'none':
      return [];
    case 'source':
      return [sourceIn(detector.cidr, negated)];
    case 'in-interface':
      return [{ kind: 'in-interface', name: detector.name, negated }];
  }
}

/** Of traffic to the ClusterIP, what does not come from the node's pods is masqueraded. */
export function masqueradeRules(port: ServicePort, style: ChainStyle): IptablesRule[] {
  const { masqueradeAll, detector } = style;
  if (!masqueradeAll && detector.kind === 'none') return [];
  const others = masqueradeAll ? [] : fromPods(detector, true);
  const matches = toAddress(port, port.clusterIp, `${port.name} cluster IP`);
  return [ruleOf(jumpTo(MARK_MASQ), ...others, ...matches)];
}

const noted = (style: ChainStyle, comment: string): IptablesMatch[] =>
  style.isLarge ? [] : [commentOf(comment)];

/** The choice among endpoints: first where the client was before, then each with equal chance. */
export function balancingRules(
  port: ServicePort,
  endpoints: readonly ProxyEndpoint[],
  style: ChainStyle,
): IptablesRule[] {
  const targets = endpoints.map((endpoint) => ({
    chain: endpointChainName(port, endpoint),
    comment: noted(style, `${port.name} -> ${endpoint.text}`),
  }));
  const seconds = port.affinitySeconds;
  const before = targets.map(({ chain, comment }) =>
    ruleOf(jumpTo(chain), ...comment, {
      kind: 'recent',
      action: 'rcheck',
      name: chain,
      seconds,
      reap: true,
    }),
  );
  const chosen = targets.map(({ chain, comment }, i) => {
    const left = targets.length - i;
    if (left === 1) return ruleOf(jumpTo(chain), ...comment);
    const text = probabilityText(left);
    return ruleOf(jumpTo(chain), ...comment, { kind: 'statistic', probability: 1 / left, text });
  });
  return seconds === undefined ? chosen : [...before, ...chosen];
}

/** One endpoint: its own traffic to itself is masqueraded, then the destination is rewritten. */
export function endpointRules(
  port: ServicePort,
  endpoint: ProxyEndpoint,
  style: ChainStyle,
): IptablesRule[] {
  const comment = noted(style, port.name);
  const name = endpointChainName(port, endpoint);
  const remember: IptablesMatch[] =
    port.affinitySeconds === undefined
      ? []
      : [{ kind: 'recent', action: 'set', name, reap: false }];
  return [
    ruleOf(jumpTo(MARK_MASQ), sourceIn(hostCidr(endpoint.ip)), ...comment),
    ruleOf(
      { kind: 'dnat', address: endpoint.ip, port: endpoint.port },
      protocolOf(protocolNumber(port)),
      ...comment,
      ...remember,
      ANY_PORT,
    ),
  ];
}

/** Traffic from outside; with policy Local, pods and the node itself may use any endpoint. */
export function externalRules(
  port: ServicePort,
  presence: EndpointPresence,
  { detector }: ChainStyle,
): IptablesRule[] {
  const hash = portHash(port);
  const of = (what: string): IptablesMatch =>
    commentOf(`${what} for ${port.name} external destinations`);
  const policy = (port.isExternalPolicyLocal ? POLICY_LOCAL : POLICY_CLUSTER) + hash;
  const onwards = hasExternal(port, presence) ? [ruleOf(jumpTo(policy))] : [];
  if (!port.isExternalPolicyLocal) {
    return [ruleOf(jumpTo(MARK_MASQ), of('masquerade traffic')), ...onwards];
  }
  const pods = fromPods(detector, false);
  const fromNode = localAddress('source');
  const any = jumpTo(POLICY_CLUSTER + hash);
  return [
    ...(pods.length === 0 ? [] : [ruleOf(any, ...pods, of('pod traffic'))]),
    ruleOf(jumpTo(MARK_MASQ), of('masquerade LOCAL traffic'), fromNode),
    ruleOf(any, of('route LOCAL traffic'), fromNode),
    ...onwards,
  ];
}

/**
 * Traffic to the load balancer's addresses, from allowed sources only.
 *
 * @param isNodeAllowed  the node's own address is in a range; its traffic then has the load
 *                       balancer's address as source
 */
export function firewallRules(port: ServicePort, isNodeAllowed: boolean): IptablesRule[] {
  const external = jumpTo(EXTERNAL + portHash(port));
  const comment = commentOf(`${port.name} loadbalancer IP`);
  const looped = isNodeAllowed ? port.loadBalancerIps.map((ip) => hostCidr(ip)) : [];
  return [
    ...[...port.sourceRanges, ...looped].map((cidr) =>
      ruleOf(external, ...(cidr.bits === 0 ? [] : [sourceIn(cidr)]), comment),
    ),
    ruleOf(
      undefined,
      commentOf(`other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL`),
    ),
  ];
}
