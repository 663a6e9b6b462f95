/**
 * api/kubernetes/streams/spdy/spdy-frame — the frames of SPDY/3.1, cut out of bytes as they arrive
 * and put into bytes. Header blocks stay compressed here.
 *
 * Follows draft-mbelshe-httpbis-spdy-00 2.2 and 2.6.
 */
import { SpdyError, uint32 } from './spdy-headers.ts';

export const SYN_STREAM = 1;
export const SYN_REPLY = 2;
export const RST_STREAM = 3;
export const PING = 6;
export const GOAWAY = 7;
export const HEADERS = 8;

export const FLAG_FIN = 1;

/** Why a stream is reset. */
export const RESET_PROTOCOL_ERROR = 1;
export const RESET_INVALID_STREAM = 2;
export const RESET_REFUSED_STREAM = 3;

export type SpdyFrame =
  | {
      readonly kind: 'data';
      readonly streamId: number;
      readonly flags: number;
      readonly body: Buffer;
    }
  | {
      readonly kind: 'control';
      readonly type: number;
      readonly flags: number;
      readonly body: Buffer;
    };

const HEADER_BYTES = 8;
const VERSION = 3;
/** No control frame of a client of ours comes near. */
const CONTROL_MAX_BYTES = 64 * 1024;
/** Larger writes are cut into frames of this size, as Go's copies are. */
const DATA_CHUNK_BYTES = 32 * 1024;

/** Cuts frames out of a stream of bytes. */
export class SpdyFrameReader {
  #pieces: Buffer[] = [];
  #length = 0;
  /** Bytes of the frame under way; undefined until its header is there. */
  #needed: number | undefined;

  /**
   * @returns the frames that are whole now
   * @throws SpdyError when the client does not speak SPDY/3
   */
  *push(bytes: Buffer): Iterable<SpdyFrame> {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    for (;;) {
      if (this.#needed === undefined) {
        if (this.#length < HEADER_BYTES) return;
        this.#needed = HEADER_BYTES + this.#joined().readUIntBE(5, 3);
        this.#checkHeader();
      }
      if (this.#length < this.#needed) return;
      const all = this.#joined();
      const frame = all.subarray(0, this.#needed);
      this.#pieces = [all.subarray(this.#needed)];
      this.#length -= this.#needed;
      this.#needed = undefined;
      yield frameOf(frame);
    }
  }

  #joined(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces, this.#length)];
    return this.#pieces[0]!;
  }

  #checkHeader(): void {
    const first = this.#joined().readUInt16BE(0);
    if ((first & 0x8000) === 0) return;
    if ((first & 0x7fff) !== VERSION) throw new SpdyError('not SPDY/3');
    if (this.#needed! > CONTROL_MAX_BYTES) throw new SpdyError('a control frame is too large');
  }
}

function frameOf(frame: Buffer): SpdyFrame {
  const flags = frame[4]!;
  const body = frame.subarray(HEADER_BYTES);
  if ((frame[0]! & 0x80) === 0) {
    return { kind: 'data', streamId: frame.readUInt32BE(0), flags, body };
  }
  return { kind: 'control', type: frame.readUInt16BE(2), flags, body };
}

const lengthAndFlags = (flags: number, length: number): Buffer =>
  Buffer.of(flags, length >>> 16, (length >>> 8) & 0xff, length & 0xff);

/** One control frame of these parts. */
export function controlFrame(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.of(0x80, VERSION, type >>> 8, type & 0xff);
  return Buffer.concat([head, lengthAndFlags(0, body.length), body]);
}

/** Data frames that carry `bytes`; the last one ends the stream's direction if asked to. */
export function* dataFrames(
  streamId: number,
  bytes: Uint8Array,
  isLast: boolean,
): Iterable<Buffer> {
  let from = 0;
  do {
    const piece = bytes.subarray(from, from + DATA_CHUNK_BYTES);
    from += DATA_CHUNK_BYTES;
    const flags = isLast && from >= bytes.length ? FLAG_FIN : 0;
    yield Buffer.concat([uint32(streamId), lengthAndFlags(flags, piece.length), piece]);
  } while (from < bytes.length);
}
