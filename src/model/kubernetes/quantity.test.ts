import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareQuantities, formatQuantity, parseQuantity, unitsOf } from './quantity.ts';

describe('quantities', () => {
  it('read every form Kubernetes writes', () => {
    const cases: readonly (readonly [string | number, number | undefined])[] = [
      ['100m', 100],
      ['0.1', 100],
      ['1', 1_000],
      [2, 2_000],
      ['1Ki', 1_024_000],
      ['170Mi', 170 * 1024 * 1024 * 1000],
      ['1k', 1_000_000],
      ['1e3', 1_000_000],
      ['1E', 1e21],
      ['-5', -5_000],
      ['100u', 1],
      ['.5', 500],
      ['', undefined],
      ['1 Gi', undefined],
      ['Gi', undefined],
      ['1GB', undefined],
    ];
    for (const [text, milli] of cases) expect(parseQuantity(text), String(text)).toBe(milli);
  });

  it('are written in their largest whole suffix', () => {
    expect(formatQuantity(100)).toBe('100m');
    expect(formatQuantity(2_000_000)).toBe('2k');
    expect(formatQuantity(1_024_000, 'BinarySI')).toBe('1Ki');
    expect(formatQuantity(0)).toBe('0');
    expect(formatQuantity(1_500)).toBe('1500m');
  });

  it('read back as what was written', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 }), fc.boolean(), (milli, binary) => {
        expect(parseQuantity(formatQuantity(milli, binary ? 'BinarySI' : 'DecimalSI'))).toBe(milli);
      }),
    );
  });

  it('compare by amount, and round up to units', () => {
    expect(compareQuantities('1Gi', '1024Mi')).toBe(0);
    expect(compareQuantities('999m', 1)).toBeLessThan(0);
    expect(unitsOf('1500m')).toBe(2);
  });
});
