/**
 * shell/memory — what machines remember between two runs: the files that were written, the port a
 * connection came from last, what the policy agent of a node logged. Gone with the twin's process.
 */
import type { Random } from '../sim/random.ts';
import type { Twin } from '../twin/twin.ts';

/** What somebody wrote over the files of one container or node; undefined: removed. */
export type Written = Map<string, WrittenFile | undefined>;

export type WrittenFile = { readonly kind: 'file'; text: string } | { readonly kind: 'folder' };

/** Linux's default range of ephemeral ports (ip_local_port_range). */
const PORT_FIRST = 32_768;
const PORT_LAST = 60_999;
const LOG_LINES_MAX = 1_000;

export class Memory {
  /** Where chance decides which endpoint a connection gets. */
  readonly random: Random;
  readonly #disks = new Map<string, Written>();
  readonly #logs = new Map<string, string[]>();
  #port: number;

  constructor(random: Random) {
    this.random = random;
    this.#port = PORT_FIRST + random.int(10_000);
  }

  /** The files of a machine, by its name. */
  disk(machine: string): Written {
    let disk = this.#disks.get(machine);
    if (disk === undefined) {
      disk = new Map();
      this.#disks.set(machine, disk);
    }
    return disk;
  }

  nextPort(): number {
    this.#port = this.#port >= PORT_LAST ? PORT_FIRST : this.#port + 2;
    return this.#port;
  }

  /** Adds a line to a file of a node; the oldest go. */
  log(nodeName: string, line: string): void {
    const lines = this.#logs.get(nodeName) ?? [];
    lines.push(line);
    if (lines.length > LOG_LINES_MAX) lines.shift();
    this.#logs.set(nodeName, lines);
  }

  policyLog(nodeName: string): string {
    return (this.#logs.get(nodeName) ?? []).map((line) => `${line}\n`).join('');
  }
}

const memories = new WeakMap<Twin, Memory>();

/** The one of a twin. */
export function memoryOf(twin: Twin): Memory {
  let memory = memories.get(twin);
  if (memory === undefined) {
    memory = new Memory(twin.clock.random.split('shell'));
    memories.set(twin, memory);
  }
  return memory;
}
