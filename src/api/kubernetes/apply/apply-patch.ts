/**
 * api/kubernetes/apply/apply-patch — server-side apply: a config put over the live object. Its
 * applier owns what the config says; what it said before and no longer says goes, unless somebody
 * else owns it too; what others own and it would change is a conflict.
 *
 * Upstream: structured-merge-diff v6.3.0 merge/update.go Updater.Apply; kubernetes/apimachinery
 * v0.34.1 pkg/util/managedfields/internal/{structuredmerge,conflict,lastappliedmanager,
 * lastappliedupdater,skipnonapplied}.go.
 */
import { statusBadRequest, statusInternal } from '../../../cluster/api-status.ts';
import { isEqual } from '../../../cluster/equal.ts';
import type { ApiStatus, StatusCause } from '../../../cluster/kubernetes.ts';
import { LAST_APPLIED } from '../../../cluster/patch-object.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { entriesOf, isSameManager, type Manager, managersOf, managerText } from './field-owners.ts';
import { FieldSet, pathText } from './field-set.ts';
import { changes, inVersion, ofDoor, ownable, type Writer } from './ownership.ts';
import {
  compared,
  fieldsOf,
  merged,
  typedErrors,
  withNamedFields,
  withoutFields,
} from './typed-value.ts';

export interface Applied {
  /** As it is to be stored, with its managers; not defaulted. */
  readonly object: KubernetesObject;
}

/**
 * Applies a config.
 *
 * @param live  what is stored, in the writer's version; undefined: the config creates it
 * @param config  what the client sent: apiVersion, kind and metadata.name are there
 */
export function applyPatch(
  live: KubernetesObject | undefined,
  config: KubernetesObject,
  writer: Writer,
  isForced: boolean,
): Applied | ApiStatus {
  if (config.apiVersion !== writer.apiVersion) {
    return statusBadRequest(
      'Incorrect version specified in apply patch. Specified patch version: ' +
        `${config.apiVersion}, expected: ${writer.apiVersion}`,
    );
  }
  if (config.metadata.managedFields !== undefined && config.metadata.managedFields !== null) {
    return statusBadRequest('metadata.managedFields must be nil');
  }
  const errors = typedErrors(config, writer.shape);
  if (errors.length > 0) return cannotBeTyped(config, errors);
  const before = live === undefined ? undefined : inVersion(live, writer.apiVersion);
  const managers = managersBefore(live, before, writer);
  const first = applyOnce(before, config, writer, managers);
  const { conflicts } = first;
  const allowed = conflicts.length > 0 && !isForced ? fromLastApplied(before, writer) : undefined;
  const open =
    allowed === undefined ? conflicts : conflicts.filter(({ path }) => !allowed.has(path));
  if (open.length > 0 && !isForced) return conflictStatus(open);
  return { object: withLastApplied(config, finish(first, writer), writer) };
}

/** Objects nobody is told of are owned by what was before the first apply. */
function managersBefore(
  live: KubernetesObject | undefined,
  before: KubernetesObject | undefined,
  writer: Writer,
): Manager[] {
  const managers = managersOf(live?.metadata.managedFields);
  if (before === undefined || managers.length > 0) return managers;
  const { added, modified } = changes(undefined, before, { ...writer, subresource: undefined });
  const fields = ownable(added.union(modified));
  const { apiVersion, now } = writer;
  return fields.isEmpty
    ? []
    : [{ manager: BEFORE_FIRST, operation: 'Update', apiVersion, time: now, fields }];
}

const BEFORE_FIRST = 'before-first-apply';

interface Conflict {
  readonly manager: Manager;
  readonly path: readonly string[];
}

interface Outcome {
  readonly before: KubernetesObject | undefined;
  readonly object: KubernetesObject;
  readonly managers: readonly Manager[];
  readonly conflicts: readonly Conflict[];
  /** What the applier owned before. */
  readonly last: Manager | undefined;
}

function applyOnce(
  before: KubernetesObject | undefined,
  config: KubernetesObject,
  writer: Writer,
  managers: readonly Manager[],
): Outcome {
  const { shape, manager, apiVersion, subresource, now } = writer;
  const last = managers.find((it) => isSameManager(it, writer));
  const all = merged(before, config, shape) as KubernetesObject;
  const fields = ofDoor(fieldsOf(config, shape), writer);
  const mine: Manager = {
    manager,
    operation: 'Apply',
    apiVersion,
    ...(subresource === undefined ? {} : { subresource }),
    time: now,
    fields,
  };
  const others = managers.filter((it) => it !== last);
  const object = pruned(all, last, [...others, mine], shape);
  const { added, modified, removed } = changes(before, object, writer);
  const changed = added.union(modified);
  const conflicts: Conflict[] = [];
  const left: Manager[] = [];
  for (const other of others) {
    const lost = other.fields.intersection(changed);
    for (const path of lost.paths()) conflicts.push({ manager: other, path });
    left.push({ ...other, fields: other.fields.difference(lost).difference(removed) });
  }
  return { before, object, managers: [...left, mine], conflicts, last };
}

/** Takes away what the applier owned and no longer writes, where nobody else owns it. */
function pruned(
  all: KubernetesObject,
  last: Manager | undefined,
  managers: readonly Manager[],
  shape: Writer['shape'],
): KubernetesObject {
  if (last === undefined || last.fields.isEmpty) return all;
  const named = (set: FieldSet): FieldSet => withNamedFields(set, shape, all);
  const lastSet = named(last.fields);
  const first = withoutFields(all, lastSet, shape) ?? {};
  const owned = managers.reduce((set, it) => set.union(it.fields), new FieldSet());
  const allSet = named(fieldsOf(all, shape));
  const keeps = named(fieldsOf(first, shape)).union(named(owned));
  const second = withoutFields(all, allSet.difference(keeps), shape) ?? {};
  const left = named(fieldsOf(second, shape));
  return (withoutFields(all, allSet.difference(left).intersection(lastSet), shape) ??
    {}) as KubernetesObject;
}

/** The object with its managers; an applier that changes nothing keeps its time. */
function finish({ before, object, managers, last }: Outcome, writer: Writer): KubernetesObject {
  const isNoop = before !== undefined && isEqual(object, before);
  const entries = entriesOf(
    managers.map((it) => {
      if (!isSameManager(it, writer)) return it;
      const fields = ownable(it.fields);
      const isAsBefore =
        isNoop && last !== undefined && isEqual(fields.toFieldsV1(), last.fields.toFieldsV1());
      return { ...it, fields, ...(isAsBefore ? { time: last.time } : {}) };
    }),
  );
  const { managedFields: _, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: entries.length === 0 ? metadata : { ...metadata, managedFields: entries },
  };
}

/**
 * Who moves from client-side apply takes over what it applied last, where it is still so
 * (lastappliedmanager.go).
 */
function fromLastApplied(
  before: KubernetesObject | undefined,
  writer: Writer,
): FieldSet | undefined {
  const text = before?.metadata.annotations?.[LAST_APPLIED];
  if (writer.manager !== 'kubectl' || text === undefined) return undefined;
  let last: KubernetesObject;
  try {
    last = JSON.parse(text) as KubernetesObject;
  } catch {
    return undefined; // Somebody else's annotation: the conflicts stand.
  }
  if (typeof last !== 'object' || last === null || last.apiVersion !== writer.apiVersion) {
    return undefined;
  }
  const { added, modified, removed } = compared(last, before, writer.shape);
  return fieldsOf(last, writer.shape).difference(added.union(modified).union(removed));
}

/** Keeps the annotation of client-side apply true, so that one can go back to it. */
function withLastApplied(
  config: KubernetesObject,
  object: KubernetesObject,
  { manager }: Writer,
): KubernetesObject {
  const { annotations } = object.metadata;
  if (manager !== 'kubectl' || !annotations?.[LAST_APPLIED]) return object;
  const { [LAST_APPLIED]: _, ...own } = config.metadata.annotations ?? {};
  const metadata =
    config.metadata.annotations === undefined
      ? config.metadata
      : { ...config.metadata, annotations: own };
  const text = `${JSON.stringify({ ...config, metadata })}\n`;
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...annotations, [LAST_APPLIED]: text } },
  };
}

/** 409 with every field and whose it is. */
function conflictStatus(conflicts: readonly Conflict[]): ApiStatus {
  const causes: StatusCause[] = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${managerText(manager)}`,
    field: pathText(path),
  }));
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: conflictMessage(conflicts),
    reason: 'Conflict',
    details: { causes },
    code: 409,
  };
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first !== undefined) {
    const { manager, path } = first;
    return `Apply failed with 1 conflict: conflict with ${managerText(manager)}: ${pathText(path)}`;
  }
  const byManager = new Map<string, string[]>();
  for (const { manager, path } of conflicts) {
    const name = managerText(manager);
    const paths = byManager.get(name) ?? [];
    paths.push(`- ${pathText(path)}`);
    byManager.set(name, paths);
  }
  const lines = [...byManager.keys()]
    .sort()
    .flatMap((name) => [`conflicts with ${name}:`, ...byManager.get(name)!]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** 500, as upstream answers what is no value of its type (structuredmerge.go Apply). */
function cannotBeTyped(config: KubernetesObject, errors: readonly string[]): ApiStatus {
  const { apiVersion, kind, metadata } = config;
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : `${apiVersion.slice(0, slash)}`;
  const gvk = `${group}/${apiVersion.slice(slash + 1)}, Kind=${kind}`;
  const told =
    errors.length === 1 ? errors[0]! : ['errors:', ...errors.map((it) => `  ${it}`)].join('\n');
  return statusInternal(
    `failed to create typed patch object (${metadata.namespace ?? ''}/${metadata.name}; ${gvk}): ${told}`,
  );
}
