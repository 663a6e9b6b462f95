import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { placesOf } from './places.ts';
import { requireRunning } from './running-state.ts';

const home = mkdtempSync(join(tmpdir(), 'ekstwin-state-'));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

test('who finds no twin is told how to start one, or to go on with the one that is kept', () => {
  vi.stubEnv('XDG_STATE_HOME', home);
  const hint = (name: string) => {
    try {
      return requireRunning(placesOf(name));
    } catch (error) {
      return (error as { hint?: string }).hint;
    }
  };
  expect(hint('night')).toBe('start one: ekstwin up -f PATH');
  const { data } = placesOf('night');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'secrets.json'), '{}');
  expect(hint('night')).toBe('go on with what is kept: ekstwin up --name night');
});
