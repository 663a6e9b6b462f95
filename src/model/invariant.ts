/** model/invariant — what must hold whatever a user does. A broken one is our bug, so it throws. */

/** Throws with the sentence when `holds` is false. */
export function invariant(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(`broken invariant: ${sentence}`);
}
