import { expect, test, vi } from 'vitest';
import { reportFailure } from './failure.ts';

test('a refusal of the operating system is a mistake in a path, not a bug', () => {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'error').mockImplementation((text) => void lines.push(text));
  const denied = Object.assign(new Error('EACCES: …'), { code: 'EACCES', path: 'x.yaml' });
  expect(reportFailure(denied)).toBe(2);
  expect(reportFailure(new Error('no such offset'))).toBe(1);
  spy.mockRestore();
  expect(lines[0]).toMatch(/x\.yaml\n.*permission denied\n.*hint:/);
  expect(lines[1]).toMatch(/bug in ekstwin/);
});
