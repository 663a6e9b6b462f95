/**
 * cluster/three-way-merge — what `kubectl apply` makes of the live object: what was applied
 * before and
 * is no longer written goes, what is written is set, what others set stays.
 *
 * Upstream: kubernetes/apimachinery 0.30 pkg/util/strategicpatch/patch.go
 * CreateThreeWayMergePatch and
 * pkg/util/jsonmergepatch for custom resources. The patch is not written out and read back; the
 * result is the same.
 */
import { isEqual } from './equal.ts';
import { fieldSchema, inOrder, isPlain, type PatchSchema, patchTypeOf } from './strategic-merge.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Merges what is written now into the live object, given what was written last. */
export const threeWayMerge = (live: Plain, last: Plain, modified: Plain): Plain =>
  mergeMaps(live, last, modified, patchTypeOf(live));

function mergeMaps(live: Plain, last: Plain, modified: Plain, type: string | undefined): Plain {
  const merged: Record<string, unknown> = { ...live };
  for (const key of Object.keys(last)) {
    if (modified[key] === undefined || modified[key] === null) delete merged[key];
  }
  for (const [key, value] of Object.entries(modified)) {
    if (value === undefined || value === null) continue;
    merged[key] = mergeValues(merged[key], last[key], value, fieldSchema(type, key));
  }
  return merged;
}

function mergeValues(
  live: unknown,
  last: unknown,
  modified: unknown,
  schema: PatchSchema,
): unknown {
  if (isPlain(modified) && isPlain(live)) {
    const merged = mergeMaps(live, isPlain(last) ? last : {}, modified, schema.type);
    return schema.retain === true ? retained(merged, live, modified) : merged;
  }
  if (!Array.isArray(modified) || !Array.isArray(live)) return modified;
  if (schema.key === undefined && schema.merge !== true) return modified;
  return mergeLists(live, Array.isArray(last) ? last : [], modified, schema);
}

/** A patch of such an object names the keys that stay; no patch, no change. */
const retained = (merged: Plain, live: Plain, modified: Plain): Plain =>
  isEqual(merged, live)
    ? live
    : Object.fromEntries(Object.entries(merged).filter(([key]) => modified[key] != null));

function mergeLists(
  live: readonly unknown[],
  last: readonly unknown[],
  modified: readonly unknown[],
  schema: PatchSchema,
): readonly unknown[] {
  const identity = (item: unknown): unknown =>
    schema.key !== undefined && isPlain(item) ? item[schema.key] : item;
  const wanted = new Map(modified.map((item) => [identity(item), item]));
  const former = new Map(last.map((item) => [identity(item), item]));
  const items: unknown[] = [];
  const kept = live.filter((item) => {
    const id = identity(item);
    return wanted.has(id) || !former.has(id);
  });
  for (const item of kept) {
    const change = wanted.get(identity(item));
    if (change === undefined || !isPlain(item)) items.push(item);
    else {
      const before = former.get(identity(item));
      const merged = mergeMaps(item, isPlain(before) ? before : {}, change as Plain, schema.type);
      items.push(schema.retain === true ? retained(merged, item, change as Plain) : merged);
    }
  }
  const present = new Set(live.map(identity));
  for (const item of modified) if (!present.has(identity(item))) items.push(item);
  return inOrder(items, modified, live, schema.key);
}
