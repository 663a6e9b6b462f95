/**
 * model/kubernetes/selector-index — which of many label selectors match these labels, without
 * trying them all: a selector with matchLabels is filed under one of them, the rest are tried.
 */
import type { LabelSelector, Labels } from './meta.ts';
import { matchesSelector } from './selectors.ts';

interface Filed<Value> {
  readonly selector: LabelSelector;
  readonly values: Set<Value>;
}

/** Selectors of one text share an entry, so a thousand equal ones are tried once. */
export class SelectorIndex<Value> {
  /** By `key=value` of the first of its matchLabels, then by text. */
  readonly #byLabel = new Map<string, Map<string, Filed<Value>>>();
  readonly #others = new Map<string, Filed<Value>>();
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  add(selector: LabelSelector, value: Value): void {
    const shelf = this.#shelfOf(selector, true)!;
    const text = JSON.stringify(selector);
    const filed = shelf.get(text) ?? { selector, values: new Set() };
    shelf.set(text, filed);
    if (filed.values.has(value)) return;
    filed.values.add(value);
    this.#size++;
  }

  remove(selector: LabelSelector, value: Value): void {
    const shelf = this.#shelfOf(selector, false);
    const text = JSON.stringify(selector);
    const filed = shelf?.get(text);
    if (shelf === undefined || filed?.values.delete(value) !== true) return;
    this.#size--;
    if (filed.values.size > 0) return;
    shelf.delete(text);
    if (shelf.size === 0) this.#byLabel.delete(labelOf(selector) ?? '');
  }

  /** The values of every selector that matches; one may come more than once. */
  *matching(labels: Labels | undefined): Iterable<Value> {
    for (const key in labels) {
      const shelf = this.#byLabel.get(`${key}=${labels[key]!}`);
      if (shelf !== undefined) yield* matched(shelf, labels);
    }
    yield* matched(this.#others, labels);
  }

  #shelfOf(selector: LabelSelector, make: boolean): Map<string, Filed<Value>> | undefined {
    const label = labelOf(selector);
    if (label === undefined) return this.#others;
    let shelf = this.#byLabel.get(label);
    if (shelf === undefined && make) {
      shelf = new Map();
      this.#byLabel.set(label, shelf);
    }
    return shelf;
  }
}

function* matched<Value>(
  shelf: ReadonlyMap<string, Filed<Value>>,
  labels: Labels | undefined,
): Iterable<Value> {
  for (const { selector, values } of shelf.values()) {
    if (matchesSelector(selector, labels)) yield* values;
  }
}

function labelOf({ matchLabels }: LabelSelector): string | undefined {
  for (const key in matchLabels) return `${key}=${matchLabels[key]!}`;
  return undefined;
}
