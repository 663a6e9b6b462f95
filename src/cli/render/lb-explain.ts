/**
 * cli/render/lb-explain — an explanation for a person: one line a field of AWS, with what it came
 * from on the left and the place in the files on the right.
 */
import type {
  ExplainedResource,
  ExplainedSubnets,
  Explanation,
  Mapping,
  Origin,
} from '../../analysis/load-balancer/explain/explanation.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** The whole explanation, without a final newline. */
export function explanationText(explanation: Explanation): string {
  const { object, claim, loadBalancer, resources, reasons, remedies = [], subnets } = explanation;
  const lines = wrap(claim, `${object}: `);
  lines.push(
    loadBalancer === undefined
      ? '  no load balancer'
      : `  ${loadBalancer.name}, ${loadBalancer.state}: ${loadBalancer.dnsName}`,
  );
  if (loadBalancer === undefined && reasons.length === 0) {
    lines.push('  ! nothing was recorded on it: the controller has not looked at it yet');
  }
  for (const reason of reasons) lines.push(...wrap(reason, '  ! '));
  for (const { where, text, hint } of remedies) {
    lines.push('', ...wrap(`${where}: ${text}`, 'to mend it: '), ...wrap(hint, '  hint: '));
  }
  if (subnets !== undefined) lines.push('', ...subnetLines(subnets));
  if (resources.length > 0) lines.push('', ...resourceLines(resources));
  return lines.join('\n');
}

interface Row {
  readonly from: string;
  readonly to: string;
  readonly where: string;
}

/** Longer values are cut in the table; -o json has them whole. */
const SAID_MAX = 60;

function resourceLines(resources: readonly ExplainedResource[]): string[] {
  const rows = resources.flatMap(({ name, mappings }) => [
    { from: `${name}:`, to: '', where: '' },
    ...mappings.map((mapping, i) => rowOf(mapping, mappings[i - 1])),
  ]);
  const columns = [
    { head: '', cell: ({ from }: Row) => from },
    { head: '', cell: ({ to }: Row) => to },
    { head: '', cell: ({ where }: Row) => where },
  ];
  return table(columns, rows, { heads: false });
}

/** The origin is told once for fields that share it. */
function rowOf({ field, value, origin }: Mapping, before: Mapping | undefined): Row {
  const isSame = before !== undefined && sameOrigin(before.origin, origin);
  return {
    from: isSame ? '  "' : `  ${originText(origin)}`,
    to: `-> ${field} = ${value}`,
    where: isSame ? '' : (origin.where ?? ''),
  };
}

const sameOrigin = (a: Origin, b: Origin): boolean =>
  a.object === b.object && a.field === b.field && a.said === b.said;

function originText({ object, field, said }: Origin): string {
  const value = said === undefined || said === '' ? '' : `: ${shortened(said)}`;
  return object === undefined ? `(${field})` : `${object} ${field}${value}`;
}

const shortened = (text: string): string => {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > SAID_MAX ? `${line.slice(0, SAID_MAX - 1)}…` : line;
};

function subnetLines({ source, problem, considered }: ExplainedSubnets): string[] {
  const lines = [`subnets, ${source}:`];
  if (problem !== undefined) lines.push(...wrap(problem, '  ! '));
  const rows = [...considered].sort((a, b) => (a.subnet.subnetId < b.subnet.subnetId ? -1 : 1));
  const columns = [
    { head: '  SUBNET', cell: ({ subnet }: (typeof rows)[number]) => `  ${subnet.subnetId}` },
    { head: 'NAME', cell: ({ subnet }: (typeof rows)[number]) => subnet.tags.Name },
    { head: 'ZONE', cell: ({ subnet }: (typeof rows)[number]) => subnet.availabilityZone },
    {
      head: 'FREE',
      cell: ({ subnet }: (typeof rows)[number]) => subnet.availableIpAddressCount,
      right: true,
    },
    { head: 'FATE', cell: ({ fate }: (typeof rows)[number]) => fate },
    { head: 'BECAUSE', cell: ({ reason }: (typeof rows)[number]) => reason },
  ];
  return [...lines, ...table(columns, rows)];
}
