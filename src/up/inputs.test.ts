import { describe, expect, test } from 'vitest';
import { inputsOf, requireSame } from './inputs.ts';

const file = (path: string, text: string) => ({ path, text });
const kept = inputsOf([file('a.yaml', 'a'), file('b.yaml', 'b')], { region: 'us-west-2' });
const told = (...given: Parameters<typeof inputsOf>): string | undefined => {
  try {
    requireSame('/data', kept, inputsOf(...given));
    return undefined;
  } catch (failure) {
    return (failure as { problem: string }).problem.replace(/^.*other inputs: /, '');
  }
};
const options = { region: 'us-west-2' };

describe('the inputs that a folder remembers', () => {
  test('the same texts are the same, wherever they lie and in whatever order', () => {
    expect(told([file('elsewhere/b.yaml', 'b'), file('a.yaml', 'a')], options)).toBeUndefined();
  });

  test('what differs is named', () => {
    expect(told([file('a.yaml', 'A'), file('b.yaml', 'b')], options)).toBe(
      'a.yaml has changed since',
    );
    expect(told([file('a.yaml', 'a')], options)).toBe('b.yaml was among them');
    expect(
      told(
        [...'abc'].map((it) => file(`${it}.yaml`, it)),
        options,
      ),
    ).toBe('c.yaml was not among them');
    expect(told([file('a.yaml', 'a'), file('b.yaml', 'b')], { seed: '7' })).toBe(
      'other options: --region, --seed',
    );
  });
});
