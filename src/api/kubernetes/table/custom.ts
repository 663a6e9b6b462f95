/**
 * api/kubernetes/table/custom — rows of custom resources: the columns their definition asks for,
 * else the age.
 *
 * Upstream: kubernetes/apiextensions-apiserver pkg/registry/customresource/tableconvertor; without
 * any printer of a kind's own: kubernetes/apiserver pkg/registry/rest/table.go.
 */
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import {
  type Cell,
  type ColumnDefinition,
  column,
  NAME,
  type RowPrinter,
  since,
} from './column.ts';
import { findJsonPath, type JsonPath, parseJsonPath } from './json-path.ts';

/** One of `spec.versions[].additionalPrinterColumns`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string | undefined;
  readonly description?: string | undefined;
  readonly priority?: number | undefined;
}

const AGE_COLUMN: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'The time since the object was created.',
};

/** How objects of a custom resource are shown. */
export function customRows(columns: readonly PrinterColumn[] = []): RowPrinter<KubernetesObject> {
  const shown = columns.length === 0 ? [AGE_COLUMN] : columns;
  const paths = shown.map(({ jsonPath }) => parseJsonPath(jsonPath));
  return {
    columns: [NAME, ...shown.map(definitionOf)],
    cells: (object, nowMs) => [
      object.metadata.name,
      ...shown.map(({ type }, i) => cellOf(paths[i], type, object, nowMs)),
    ],
  };
}

const definitionOf = (it: PrinterColumn): ColumnDefinition => ({
  name: it.name,
  type: it.type,
  format: it.format ?? '',
  description:
    it.description || `Custom resource definition column (in JSONPath format): ${it.jsonPath}`,
  priority: it.priority ?? 0,
});

function cellOf(
  path: JsonPath | undefined,
  type: string,
  object: KubernetesObject,
  nowMs: number,
): Cell {
  const value = path === undefined ? undefined : findJsonPath(path, object)[0];
  if (value === undefined) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date': {
      const age = typeof value === 'string' ? since(value, nowMs) : null;
      return age === '<unknown>' ? '<invalid>' : age;
    }
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
}

/** Kinds that the API server has no columns for: their name and when they were made. */
export const plainRows: RowPrinter<KubernetesObject> = {
  columns: [NAME, column('Created At', 'When the object was created.', { type: 'date' })],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? null],
};
