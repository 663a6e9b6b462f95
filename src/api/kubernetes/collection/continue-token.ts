/**
 * api/kubernetes/collection/continue-token — where a list in pages goes on.
 *
 * Upstream: kubernetes/apiserver pkg/storage/continue.go: JSON in base64url, a start key relative
 * to the collection and the revision the pages are of; -1 = whatever is stored by then.
 */

export interface ContinueToken {
  readonly revision: number;
  /** The first key of the next page, or what sorts right before it. */
  readonly start: string;
}

const VERSION = 'meta.k8s.io/v1';

/** The key after which a page ended. */
export const continueTokenOf = (revision: number, lastKey: string): string =>
  Buffer.from(JSON.stringify({ v: VERSION, rv: revision, start: `${lastKey}\u0000` })).toString(
    'base64url',
  );

/** Reads a token; undefined for one that nobody here gave out. */
export function parseContinueToken(text: string): ContinueToken | undefined {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const { v, rv, start } = token as { v?: unknown; rv?: unknown; start?: unknown };
    if (v !== VERSION || typeof rv !== 'number' || typeof start !== 'string') return undefined;
    return { revision: rv, start };
  } catch {
    return undefined;
  }
}
