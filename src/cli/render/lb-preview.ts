/** cli/render/lb-preview — a plan for a person: a sign, what, what of it; the sum at the end. */
import type { Plan } from '../../analysis/load-balancer/preview/plan.ts';
import type { PlannedAction } from '../../analysis/load-balancer/preview/planned-change.ts';
import { wrap } from './wrap.ts';

const SIGNS: Readonly<Record<PlannedAction, string>> = {
  create: '+',
  change: '~',
  replace: '-/+',
  delete: '-',
};

/** The whole plan, without a final newline. */
export function planText({ changes, refusals, addresses, perMonth }: Plan): string {
  const lines = changes.flatMap(({ action, kind, name, details }) => [
    `${SIGNS[action].padEnd(3)} ${kind} ${name}`,
    ...details.flatMap((detail) => wrap(detail, '      ')),
  ]);
  for (const { object, text } of refusals) lines.push(...wrap(`${object}: ${text}`, '!   '));
  if (lines.length > 0) lines.push('');
  const count = (action: PlannedAction): number =>
    changes.filter((it) => it.action === action).length;
  const sum =
    changes.length === 0
      ? 'nothing would change'
      : `${count('create')} to create, ${count('change')} to change, ` +
        `${count('replace')} to replace, ${count('delete')} to delete`;
  const more = [
    ...(addresses === 0 ? [] : [`${signed(addresses)} addresses of subnets`]),
    ...(perMonth === undefined || perMonth === 0
      ? []
      : [`${signed(Number(perMonth.toFixed(2)))} USD a month for being there`]),
    ...(refusals.length === 0 ? [] : [`${refusals.length} refused`]),
  ];
  return [...lines, ...wrap([sum, ...more].join('; '), 'plan: ')].join('\n');
}

const signed = (amount: number): string => (amount > 0 ? `+${amount}` : `${amount}`);
