/**
 * Every command of every example prints what its expected file says, to the byte.
 * After a wanted change: UPDATE_EXAMPLES=1 npx vitest run test/examples.test.ts, and read the diff.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, run } from './ekstwin-command.ts';

interface ExampleCommand {
  readonly command: string;
  /** A file of the example. */
  readonly expect: string;
  /** Exit status; 0 unless said otherwise. */
  readonly status?: number;
}

const isUpdate = process.env.UPDATE_EXAMPLES === '1';
const names = readdirSync('examples', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const commandsOf = (name: string): readonly ExampleCommand[] =>
  JSON.parse(readFileSync(join('examples', name, 'commands.json'), 'utf8'));

beforeAll(ensureBuilt, 180_000);

test('there are examples', () => expect(names.length).toBeGreaterThanOrEqual(9));

describe.each(names)('%s', (name) => {
  const folder = join('examples', name);

  test('has a story and commands', () => {
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toMatch(/^# \S.*\n\n\S/);
    expect(commandsOf(name).length).toBeGreaterThan(0);
  });

  test.each(commandsOf(name).map((it) => [it.command, it] as const))('%s', (_, it) => {
    const { status, text } = run(it.command, folder);
    const path = join(folder, it.expect);
    if (isUpdate && status === (it.status ?? 0)) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    expect(status, text).toBe(it.status ?? 0);
    expect(text).toBe(readFileSync(path, 'utf8'));
  });

  test('keeps no expected file that no command makes', () => {
    const made = new Set(commandsOf(name).map((it) => it.expect));
    const expected = join(folder, 'expected');
    const kept = existsSync(expected) ? readdirSync(expected) : [];
    expect(kept.filter((file) => !made.has(`expected/${file}`))).toEqual([]);
  });
});

test('what a README shows after a command is a part of what the command prints', () => {
  const wrong: string[] = [];
  for (const name of names) {
    const folder = join('examples', name);
    const byCommand = new Map(commandsOf(name).map((it) => [it.command, it.expect]));
    for (const { command, lines } of quotesOf(readFileSync(join(folder, 'README.md'), 'utf8'))) {
      const file = byCommand.get(command);
      if (file === undefined) {
        wrong.push(`${name}: "${command}" is not in commands.json`);
        continue;
      }
      const printed = new Set(readFileSync(join(folder, file), 'utf8').split('\n'));
      wrong.push(...lines.filter((line) => !printed.has(line)).map((line) => `${name}: ${line}`));
    }
  }
  expect(wrong).toEqual([]);
});

/** Indented or fenced blocks that open with `$ ekstwin …`; a line of `…` stands for lines left out. */
function quotesOf(markdown: string): { command: string; lines: string[] }[] {
  const quotes: { command: string; lines: string[] }[] = [];
  for (const [, block = ''] of markdown.matchAll(/^```console\n([\s\S]*?)^```/gm)) {
    for (const line of block.trimEnd().split('\n')) {
      if (line.startsWith('$ ')) quotes.push({ command: line.slice(2), lines: [] });
      else if (line !== '…' && line !== '') quotes.at(-1)?.lines.push(line);
    }
  }
  return quotes;
}
