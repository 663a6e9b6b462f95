import { describe, expect, it } from 'vitest';
import {
  formatSelector,
  isSelectorProblem,
  matchesSelector,
  matchesText,
  parseSelector,
} from './selectors.ts';

describe('label selectors', () => {
  it('match everything when empty, nothing when absent', () => {
    expect(matchesSelector({}, { a: 'b' })).toBe(true);
    expect(matchesSelector(undefined, { a: 'b' })).toBe(false);
  });

  it('count an absent label as not in any set', () => {
    const selector = {
      matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['b'] }],
    } as const;
    expect(matchesSelector(selector, {})).toBe(true);
    expect(matchesSelector(selector, { a: 'b' })).toBe(false);
  });

  it('read what -l takes', () => {
    const yes = { app: 'web', tier: 'front', weight: '5' };
    const text = 'app=web,tier in (front, back),env notin (prod),!canary,weight>4,tier!=back';
    const selector = parseSelector(text);
    if (isSelectorProblem(selector)) throw new Error(selector.problem);
    expect(matchesText(selector, yes)).toBe(true);
    expect(matchesText(selector, { ...yes, canary: '1' })).toBe(false);
    expect(matchesText(selector, { ...yes, weight: '4' })).toBe(false);
  });

  it('say what cannot be read', () => {
    expect(parseSelector('a=b,=c')).toHaveProperty('problem');
  });

  it('are written as kubectl prints them', () => {
    const matchExpressions = [
      { key: 'c', operator: 'In', values: ['e', 'd'] },
      { key: 'f', operator: 'DoesNotExist' },
    ] as const;
    expect(formatSelector({ matchLabels: { a: 'b' }, matchExpressions })).toBe('a=b,c in (d,e),!f');
    expect(formatSelector({})).toBe('<none>');
  });
});
