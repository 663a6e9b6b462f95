/** model/first-found — what the first of several has that has it. */

/** What `look` finds in the first item in which it finds anything. */
export function firstFound<Item, Found>(
  items: readonly Item[],
  look: (item: Item) => Found | undefined,
): Found | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
