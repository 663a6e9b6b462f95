import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from './sha256.ts';

test("SHA-256 is the platform's, for texts of any length", () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      const expected = createHash('sha256').update(text, 'utf8').digest('hex');
      expect(Buffer.from(sha256(text)).toString('hex')).toBe(expected);
    }),
  );
});
