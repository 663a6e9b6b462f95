import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareFolder } from './export-answer.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ekstwin-export-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const mark = (files: readonly string[]): void =>
  writeFileSync(
    join(folder, 'ekstwin.json'),
    JSON.stringify({ format: 'ekstwin-export/1', beyondAws: {}, files }),
  );

test('an empty folder, a new one and an earlier export are fine', () => {
  prepareFolder(folder);
  prepareFolder(join(folder, 'new', 'deep'));
  mkdirSync(join(folder, 'aws'));
  writeFileSync(join(folder, 'aws', 'describe-vpcs.json'), '{}');
  mark(['aws/describe-vpcs.json']);
  prepareFolder(folder);
});

test('a file of somebody else in the folder of an earlier export is not removed with it', () => {
  mkdirSync(join(folder, 'kubernetes'));
  writeFileSync(join(folder, 'kubernetes', 'mine.json'), '{}');
  mark([]);
  expect(() => prepareFolder(folder)).toThrow(/mine\.json: is not of the earlier export/);
  expect(existsSync(join(folder, 'kubernetes', 'mine.json'))).toBe(true);
});

test.each([
  ['an empty ekstwin.json is no earlier export', ''],
  ['an ekstwin.json of something else is none either', '{"name":"ekstwin"}'],
])('%s', (_, text) => {
  writeFileSync(join(folder, 'ekstwin.json'), text);
  expect(() => prepareFolder(folder)).toThrow(/holds no earlier export/);
});

test('no name at all and a path through a file are refused before the twin is built', () => {
  expect(() => prepareFolder('')).toThrow(/no name/);
  writeFileSync(join(folder, 'file'), '');
  expect(() => prepareFolder(join(folder, 'file', 'sub'))).toThrow(/is a file/);
});
