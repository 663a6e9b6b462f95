import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { beginningOf, holderOf, type Lock, takeLock } from './lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ekstwin-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const own = (): { pid: number; began: string } => ({
  pid: process.pid,
  began: beginningOf(process.pid)!,
});

/** A process that lives until it is killed. */
async function sleeper() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const began = beginningOf(child.pid!)!;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return { pid: child.pid!, began, child, ended };
}

describe('the lock of a folder', () => {
  test('who takes it second is told who has it', () => {
    const lock = takeLock(folder) as Lock;
    expect(takeLock(folder)).toEqual(own());
    expect(holderOf(folder)).toEqual(own());
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    expect(takeLock(folder)).toHaveProperty('release');
  });

  test('a holder that was killed has it no longer', async () => {
    const { pid, began, child, ended } = await sleeper();
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid, began }));
    expect(takeLock(folder)).toEqual({ pid, began });
    child.kill('SIGKILL');
    await ended;
    expect(holderOf(folder)).toBeUndefined();
    expect(takeLock(folder)).toHaveProperty('release');
    expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))).toEqual(own());
  });

  test('a process that got the id of the one that was killed is another', () => {
    writeFileSync(
      join(folder, 'lock'),
      JSON.stringify({ pid: process.pid, began: 'another boot 12345' }),
    );
    expect(takeLock(folder)).toHaveProperty('release');
  });

  test.each(['', '{"pid": 1', 'null', '{"pid":"x","began":1}'])(
    'a lock that was cut off in writing (%j) is nobody’s',
    (text) => {
      writeFileSync(join(folder, 'lock'), text);
      expect(takeLock(folder)).toHaveProperty('release');
    },
  );

  test('nobody takes away what another has taken meanwhile', () => {
    const lock = takeLock(folder) as Lock;
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: 1, began: 'another' }));
    lock.release();
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toContain('another');
  });
});
