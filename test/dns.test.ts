/** `ekstwin dns` as a process: exit statuses and both streams. */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const SLOW_MS = 60_000;

function dns(...words: readonly string[]) {
  const args = ['--import', 'tsx', join(ROOT, 'src', 'cli', 'main.ts'), 'dns', ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const SHOP = ['-q', '-f', 'examples/highly-available'];

test(
  'a name with an answer exits 0, one without 1, a pod nobody knows 2',
  () => {
    const found = dns('deploy/shop/web', 'stock', ...SHOP);
    expect([found.status, found.stderr]).toEqual([0, '']);
    expect(dns('deploy/shop/web', 'stock.nowhere', ...SHOP).status).toBe(1);
    const wrong = dns('deploy/shop/webb', 'stock', ...SHOP);
    expect([wrong.status, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toBe(
      'ekstwin: deploy/shop/webb\n  deployment "shop/webb" not found\n' +
        '  hint: did you mean deployment/shop/web?\n',
    );
  },
  SLOW_MS,
);

test('help has examples', () => {
  const { status, stdout } = dns('--help');
  expect([status, stdout.includes('ekstwin dns deploy/shop/web example.com')]).toEqual([0, true]);
});
