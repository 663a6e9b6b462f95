/**
 * load-balancer/loops/unchanged — changes of an object that the loops do not look at.
 */
import { isEqual } from '../../../cluster/equal.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';

/** Unchanged in its annotations, in these fields, and in whether it is on its way out. */
export const isSame = (
  before: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
  ...fields: readonly string[]
): boolean =>
  before !== undefined &&
  after !== undefined &&
  isEqual(before.metadata.annotations, after.metadata.annotations) &&
  fields.every((field) => isEqual(before[field], after[field])) &&
  (before.metadata.deletionTimestamp === undefined) ===
    (after.metadata.deletionTimestamp === undefined);
