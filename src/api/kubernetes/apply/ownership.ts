/**
 * api/kubernetes/apply/ownership — what a create, an update or a patch does to who manages which
 * fields: its writer owns what it changed.
 *
 * Upstream: structured-merge-diff v6.3.0 merge/update.go Updater.Update; kubernetes/apimachinery
 * v0.34.1 pkg/util/managedfields/internal/{managedfieldsupdater,stripmeta,skipnonapplied}.go.
 */
import type { KubernetesObject, ManagedFieldsEntry } from '../../../model/kubernetes/meta.ts';
import { withoutManagers } from '../../../model/kubernetes/meta.ts';
import { emptyObjectOf } from './empty-object.ts';
import {
  entriesOf,
  isReset,
  isSameManager,
  type Manager,
  type ManagerId,
  managersOf,
} from './field-owners.ts';
import { FieldSet } from './field-set.ts';
import type { MapShape } from './shape.ts';
import { type Comparison, compared } from './typed-value.ts';

/** A write, as far as ownership goes. */
export interface Writer extends ManagerId {
  /** The time of the write. */
  readonly now: string;
  readonly shape: MapShape;
  /** The kind has a status subresource: then status is written through that door only. */
  readonly hasStatus: boolean;
}

/** stripmeta.go: nobody's, in whatever write. */
const NOBODYS = nobodys();

function nobodys(): FieldSet {
  const set = new FieldSet();
  for (const name of ['apiVersion', 'kind', 'metadata']) set.insert([`f:${name}`]);
  for (const name of [
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ]) {
    set.insert(['f:metadata', `f:${name}`]);
  }
  return set;
}

/** The fields of a set that a write through this door can change. */
export function ofDoor(set: FieldSet, { subresource, hasStatus }: Writer): FieldSet {
  if (subresource === 'status') return set.only('f:status');
  if (subresource === 'scale') return set.only('f:spec');
  return hasStatus ? set.without('f:status') : set;
}

export const ownable = (set: FieldSet): FieldSet => set.difference(NOBODYS);

/** What changed between two states of an object, as far as anybody can own it. */
export function changes(
  before: KubernetesObject | undefined,
  after: KubernetesObject,
  writer: Writer,
): Comparison {
  const from =
    before === undefined
      ? emptyObjectOf(writer.apiVersion, after.kind)
      : inVersion(before, writer.apiVersion);
  const { added, modified, removed } = compared(
    from,
    inVersion(after, writer.apiVersion),
    writer.shape,
  );
  return {
    added: ofDoor(added, writer),
    modified: ofDoor(modified, writer),
    removed: ofDoor(removed, writer),
  };
}

/** The object without its managers, in a version: no version of a kind has other fields here. */
export const inVersion = (object: KubernetesObject, apiVersion: string): KubernetesObject => {
  const bare = withoutManagers(object);
  return bare.apiVersion === apiVersion ? bare : { ...bare, apiVersion };
};

/**
 * The managers of an object after it was created, replaced or patched. `after` is the object as the
 * writer wants it, defaulted; before what the server makes of it later (addresses, uid).
 */
export function managersAfterWrite(
  before: KubernetesObject | undefined,
  after: KubernetesObject,
  writer: Writer,
): readonly ManagedFieldsEntry[] | undefined {
  const written = after.metadata.managedFields;
  const kept = before?.metadata.managedFields;
  const isDoor = writer.subresource !== undefined;
  if (!isDoor && before !== undefined && isReset(written)) return undefined;
  const fromWriter = isDoor ? [] : managersOf(written);
  const managers = fromWriter.length > 0 ? fromWriter : managersOf(kept);
  // Nobody was told of so far: ownership starts with the first apply.
  if (before !== undefined && managers.length === 0) return undefined;
  const { added, modified, removed } = changes(before, after, writer);
  const gained = ownable(added.union(modified));
  if (gained.isEmpty && removed.isEmpty) {
    return fromWriter.length > 0 ? entriesOf(managers) : kept;
  }
  const self = managers.find((it) => isSameManager(it, writer));
  const taken = added.union(modified).union(removed);
  const others: Manager[] = managers.map((it) =>
    it === self
      ? { ...it, fields: it.fields.difference(removed) }
      : { ...it, fields: it.fields.difference(taken) },
  );
  if (gained.isEmpty) return entriesOf(others);
  const { manager, operation, apiVersion, subresource } = writer;
  const mine: Manager = {
    manager,
    operation,
    apiVersion,
    ...(subresource === undefined ? {} : { subresource }),
    time: writer.now,
    fields: self === undefined ? gained : gained.union(self.fields.difference(removed)),
  };
  return entriesOf([...others.filter((it) => !isSameManager(it, writer)), mine]);
}
