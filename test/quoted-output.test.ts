/** Goal: a page's quotes are exactly what its commands print, cut where the page says so. */
import { expect, test } from 'vitest';
import { withQuotes } from './quoted-output.ts';

const OUTPUT = 'HEAD\na 1\nb 2\n\nNODE\nn 1\n\nTAIL\n[stderr]\nnote: x\n';
const show = (shows: string): string =>
  withQuotes(`<!-- shows: ${shows} -->\n\`\`\`console\n$ ekstwin get\nold\n\`\`\`\n`, () => ({
    status: 0,
    text: OUTPUT,
  }));
const bodyOf = (page: string): string => /\$ ekstwin get\n([\s\S]*)```/.exec(page)![1]!;

test('a block without a comment shows all of standard output and no notes', () => {
  const page = withQuotes('```console\n$ ekstwin get\n```\n', () => ({ status: 0, text: OUTPUT }));
  expect(bodyOf(page)).toBe('HEAD\na 1\nb 2\n\nNODE\nn 1\n\nTAIL\n');
});

test('what is left out between and after is one line of …', () => {
  expect(bodyOf(show('lines 1-2; section ^NODE'))).toBe('HEAD\na 1\n…\nNODE\nn 1\n…\n');
  expect(bodyOf(show('grep ^b'))).toBe('b 2\n…\n');
  expect(bodyOf(show('until ^NODE'))).toBe('HEAD\na 1\nb 2\n…\n');
});

test('notes are shown when asked for, and when there is nothing else', () => {
  expect(bodyOf(show('grep TAIL; stderr; grep note'))).toBe('TAIL\nnote: x\n');
  const page = withQuotes('```console\n$ ekstwin get\n```\n', () => ({
    status: 2,
    text: '[stderr]\nekstwin: no\n',
  }));
  expect(bodyOf(page)).toBe('ekstwin: no\n');
});

test('a selector that matches nothing is a mistake, not an empty block', () => {
  expect(() => show('grep nothing-of-the-kind')).toThrow('no line matches nothing-of-the-kind');
});
