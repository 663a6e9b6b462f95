/**
 * analysis/logs/program-log — what containers' own programs write, one stream for each of their
 * starts. Kept as long as the twin's process.
 */
import type { Pod } from '../../model/kubernetes/core.ts';
import type { LogBook } from '../../twin/log-book.ts';

/** The stream of a container's run. */
export const programStream = (pod: Pod, container: string, restartCount: number): string =>
  `program/${pod.metadata.uid ?? ''}/${container}/${restartCount}`;

/** Cuts what a program writes into lines, as the container's runtime does. */
export class ProgramLog {
  readonly #book: LogBook;
  readonly #stream: string;
  #rest = '';

  constructor(book: LogBook, stream: string) {
    this.#book = book;
    this.#stream = stream;
    book.open(stream);
  }

  write(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#book.write(this.#stream, line);
  }

  /** The program ended: so does its last line. */
  end(): void {
    if (this.#rest !== '') this.#book.write(this.#stream, this.#rest, true);
    this.#rest = '';
  }
}
