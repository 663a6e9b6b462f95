/** cli/render/capacity-subnets — subnets of a capacity answer: who has the addresses, the map. */
import { ADDRESS_USES, type AddressUse } from '../../analysis/capacity/address-user.ts';
import type { CapacityAnswer } from '../../analysis/capacity/answer.ts';
import { BLOCK_MARKS } from '../../analysis/capacity/fragmentation.ts';
import { type Column, table } from './table.ts';
import { wrap } from './wrap.ts';

type Row = CapacityAnswer['subnets'][number];

const HEAD: Readonly<Record<AddressUse, string>> = {
  'node-primary': 'NODE',
  'eni-primary': 'ENI',
  'trunk-eni': 'TRUNK',
  pod: 'POD',
  warm: 'WARM',
  cooling: 'COOLING',
  'prefix-idle': 'PREFIX-IDLE',
  'branch-pod': 'BRANCH',
  'fargate-pod': 'FARGATE',
  'control-plane': 'X-ENI',
  'load-balancer': 'LB',
  'nat-gateway': 'NAT',
  endpoint: 'ENDPOINT',
  'transit-gateway': 'TGW',
  rds: 'RDS',
  efs: 'EFS',
  lambda: 'LAMBDA',
  instance: 'INSTANCE',
  'leaked-eni': 'LEAKED',
  other: 'OTHER',
};

/** What each head means, for the legend. */
const MEANING: Readonly<Partial<Record<AddressUse, string>>> = {
  'node-primary': 'NODE a node’s own address',
  'eni-primary': 'ENI the primary address of a further ENI',
  warm: 'WARM idle secondary address',
  cooling: 'COOLING released less than 30 s ago',
  'prefix-idle': 'PREFIX-IDLE idle address of a delegated /28',
  'control-plane': 'X-ENI the control plane’s',
  'leaked-eni': 'LEAKED ENI the CNI left behind',
};

/** CloudFormation names a subnet `stack/SubnetPrivateA`; the stack says nothing here. */
const shortName = (name: string | undefined): string | undefined => name?.split('/').pop();

/** What to call a subnet in a sentence. */
export const subnetLabel = ({ subnetId, name }: Row): string =>
  name === undefined ? subnetId : `${subnetId} ${shortName(name)}`;

const number = (head: string, cell: (row: Row) => number): Column<Row> => ({
  head,
  cell,
  right: true,
});

/** Size, reserved, used, free and how the free part lies. */
export function subnetTable(rows: readonly Row[]): string[] {
  const columns: Column<Row>[] = [
    { head: 'SUBNET', cell: (row) => row.subnetId },
    { head: 'NAME', cell: (row) => shortName(row.name) },
    { head: 'ZONE', cell: (row) => row.availabilityZone },
    { head: 'CIDR', cell: (row) => row.cidr },
    number('SIZE', (row) => row.size),
    number('RSV', (row) => row.reserved),
    number('USED', (row) => row.used),
    number('FREE', (row) => row.free),
    number('RUN', (row) => row.fragmentation.largestFreeRun),
    number('/28', (row) => row.fragmentation.freeBlocks.length),
  ];
  return [...table(columns, rows), SUBNET_LEGEND];
}

const SUBNET_LEGEND =
  '(RSV kept by AWS; RUN longest run of free addresses; /28 whole free blocks, one per prefix)';

/** Used addresses by kind; only kinds that occur, in two tables when one would be too wide. */
export function usedByTable(rows: readonly Row[]): string[] {
  const used = rows.filter((row) => row.used > 0);
  const uses = ADDRESS_USES.filter((use) => used.some((row) => row.usedBy[use] !== undefined));
  const columns = uses.map((use) => number(HEAD[use], (row) => row.usedBy[use] ?? 0));
  const first: Column<Row> = {
    head: 'USED BY',
    cell: (row) => shortName(row.name) ?? row.subnetId,
  };
  if (used.length === 0) return [];
  const legend = uses.flatMap((use) => MEANING[use] ?? []).join('; ');
  const lines: string[] = [];
  for (let at = 0; at < columns.length; at += COLUMNS_PER_TABLE) {
    if (at > 0) lines.push('');
    lines.push(...table([first, ...columns.slice(at, at + COLUMNS_PER_TABLE)], used));
  }
  return legend === '' ? lines : [...lines, ...wrap(`${legend})`, '(')];
}

const COLUMNS_PER_TABLE = 8;

/** A map of more rows helps nobody on a terminal. */
const MAP_ROWS_MAX = 16;

/** One mark per /28 of every subnet somebody uses. */
export function blockMaps(rows: readonly Row[]): string[] {
  const lines: string[] = [];
  for (const row of rows) {
    const { map, freeBlocks, totalBlocks, spoiltByOne } = row.fragmentation;
    if (row.used === 0) continue;
    const spoilt = spoiltByOne > 0 ? `, ${spoiltByOne} spoilt by a single address` : '';
    lines.push(
      `${subnetLabel(row)}: ${freeBlocks.length} of ${totalBlocks} /28 blocks free${spoilt}`,
    );
    if (map.length > MAP_ROWS_MAX) lines.push('  (map left out here; -o json has it)');
    else lines.push(...map.map(({ from, blocks }) => `  ${from.padEnd(15)} ${blocks}`));
  }
  if (lines.length === 0) return [];
  const { free, partlyUsed, full, prefix, reserved } = BLOCK_MARKS;
  const legend =
    `one mark per /28: ${free} free, ${partlyUsed} partly used, ${full} full, ` +
    `${prefix} delegated prefix, ${reserved} free but for AWS’s own`;
  return [`MAP (${legend})`, ...lines];
}
