/**
 * cli/render/capacity — a capacity answer for somebody who was woken up: first what is wrong, then
 * the tables it follows from, then what to do.
 */
import type { CapacityAnswer } from '../../analysis/capacity/answer.ts';
import type { Fit } from '../../analysis/capacity/fit.ts';
import { remedyLines, settingsTable } from './capacity-settings.ts';
import { blockMaps, subnetLabel, subnetTable, usedByTable } from './capacity-subnets.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

type NodeRow = CapacityAnswer['nodes'][number];

/** Fullest nodes come first; further ones are counted only. */
const NODE_ROWS_MAX = 40;

/** Everything, as lines. */
export function capacityText(answer: CapacityAnswer): string {
  const sections = [
    headlines(answer),
    subnetTable(answer.subnets),
    usedByTable(answer.subnets),
    blockMaps(answer.subnets),
    nodeTable(answer.nodes),
    settingsTable(answer.settings).length > 1 ? settingsTable(answer.settings) : [],
    remedyLines(answer.remedies),
    seedLines(answer),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** One sentence per subnet with nodes, the fullest first, then what fits. */
function headlines({ subnets, settings, fit, planned }: CapacityAnswer): string[] {
  const withNodes = subnets
    .filter((row) => row.nextNode !== undefined)
    .toSorted((a, b) => a.free - b.free);
  const lines = withNodes.flatMap((row) =>
    wrap(
      `${subnetLabel(row)}: ${row.free} of ${row.size - row.reserved} addresses free; ` +
        `${row.nextNode?.text}`,
    ),
  );
  lines.push(...wantedLines(subnets, settings[0]));
  lines.push(...fitLines(fit));
  if (planned !== undefined) {
    const verdict =
      planned.missing === 0 ? 'all of them fit' : `${planned.missing} of them do not fit`;
    lines.push(`planned: ${planned.pods} more pods: ${verdict}`);
  }
  return lines;
}

/** What the nodes' pools want at rest, where a subnet cannot give it. */
function wantedLines(
  subnets: CapacityAnswer['subnets'],
  now: CapacityAnswer['settings'][number] | undefined,
): string[] {
  return (now?.subnets ?? []).flatMap(({ subnetId, addresses, fits }) => {
    const row = subnets.find((subnet) => subnet.subnetId === subnetId);
    if (fits || row === undefined) return [];
    const usable = row.size - row.reserved;
    return wrap(
      `${subnetLabel(row)}: its nodes want ${addresses} of ${usable} addresses once every pool is ` +
        'warm; some stay without their warm ENI',
    );
  });
}

function fitLines({
  subject,
  fits,
  schedulable,
  startBeforeFirstStuck,
  next,
  nextState,
  caveats,
}: Fit): string[] {
  if (next === undefined) return [`${subject}: there are no nodes to put it on`];
  const lines = wrap(
    `${subject}: ${fits} more fit; the next stays ${nextState} (${next.kind} on ${shortName(next.nodeName)}): ` +
      next.text,
  );
  if (startBeforeFirstStuck !== undefined && schedulable > fits) {
    lines.push(
      ...wrap(
        `the scheduler cannot see addresses: it would bind ${schedulable}; ` +
          `${schedulable - fits} get none, the first after about ${startBeforeFirstStuck} have started`,
        '  ',
      ),
    );
  }
  return [...lines, ...caveats.map((caveat) => `  not counted: ${caveat}`)];
}

const shortName = (nodeName: string): string => nodeName.split('.')[0] ?? nodeName;

/** ENIs, pool and pods of each node, and what limits the next pod there. */
function nodeTable(nodes: readonly NodeRow[]): string[] {
  if (nodes.length === 0) return [];
  const rows = nodes.toSorted((a, b) => a.nextPod.fits - b.nextPod.fits).slice(0, NODE_ROWS_MAX);
  const lines = table<NodeRow>(
    [
      { head: 'NODE', cell: (row) => shortName(row.nodeName) },
      { head: 'TYPE', cell: (row) => row.instanceType },
      { head: 'ENIS', right: true, cell: (row) => `${row.enis}/${row.eniSlots}` },
      { head: 'POOL', right: true, cell: poolText },
      { head: 'ASSIGNED', right: true, cell: (row) => row.assigned },
      { head: 'COOLING', right: true, cell: (row) => row.cooling },
      { head: 'WARM', right: true, cell: (row) => row.warm },
      { head: 'BRANCH', right: true, cell: branchText },
      { head: 'PODS', right: true, cell: (row) => `${row.pods}/${row.maxPods}` },
      { head: 'MORE', right: true, cell: (row) => row.nextPod.fits },
      { head: 'THEN', cell: (row) => row.nextPod.stop.kind },
    ],
    rows,
  );
  if (nodes.length > rows.length)
    lines.push(`… and ${nodes.length - rows.length} nodes with more room (-o json has them)`);
  return [...lines, ...stopLines(rows)];
}

const poolText = ({ poolAddresses, prefixes }: NodeRow): string =>
  prefixes === 0 ? String(poolAddresses) : `${poolAddresses} (${prefixes} × /28)`;

const branchText = ({ branchEnis }: NodeRow): string =>
  branchEnis === undefined ? '-' : `${branchEnis.used}/${branchEnis.max}`;

/** Each sort of stop once, with its numbers, from the fullest node that has it. */
function stopLines(rows: readonly NodeRow[]): string[] {
  const seen = new Set<string>();
  return rows.flatMap(({ nodeName, nextPod: { stop } }) => {
    if (seen.has(stop.kind)) return [];
    seen.add(stop.kind);
    return wrap(stop.text, `  ${stop.kind}, ${shortName(nodeName)}: `);
  });
}

function seedLines({ seed }: CapacityAnswer): string[] {
  if (seed.terms.nodes === 0) return [];
  return wrap(
    `${seed.formula}, where nodes + pods + load balancers + NAT gateways + reserved is the sum many ` +
      `guides give. In truth ${seed.taken} are taken: warm addresses, ENIs’ primary addresses, the ` +
      'control plane and five reserved in every subnet are not in that sum.',
    'GUIDE’S FORMULA: ',
  );
}
