/**
 * api/kubernetes/streams/byte-input — bytes that a client sends, kept until somebody reads them.
 * A client that sends faster than anybody reads is told to wait.
 */

/** More than this waiting to be read: the client waits. */
const HIGH_BYTES = 1024 * 1024;
/** So little waiting: it may go on. */
const LOW_BYTES = 256 * 1024;

/** Holds the client back, and lets it go on. */
export interface Brake {
  pause(): void;
  resume(): void;
}

export class ByteInput {
  readonly #brake: Brake;
  #waiting: Buffer[] = [];
  #length = 0;
  #isPaused = false;
  #isEnded = false;
  #wake: (() => void) | undefined;

  constructor(brake: Brake) {
    this.#brake = brake;
  }

  push(bytes: Buffer): void {
    if (this.#isEnded || bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#length += bytes.length;
    if (this.#length > HIGH_BYTES && !this.#isPaused) {
      this.#isPaused = true;
      this.#brake.pause();
    }
    this.#notify();
  }

  /** Nothing more comes; what waits can still be read. */
  end(): void {
    this.#isEnded = true;
    this.#notify();
  }

  /** Nobody reads any more: what waits and what comes is thrown away. */
  discard(): void {
    this.#isEnded = true;
    this.#waiting = [];
    this.#length = 0;
    this.#release();
    this.#notify();
  }

  /** The next piece; undefined at the end. One reader at a time. */
  async read(): Promise<Buffer | undefined> {
    while (this.#waiting.length === 0 && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const piece = this.#waiting.shift();
    if (piece !== undefined) this.#length -= piece.length;
    if (this.#length <= LOW_BYTES) this.#release();
    return piece;
  }

  #release(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#brake.resume();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
