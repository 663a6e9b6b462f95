/**
 * Goal: maxPodsExpression is evaluated as nodeadm's CEL does, refusals included. Method: cases from
 * CEL's definition; arithmetic against BigInt by property.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateMaxPodsExpression } from './max-pods-expression.ts';

const M5_LARGE = { defaultEnis: 3, ipsPerEni: 10, maxPods: 29 };

const evaluate = (expression: string): number | string => {
  const outcome = evaluateMaxPodsExpression(expression, M5_LARGE);
  return outcome.kind === 'value' ? outcome.maxPods : outcome.reason;
};

describe('maxPodsExpression', () => {
  it.each([
    ['max_pods', 29],
    ['.max_pods', 29],
    ['1 + 2 * 3', 7],
    ['10 - 2 - 3', 5],
    ['7 / 2', 3],
    ['-7 / 2 + 10', 7],
    ['-7 % 3 + 5', 4],
    ['0x1F', 31],
    ['--5', 5],
    ['---5 + 8', 3],
    ['!!max_pods', 29],
    ['default_enis == 3 && ips_per_eni != 9 ? 40 : 50', 40],
    ['max_pods > 110 ? 110 : max_pods < 10 ? 10 : max_pods', 29],
    ['(max_pods > 20) == true ? 1 : 2', 1],
    ['1 / 0 == 1 || true ? 5 : 6', 5],
    ['false && 1 / 0 == 1 ? 5 : 6', 6],
    ['int(double(max_pods) * 0.9)', 26],
    ['double(max_pods) * 1.5', 43],
    ['"417"', 417],
    ['"\\x34\\u0031\\067"', 417],
    ['uint(4) + 5u', 9],
    ["size('pods') + 'node'.size()", 8],
    ["'m5.large'.startsWith('m5') ? 3 : 4", 3],
    ['max_pods // what the formula says', 29],
    ['2147483647', 2_147_483_647],
  ])('%s is %s', (expression, value) => {
    expect(evaluate(expression)).toBe(value);
  });

  it.each([
    ['', "unexpected '<EOF>'"],
    ['max_pods +', "unexpected '<EOF>'"],
    ['(max_pods', "unexpected '<EOF>'"],
    ['max_pods max_pods', "unexpected 'max_pods'"],
    ['max_pods = 3', 'token recognition error'],
    ['min(max_pods, 110)', "undeclared reference to 'min'"],
    ['math.least(max_pods, 110)', "undeclared reference to 'math'"],
    ['max_pods.least(3)', "undeclared reference to 'least'"],
    ['max_pods * 1.5', "'_*_' applied to '(int, double)'"],
    ['max_pods < 30.5 ? 1 : 2', "'_<_' applied to '(int, double)'"],
    ['max_pods ? 1 : 2', "'_?_:_' applied to '(int, int, int)'"],
    ["true ? 1 : 'a'", "'_?_:_' applied to '(bool, int, string)'"],
    ['!max_pods', "'!_' applied to '(int)'"],
    ['-"a"', "'-_' applied to '(string)'"],
    ['max_pods && true', "'_&&_' applied to '(int, bool)'"],
    ['9223372036854775808', 'invalid int literal'],
    ['[max_pods, 110]', "does not evaluate CEL's lists"],
    ['max_pods in [1]', "does not evaluate CEL's in"],
    ['1 / 0', 'division by zero'],
    ['1 % 0', 'modulus by zero'],
    ['9223372036854775807 + 1', 'integer overflow'],
    ['2147483648', 'value must be a positive integer less than 2147483647'],
    ['0', 'max pods value 0 from custom expression evaluation is invalid'],
    ['1.0 / 0.0', 'integer overflow'],
    ['"many"', 'invalid syntax'],
    ['null', "type conversion error from 'null' to 'int'"],
  ])('%s is refused', (expression, reason) => {
    expect(evaluate(expression)).toContain(reason);
  });

  it('the lowest int literal is read with its sign', () => {
    expect(evaluate('-9223372036854775808 + 9223372036854775807 + 2')).toBe(1);
  });

  it('refuses nesting deeper than CEL allows instead of running out of stack', () => {
    const deep = `${'('.repeat(5000)}1${')'.repeat(5000)}`;
    expect(evaluate(deep)).toContain('recursion limit');
  });

  it('multiplies before it adds, left to right, as written', () => {
    const number = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(number, number, number, (a, b, c) => {
        expect(evaluate(`${a} + ${b} * ${c}`)).toBe(a + b * c);
        expect(evaluate(`(${a} + ${b}) * ${c}`)).toBe((a + b) * c);
        expect(evaluate(`${a} < ${b} ? ${a} : ${b}`)).toBe(Math.min(a, b));
        expect(evaluate(`${a} * ${b} / ${c} + 1`)).toBe(Math.trunc((a * b) / c) + 1);
      }),
    );
  });

  it('any text at all is answered, never thrown at', () => {
    const words = fc.constantFrom(
      ...'max_pods default_enis 1 2u 3.5 "a" true null ( ) ? : + - * / % < == && || ! . , ['.split(
        ' ',
      ),
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 12 }).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(text, (expression) => {
        const outcome = evaluateMaxPodsExpression(expression, M5_LARGE);
        if (outcome.kind === 'value') expect(outcome.maxPods).toBeGreaterThan(0);
        else expect(outcome.reason.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });
});
