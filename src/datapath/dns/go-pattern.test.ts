/** Goal: a Corefile's patterns mean what Go makes of them, and none runs for ever. */
import { expect, test } from 'vitest';
import { goPattern } from './go-pattern.ts';

const matches = (text: string, name: string): boolean | string => {
  const read = goPattern(text);
  return read.kind === 'pattern' ? read.expression.test(name) : read.kind;
};

test('flags in front, named groups and the ends of a text are read as Go reads them', () => {
  expect(matches('(?i)^WEB\\.', 'web.shop.')).toBe(true);
  expect(matches('^(?P<name>[a-z]+)\\.shop\\.$', 'web.shop.')).toBe(true);
  expect(matches('\\Aweb\\.shop\\.\\z', 'web.shop.')).toBe(true);
  expect(matches('\\Ashop\\.\\z', 'web.shop.')).toBe(false);
});

test('what Go does not have is no pattern', () => {
  for (const text of ['(?=web)', '(?<!x)web', '(a)\\1', '(', '[a'])
    expect(matches(text, 'web.')).toBe('invalid');
});

test('what only Go can run is not simulated', () => {
  const long = `${'a'.repeat(60)}!`;
  for (const text of ['(a+)+$', '((a*))*b', '(a|aa)+$', '(a{1,9})*$', '[[:alpha:]]+', '(?i:web)'])
    expect(matches(text, long)).toBe('not-simulated');
});
