/**
 * sim/layers — a map whose forks share everything written before the fork.
 *
 * A fork freezes the top layer and gives both sides a new, empty one. Reads go top down; chains
 * deeper than `DEPTH_MAX` are merged, so a read stays a handful of look-ups.
 */

const DEPTH_MAX = 4;
const DELETED = Symbol('deleted');

type Slot<Value> = Value | typeof DELETED;

export class Layers<Value> {
  /** Shared with forks: never written. Oldest first. */
  #below: readonly ReadonlyMap<string, Slot<Value>>[] = [];
  #top = new Map<string, Slot<Value>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    // Without forks, which is nearly always, one look is enough.
    if (this.#below.length === 0) return this.#top.get(key) as Value | undefined;
    const slot = this.#slot(key);
    return slot === DELETED ? undefined : slot;
  }

  /** @param isNew  the caller looked: the key is not there yet */
  set(key: string, value: Value, isNew: boolean): void {
    if (isNew) this.#size++;
    this.#top.set(key, value);
  }

  /** Removes a key the caller knows to be there. */
  delete(key: string): void {
    this.#size--;
    if (this.#below.length === 0) this.#top.delete(key);
    else this.#top.set(key, DELETED);
  }

  *values(): Iterable<Value> {
    if (this.#below.length === 0) {
      yield* this.#top.values() as Iterable<Value>;
      return;
    }
    const seen = new Set<string>();
    for (const layer of [...this.#below, this.#top]) {
      for (const key of layer.keys()) {
        if (seen.has(key)) continue;
        seen.add(key);
        const value = this.get(key);
        if (value !== undefined) yield value;
      }
    }
  }

  fork(): Layers<Value> {
    if (this.#top.size > 0) this.#below = [...this.#below, this.#top];
    if (this.#below.length > DEPTH_MAX) this.#below = [this.#merged()];
    this.#top = new Map();
    const copy = new Layers<Value>();
    copy.#below = this.#below;
    copy.#size = this.#size;
    return copy;
  }

  #slot(key: string): Slot<Value> | undefined {
    const top = this.#top.get(key);
    if (top !== undefined) return top;
    for (let i = this.#below.length - 1; i >= 0; i--) {
      const slot = this.#below[i]!.get(key);
      if (slot !== undefined) return slot;
    }
    return undefined;
  }

  #merged(): ReadonlyMap<string, Slot<Value>> {
    const merged = new Map<string, Slot<Value>>();
    for (const layer of this.#below) {
      for (const [key, slot] of layer) {
        if (slot === DELETED) merged.delete(key);
        else merged.set(key, slot);
      }
    }
    return merged;
  }
}
