/** cli/render/printer — how a kind is shown: its columns, and what they may look at. */
import type { TwinStore } from '../../model/kinds.ts';
import type { ObjectMeta } from '../../model/kubernetes/meta.ts';
import { parseTimestamp } from '../../model/time.ts';
import { humanDuration } from './age.ts';
import type { Column } from './table.ts';

/** What columns may look at beside the row. */
export interface View {
  readonly store: TwinStore;
  readonly nowMs: number;
  /** AvailableIpAddressCount of a subnet, as EC2 answers. */
  readonly availableAddresses: (subnetId: string) => number | undefined;
}

export type Printer<Row> = (view: View) => readonly Column<Row>[];

interface HasMeta {
  readonly metadata: ObjectMeta;
}

export const nameColumn: Column<HasMeta> = { head: 'NAME', cell: (row) => row.metadata.name };

/** Time since the object was made. */
export const ageColumn = (view: View): Column<HasMeta> => ({
  head: 'AGE',
  cell: (row) => ageOf(view, row.metadata.creationTimestamp),
});

export function ageOf(view: View, since: string | undefined): string {
  const at = since === undefined ? undefined : parseTimestamp(since);
  return at === undefined ? '<unknown>' : humanDuration(view.nowMs - at);
}

/** `a=1,b=2`, or `<none>`. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(labels ?? {});
  if (entries.length === 0) return '<none>';
  return entries.map(([key, value]) => `${key}=${value}`).join(',');
}
