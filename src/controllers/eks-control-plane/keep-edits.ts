/**
 * controllers/eks-control-plane/keep-edits — a new manifest over a live object: what the manifest
 * changes is written, what a user changed since and the manifest leaves alone is kept.
 *
 * EKS applies add-ons server-side with field managers; its `PRESERVE` conflict resolution keeps
 * fields others own. The same three-way rule here, on plain data. Lists of named things
 * (containers, environment variables) are merged by name, other lists are one value.
 */

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNamed = (value: unknown): value is readonly Plain[] =>
  Array.isArray(value) && value.every((item) => isPlain(item) && typeof item.name === 'string');

/** Whether two plain values are the same. */
export const isSame = (a: unknown, b: unknown): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);

const byName = (list: readonly Plain[]): Plain =>
  Object.fromEntries(list.map((item) => [String(item.name), item]));

const mergedPlain = (before: Plain, next: Plain, live: Plain): Record<string, unknown> => {
  const merged: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(live), ...Object.keys(next)])) {
    // What the old manifest had and the new one has not goes; what only the user has stays.
    if (!(key in next) && key in before) continue;
    const value = key in next ? keepEdits(before[key], next[key], live[key]) : live[key];
    if (value !== undefined) merged[key] = value;
  }
  return merged;
};

/** `live` with what changed from manifest `before` to manifest `next`. */
export const keepEdits = (before: unknown, next: unknown, live: unknown): unknown => {
  if (live === undefined || isSame(live, next)) return next;
  if (isPlain(next) && isPlain(live)) {
    return mergedPlain(isPlain(before) ? before : {}, next, live);
  }
  if (isNamed(next) && isNamed(live)) {
    const old = isNamed(before) ? byName(before) : {};
    return Object.values(mergedPlain(old, byName(next), byName(live)));
  }
  return isSame(before, next) ? live : next;
};
