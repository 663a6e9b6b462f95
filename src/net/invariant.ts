/** net/invariant — a broken promise between two pieces of our own code, never a user's mistake. */

/**
 * Throws when `condition` is false. User mistakes are values (`undefined`) in this room.
 *
 * @param condition  what the caller promised
 * @param message    the promise in words, with the offending numbers
 * @throws RangeError always when the promise is broken
 */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new RangeError(`invariant broken: ${message}`);
}
