/**
 * api/kubernetes/streams/command-channels — the client's side of an exec or attach, whichever
 * protocol carries it: SPDY streams by type, or channels of a WebSocket by number.
 */
import type { ProgramLog } from '../../../analysis/logs/program-log.ts';
import type { ByteInput } from './byte-input.ts';
import type { CommandEnd } from './command-end.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface CommandChannels {
  /** Absent: the client did not ask to send any. */
  readonly stdin: ByteInput | undefined;
  stdout(bytes: Buffer): void;
  stderr(bytes: Buffer): void;
  onResize(callback: (size: TerminalSize) => void): void;
  /** Calls back when the client is gone, at once if it is already. */
  onLost(callback: () => void): void;
  /** Tells how it ended, and closes. */
  finish(end: CommandEnd): void;
  /** Closes without a word: the server stops. */
  abandon(): void;
}

/** Channels of which what is written is in a container's log too. */
export function loggedChannels(channels: CommandChannels, log: ProgramLog): CommandChannels {
  return {
    stdin: channels.stdin,
    stdout: (bytes) => {
      log.write(bytes.toString('utf8'));
      channels.stdout(bytes);
    },
    stderr: (bytes) => {
      log.write(bytes.toString('utf8'));
      channels.stderr(bytes);
    },
    onResize: (callback) => channels.onResize(callback),
    onLost: (callback) => channels.onLost(callback),
    finish: (end) => channels.finish(end),
    abandon: () => channels.abandon(),
  };
}

/** A resize message, `{"Width":80,"Height":24}`; undefined for what is none. */
export function sizeOf(bytes: Buffer): TerminalSize | undefined {
  try {
    const { Width, Height } = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
    if (typeof Width !== 'number' || typeof Height !== 'number') return undefined;
    return { columns: Width, rows: Height };
  } catch {
    return undefined;
  }
}

/** Who wants to know that the client is gone. */
export class Loss {
  #isLost = false;
  #callbacks: (() => void)[] = [];

  onLost(callback: () => void): void {
    if (this.#isLost) callback();
    else this.#callbacks.push(callback);
  }

  lost(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) callback();
  }
}
