/**
 * sim/fnv — FNV-1a over UTF-16 units, 32 bits: a number that a text always gives, for names and
 * addresses that must look drawn and be the same in every run. No secret is kept by it.
 *
 * Source: the FNV hash, draft-eastlake-fnv; for ASCII the same as Go's fnv.New32a.
 */

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** @param start  the hash so far, to go on from */
export function fnv1a(text: string, start = OFFSET_BASIS): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME) >>> 0;
  return hash;
}

/** As `fnv1a`, with every bit of the text spread over all bits of the number. */
export function mixedFnv1a(text: string, seed = 0): number {
  let hash = fnv1a(text, (seed ^ OFFSET_BASIS) >>> 0);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}
