/**
 * api/kubernetes/table/column — what a kind shows in `kubectl get`: its columns, and the cells of
 * one object. The API server's tables and the command line's `get` read the same definitions.
 *
 * Upstream: kubernetes/kubernetes@59882936 pkg/printers/internalversion/printers.go (names, types,
 * priorities; descriptions are our own words), always as with GenerateOptions{Wide: true}: clients
 * leave out what has a priority above 0.
 */
import type { ObjectMeta } from '../../../model/kubernetes/meta.ts';
import { parseTimestamp } from '../../../model/time.ts';
import { humanDuration } from './human-duration.ts';

/** meta.k8s.io/v1 TableColumnDefinition. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 = always shown, more = only with `-o wide`. */
  readonly priority: number;
}

/** A cell; null is shown as nothing. */
export type Cell = string | number | boolean | null;

/** How the objects of a kind become rows. */
export interface RowPrinter<Row> {
  readonly columns: readonly ColumnDefinition[];
  /** As many as there are columns. `nowMs` is the twin's time, for ages. */
  readonly cells: (row: Row, nowMs: number) => readonly Cell[];
}

type Extra = { readonly type?: string; readonly format?: string; readonly wide?: boolean };

/** One column's definition; text that is always shown unless `extra` says otherwise. */
export const column = (name: string, description: string, extra: Extra = {}): ColumnDefinition => ({
  name,
  type: extra.type ?? 'string',
  format: extra.format ?? '',
  description,
  priority: extra.wide === true ? 1 : 0,
});

export const wide = (name: string, description: string): ColumnDefinition =>
  column(name, description, { wide: true });

export const count = (name: string, description: string): ColumnDefinition =>
  column(name, description, { type: 'integer' });

export const flag = (name: string, description: string): ColumnDefinition =>
  column(name, description, { type: 'boolean' });

export const NAME = column('Name', 'The name of the object.', { format: 'name' });
export const AGE = column('Age', 'The time since the object was created.');

/** The columns that say what a workload's pods are made of. */
export const TEMPLATE_COLUMNS = [
  wide('Containers', 'The names of the containers of the pod template.'),
  wide('Images', 'The images of the containers of the pod template.'),
];
export const SELECTOR = wide('Selector', 'The labels by which pods are selected.');

/** Time since a timestamp, `<unknown>` where there is none. */
export function since(timestamp: string | undefined, nowMs: number): string {
  const at = timestamp === undefined ? undefined : parseTimestamp(timestamp);
  return at === undefined ? '<unknown>' : humanDuration(nowMs - at);
}

/** The AGE cell. */
export const ageOf = (metadata: ObjectMeta, nowMs: number): string =>
  since(metadata.creationTimestamp, nowMs);
