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

export interface TableOptions {
  readonly includeObject?: IncludeObject | undefined;
  /** The twin's time, for ages. */
  readonly nowMs: number;
  /** `meta.k8s.io/v1` unless a client of old asks for `v1beta1`. */
  readonly version?: 'v1' | 'v1beta1' | undefined;
  /** Of a list: resourceVersion, continue, remainingItemCount. */
  readonly metadata?: object | undefined;
  /** Watches say the columns in their first event only. */
  readonly withoutColumns?: boolean | undefined;
}

interface TableRow {
  readonly cells: readonly Cell[];
  readonly conditions?: readonly object[];
  readonly object?: object;
}

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: string;
  readonly metadata: object;
  readonly columnDefinitions: readonly ColumnDefinition[];
  readonly rows: readonly TableRow[];
}

const completed = (reason: string, message: string): readonly object[] => [
  { type: 'Completed', status: 'True', reason, message },
];
/** Finished pods are told apart (printers.go podSuccessConditions, podFailedConditions). */
const CONDITIONS: Readonly<Record<string, readonly object[]>> = {
  Succeeded: completed('Succeeded', 'The pod has completed successfully.'),
  Failed: completed('Failed', 'The pod failed.'),
};

/** The table of some objects of one kind, as they leave for a client. */
export function tableOf(
  printer: RowPrinter<never>,
  objects: readonly KubernetesObject[],
  options: TableOptions,
): Table {
  const { includeObject = 'Metadata', nowMs, version = 'v1' } = options;
  const apiVersion = `meta.k8s.io/${version}`;
  return {
    kind: 'Table',
    apiVersion,
    metadata: options.metadata ?? {},
    columnDefinitions: options.withoutColumns === true ? [] : printer.columns,
    rows: objects.map((object) => {
      const cells = printer.cells(object as never, nowMs);
      const conditions = conditionsOf(object);
      return {
        cells,
        ...(conditions === undefined ? {} : { conditions }),
        ...(includeObject === 'None'
          ? {}
          : {
              object:
                includeObject === 'Object'
                  ? object
                  : { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata },
            }),
      };
    }),
  };
}

const conditionsOf = (object: KubernetesObject): readonly object[] | undefined => {
  if (object.kind !== 'Pod') return undefined;
  const phase = (object.status as { readonly phase?: string } | undefined)?.phase;
  return phase === undefined ? undefined : CONDITIONS[phase];
};
