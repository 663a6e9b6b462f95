/**
 * api/kubernetes/request-target — what a path of the API names: a collection, an object, a
 * subresource.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/request/requestinfo.go NewRequestInfo.
 */

/** A path under `/api/v1` or `/apis/GROUP/VERSION`. */
export interface RequestTarget {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  /** The plural in the path; `''` for the version's own page. */
  readonly plural: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  /** What follows the subresource (`proxy/metrics`). */
  readonly rest: readonly string[];
  /** The old form `/api/v1/watch/…`. */
  readonly isWatchPath: boolean;
}

/** Subresources of a namespace itself, which else would read as collections inside it. */
const OF_NAMESPACES: ReadonlySet<string> = new Set(['status', 'finalize']);

/** Reads a path; undefined for everything that names no version of a group. */
export function targetOf(path: string): RequestTarget | undefined {
  const parts = path.split('/').filter((it) => it !== '');
  const [first, second, third] = parts;
  if (first === 'api' && second !== undefined) return within('', second, parts.slice(2));
  if (first === 'apis' && second !== undefined && third !== undefined) {
    return within(second, third, parts.slice(3));
  }
  return undefined;
}

function within(group: string, version: string, given: readonly string[]): RequestTarget {
  const isWatchPath = given[0] === 'watch';
  const parts = (isWatchPath ? given.slice(1) : given).map(decoded);
  const base = { group, version, isWatchPath };
  if (parts[0] !== 'namespaces' || parts.length < 3 || isOfNamespace(parts)) {
    const [plural = '', name, subresource, ...rest] = parts;
    return { ...base, plural, name, subresource, rest };
  }
  const [, namespace, plural = '', name, subresource, ...rest] = parts;
  return { ...base, plural, namespace, name, subresource, rest };
}

const isOfNamespace = (parts: readonly string[]): boolean =>
  parts.length === 3 && OF_NAMESPACES.has(parts[2]!);

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // Then no object is called so, and the answer is a 404.
  }
};
