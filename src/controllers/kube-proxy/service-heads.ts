/**
 * controllers/kube-proxy/service-heads — what a Service port puts into the chains that all share:
 * the ways in (KUBE-SERVICES, KUBE-NODEPORTS of nat), and what is refused there (KUBE-SERVICES,
 * KUBE-EXTERNAL-SERVICES, KUBE-PROXY-FIREWALL, KUBE-NODEPORTS of filter).
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/iptables/proxier.go syncProxyRules. They depend
 * on the port and on where there are endpoints, not on which.
 */
import {
  commentOf,
  destinationIn,
  jumpTo,
  localAddress,
  protocolOf,
  ruleOf,
  toPort,
} from '../../model/linux/iptables-words.ts';
import type { IptablesMatch, IptablesRule, IptablesTarget } from '../../model/linux/netfilter.ts';
import { hostCidr, type Ip, PROTOCOL_TCP } from '../../net/index.ts';
import { EXTERNAL, FIREWALL, POLICY_CLUSTER, POLICY_LOCAL, portHash } from './chain-names.ts';
import { protocolNumber, type ServicePort } from './service-port.ts';

/** Where a Service port has endpoints, seen from one node. */
export interface EndpointPresence {
  /** On any node. */
  readonly any: boolean;
  /** On this node; of use to policy Local. */
  readonly local: boolean;
}

/** A Service port's rules in the shared chains. */
export interface ServiceHead {
  readonly natServices: readonly IptablesRule[];
  readonly natNodePorts: readonly IptablesRule[];
  readonly filterServices: readonly IptablesRule[];
  readonly filterExternal: readonly IptablesRule[];
  readonly filterNodePorts: readonly IptablesRule[];
  readonly filterFirewall: readonly IptablesRule[];
}

/** Whether traffic to the ClusterIP has somewhere to go. */
export const hasInternal = (port: ServicePort, { any, local }: EndpointPresence): boolean =>
  any && (!port.isInternalPolicyLocal || local);

/** Whether traffic from outside has somewhere to go. */
export const hasExternal = (port: ServicePort, { any, local }: EndpointPresence): boolean =>
  any && (!port.isExternalPolicyLocal || local);

/** Source ranges are kept by a chain of their own. */
export const usesFirewall = (port: ServicePort): boolean =>
  port.loadBalancerIps.length > 0 && port.sourceRanges.length > 0;

/** Where traffic to the ClusterIP goes. */
export const internalChain = (port: ServicePort): string =>
  (port.isInternalPolicyLocal ? POLICY_LOCAL : POLICY_CLUSTER) + portHash(port);

/** `-d IP --dport PORT` and its comment. */
export const toAddress = (port: ServicePort, ip: Ip, comment: string): IptablesMatch[] => [
  destinationIn(hostCidr(ip)),
  protocolOf(protocolNumber(port)),
  commentOf(comment),
  toPort(port.port),
];

/** `--dport NODEPORT`, whatever the address; `more` stands between comment and port. */
const toNodePort = (
  port: ServicePort,
  comment: string,
  ...more: readonly IptablesMatch[]
): IptablesMatch[] => [
  protocolOf(protocolNumber(port)),
  commentOf(comment),
  ...more,
  toPort(port.nodePort!),
];

function natServices(port: ServicePort, presence: EndpointPresence): IptablesRule[] {
  if (!presence.any) return [];
  const external = EXTERNAL + portHash(port);
  const balanced = usesFirewall(port) ? FIREWALL + portHash(port) : external;
  const into = (ip: Ip, what: string, chain: string): IptablesRule =>
    ruleOf(jumpTo(chain), ...toAddress(port, ip, `${port.name} ${what}`));
  return [
    ...(hasInternal(port, presence)
      ? [into(port.clusterIp, 'cluster IP', internalChain(port))]
      : []),
    ...port.externalIps.map((ip) => into(ip, 'external IP', external)),
    ...port.loadBalancerIps.map((ip) => into(ip, 'loadbalancer IP', balanced)),
  ];
}

/** What becomes of traffic that finds no endpoint: nowhere at all, or only not on this node. */
function refusal(
  port: ServicePort,
  { any }: EndpointPresence,
): { readonly target: IptablesTarget; readonly comment: string } {
  if (any) return { target: { kind: 'drop' }, comment: `${port.name} has no local endpoints` };
  const reject =
    typeof port.clusterIp === 'number' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable';
  return { target: { kind: 'reject', with: reject }, comment: `${port.name} has no endpoints` };
}

function filterExternal(port: ServicePort, presence: EndpointPresence): IptablesRule[] {
  if (hasExternal(port, presence)) return [];
  const { target, comment } = refusal(port, presence);
  const rules = [...port.externalIps, ...port.loadBalancerIps].map((ip) =>
    ruleOf(target, ...toAddress(port, ip, comment)),
  );
  if (port.nodePort === undefined) return rules;
  return [...rules, ruleOf(target, ...toNodePort(port, comment, localAddress('destination')))];
}

function filterFirewall(port: ServicePort): IptablesRule[] {
  const comment = `${port.name} traffic not accepted by ${FIREWALL}${portHash(port)}`;
  return port.loadBalancerIps.map((ip) =>
    ruleOf({ kind: 'drop' }, ...toAddress(port, ip, comment)),
  );
}

/** The load balancer's health checks are let in, whether this node has endpoints or not. */
function filterNodePorts({ name, healthCheckNodePort }: ServicePort): IptablesRule[] {
  if (healthCheckNodePort === undefined) return [];
  return [
    ruleOf(
      { kind: 'accept' },
      protocolOf(PROTOCOL_TCP),
      commentOf(`${name} health check node port`),
      toPort(healthCheckNodePort),
    ),
  ];
}

function makeHead(port: ServicePort, presence: EndpointPresence): ServiceHead {
  const { target, comment } = refusal(port, presence);
  const hasNodePort = port.nodePort !== undefined && presence.any;
  return {
    natServices: natServices(port, presence),
    natNodePorts: hasNodePort
      ? [ruleOf(jumpTo(EXTERNAL + portHash(port)), ...toNodePort(port, port.name))]
      : [],
    filterServices: hasInternal(port, presence)
      ? []
      : [ruleOf(target, ...toAddress(port, port.clusterIp, comment))],
    filterExternal: filterExternal(port, presence),
    filterNodePorts: filterNodePorts(port),
    filterFirewall: presence.any && usesFirewall(port) ? filterFirewall(port) : [],
  };
}

const heads = new WeakMap<ServicePort, (ServiceHead | undefined)[]>();

/** The Service port's rules in the shared chains; the same object for the same presence. */
export function serviceHead(port: ServicePort, presence: EndpointPresence): ServiceHead {
  let known = heads.get(port);
  if (known === undefined) {
    known = [];
    heads.set(port, known);
  }
  const at = (presence.any ? 2 : 0) + (presence.local ? 1 : 0);
  known[at] ??= makeHead(port, presence);
  return known[at];
}
