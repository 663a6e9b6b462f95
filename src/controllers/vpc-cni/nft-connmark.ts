/**
 * controllers/vpc-cni/nft-connmark — the nftables form of the mark on connections that must leave
 * by the primary ENI: `table ip aws-cni`. ipamd writes it in place of connmark-rules.ts where the
 * node's iptables is nf_tables; the rules in mangle stay in iptables.
 *
 * It hangs at -90, behind kube-proxy's DNAT at -100. A connection that kube-proxy rewrote at this
 * hook never comes here: the kernel asks nat chains until one has rewritten.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 (v1.23.1) pkg/networkutils/nftables_connmark.go; rules
 * for blocks go to the head in Go's random order, here each before the one listed ahead of it.
 * Later than v1.23.1 the mark is restored bit by bit instead of overwriting the packet's.
 */
import { type NftTable, nftTable } from '../../model/linux/nftables.ts';
import type { NftRule, NftStatement } from '../../model/linux/nftables-statement.ts';
import type { NodeNetwork } from '../../model/linux/node-network.ts';
import { firstAddress, lastAddress, parseCidr } from '../../net/index.ts';

const MARK_CHAIN = 'snat-mark';
const PRIORITY = -90;

const COUNTER: NftStatement = { kind: 'counter', packets: 0, bytes: 0 };

const verdict = (kind: 'return'): NftStatement => ({ kind: 'verdict', verdict: { kind } });

/** Locally destined traffic is never marked. */
const FOR_HERE: NftRule = {
  statements: [
    { kind: 'match', selector: ['fib daddr type'], negated: false, values: [['local']] },
    verdict('return'),
  ],
};

/** `counter ip daddr BLOCK return`; nothing for what is no IPv4 block. */
function exemption(text: string): readonly NftRule[] {
  const cidr = parseCidr(text);
  if (cidr === undefined || cidr.family !== 4) return [];
  const [from, to] = [firstAddress(cidr), lastAddress(cidr)];
  const value = from === to ? from : { from, to };
  return [
    {
      statements: [
        COUNTER,
        { kind: 'match', selector: ['ip daddr'], negated: false, values: [[value]] },
        verdict('return'),
      ],
    },
  ];
}

const setMark = (target: 'meta mark' | 'ct mark', and: number, xor: number): NftRule => ({
  statements: [
    COUNTER,
    {
      kind: 'set-mark',
      target,
      value: { kind: 'bits', source: 'ct mark', and: and >>> 0, xor: xor >>> 0 },
    },
  ],
});

/** Of a node's network, what the table follows from. */
export type NftConnmarkSettings = Pick<
  NodeNetwork,
  | 'family'
  | 'vpcCidrs'
  | 'excludedSnatCidrs'
  | 'externalSnat'
  | 'connmark'
  | 'connmarkBackend'
  | 'vethPrefix'
>;

/**
 * The table ipamd keeps on a node; undefined where it keeps none: with EXTERNALSNAT, in an IPv6
 * cluster, where iptables is legacy, and where there is nothing to exempt, which it refuses.
 */
export function nftConnmarkTable(settings: NftConnmarkSettings): NftTable | undefined {
  const { family, externalSnat, connmarkBackend, connmark, vethPrefix } = settings;
  if (family === 6 || externalSnat || connmarkBackend !== 'nftables') return undefined;
  const exempt = [...settings.vpcCidrs, ...settings.excludedSnatCidrs];
  if (exempt.length === 0) return undefined;
  const fromPods: NftRule = {
    statements: [
      { kind: 'match', selector: ['iifname'], negated: false, values: [[`${vethPrefix}*`]] },
      COUNTER,
      { kind: 'verdict', verdict: { kind: 'jump', chain: MARK_CHAIN } },
    ],
  };
  return nftTable({
    family: 'ip',
    name: 'aws-cni',
    chains: [
      {
        name: 'nat-prerouting',
        base: { type: 'nat', hook: 'prerouting', priority: PRIORITY, policy: 'accept' },
        rules: [FOR_HERE, fromPods, setMark('meta mark', connmark, 0)],
      },
      {
        name: MARK_CHAIN,
        rules: [
          ...[...new Set(exempt)].reverse().flatMap(exemption),
          setMark('ct mark', ~connmark, connmark),
        ],
      },
    ],
  });
}
