/** cli/render/lb — load balancers as a table, with what the prices are. */
import { makerText } from '../../analysis/load-balancer/maker.ts';
import type { LoadBalancerSummary, PriceBasis } from '../../analysis/load-balancer/summary.ts';
import type { WithoutBalancer } from '../../analysis/load-balancer/without.ts';
import { type Column, table } from './table.ts';
import { wrap } from './wrap.ts';

const made = ({ maker, ingresses }: LoadBalancerSummary): string | undefined => {
  if (maker === undefined) return undefined;
  const members =
    maker.kind === 'group' ? ` (${ingresses.map((key) => `ing/${key}`).join(', ')})` : '';
  const by = maker.by === 'in-tree' ? ' (in-tree)' : '';
  return `${makerText(maker)}${members}${by}`;
};

const dollars = (amount: number): string => amount.toFixed(2);

const COLUMNS: readonly Column<LoadBalancerSummary>[] = [
  { head: 'NAME', cell: ({ name }) => name },
  { head: 'TYPE', cell: ({ type }) => type },
  { head: 'SCHEME', cell: ({ scheme }) => scheme },
  { head: 'STATE', cell: ({ state }) => state, wide: true },
  { head: 'LISTENERS', cell: ({ listeners }) => listeners.join(',') || undefined },
  {
    head: 'HEALTHY',
    cell: ({ targets: { healthy, total } }) => `${healthy}/${total}`,
    right: true,
  },
  { head: 'ADDRESSES', cell: ({ addresses }) => addresses, right: true },
  { head: 'PUBLIC', cell: ({ publicAddresses }) => publicAddresses, right: true, wide: true },
  { head: 'ZONES', cell: ({ zones }) => zones.join(','), wide: true },
  {
    head: 'USD/MONTH',
    cell: ({ perMonth }) =>
      perMonth === undefined ? undefined : dollars(perMonth.hours + perMonth.publicAddresses),
    right: true,
  },
  { head: 'MADE-OF', cell: made },
  { head: 'DNS-NAME', cell: ({ dnsName }) => dnsName, wide: true },
];

/** The table, and under it what the prices are; without a final newline. */
export function loadBalancersText(
  rows: readonly LoadBalancerSummary[],
  basis: PriceBasis,
  wide: boolean,
  without: readonly WithoutBalancer[],
): string {
  const lines =
    rows.length === 0
      ? ['No load balancers.']
      : [...table(COLUMNS, rows, { wide }), '', ...priceLines(rows, basis)];
  for (const { object, reason } of without)
    lines.push('', ...wrap(`${object}: ${reason}`, 'without one: '));
  if (without.length > 0) lines.push(`  ekstwin lb explain ${without[0]!.object} says more`);
  return lines.join('\n');
}

function priceLines(rows: readonly LoadBalancerSummary[], basis: PriceBasis): string[] {
  const { region, asOf, isKnown, hoursPerMonth, publicAddressPerHour } = basis;
  if (!isKnown) {
    return wrap(`no price of region ${region} is known here: see AWS's price list`, 'prices: ');
  }
  const of = (part: 'hours' | 'publicAddresses'): number =>
    rows.reduce((sum, { perMonth }) => sum + (perMonth?.[part] ?? 0), 0);
  const [hours, addresses] = [of('hours'), of('publicAddresses')];
  const count = rows.reduce((sum, { publicAddresses }) => sum + publicAddresses, 0);
  const text =
    `${dollars(hours + addresses)} USD a month in ${region}: ${dollars(hours)} for the load balancers ` +
    `and ${dollars(addresses)} for ${count} public IPv4 addresses (${publicAddressPerHour} an hour each); ` +
    `on-demand list price of ${asOf}, ${hoursPerMonth} hours; traffic (LCU, NLCU, gigabytes) comes on top`;
  return wrap(text, 'in all: ');
}
