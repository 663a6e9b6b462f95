/**
 * controllers/vpc-cni/node-network — the links, rules and routes that ipamd's host set-up and its
 * ENI set-up leave on a node.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/networkutils/network.go:170-330 (host), 950-1100
 * (ENI).  Writes: `node/network`.
 */

import type { IpRoute, IpRule } from '../../model/linux/cni.ts';
import type { NodeLink, NodeNetwork } from '../../model/linux/node-network.ts';
import { addressAt, formatIp, PROTOCOL_ICMPV6, parseCidr } from '../../net/index.ts';
import type { EniMetadata } from './eni-api.ts';
import type { IpamdEnv } from './env.ts';
import { LOCAL_TABLE, MAIN_TABLE, routeTableOf } from './route-table-id.ts';

/** The gateway every ENI of an IPv6 cluster uses. */
const IPV6_GATEWAY = 'fe80:ec2::1';
const DEFAULT_TABLE = 253;

/** `eth1`; devices of further cards are told apart by a hundred per card. */
export const eniLinkName = (deviceNumber: number, networkCard: number): string =>
  `eth${networkCard * 100 + deviceNumber}`;

/** The second address of a subnet: the VPC router. */
export function subnetGateway(subnetCidr: string): string {
  const block = parseCidr(subnetCidr);
  return block === undefined ? '' : formatIp(addressAt({ ...block } as never, 1));
}

const prefixLength = (cidr: string): string => cidr.slice(cidr.indexOf('/') + 1);

function linkOf(env: IpamdEnv, eni: EniMetadata): NodeLink {
  const v4 = `${eni.primaryIp}/${prefixLength(eni.subnetCidr)}`;
  const v6 = eni.primaryIpv6 === undefined ? [] : [`${eni.primaryIpv6}/128`];
  return {
    name: eniLinkName(eni.deviceNumber, eni.networkCard),
    networkInterfaceId: eni.eniId,
    macAddress: eni.macAddress,
    mtu: env.eniMtu,
    deviceNumber: eni.deviceNumber,
    networkCardIndex: eni.networkCard,
    addresses: [v4, ...v6],
    isTrunk: eni.isTrunk,
  };
}

/** Routes of the primary ENI as the DHCP client leaves them. */
function primaryRoutes(eni: EniMetadata, ipv6: boolean): readonly IpRoute[] {
  const device = eniLinkName(eni.deviceNumber, eni.networkCard);
  const gateway = subnetGateway(eni.subnetCidr);
  const table = MAIN_TABLE;
  const v4: readonly IpRoute[] = [
    { destination: 'default', via: gateway, device, table },
    { destination: eni.subnetCidr, device, scope: 'link', table },
    { destination: '169.254.169.254/32', device, scope: 'link', table },
  ];
  return ipv6 ? [...v4, { destination: '::/0', via: IPV6_GATEWAY, device, table }] : v4;
}

/** Table of a secondary ENI: the gateway, and everything through it. */
function secondaryRoutes(eni: EniMetadata, ipv6: boolean): readonly IpRoute[] {
  const device = eniLinkName(eni.deviceNumber, eni.networkCard);
  const table = routeTableOf(eni.deviceNumber, eni.networkCard);
  const gateway = ipv6 ? IPV6_GATEWAY : subnetGateway(eni.subnetCidr);
  const host = ipv6 ? 128 : 32;
  return [
    { destination: `${gateway}/${host}`, device, scope: 'link', table },
    { destination: ipv6 ? '::/0' : 'default', via: gateway, device, table },
  ];
}

function hostRules(env: IpamdEnv): readonly IpRule[] {
  const strict = env.podEni && env.enforcingMode === 'strict';
  const rules: IpRule[] = [
    { priority: strict ? 20 : 0, match: { kind: 'all' }, table: LOCAL_TABLE },
  ];
  if (strict && env.ipv6)
    rules.push({
      priority: 0,
      match: { kind: 'from', value: IPV6_GATEWAY, protocol: PROTOCOL_ICMPV6 },
      table: LOCAL_TABLE,
    });
  const hex = `0x${env.connmark.toString(16)}`;
  if (!env.ipv6 && (env.nodePortSupport || !env.externalSnat))
    rules.push({
      priority: 1024,
      match: { kind: 'fwmark', value: `${hex}/${hex}` },
      table: MAIN_TABLE,
    });
  for (const cidr of env.externalServiceCidrs)
    rules.push({ priority: 1535, match: { kind: 'to', value: cidr }, table: MAIN_TABLE });
  return rules;
}

/** Replies of a secondary ENI's own address leave by it. A trunk's do not: its pods have tables. */
const eniRule = (eni: EniMetadata, ipv6: boolean): IpRule => ({
  priority: 32765,
  match: { kind: 'from', value: ipv6 ? (eni.primaryIpv6 ?? eni.primaryIp) : eni.primaryIp },
  table: routeTableOf(eni.deviceNumber, eni.networkCard),
});

export interface NodeNetworkFacts {
  readonly nodeName: string;
  readonly instanceId: string;
  readonly env: IpamdEnv;
  readonly primary: EniMetadata;
  /** Every ENI that is set up, the primary among them. */
  readonly enis: readonly EniMetadata[];
  readonly vpcCidrs: readonly string[];
  readonly connmarkBackend: NodeNetwork['connmarkBackend'];
}

/** The whole description; a function of its facts. */
export function nodeNetwork(facts: NodeNetworkFacts): NodeNetwork {
  const { env, primary } = facts;
  const ipv6 = env.ipv6;
  const secondaries = facts.enis.filter((eni) => eni.eniId !== primary.eniId);
  const rules: IpRule[] = [
    ...hostRules(env),
    ...secondaries.filter((eni) => !eni.isTrunk).map((eni) => eniRule(eni, ipv6)),
    { priority: 32766, match: { kind: 'all' }, table: MAIN_TABLE },
    { priority: 32767, match: { kind: 'all' }, table: DEFAULT_TABLE },
  ];
  return {
    nodeName: facts.nodeName,
    instanceId: facts.instanceId,
    family: ipv6 ? 6 : 4,
    primaryAddress: primary.primaryIp,
    links: facts.enis.map((eni) => linkOf(env, eni)),
    rules: rules.toSorted((a, b) => a.priority - b.priority),
    routes: [
      ...primaryRoutes(primary, ipv6),
      ...secondaries.flatMap((eni) => secondaryRoutes(eni, ipv6)),
    ],
    vpcCidrs: facts.vpcCidrs,
    excludedSnatCidrs: env.excludeSnatCidrs,
    externalSnat: env.externalSnat,
    randomizeSnat: env.randomizeSnat,
    nodePortSupport: env.nodePortSupport,
    connmark: env.connmark,
    connmarkBackend: facts.connmarkBackend,
    vethPrefix: env.vethPrefix,
    podMtu: env.podMtu,
    podEniMode: env.podEni ? env.enforcingMode : undefined,
    egress: {
      ipv4: ipv6 && env.v4Egress,
      ipv6: !ipv6 && env.v6Egress && primary.primaryIpv6 !== undefined,
    },
    sysctls: {
      [`net.ipv4.conf.${eniLinkName(0, 0)}.rp_filter`]: '2',
      'net.ipv4.tcp_early_demux': env.disableTcpEarlyDemux ? '0' : '1',
      ...(ipv6
        ? {
            'net.ipv6.conf.all.forwarding': '1',
            [`net.ipv6.conf.${eniLinkName(0, 0)}.accept_ra`]: '2',
          }
        : {}),
    },
  };
}
