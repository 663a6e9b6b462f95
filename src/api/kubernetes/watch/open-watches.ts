/** api/kubernetes/watch/open-watches — the watches that are open, so that a stop can end them. */

export class OpenWatches {
  readonly #open = new Set<() => void>();

  get count(): number {
    return this.#open.size;
  }

  add(end: () => void): void {
    this.#open.add(end);
  }

  remove(end: () => void): void {
    this.#open.delete(end);
  }

  closeAll(): void {
    for (const end of [...this.#open]) end();
  }
}
