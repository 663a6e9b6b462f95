/** conformance/adapters/k8sapi-difference — where two JSON values part, in one line. */
import { isPlain } from './k8sapi-older.ts';

/** The first difference, or undefined when there is none; absent and undefined are the same. */
export function difference(wanted: unknown, got: unknown, at = ''): string | undefined {
  if (wanted === got) return undefined;
  if (Array.isArray(wanted) && Array.isArray(got)) {
    if (wanted.length !== got.length) return said(wanted, got, at);
    for (const [i, item] of wanted.entries()) {
      const found = difference(item, got[i], `${at}[${i}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isPlain(wanted) && isPlain(got)) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(got)])) {
      const found = difference(wanted[key], got[key], at === '' ? key : `${at}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return said(wanted, got, at);
}

const said = (wanted: unknown, got: unknown, at: string): string =>
  `${at}: wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`;
