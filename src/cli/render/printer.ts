/** cli/render/printer — how a kind is shown: its columns, and what they may look at. */
import type { TwinStore } from '../../model/kinds.ts';
import type { Column } from './table.ts';

/** What columns may look at beside the row. */
export interface View {
  readonly store: TwinStore;
  readonly nowMs: number;
  /** AvailableIpAddressCount of a subnet, as EC2 answers. */
  readonly availableAddresses: (subnetId: string) => number | undefined;
}

export type Printer<Row> = (view: View) => readonly Column<Row>[];
