/**
 * shell/container/image-tools — the programs that are in an image, and what it does with its
 * arguments. Of images that nobody described here everything built in is taken to be there.
 */
import { PROGRAMS } from '../programs.ts';

export interface ImageTools {
  has(name: string): boolean;
  /** What is run when only arguments are given; undefined: the arguments. */
  readonly entrypoint?: ((args: readonly string[]) => readonly string[]) | undefined;
}

const EVERYTHING: ImageTools = { has: (name) => PROGRAMS.has(name) };

/** What is in an image. */
export function toolsOf(_image: string | undefined): ImageTools {
  return EVERYTHING;
}
