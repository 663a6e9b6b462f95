/**
 * api/kubernetes/streams/spdy/spdy-connection — the server's end of a SPDY/3.1 connection, over a socket
 * or inside a WebSocket: streams that the client opens, each with both directions of its own.
 *
 * Upstream: moby/spdystream connection.go, which both ends of Kubernetes use. It neither sends nor
 * obeys WINDOW_UPDATE; the socket's own flow control holds a fast sender back, and so it is here.
 */
import { type Brake, ByteInput } from '../byte-input.ts';
import {
  controlFrame,
  dataFrames,
  FLAG_FIN,
  GOAWAY,
  HEADERS,
  PING,
  RESET_INVALID_STREAM,
  RESET_PROTOCOL_ERROR,
  RESET_REFUSED_STREAM,
  RST_STREAM,
  SpdyFrameReader,
  SYN_REPLY,
  SYN_STREAM,
} from './spdy-frame.ts';
import {
  SpdyError,
  SpdyHeaderReader,
  type SpdyHeaders,
  SpdyHeaderWriter,
  uint32,
} from './spdy-headers.ts';

/** What carries the connection. */
export interface Transport extends Brake {
  write(bytes: Buffer): void;
  /** Everything written goes out, then the connection closes. */
  end(): void;
}

/** Streams of one connection that may be open at once; a client that wants more is refused. */
const STREAMS_MAX = 2_000;

const streamIdOf = (body: Buffer): number => {
  if (body.length < 4) throw new SpdyError('a frame ends too early');
  return body.readUInt32BE(0) & 0x7fffffff;
};

export class SpdyStream {
  readonly id: number;
  readonly headers: SpdyHeaders;
  readonly input: ByteInput;
  readonly #connection: SpdyConnection;
  /** Set when we have nothing more to say. */
  isOver = false;
  /** Set when the client has nothing more to say. */
  isInputOver = false;

  constructor(connection: SpdyConnection, id: number, headers: SpdyHeaders, brake: Brake) {
    this.id = id;
    this.headers = headers;
    this.input = new ByteInput(brake);
    this.#connection = connection;
  }

  write(bytes: Uint8Array): void {
    if (!this.isOver) this.#connection.send(this, bytes, false);
  }

  /** Ends our direction; the client may still send. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#connection.send(this, new Uint8Array(), true);
  }
}

export class SpdyConnection {
  readonly #transport: Transport;
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #frames = new SpdyFrameReader();
  readonly #reader = new SpdyHeaderReader();
  readonly #writer = new SpdyHeaderWriter();
  readonly #streams = new Map<number, SpdyStream>();
  #lastId = 0;
  #isGoingAway = false;
  #isClosed = false;

  constructor(transport: Transport, onStream: (stream: SpdyStream) => void) {
    this.#transport = transport;
    this.#onStream = onStream;
  }

  /** Takes what the client sent; what is no SPDY ends the connection. */
  receive(bytes: Buffer): void {
    if (this.#isClosed) return;
    try {
      for (const frame of this.#frames.push(bytes)) {
        if (frame.kind === 'data') this.#data(frame.streamId, frame.flags, frame.body);
        else this.#control(frame.type, frame.flags, frame.body);
      }
    } catch (error) {
      if (!(error instanceof SpdyError)) throw error;
      this.close();
    }
  }

  /** The client is gone: every stream ends. */
  lost(): void {
    this.#isClosed = true;
    for (const stream of this.#streams.values()) {
      stream.isOver = true;
      stream.isInputOver = true;
      stream.input.end();
    }
    this.#streams.clear();
  }

  /** Says good-bye and closes. */
  close(): void {
    if (this.#isClosed) return;
    this.#transport.write(controlFrame(GOAWAY, uint32(this.#lastId), uint32(0)));
    this.lost();
    this.#transport.end();
  }

  /** For streams: sends, and forgets a stream of which both directions are over. */
  send(stream: SpdyStream, bytes: Uint8Array, isLast: boolean): void {
    if (this.#isClosed) return;
    for (const frame of dataFrames(stream.id, bytes, isLast)) this.#transport.write(frame);
    this.#forget(stream);
  }

  #forget(stream: SpdyStream): void {
    if (stream.isOver && stream.isInputOver) this.#streams.delete(stream.id);
  }

  #data(streamId: number, flags: number, body: Buffer): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined || stream.isInputOver) {
      if (streamId > this.#lastId || streamId % 2 === 0)
        this.#reset(streamId, RESET_INVALID_STREAM);
      return;
    }
    stream.input.push(Buffer.from(body));
    if ((flags & FLAG_FIN) !== 0) this.#inputOver(stream);
  }

  #inputOver(stream: SpdyStream): void {
    stream.isInputOver = true;
    stream.input.end();
    this.#forget(stream);
  }

  #control(type: number, flags: number, body: Buffer): void {
    switch (type) {
      case SYN_STREAM:
        this.#open(flags, body);
        return;
      case RST_STREAM: {
        const stream = this.#streams.get(streamIdOf(body));
        if (stream === undefined) return;
        stream.isOver = true;
        this.#inputOver(stream);
        return;
      }
      case HEADERS:
      case SYN_REPLY: {
        // Nobody sends them to a server, but the compression goes on through them.
        this.#reader.read(body.subarray(4));
        return;
      }
      case PING:
        // An odd number is the client's; an even one would answer a ping of ours.
        if (streamIdOf(body) % 2 === 1) this.#transport.write(controlFrame(PING, body));
        return;
      case GOAWAY:
        this.#isGoingAway = true;
        return;
      default: // SETTINGS and WINDOW_UPDATE say nothing that matters here.
    }
  }

  #open(flags: number, body: Buffer): void {
    const id = streamIdOf(body);
    if (body.length < 10) throw new SpdyError('a frame ends too early');
    const headers = this.#reader.read(body.subarray(10));
    if (id % 2 === 0 || id <= this.#lastId) {
      this.#reset(id, RESET_PROTOCOL_ERROR);
      return;
    }
    this.#lastId = id;
    if (this.#isGoingAway || this.#streams.size >= STREAMS_MAX) {
      this.#reset(id, RESET_REFUSED_STREAM);
      return;
    }
    const stream = new SpdyStream(this, id, headers, this.#transport);
    this.#streams.set(id, stream);
    this.#transport.write(controlFrame(SYN_REPLY, uint32(id), this.#writer.write({})));
    if ((flags & FLAG_FIN) !== 0) this.#inputOver(stream);
    this.#onStream(stream);
  }

  #reset(id: number, status: number): void {
    this.#transport.write(controlFrame(RST_STREAM, uint32(id), uint32(status)));
  }
}
