/**
 * twin/namespaces/namespace-cache — the namespaces used last, up to a limit.
 *
 * Two generations instead of an order of use: what is asked for moves to the young one, and when
 * that holds half of the limit the old one is forgotten whole. A map that lost its first key again
 * and again would have to step over the holes each time.
 */
import type { NamespaceId, NetworkNamespace } from '../../model/linux/namespace.ts';

export class NamespaceCache {
  readonly #half: number;
  #young = new Map<NamespaceId, NetworkNamespace>();
  #old = new Map<NamespaceId, NetworkNamespace>();

  constructor(limit: number) {
    this.#half = Math.ceil(limit / 2);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(id: NamespaceId): NetworkNamespace | undefined {
    const young = this.#young.get(id);
    if (young !== undefined) return young;
    const found = this.#old.get(id);
    if (found === undefined) return undefined;
    this.#old.delete(id);
    this.set(id, found);
    return found;
  }

  set(id: NamespaceId, namespace: NetworkNamespace): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(id, namespace);
  }

  drop(id: NamespaceId): void {
    this.#young.delete(id);
    this.#old.delete(id);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
