/** What package.json promises. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERSION } from '../src/cli/version.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

test('--version says what package.json says', () => expect(VERSION).toBe(manifest.version));

test('every dependency has an exact version', () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

describe('what npm ci built', () => {
  const ekstwin = (...args: string[]): string =>
    execFileSync(process.execPath, ['dist/cli/main.js', ...args], { encoding: 'utf8' });

  test('loads as a library', async () => {
    // Computed, so that the type check does not need dist/.
    for (const entry of ['twin', 'net']) {
      const module = (await import(resolve(`dist/${entry}/index.js`))) as object;
      expect(Object.keys(module).length).toBeGreaterThan(3);
    }
  });

  test('runs as a command', () => {
    expect(ekstwin('--version').trim()).toBe(manifest.version);
    expect(ekstwin('max-pods', 'm5.large')).toContain('3 × (10 − 1) + 2 = 29');
    expect(ekstwin('get', 'subnets', '-q', '-f', 'examples/flat-network')).toContain('10.0.2.0/24');
  });
});
