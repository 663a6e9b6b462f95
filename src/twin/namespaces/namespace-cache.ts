/** twin/namespaces/namespace-cache — the namespaces used last, up to a limit. */
import type { NamespaceId, NetworkNamespace } from '../../model/linux/namespace.ts';

export class NamespaceCache {
  readonly #limit: number;
  readonly #made = new Map<NamespaceId, NetworkNamespace>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#made.size;
  }

  get(id: NamespaceId): NetworkNamespace | undefined {
    const found = this.#made.get(id);
    if (found === undefined || this.#made.size < this.#limit) return found;
    // A map keeps the order of insertion: what is used goes to its end.
    this.#made.delete(id);
    this.#made.set(id, found);
    return found;
  }

  set(id: NamespaceId, namespace: NetworkNamespace): void {
    if (this.#made.size >= this.#limit) {
      const oldest = this.#made.keys().next().value;
      if (oldest !== undefined) this.#made.delete(oldest);
    }
    this.#made.set(id, namespace);
  }

  drop(id: NamespaceId): void {
    this.#made.delete(id);
  }

  clear(): void {
    this.#made.clear();
  }
}
