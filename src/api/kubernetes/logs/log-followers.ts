/** api/kubernetes/logs/log-followers — followed logs that are open, for a server that stops. */

export class LogFollowers {
  readonly #open = new Set<() => void>();

  /** @returns what takes it away again */
  add(end: () => void): () => void {
    this.#open.add(end);
    return () => this.#open.delete(end);
  }

  closeAll(): void {
    for (const end of [...this.#open]) end();
  }
}
