/**
 * conformance/adapter — how a vector file meets the product: which files an adapter takes, and what
 * each case came to. An adapter knows the schema of its set, never a case: other cases of the same
 * sets exist and are run unseen.
 */

/** One case's outcome; neither `failure` nor `skipped` means it passed. */
export interface CaseResult {
  readonly name: string;
  /** What was expected and what came, in one line. */
  readonly failure?: string | undefined;
  /** Why the case is not for this adapter; it counts neither way. */
  readonly skipped?: string | undefined;
}

/** One vector file: which it takes (by schema, never by case) and how each case is run. */
export interface Adapter {
  /** The set's name, such as 'cni/limits'. */
  readonly name: string;
  /** True when the parsed JSON has this set's schema; `path` is the file's path in the folder. */
  accepts(path: string, json: unknown): boolean;
  /** @param file  where the JSON stands, for sets whose cases name files beside it */
  /** True for a file that is no set of its own but is read by the cases of one. */
  reads?(path: string): boolean;
  run(json: unknown, file: string): Promise<readonly CaseResult[]> | readonly CaseResult[];
}
