import { expect, test } from 'vitest';
import { noteLines, parseDuration } from './session.ts';

test('notes that say the same of several places take one line', () => {
  const notes = [
    { where: 'a.yaml:1:1', text: 'left out' },
    { where: 'b.yaml:1:1', text: 'read' },
    { where: 'c.yaml:1:1', text: 'left out' },
  ];
  expect(noteLines(notes)).toEqual([
    'note: a.yaml:1:1 (and 1 more): left out',
    'note: b.yaml:1:1: read',
  ]);
});

test('durations are written as Go writes them', () => {
  expect(parseDuration('1h30m', '--until')).toBe(5_400_000);
  expect(() => parseDuration('10', '--until')).toThrow(/90s, 10m/);
});
