/** controllers/scheduler/group-heap — the active groups, the one whose pod is due first on top. */
import { isBefore, type WaitingGroup } from './waiting-group.ts';

export class GroupHeap {
  readonly #items: WaitingGroup[] = [];

  push(group: WaitingGroup): void {
    const items = this.#items;
    let at = items.length;
    items.push(group);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(group, items[parent]!)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = group;
  }

  pop(): WaitingGroup | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && isBefore(items[child + 1]!, items[child]!)) child++;
      if (!isBefore(items[child]!, last)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
