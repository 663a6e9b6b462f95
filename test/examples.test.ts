/**
 * Every command of every example prints what its expected file says, to the byte.
 * After a wanted change: UPDATE_EXAMPLES=1 npx vitest run test/examples.test.ts, and read the diff.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, run } from './ekstwin-command.ts';
import { checkedPage } from './quoted-output.ts';

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

  test('the README shows what its commands print', () => {
    const known = new Set(commandsOf(name).map((it) => it.command));
    const { is, should } = checkedPage(join(folder, 'README.md'), (command) => {
      expect(known, 'commands.json').toContain(command);
      return run(command, folder);
    });
    expect(is).toBe(should);
  });

  test('keeps no expected file that no command makes', () => {
    const made = new Set(commandsOf(name).map((it) => it.expect));
    const expected = join(folder, 'expected');
    const kept = existsSync(expected) ? readdirSync(expected) : [];
    expect(kept.filter((file) => !made.has(`expected/${file}`))).toEqual([]);
  });
});
