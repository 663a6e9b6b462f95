import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dataFrames, SpdyFrameReader } from './spdy-frame.ts';
import { SpdyError, SpdyHeaderReader, SpdyHeaderWriter } from './spdy-headers.ts';

const header = fc.stringMatching(/^[a-z][a-z-]{0,12}$/).filter((it) => it !== '__proto__');

describe('SPDY', () => {
  test('header blocks of one connection are read as they were written, one after the other', () => {
    const headers = fc.dictionary(header, fc.string({ maxLength: 40 }), { maxKeys: 6 });
    fc.assert(
      fc.property(fc.array(headers, { maxLength: 6 }), (blocks) => {
        const [writer, reader] = [new SpdyHeaderWriter(), new SpdyHeaderReader()];
        for (const block of blocks) {
          expect(reader.read(writer.write(block))).toEqual({ ...block });
        }
      }),
    );
  });

  test('a block begins with the checksum of the dictionary that both ends must have', () => {
    const block = new SpdyHeaderWriter().write({ streamtype: 'error' });
    expect(block.subarray(2, 6).toString('hex')).toBe('e3c6a7c2');
    const other = new Uint8Array(deflateSync('x', { dictionary: Buffer.from('another') }));
    expect(() => new SpdyHeaderReader().read(other)).toThrow(SpdyError);
  });

  test('a block that unpacks to a lot is refused', () => {
    const huge = { big: 'a'.repeat(1024 * 1024) };
    const block = new SpdyHeaderWriter().write(huge);
    expect(() => new SpdyHeaderReader().read(block)).toThrow('too large');
  });

  test('frames are found however the bytes are cut', () => {
    const bytes = fc.uint8Array({ maxLength: 70_000 });
    const cuts = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(bytes, cuts, (sent, sizes) => {
        const wire = Buffer.concat([...dataFrames(5, sent, true)]);
        const reader = new SpdyFrameReader();
        const heard: Buffer[] = [];
        let isOver = false;
        for (let at = 0, cut = 0; at < wire.length; cut++) {
          const size = sizes[cut % sizes.length]!;
          for (const frame of reader.push(wire.subarray(at, at + size))) {
            heard.push(frame.body);
            isOver ||= (frame.flags & 1) !== 0;
          }
          at += size;
        }
        expect(Buffer.compare(Buffer.concat(heard), sent)).toBe(0);
        expect(isOver).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
