/** A twin that is killed again and again loses nothing that anybody was told is there. */
import { expect, test } from 'vitest';
import { crash } from './crash/crash.ts';
import { EKSTWIN, ensureBuilt } from './ekstwin-command.ts';

test('twenty kills under load lose no acknowledged write of either API', async () => {
  ensureBuilt();
  const { acknowledged, wrong } = await crash(EKSTWIN, 20, 20_261_121, () => {});
  expect(wrong).toEqual([]);
  expect(acknowledged).toBeGreaterThan(200);
}, 240_000);
