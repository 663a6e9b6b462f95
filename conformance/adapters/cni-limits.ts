/**
 * conformance/adapters/cni-limits — every row of limits.json against the product's type table.
 *
 * Schema: shared vectors cni/README.md, "limits.json". `inCNI`, `inRC` and `rc` say where a row
 * came from and are not product facts; `stats` and `disagreements` count rows.
 */

import { instanceType } from '../../src/model/ec2/instance-type.ts';
import type { Adapter, CaseResult } from '../adapter.ts';

interface LimitsRow {
  readonly instanceType: string;
  readonly maxENI: number;
  readonly ipv4PerENI: number;
  readonly hypervisor: string | null;
  readonly bareMetal: boolean;
  readonly prefixDelegationSupported: boolean;
  readonly defaultNetworkCardIndex: number;
  readonly networkCards: readonly { networkCardIndex: number; maxInterfaces: number }[];
  readonly isTrunkingCompatible?: boolean | null;
  readonly branchInterfaces?: number | null;
}

interface LimitsFile {
  readonly instances: readonly LimitsRow[];
}

const isLimitsFile = (json: unknown): json is LimitsFile => {
  const { instances } = (json ?? {}) as { instances?: unknown };
  if (!Array.isArray(instances)) return false;
  return instances.every(
    (row: unknown) =>
      typeof row === 'object' && row !== null && 'instanceType' in row && 'maxENI' in row,
  );
};

const cardsText = (cards: LimitsRow['networkCards']): string =>
  cards.map((card) => `${card.networkCardIndex}:${card.maxInterfaces}`).join(',');

const runRow = (row: LimitsRow): CaseResult => {
  const name = row.instanceType;
  const type = instanceType(name);
  if (type === undefined) return { name, failure: 'instance type unknown to ekstwin' };
  const compared: readonly (readonly [field: string, wanted: unknown, got: unknown])[] = [
    ['maxENI', row.maxENI, type.maxEnis],
    ['ipv4PerENI', row.ipv4PerENI, type.ipv4PerEni],
    // A row only the resource controller has carries no hypervisor: the CNI's word is 'unknown'.
    ['hypervisor', row.hypervisor || 'unknown', type.hypervisor],
    ['bareMetal', row.bareMetal, type.bareMetal],
    ['prefixDelegationSupported', row.prefixDelegationSupported, type.prefixDelegation],
    ['defaultNetworkCardIndex', row.defaultNetworkCardIndex, type.defaultNetworkCardIndex],
    ['networkCards', cardsText(row.networkCards), cardsText(type.networkCards)],
    ['isTrunkingCompatible', row.isTrunkingCompatible ?? undefined, type.trunkCompatible],
    ['branchInterfaces', row.branchInterfaces ?? undefined, type.branchInterfaces],
  ];
  const differing = compared.filter(([, wanted, got]) => wanted !== got);
  if (differing.length === 0) return { name };
  const failure = differing
    .map(([field, wanted, got]) => `${field}: wanted ${String(wanted)}, got ${String(got)}`)
    .join('; ');
  return { name, failure };
};

export const adapter: Adapter = {
  name: 'cni/limits',
  accepts: (_path, json) => isLimitsFile(json),
  run: (json) => (isLimitsFile(json) ? json.instances.map(runRow) : []),
};
