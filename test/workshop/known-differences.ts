/**
 * test/workshop/known-differences — where a page shows what its own commands cannot print, with the
 * reason (known-differences.json). What is printed instead is asked for just as strictly.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generalLine } from './expectation.ts';

interface KnownDifference {
  readonly page: string;
  readonly command: string;
  /** Of the page, as generalLine has them. */
  readonly lines: readonly string[];
  readonly instead: readonly string[];
  readonly reason: string;
}

const KNOWN = JSON.parse(
  readFileSync(join(import.meta.dirname, 'known-differences.json'), 'utf8'),
) as readonly KnownDifference[];

/** What the command is to print: the page's text, or that with what is known to differ replaced. */
export function withKnownDifferences(page: string, command: string, shown: string): string {
  const known = KNOWN.find((it) => it.page === page && it.command === command);
  if (known === undefined) return shown;
  const kept = shown.split('\n').filter((line) => !known.lines.includes(generalLine(line)));
  return [...kept, ...known.instead].join('\n');
}
