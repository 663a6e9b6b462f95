/**
 * api/kubernetes/apply/field-owners — who manages which fields: metadata.managedFields read
 * into sets and written back.
 *
 * Upstream: kubernetes/apimachinery v0.34.1 pkg/util/managedfields/internal/{managedfields,
 * conflict,capmanagers}.go.
 */
import type { FieldsV1, ManagedFieldsEntry } from '../../../model/kubernetes/meta.ts';
import { type FieldSet, fieldSetOf } from './field-set.ts';

/** Who writes: by name, by which sort of request, in which version, through which door. */
export interface ManagerId {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource?: string | undefined;
}

export interface Manager extends ManagerId {
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** An applier is one in all versions, an updater one in each. */
export const isSameManager = (a: ManagerId, b: ManagerId): boolean =>
  a.manager === b.manager &&
  a.operation === b.operation &&
  (a.subresource ?? '') === (b.subresource ?? '') &&
  (a.operation === 'Apply' || a.apiVersion === b.apiVersion);

/** `[]` and `[{}]` forget all managers. */
export const isReset = (entries: readonly ManagedFieldsEntry[] | undefined): boolean =>
  entries !== undefined &&
  (entries.length === 0 || (entries.length === 1 && Object.keys(entries[0]!).length === 0));

/** The managers of an object; none where an entry makes no sense. */
export function managersOf(entries: readonly ManagedFieldsEntry[] | undefined): Manager[] {
  const managers: Manager[] = [];
  for (const entry of entries ?? []) {
    const { manager = '', operation, apiVersion, fieldsType, subresource } = entry;
    if (operation !== 'Apply' && operation !== 'Update') return [];
    if (!apiVersion || fieldsType !== 'FieldsV1') return [];
    managers.push({
      manager,
      operation,
      apiVersion,
      ...(subresource === undefined || subresource === '' ? {} : { subresource }),
      time: entry.time,
      fields: fieldSetOf(entry.fieldsV1),
    });
  }
  return managers;
}

/** kubernetes/apimachinery internal/fieldmanager.go DefaultMaxUpdateManagers. */
const UPDATERS_MAX = 10;
const ANCIENT = 'ancient-changes';

/** Entries in the order upstream keeps; too many updaters become one. */
export function entriesOf(managers: readonly Manager[]): ManagedFieldsEntry[] {
  return capped(managers.filter((it) => !it.fields.isEmpty))
    .toSorted(inOrder)
    .map((it) => ({
      manager: it.manager,
      operation: it.operation,
      apiVersion: it.apiVersion,
      ...(it.time === undefined ? {} : { time: it.time }),
      fieldsType: 'FieldsV1' as const,
      fieldsV1: shared(it.fields.toFieldsV1()),
      ...(it.subresource === undefined ? {} : { subresource: it.subresource }),
    }));
}

const inOrder = (a: Manager, b: Manager): number =>
  byText(a.operation, b.operation) ||
  byText(a.time ?? '', b.time ?? '') ||
  byText(a.manager, b.manager) ||
  byText(a.apiVersion, b.apiVersion) ||
  byText(a.subresource ?? '', b.subresource ?? '');

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The oldest updaters of a version become one. */
function capped(managers: readonly Manager[]): readonly Manager[] {
  const updaters = managers.filter((it) => it.operation === 'Update');
  let surplus = updaters.length - UPDATERS_MAX;
  if (surplus <= 0) return managers;
  const left = new Set(managers);
  const oldest = new Map<string, Manager>();
  for (const updater of updaters.toSorted((a, b) => byText(a.time ?? '', b.time ?? ''))) {
    if (surplus <= 0) break;
    const first = oldest.get(updater.apiVersion);
    left.delete(updater);
    if (first === undefined) {
      oldest.set(updater.apiVersion, updater);
      left.add(updater);
      continue;
    }
    left.delete(first);
    const bucket: Manager = {
      manager: ANCIENT,
      operation: 'Update',
      apiVersion: updater.apiVersion,
      time: updater.time,
      fields: first.fields.union(updater.fields),
    };
    oldest.set(updater.apiVersion, bucket);
    left.add(bucket);
    surplus--;
  }
  return [...left];
}

/** Pods of one template have the same fields: they share one object. */
const known = new Map<string, FieldsV1>();
const KNOWN_MAX = 1000;

function shared(fields: FieldsV1): FieldsV1 {
  const text = JSON.stringify(fields);
  const found = known.get(text);
  if (found !== undefined) return found;
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(text, fields);
  return fields;
}

/** `"kubectl-edit" using v1 at 2026-01-01T00:00:00Z`, as a conflict names whom it is with. */
export function managerText({
  manager,
  operation,
  apiVersion,
  time,
  subresource,
}: Manager): string {
  const quoted = JSON.stringify(manager);
  const name = subresource === undefined ? quoted : `${quoted} with subresource "${subresource}"`;
  if (operation === 'Apply') return name;
  return time === undefined
    ? `${name} using ${apiVersion}`
    : `${name} using ${apiVersion} at ${time}`;
}
