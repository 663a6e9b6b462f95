/** cli/render/table — columns that line up as kubectl's do: upper-case heads, three blanks between. */

/** One column: its head and what it shows of a row. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string | number | undefined;
  /** Shown only with `-o wide`. */
  readonly wide?: boolean;
  /** Numbers read better right-aligned. */
  readonly right?: boolean;
}

const GAP = '   ';
/** What kubectl prints for nothing. */
const NONE = '<none>';

/** The rows under their heads, one line each, no trailing blanks. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { wide = false, heads = true }: { readonly wide?: boolean; readonly heads?: boolean } = {},
): string[] {
  const shown = columns.filter((column) => column.wide !== true || wide);
  const cells = rows.map((row) => shown.map(({ cell }) => String(cell(row) ?? NONE)));
  if (heads) cells.unshift(shown.map(({ head }) => head));
  const widths = shown.map((_, i) => Math.max(0, ...cells.map((line) => line[i]!.length)));
  return cells.map((line) =>
    line
      .map((cell, i) =>
        shown[i]!.right === true ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!),
      )
      .join(GAP)
      .trimEnd(),
  );
}
