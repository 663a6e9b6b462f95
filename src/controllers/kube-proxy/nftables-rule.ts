/**
 * controllers/kube-proxy/nftables-rule — the pieces kube-proxy's nftables rules are made of.
 */
import type { NftField } from '../../model/linux/nftables-field.data.ts';
import type { NftKey, NftValue } from '../../model/linux/nftables-set.ts';
import type { NftRule, NftStatement } from '../../model/linux/nftables-statement.ts';
import { type Cidr, firstAddress, type IpFamily, lastAddress } from '../../net/index.ts';
import type { LocalDetector } from './proxy-settings.ts';

/** Names of the address fields in a family. */
export const FIELDS = {
  4: { source: 'ip saddr', destination: 'ip daddr' },
  6: { source: 'ip6 saddr', destination: 'ip6 daddr' },
} as const satisfies Readonly<Record<IpFamily, Readonly<Record<string, NftField>>>>;

/** A rule of these statements. */
export const rule = (statements: readonly NftStatement[], comment?: string): NftRule =>
  comment === undefined ? { statements } : { statements, comment };

export const match = (
  field: NftField,
  values: readonly NftValue[],
  negated = false,
): NftStatement => ({
  kind: 'match',
  selector: [field],
  negated,
  values: values.map((value): NftKey => [value]),
});

export const jump = (chain: string): NftStatement => ({
  kind: 'verdict',
  verdict: { kind: 'jump', chain },
});

export const goto = (chain: string): NftStatement => ({
  kind: 'verdict',
  verdict: { kind: 'goto', chain },
});

/** A block as a range; a block of one address as that address. */
export function blockValue(cidr: Cidr): NftValue {
  const [from, to] = [firstAddress(cidr), lastAddress(cidr)];
  return from === to ? from : { from, to };
}

/**
 * That the packet is (or is not) one of the node's own pods'; undefined where kube-proxy cannot
 * tell. 1.30 writes a link as `iif NAME*`, which nft itself refuses: a link is no pattern there.
 */
export function fromLocalPods(
  detector: LocalDetector,
  family: IpFamily,
  negated: boolean,
): NftStatement | undefined {
  if (detector.kind === 'none') return undefined;
  if (detector.kind === 'in-interface') {
    return match('iif', [detector.name.replace(/\+$/, '*')], negated);
  }
  return match(FIELDS[family].source, [blockValue(detector.cidr)], negated);
}
