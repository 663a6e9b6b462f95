/**
 * twin/log-book — lines that containers wrote because something happened to them, as it happened:
 * CoreDNS's queries and reloads. What a container says whenever it starts is not kept, it is made
 * when somebody reads the log (analysis/logs).
 */
import type { TwinStore } from '../model/kinds.ts';
import type { Clock, Millis } from '../sim/clock.ts';

export interface LogLine {
  readonly atMs: Millis;
  readonly text: string;
  /** The writer ended without ending the line: no newline is printed. */
  readonly isCut?: true;
}

/** Kept of each container; the container runtime rotates its files likewise. */
const KEPT_MAX = 5_000;
const COREDNS_CONFIG = 'kube-system/coredns';

export class LogBook {
  readonly #clock: Clock;
  readonly #lines = new Map<string, LogLine[]>();

  constructor(clock: Clock, store: TwinStore) {
    this.#clock = clock;
    store.subscribe('ConfigMap', ({ key, value, previous }) => {
      if (key !== COREDNS_CONFIG || value === undefined || previous === undefined) return;
      const corefile = value.data?.Corefile;
      if (corefile !== undefined && corefile !== previous.data?.Corefile)
        this.write(COREDNS_CONFIG, corefile);
    });
  }

  /** A stream is there from now on, whether something is written to it or not. */
  open(stream: string): void {
    if (!this.#lines.has(stream)) this.#lines.set(stream, []);
  }

  /** Somebody wrote, or will. */
  isOpen(stream: string): boolean {
    return this.#lines.has(stream);
  }

  /** Writes a line; `stream` is `namespace/pod/container`, or what its readers agreed on. */
  write(stream: string, text: string, isCut = false): void {
    const lines = this.#lines.get(stream) ?? [];
    this.#lines.set(stream, lines);
    const line = { atMs: this.#clock.now(), text };
    lines.push(isCut ? { ...line, isCut } : line);
    if (lines.length > KEPT_MAX) lines.splice(0, lines.length - KEPT_MAX / 2);
  }

  /** What was written there, oldest first. */
  read(stream: string): readonly LogLine[] {
    return this.#lines.get(stream) ?? [];
  }

  /** The Corefiles that CoreDNS was given one after the other, with the time of the edit. */
  corefiles(): readonly LogLine[] {
    return this.read(COREDNS_CONFIG);
  }
}
