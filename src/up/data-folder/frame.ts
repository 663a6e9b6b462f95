/**
 * up/data-folder/frame — records in a file: length, checksum, then as many bytes. What a crash cut
 * off is told from what was damaged later.
 *
 *   0  length of the payload, 32 bits, big end first
 *   4  CRC-32 of the payload
 *   8  CRC-32 of the eight bytes before
 *  12  the payload
 */
import { crc32 } from 'node:zlib';

const HEAD = 12;

export function frameOf(payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(HEAD + payload.length);
  frame.writeUInt32BE(payload.length, 0);
  frame.writeUInt32BE(crc32(payload), 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  payload.copy(frame, HEAD);
  return frame;
}

export type Frames =
  /** All of the file. */
  | { readonly kind: 'whole' }
  /** The last write did not get there: everything before `offset` is good. */
  | { readonly kind: 'torn'; readonly offset: number }
  /** Bytes are not what was written there. */
  | { readonly kind: 'damaged'; readonly offset: number; readonly problem: string };

/**
 * Hands every good record to `take`, in order, and says how the file ends.
 *
 * A write that was cut off leaves a beginning of its record, or zeros where the file system had
 * made room; anything else was written whole once, and is damage.
 */
export function readFrames(bytes: Buffer, take: (payload: Buffer) => void): Frames {
  let offset = 0;
  while (offset < bytes.length) {
    const rest = bytes.subarray(offset);
    if (rest.length < HEAD) return { kind: 'torn', offset };
    if (rest.readUInt32BE(8) !== crc32(rest.subarray(0, 8))) {
      if (isZero(rest, HEAD)) return { kind: 'torn', offset };
      return { kind: 'damaged', offset, problem: 'the head of a record does not fit its checksum' };
    }
    const length = rest.readUInt32BE(0);
    if (rest.length < HEAD + length) return { kind: 'torn', offset };
    const payload = rest.subarray(HEAD, HEAD + length);
    if (rest.readUInt32BE(4) !== crc32(payload)) {
      // No text of ours ends in a zero.
      const isUnwritten = rest.length === HEAD + length && payload[length - 1] === 0;
      if (isUnwritten) return { kind: 'torn', offset };
      return { kind: 'damaged', offset, problem: 'a record does not fit its checksum' };
    }
    take(payload);
    offset += HEAD + length;
  }
  return { kind: 'whole' };
}

/** Are these bytes zeros to the end of the file? A head with a zero in each place is no record. */
const isZero = (bytes: Buffer, least: number): boolean =>
  bytes.length >= least && bytes.every((byte) => byte === 0);
