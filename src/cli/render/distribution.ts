/** cli/render/distribution — shares of connections for a person, and as data. */
import type { Distribution, PodShare } from '../../analysis/trace/distribution.ts';
import { asNumber, type Fraction, formatFraction, isZero } from '../../analysis/trace/fraction.ts';
import { formatProbability } from '../../datapath/chance.ts';
import { type Column, table } from './table.ts';

const percent = (share: Fraction): string => formatProbability(asNumber(share));

const COLUMNS: readonly Column<PodShare>[] = [
  { head: 'POD', cell: ({ label }) => label },
  { head: 'ADDRESS', cell: ({ address }) => address },
  { head: 'ZONE', cell: ({ zone }) => zone },
  { head: 'SHARE', cell: ({ share }) => percent(share), right: true },
  { head: 'EXACTLY', cell: ({ share }) => formatFraction(share), right: true },
];

/** A line a pod, then what is lost and what crosses zones. */
export function distributionLines(distribution: Distribution): string[] {
  const { shares, policies, lost, crossing } = distribution;
  const lines = [...policies.map((policy) => `over ${policy}`), ...table(COLUMNS, shares)];
  if (!isZero(lost)) lines.push(`${percent(lost)} (${formatFraction(lost)}) reach no pod`);
  const crossed = [
    ['between load balancer and target', crossing.toTarget],
    ['between node and pod', crossing.toPod],
    ['in all', crossing.any],
  ] as const;
  if (distribution.balancers.length > 0)
    lines.push(
      `zones crossed: ${crossed
        .map(([words, share]) => `${percent(share)} (${formatFraction(share)}) ${words}`)
        .join(', ')}`,
    );
  return lines;
}

/** The same as data: fractions as text. */
export function distributionJson({ balancers, policies, shares, lost, crossing }: Distribution) {
  return {
    balancers,
    policies,
    pods: shares.map(({ label, address, zone, share }) => ({
      pod: label,
      address,
      zone,
      share: formatFraction(share),
    })),
    lost: formatFraction(lost),
    zonesCrossed: {
      balancerToTarget: formatFraction(crossing.toTarget),
      nodeToPod: formatFraction(crossing.toPod),
      any: formatFraction(crossing.any),
    },
  };
}
