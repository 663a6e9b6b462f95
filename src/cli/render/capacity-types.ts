/** cli/render/capacity-types — max pods of one instance type, mode by mode. */
import type { ModeCapacity, TypeCapacity } from '../../analysis/capacity/type-capacity.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

const MIB_PER_GIB = 1024;

/** `m5.large: 3 ENIs × 10 addresses, …`, a table of modes, notes. */
export function typeCapacityText(answer: TypeCapacity): string {
  const cards = answer.networkCards > 1 ? ` (default of ${answer.networkCards} network cards)` : '';
  const size =
    answer.vcpus === undefined || answer.memoryMib === undefined
      ? 'size unknown'
      : `${answer.vcpus} vCPUs, ${answer.memoryMib / MIB_PER_GIB} GiB`;
  const branch =
    answer.branchEnis === undefined
      ? 'no branch ENIs (security groups for pods do not run here)'
      : `${answer.branchEnis} branch ENIs for security groups for pods`;
  const lines = [
    ...wrap(
      `${answer.enis} ENIs${cards} × ${answer.ipv4PerEni} addresses, ${size}, ${answer.hypervisor}, ` +
        branch,
      `${answer.instanceType}: `,
    ),
    ...table<ModeCapacity>(
      [
        { head: 'MODE', cell: (row) => row.mode },
        { head: 'LIMIT BY', cell: (row) => row.where },
        { head: 'MAX-PODS', right: true, cell: (row) => row.maxPods },
        { head: 'SUM', cell: (row) => row.formula },
      ],
      answer.modes,
    ).map((line) => `  ${line}`),
  ];
  if (answer.allocatable !== undefined) {
    const { cpuMilli, memoryMib } = answer.allocatable;
    lines.push(`  left for pods by the kubelet: ${cpuMilli}m CPU, ${memoryMib}Mi memory`);
  }
  for (const note of answer.notes) lines.push(...wrap(note, '  note: '));
  return lines.join('\n');
}
