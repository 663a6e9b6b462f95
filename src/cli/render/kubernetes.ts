/**
 * cli/render/kubernetes — Kubernetes kinds with kubectl's columns: those of the API server's
 * tables.
 */
import type { Cell } from '../../api/kubernetes/table/column.ts';
import { rowPrinterOf, type ShownResource } from '../../api/kubernetes/table/printers.ts';
import type { View } from './printer.ts';
import type { Column } from './table.ts';

/** The columns of a resource, as `kubectl get` would print them. */
export function kubernetesColumns(view: View, resource: ShownResource): Column<unknown>[] {
  const { columns, cells } = rowPrinterOf(view.store, resource);
  let last: { readonly row: unknown; readonly cells: readonly Cell[] } | undefined;
  const cellsOf = (row: unknown): readonly Cell[] => {
    if (last !== undefined && last.row === row) return last.cells;
    last = { row, cells: cells(row as never, view.nowMs) };
    return last.cells;
  };
  return columns.map(({ name, priority }, i) => ({
    head: name.toUpperCase(),
    wide: priority > 0,
    cell: (row) => lineOf(cellsOf(row)[i] ?? ''),
  }));
}

/** kubectl prints what stands before the first line break. */
function lineOf(cell: Exclude<Cell, null>): string {
  const text = String(cell);
  const end = text.search(/[\f\n\r]/);
  return end < 0 ? text : `${text.slice(0, end)}...`;
}
