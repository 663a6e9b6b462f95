/** cli/render/capacity-plan — a plan as text: the guide's sum, the truth, and other settings. */
import type { Plan, PlanFlags, PlanTerm } from '../../analysis/capacity/plan.ts';
import { settingsTable } from './capacity-settings.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** The plan, as lines. */
export function planText(flags: PlanFlags, plan: Plan): string {
  const sections = [
    headline(flags, plan),
    table<PlanTerm | TotalTerm>(
      [
        { head: 'WHAT', cell: (row) => row.what },
        { head: 'COUNT', right: true, cell: (row) => row.count },
        { head: 'EACH', right: true, cell: (row) => row.each },
        { head: 'ADDRESSES', right: true, cell: (row) => row.addresses },
        { head: 'BECAUSE', cell: (row) => row.because },
      ],
      [...plan.terms, totalTerm(plan)],
    ),
    settingsTable(plan.settings),
    notes(plan),
  ];
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

/** The last line; it has no count. */
interface TotalTerm {
  readonly what: string;
  readonly count: '';
  readonly each: '';
  readonly addresses: number;
  readonly because: string;
}

const totalTerm = ({ total, size }: Plan): TotalTerm => ({
  what: 'in all',
  count: '',
  each: '',
  addresses: total,
  because: `of ${size}`,
});

function headline({ nodes, instanceType, pods, prefixLength }: PlanFlags, plan: Plan): string[] {
  const verdict = plan.fits
    ? 'it fits'
    : `it does not fit; the smallest subnet that holds it is a /${plan.prefixLengthNeeded}`;
  const seed = plan.seed.fits ? 'so it fits' : 'so it does not fit';
  return [
    ...wrap(
      `${nodes} × ${instanceType} with ${pods} pods take ${plan.total} of the ${plan.size} addresses ` +
        `of a /${prefixLength}: ${verdict}`,
    ),
    ...wrap(`the guides’ formula says ${plan.seed.formula}, ${seed}`),
    ...(plan.fits ? [] : wrap(dryText(pods, plan))),
  ];
}

/** What becomes of the pods when the subnet is too small for the warm pools. */
function dryText(pods: number, { settings }: Plan): string {
  const carried = settings[0]?.podsMax ?? 0;
  if (carried < pods)
    return `only ${carried} of the ${pods} pods get an address, and the subnet is dry`;
  return (
    `the ${pods} pods do get addresses (${carried} would), but warm pools then drain the subnet: ` +
    'the next node, load balancer or control plane upgrade fails'
  );
}

function notes(plan: Plan): string[] {
  const lines = wrap(
    `max pods per node: ${plan.maxPods.formula} (managed node group; aws-node and kube-proxy take 2)`,
  );
  if (plan.podsWithoutSlot > 0)
    lines.push(`${plan.podsWithoutSlot} pods have no slot: more nodes, or prefix delegation`);
  if (plan.podsWithoutAddress > 0)
    lines.push(
      `${plan.podsWithoutAddress} pods have a slot but get no address with these settings`,
    );
  lines.push(
    ...wrap(
      'ADDRESSES: what all nodes hold at rest for these pods. CARRIED: pods that get an address if more ' +
        'and more come. Everything is taken to be in one subnet; spread over zones it divides.',
    ),
  );
  return lines;
}
