/**
 * api/kubernetes/streams/spdy/spdy-headers — SPDY/3's header blocks: one compression for
 * all blocks of a connection in one direction, so each is decoded exactly once and in order.
 *
 * Follows draft-mbelshe-httpbis-spdy-00 2.6.10. pako, because Node's zlib offers no inflate that
 * stays open and answers at once.
 */
import { Deflate, Inflate, Z_SYNC_FLUSH } from 'pako';
import { SPDY_DICTIONARY } from './spdy-dictionary.data.ts';

/** Lower-case names. */
export type SpdyHeaders = Readonly<Record<string, string>>;

/** What a client said that SPDY does not allow; the connection ends. */
export class SpdyError extends Error {}

/** A block that unpacks to more is an attack. */
const BLOCK_MAX_BYTES = 64 * 1024;

/** What a compressor made of one piece of input. */
function pieceOf(codec: Deflate | Inflate, bytes: Uint8Array): Buffer {
  const pieces: Uint8Array[] = [];
  let length = 0;
  codec.onData = (piece: Uint8Array): void => {
    length += piece.length;
    if (length > BLOCK_MAX_BYTES) throw new SpdyError('a header block is too large');
    pieces.push(piece);
  };
  codec.push(bytes, Z_SYNC_FLUSH);
  if (codec.err !== 0) throw new SpdyError('a header block cannot be decompressed');
  return Buffer.concat(pieces, length);
}

export class SpdyHeaderReader {
  readonly #inflate = new Inflate({ dictionary: SPDY_DICTIONARY });

  /** @throws SpdyError when the block is none */
  read(block: Uint8Array): SpdyHeaders {
    const plain = pieceOf(this.#inflate, block);
    let at = 0;
    const number = (): number => {
      if (at + 4 > plain.length) throw new SpdyError('a header block ends too early');
      at += 4;
      return plain.readUInt32BE(at - 4);
    };
    const text = (): string => {
      const length = number();
      if (at + length > plain.length) throw new SpdyError('a header block ends too early');
      at += length;
      return plain.toString('utf8', at - length, at);
    };
    const headers = new Map<string, string>();
    for (let left = number(); left > 0; left--) headers.set(text().toLowerCase(), text());
    return Object.fromEntries(headers);
  }
}

export class SpdyHeaderWriter {
  readonly #deflate = new Deflate({ dictionary: SPDY_DICTIONARY });

  write(headers: SpdyHeaders): Buffer {
    const entries = Object.entries(headers);
    const sized = (text: string): Buffer => {
      const bytes = Buffer.from(text, 'utf8');
      return Buffer.concat([uint32(bytes.length), bytes]);
    };
    const plain = [uint32(entries.length), ...entries.flat().map(sized)];
    return pieceOf(this.#deflate, Buffer.concat(plain));
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
