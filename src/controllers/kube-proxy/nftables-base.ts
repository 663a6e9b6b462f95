/**
 * controllers/kube-proxy/nftables-base — the chains that kube-proxy's nftables table always has:
 * the base chains on the hooks and what they jump to.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/nftables/proxier.go nftablesBaseChains,
 * nftablesJumpChains, setupNFTables.
 */
import type { NetfilterHook } from '../../model/linux/netfilter.ts';
import type { NftChain, NftChainType } from '../../model/linux/nftables.ts';
import type { NftField } from '../../model/linux/nftables-field.data.ts';
import type { NftRule, NftStatement } from '../../model/linux/nftables-statement.ts';
import type { IpFamily } from '../../net/index.ts';
import { FIELDS, jump, match, rule } from './nftables-rule.ts';

/** Sets and maps of the table. */
export const CLUSTER_IPS = 'cluster-ips';
export const NODEPORT_IPS = 'nodeport-ips';
export const FIREWALL_IPS = 'firewall-ips';
export const NO_ENDPOINT_NODEPORTS = 'no-endpoint-nodeports';
export const NO_ENDPOINT_SERVICES = 'no-endpoint-services';
export const SERVICE_IPS = 'service-ips';
export const SERVICE_NODEPORTS = 'service-nodeports';

/** Chains that rules of Services go to. */
export const MARK_CHAIN = 'mark-for-masquerade';
export const REJECT_CHAIN = 'reject-chain';

const ALL_BITS = 0xffffffff;
/** Filters see addresses before DNAT: they run ahead of it, but for the last. */
const BEFORE_DNAT = -110;
const DNAT = -100;
const AFTER_DNAT = -90;
const SNAT = 100;

function base(
  type: NftChainType,
  hook: NetfilterHook,
  priority: number,
  targets: readonly string[],
  name = `${type}-${hook}`,
): NftChain {
  const isNew = type === 'filter' ? [match('ct state', ['new'])] : [];
  return {
    name,
    base: { type, hook, priority, policy: 'accept' },
    rules: targets.map((target) => rule([...isNew, jump(target)])),
  };
}

const BASE_CHAINS: readonly NftChain[] = [
  base('filter', 'forward', BEFORE_DNAT, ['service-endpoints-check', 'cluster-ips-check']),
  base('filter', 'input', BEFORE_DNAT, ['nodeport-endpoints-check', 'service-endpoints-check']),
  base('filter', 'output', BEFORE_DNAT, ['service-endpoints-check', 'firewall-check']),
  base('filter', 'output', AFTER_DNAT, ['cluster-ips-check'], 'filter-output-post-dnat'),
  base('filter', 'prerouting', BEFORE_DNAT, ['firewall-check']),
  base('nat', 'output', DNAT, ['services']),
  base('nat', 'postrouting', SNAT, ['masquerading']),
  base('nat', 'prerouting', DNAT, ['services']),
];

const vmap = (selector: readonly NftField[], map: string): NftStatement => ({
  kind: 'vmap',
  selector,
  map,
});

/** That the packet is for an address that takes NodePorts: every one of the node's, or some. */
function toNodePort(family: IpFamily, isEveryAddress: boolean): readonly NftStatement[] {
  const { destination } = FIELDS[family];
  if (!isEveryAddress) {
    return [{ kind: 'lookup', selector: [destination], negated: false, set: NODEPORT_IPS }];
  }
  const loopback = family === 4 ? { from: 0x7f000000, to: 0x7fffffff } : 1n;
  return [match('fib daddr type', ['local']), match(destination, [loopback], true)];
}

/** `mark & BIT == 0` returns; else the bit is taken off and the sender rewritten. */
function masquerading(mark: number): readonly NftRule[] {
  const isUnmarked: NftStatement = {
    kind: 'match',
    selector: ['meta mark'],
    mask: mark,
    negated: false,
    values: [[0]],
  };
  return [
    rule([isUnmarked, { kind: 'verdict', verdict: { kind: 'return' } }]),
    rule([setMark(ALL_BITS, mark)]),
    rule([{ kind: 'masquerade', ports: 'fully-random' }]),
  ];
}

const setMark = (and: number, xor: number): NftStatement => ({
  kind: 'set-mark',
  target: 'meta mark',
  value: { kind: 'bits', source: 'meta mark', and: and >>> 0, xor: xor >>> 0 },
});

/**
 * The fixed chains.
 *
 * @param mark           the bit that marks a packet for masquerading
 * @param isEveryAddress NodePorts are taken on every address of the node but loopback
 */
export function baseChains(
  family: IpFamily,
  mark: number,
  isEveryAddress: boolean,
): readonly NftChain[] {
  const { destination } = FIELDS[family];
  const address: readonly NftField[] = [destination, 'meta l4proto', 'th dport'];
  const nodePort: readonly NftField[] = ['meta l4proto', 'th dport'];
  const toNode = toNodePort(family, isEveryAddress);
  const reject: NftStatement = { kind: 'reject', with: 'port-unreachable' };
  const toClusterIp: NftStatement = {
    kind: 'lookup',
    selector: [destination],
    negated: false,
    set: CLUSTER_IPS,
  };
  return [
    ...BASE_CHAINS,
    {
      name: 'cluster-ips-check',
      rules: [rule([toClusterIp, reject], 'Reject traffic to invalid ports of ClusterIPs')],
    },
    { name: 'firewall-check', rules: [rule([vmap(address, FIREWALL_IPS)])] },
    { name: MARK_CHAIN, rules: [rule([setMark(~mark, mark)])] },
    { name: 'masquerading', rules: masquerading(mark) },
    {
      name: 'nodeport-endpoints-check',
      rules: [rule([...toNode, vmap(nodePort, NO_ENDPOINT_NODEPORTS)])],
    },
    {
      name: REJECT_CHAIN,
      comment: 'helper for @no-endpoint-services / @no-endpoint-nodeports',
      rules: [rule([reject])],
    },
    {
      name: 'service-endpoints-check',
      rules: [rule([vmap(address, NO_ENDPOINT_SERVICES)])],
    },
    {
      name: 'services',
      rules: [
        rule([vmap(address, SERVICE_IPS)]),
        rule([...toNode, vmap(nodePort, SERVICE_NODEPORTS)]),
      ],
    },
  ];
}
