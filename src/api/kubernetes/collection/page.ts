/** api/kubernetes/collection/page — what a list found: all of it, or as much as was asked for. */
import type { StoredObject } from './collection.ts';

/** One page, or the whole. */
export interface Page {
  readonly items: readonly StoredObject[];
  readonly revision: number;
  readonly continueToken?: string | undefined;
  readonly remaining?: number | undefined;
}

/** metav1.ListMeta of a page. */
export const listMeta = ({ revision, continueToken, remaining }: Page) => ({
  ...(revision === 0 ? {} : { resourceVersion: String(revision) }),
  ...(continueToken === undefined ? {} : { continue: continueToken }),
  ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
});
