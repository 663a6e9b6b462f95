/**
 * formats/source — what the command line hands in: a file's name and its text, and where in that
 * text a thing stands. The core reads no disk.
 */
import type { Where } from '../model/input-error.ts';

export interface SourceFile {
  /** As the user gave it; shown in messages. */
  readonly path: string;
  readonly text: string;
}

/** Member names and item numbers from a document's root. */
export type Path = readonly (string | number)[];

/** One YAML document or one JSON file, as a plain value that remembers where it was written. */
export interface SourceDocument {
  readonly file: string;
  readonly value: unknown;
  /** `file:line:column` of the member or item; of its nearest written ancestor when it has none. */
  where(path?: Path): Where;
  /** The places of all items of a list at once; asking one by one is slow in a long JSON file. */
  itemPlaces?(path: Path): readonly Where[];
}

/** Turns offsets of a text into `line:column`, both from 1. */
export class LineTable {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  /** `12:5`. */
  at(offset: number): string {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return `${low + 1}:${offset - this.#starts[low]! + 1}`;
  }
}

/** A path as people write it: `managedNodeGroups[0].subnets`. */
export const pathText = (path: Path): string =>
  path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join('');

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
