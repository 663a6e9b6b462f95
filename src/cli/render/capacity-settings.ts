/** cli/render/capacity-settings — what-if table and remedies of a capacity answer or a plan. */
import type { Remedy } from '../../analysis/capacity/remedy.ts';
import type { SettingRow, SubnetDemand } from '../../analysis/capacity/settings.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

const rangeText = ([low, high]: readonly [number, number]): string =>
  low === high ? String(low) : `${low}-${high}`;

/** The largest subnet that must be made for pods, if any. */
function newSubnetText(subnets: readonly SubnetDemand[]): string {
  const bits = subnets.flatMap(({ prefixLengthNeeded }) => prefixLengthNeeded ?? []);
  return bits.length === 0 ? '' : ` + new /${Math.min(...bits)}`;
}

/** `yes`, or the subnet that is short and by how much. */
function fitsText(row: SettingRow): string {
  if (row.problem !== undefined) return 'see below';
  const short = row.subnets.filter((it) => !it.fits);
  if (short.length === 0 && row.fits) return `yes${newSubnetText(row.subnets)}`;
  if (short.length === 0) return 'no, ENIs are full';
  const worst = short.reduce((a, b) => (excess(b) > excess(a) ? b : a));
  return excess(worst) > 0 ? `no, ${excess(worst)} short` : 'no, too few whole /28';
}

const excess = ({ addresses, capacity }: SubnetDemand): number =>
  addresses - (capacity ?? addresses);

/** Another type comes in another number. */
const settingText = ({ id, nodes, setting }: SettingRow): string =>
  id === 'other-type' ? `${nodes} × ${setting}` : setting;

/** One line per setting: what the same pods would take, and how many pods could be carried. */
export function settingsTable(rows: readonly SettingRow[]): string[] {
  const lines = table<SettingRow>(
    [
      { head: 'WHAT IF', cell: settingText },
      { head: 'ENIS', right: true, cell: (row) => row.enis },
      { head: 'ADDRESSES', right: true, cell: (row) => row.addresses },
      { head: 'MAX-PODS', right: true, cell: (row) => rangeText(row.maxPodsPerNode) },
      { head: 'CARRIED', right: true, cell: (row) => row.podsMax },
      { head: 'FITS', cell: fitsText },
      { head: 'NEW-NODES', cell: (row) => (row.needsNewNodes ? 'yes' : 'no') },
    ],
    rows,
  );
  const problems = rows.flatMap(({ setting, problem }) =>
    problem === undefined ? [] : wrap(problem, `  ${setting}: `),
  );
  return [...lines, ...problems];
}

/** The rule that no remedy breaks. */
const NO_RESIZE = 'A subnet cannot be made larger: AWS has no such call.';

/** Numbered, least effort first, each with its command. */
export function remedyLines(remedies: readonly Remedy[]): string[] {
  if (remedies.length === 0) return [];
  const lines = [`REMEDIES, least effort first. ${NO_RESIZE}`];
  remedies.forEach(({ title, commands, yields, caveat }, i) => {
    lines.push(...wrap(`${title}: ${yields}`, `${i + 1}. `));
    for (const command of commands) lines.push(`     ${command}`);
    lines.push(...wrap(caveat, '   but: '));
  });
  return lines;
}
