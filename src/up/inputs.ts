/**
 * up/inputs — what a twin was built from, remembered beside it, so that it is not taken for one of
 * other files.
 */
import { createHash } from 'node:crypto';
import { InputError } from '../model/input-error.ts';

interface InputFile {
  readonly path: string;
  readonly text: string;
}

export interface RememberedInputs {
  /** Path as it was given, and the SHA-256 of the text. */
  readonly files: readonly (readonly [path: string, digest: string])[];
  /** Options that say what is built, as they were given. */
  readonly options: Readonly<Record<string, unknown>>;
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Options in a fixed order, the ones that were not given left out. */
export function inputsOf(
  files: readonly InputFile[],
  options: Readonly<Record<string, unknown>>,
): RememberedInputs {
  return {
    files: files.map(({ path, text }) => [path, digestOf(text)]),
    options: Object.fromEntries(
      Object.entries(options)
        .filter(([, value]) => value !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

/** What differs, for a person; undefined when nothing does. Where files lie does not matter. */
function differenceOf(kept: RememberedInputs, given: RememberedInputs): string | undefined {
  const digests = new Map(kept.files.map(([path, digest]) => [digest, path]));
  for (const [path, digest] of given.files) {
    if (digests.delete(digest)) continue;
    const isChanged = kept.files.some(([known]) => known === path);
    return isChanged ? `${path} has changed since` : `${path} was not among them`;
  }
  const [left] = digests.values();
  if (left !== undefined) return `${left} was among them`;
  if (JSON.stringify(kept.options) === JSON.stringify(given.options)) return undefined;
  const names = [...new Set([...Object.keys(kept.options), ...Object.keys(given.options)])];
  const other = names.filter(
    (name) => JSON.stringify(kept.options[name]) !== JSON.stringify(given.options[name]),
  );
  return `other options: ${other.map((name) => `--${name}`).join(', ')}`;
}

/** @throws InputError when what is kept was built from something else */
export function requireSame(folder: string, kept: RememberedInputs, given: RememberedInputs): void {
  const difference = differenceOf(kept, given);
  if (difference === undefined) return;
  throw new InputError(
    folder,
    `the twin that is kept here was built from other inputs: ${difference}`,
    'leave -f out to go on with it; --fresh throws it away and builds anew; --data FOLDER keeps another',
  );
}
