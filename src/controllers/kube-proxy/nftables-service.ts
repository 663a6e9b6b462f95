/**
 * controllers/kube-proxy/nftables-service — what nftables mode writes for one Service port: its
 * chains, its endpoints' chains and affinity sets, and its elements in the table's maps.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/nftables/proxier.go syncProxyRules,
 * writeServiceToEndpointRules.
 */
import type { NftChain } from '../../model/linux/nftables.ts';
import type { NftDatatype } from '../../model/linux/nftables-field.data.ts';
import {
  type NftMapElement,
  type NftSet,
  type NftVerdict,
  nftSet,
} from '../../model/linux/nftables-set.ts';
import type { NftRule, NftStatement } from '../../model/linux/nftables-statement.ts';
import { contains, type Ip, type IpFamily } from '../../net/index.ts';
import type { ProxyEndpoint, UsedEndpoints } from './endpoints.ts';
import { MARK_CHAIN, REJECT_CHAIN } from './nftables-base.ts';
import {
  AFFINITY,
  ENDPOINT,
  EXTERNAL,
  endpointBase,
  FIREWALL,
  LOCAL,
  portBase,
  SERVICE,
} from './nftables-names.ts';
import { blockValue, FIELDS, fromLocalPods, goto, jump, match, rule } from './nftables-rule.ts';
import type { LocalDetector } from './proxy-settings.ts';
import { hasExternal, hasInternal } from './service-heads.ts';
import { protocolNumber, type ServicePort } from './service-port.ts';

/** What of kube-proxy's settings these rules depend on. */
export interface NftStyle {
  readonly family: IpFamily;
  readonly masqueradeAll: boolean;
  readonly detector: LocalDetector;
}

/** One Service port in a table. Elements of `firewall-ips` are the load balancer's addresses. */
export interface ServiceRules {
  readonly chains: readonly NftChain[];
  readonly sets: readonly NftSet[];
  readonly serviceIps: readonly NftMapElement[];
  readonly nodePorts: readonly NftMapElement[];
  readonly noEndpointServices: readonly NftMapElement[];
  readonly noEndpointNodePorts: readonly NftMapElement[];
  readonly firewallIps: readonly NftMapElement[];
}

/** Where a Service port's traffic goes, and what happens where it goes nowhere. */
interface Traffic {
  readonly internalChain: string;
  readonly externalChain: string;
  readonly externalPolicyChain: string;
  readonly hasInternal: boolean;
  readonly hasExternal: boolean;
}

const REJECTS: NftVerdict = { kind: 'goto', chain: REJECT_CHAIN };
const DROPS: NftVerdict = { kind: 'drop' };

function trafficOf(port: ServicePort, { local, hasAny }: UsedEndpoints): Traffic {
  const base = portBase(port);
  const presence = { any: hasAny, local: local.length > 0 };
  return {
    internalChain: `${port.isInternalPolicyLocal ? LOCAL : SERVICE}${base}`,
    externalChain: EXTERNAL + base,
    externalPolicyChain: `${port.isExternalPolicyLocal ? LOCAL : SERVICE}${base}`,
    hasInternal: hasInternal(port, presence),
    hasExternal: hasExternal(port, presence),
  };
}

/** Of one endpoint: back to itself it is masqueraded; affinity is noted; then the rewriting. */
function endpointChain(port: ServicePort, endpoint: ProxyEndpoint, family: IpFamily): NftChain {
  const base = endpointBase(port, endpoint);
  const { source } = FIELDS[family];
  const remembers: NftStatement = {
    kind: 'remember',
    operation: 'update',
    set: AFFINITY + base,
    selector: [source],
  };
  return {
    name: ENDPOINT + base,
    rules: [
      rule([match(source, [endpoint.ip]), jump(MARK_CHAIN)]),
      ...(port.affinitySeconds === undefined ? [] : [rule([remembers])]),
      rule([
        match('meta l4proto', [protocolNumber(port)]),
        { kind: 'dnat', address: endpoint.ip, port: endpoint.port },
      ]),
    ],
  };
}

function affinitySet(port: ServicePort, endpoint: ProxyEndpoint, family: IpFamily): NftSet {
  const type: NftDatatype = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  return nftSet(
    {
      name: AFFINITY + endpointBase(port, endpoint),
      type: [type],
      flags: ['dynamic', 'timeout'],
      timeoutSeconds: port.affinitySeconds,
    },
    [],
  );
}

/** One of the endpoints: the one remembered, or any with equal chance. */
function spread(
  port: ServicePort,
  endpoints: readonly ProxyEndpoint[],
  family: IpFamily,
): readonly NftRule[] {
  const bases = endpoints.map((endpoint) => endpointBase(port, endpoint));
  const selector = [FIELDS[family].source];
  const remembered =
    port.affinitySeconds === undefined
      ? []
      : bases.map((base) =>
          rule([
            { kind: 'lookup', selector, negated: false, set: AFFINITY + base },
            goto(ENDPOINT + base),
          ]),
        );
  const verdicts = bases.map((base, number) => ({
    number,
    verdict: { kind: 'goto', chain: ENDPOINT + base } as const,
  }));
  const draw = { kind: 'numgen', mode: 'random', modulus: bases.length, verdicts } as const;
  return [...remembered, rule([draw])];
}

/** Traffic to the ClusterIP from outside the node's pods is masqueraded, where one can tell. */
function masqueradeInternal(port: ServicePort, style: NftStyle): readonly NftRule[] {
  const stranger = fromLocalPods(style.detector, style.family, true);
  if (!style.masqueradeAll && stranger === undefined) return [];
  const protocol = port.protocol.toLowerCase() as 'tcp' | 'udp' | 'sctp';
  return [
    rule([
      match(FIELDS[style.family].destination, [port.clusterIp]),
      match(`${protocol} dport`, [port.port]),
      ...(style.masqueradeAll || stranger === undefined ? [] : [stranger]),
      jump(MARK_CHAIN),
    ]),
  ];
}

function externalRules(port: ServicePort, traffic: Traffic, style: NftStyle): readonly NftRule[] {
  const onward = traffic.hasExternal ? [rule([goto(traffic.externalPolicyChain)])] : [];
  if (!port.isExternalPolicyLocal) return [rule([jump(MARK_CHAIN)]), ...onward];
  const clusterChain = SERVICE + portBase(port);
  const pods = fromLocalPods(style.detector, style.family, false);
  const isLocal = match('fib saddr type', ['local']);
  return [
    ...(pods === undefined ? [] : [rule([pods, goto(clusterChain)], 'short-circuit pod traffic')]),
    rule([isLocal, jump(MARK_CHAIN)], 'masquerade local traffic'),
    rule([isLocal, goto(clusterChain)], 'short-circuit local traffic'),
    ...onward,
  ];
}

/** Senders the load balancer's addresses are closed to; `nodeIp` lets a virtual address loop. */
function firewallChain(port: ServicePort, family: IpFamily, nodeIp: Ip | undefined): NftChain {
  const ranges = port.sourceRanges;
  const loops = nodeIp !== undefined && ranges.some((range) => contains(range, nodeIp));
  const sources = [...ranges.map(blockValue), ...(loops ? port.loadBalancerIps : [])];
  const isOther = match(FIELDS[family].source, sources, true);
  return {
    name: FIREWALL + portBase(port),
    rules: [rule([isOther, { kind: 'verdict', verdict: { kind: 'drop' } }])],
  };
}

/** Whether `loadBalancerSourceRanges` bear on anything. */
export const isGuarded = ({ sourceRanges, loadBalancerIps }: ServicePort): boolean =>
  sourceRanges.length > 0 && loadBalancerIps.length > 0;

function chainsOf(
  port: ServicePort,
  used: UsedEndpoints,
  traffic: Traffic,
  style: NftStyle,
  nodeIp: Ip | undefined,
): readonly NftChain[] {
  const { family } = style;
  const base = portBase(port);
  const policyChain = (name: string, endpoints: readonly ProxyEndpoint[]): NftChain => {
    const isInternal = traffic.hasInternal && name === traffic.internalChain;
    const masquerade = isInternal ? masqueradeInternal(port, style) : [];
    return { name, rules: [...masquerade, ...spread(port, endpoints, family)] };
  };
  const { cluster, local, reachable, hasAny } = used;
  return [
    ...(cluster.length > 0 ? [policyChain(SERVICE + base, cluster)] : []),
    ...(local.length > 0 ? [policyChain(LOCAL + base, local)] : []),
    ...(hasAny && port.isExternallyAccessible
      ? [{ name: traffic.externalChain, rules: externalRules(port, traffic, style) }]
      : []),
    ...(isGuarded(port) ? [firewallChain(port, family, nodeIp)] : []),
    ...reachable.map((endpoint) => endpointChain(port, endpoint, family)),
  ];
}

/**
 * Everything of one Service port.
 *
 * @param used   the endpoints the node sends to
 * @param nodeIp the node's address, where source ranges have to do with it
 */
export function serviceRules(
  port: ServicePort,
  used: UsedEndpoints,
  style: NftStyle,
  nodeIp: Ip | undefined,
): ServiceRules {
  const traffic = trafficOf(port, used);
  const protocol = protocolNumber(port);
  const refusal = used.hasAny ? DROPS : REJECTS;
  const outside = [...port.externalIps, ...port.loadBalancerIps];
  const outsideTo = (verdict: NftVerdict, comment?: string): NftMapElement[] =>
    outside.map((ip) => element([ip, protocol, port.port], verdict, comment));
  const toNodePort = (verdict: NftVerdict, comment?: string): NftMapElement[] =>
    port.nodePort === undefined ? [] : [element([protocol, port.nodePort], verdict, comment)];
  const clusterIp = [port.clusterIp, protocol, port.port];
  const external: NftVerdict = { kind: 'goto', chain: traffic.externalChain };
  const internal: NftVerdict = { kind: 'goto', chain: traffic.internalChain };
  return {
    chains: chainsOf(port, used, traffic, style, nodeIp),
    sets:
      port.affinitySeconds === undefined
        ? []
        : used.reachable.map((endpoint) => affinitySet(port, endpoint, style.family)),
    serviceIps: [
      ...(traffic.hasInternal ? [element(clusterIp, internal)] : []),
      ...(used.hasAny ? outsideTo(external) : []),
    ],
    nodePorts: used.hasAny ? toNodePort(external) : [],
    noEndpointServices: [
      ...(traffic.hasInternal ? [] : [element(clusterIp, refusal, port.name)]),
      ...(traffic.hasExternal ? [] : outsideTo(refusal, port.name)),
    ],
    noEndpointNodePorts: traffic.hasExternal ? [] : toNodePort(refusal, port.name),
    firewallIps: isGuarded(port)
      ? port.loadBalancerIps.map((ip) =>
          element(
            [ip, protocol, port.port],
            { kind: 'goto', chain: FIREWALL + portBase(port) },
            port.name,
          ),
        )
      : [],
  };
}

const element = (
  key: readonly (number | bigint)[],
  verdict: NftVerdict,
  comment?: string,
): NftMapElement => (comment === undefined ? { key, verdict } : { key, comment, verdict });
