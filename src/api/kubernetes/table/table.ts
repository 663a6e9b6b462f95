/**
 * api/kubernetes/table/table — objects as meta.k8s.io Table, which is what `kubectl get` asks for.
 *
 * Upstream: kubernetes/apimachinery pkg/apis/meta/v1/types.go Table, TableOptions;
 * kubernetes/apiserver pkg/endpoints/handlers/response.go asTable. `-o wide`, `-A`, `--show-labels` and `-L` are kubectl's
 * own work over these columns and the rows' metadata.
 */
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import type { Cell, ColumnDefinition, RowPrinter } from './column.ts';

/** What a row carries beside its cells: metadata unless a client asks otherwise. */
export type IncludeObject = 'Metadata' | 'Object' | 'None';

interface TableRow {
  readonly cells: readonly Cell[];
  readonly conditions?: readonly object[];
}

const completed = (reason: string, message: string): readonly object[] => [
  { type: 'Completed', status: 'True', reason, message },
];
/** Finished pods are told apart (printers.go podSuccessConditions, podFailedConditions). */
const CONDITIONS: Readonly<Record<string, readonly object[]>> = {
  Succeeded: completed('Succeeded', 'The pod has completed successfully.'),
  Failed: completed('Failed', 'The pod failed.'),
};

/** What a table says before its rows. */
export interface TableHead {
  readonly kind: 'Table';
  readonly apiVersion: string;
  /** Of a list: resourceVersion, continue, remainingItemCount. */
  readonly metadata: object;
  readonly columnDefinitions: readonly ColumnDefinition[];
}

/** One object's row, as it leaves for a client; what goes with it beside its cells is the caller's. */
export function tableRow(
  printer: RowPrinter<never>,
  object: KubernetesObject,
  nowMs: number,
): TableRow {
  const cells = printer.cells(object as never, nowMs);
  const conditions = conditionsOf(object);
  return conditions === undefined ? { cells } : { cells, conditions };
}

const conditionsOf = (object: KubernetesObject): readonly object[] | undefined => {
  if (object.kind !== 'Pod') return undefined;
  const phase = (object.status as { readonly phase?: string } | undefined)?.phase;
  return phase === undefined ? undefined : CONDITIONS[phase];
};
