/**
 * api/kubernetes/streams/command-run — a program of the built-in shell between a client's channels:
 * bytes become text, a terminal stands between them if there is one, and a client that goes away
 * ends the program.
 */
import { randomBytes } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import type { Machine, ShellStreams, ShellWorld } from '../../../shell/session.ts';
import type { ByteInput } from './byte-input.ts';
import type { CommandChannels } from './command-channels.ts';
import type { CommandEnd } from './command-end.ts';
import { onScreen, Terminal } from './terminal.ts';

const COLUMNS = 80;

/** What a program reads, as text; nothing is read from the client before somebody asks. */
interface TextInput {
  read(): Promise<string | undefined>;
}

/** The channels as a program's streams. @param isRaw  it echoes and edits what is typed itself */
function shellStreams(
  channels: CommandChannels,
  isTerminal: boolean,
  isRaw: boolean,
): ShellStreams {
  let columns = COLUMNS;
  channels.onResize((size) => {
    columns = size.columns;
  });
  const interrupts: (() => void)[] = [];
  const interrupt = (): void => {
    for (const callback of interrupts) callback();
  };
  const out = (text: string): void => channels.stdout(Buffer.from(text, 'utf8'));
  const input = isTerminal
    ? typedInput(channels, isRaw ? undefined : out, interrupt)
    : pipedInput(channels.stdin);
  return {
    isTerminal,
    get columns() {
      return columns;
    },
    stdout: (text) => out(isTerminal ? onScreen(text) : text),
    stderr: (text) => {
      if (isTerminal) out(onScreen(text));
      else channels.stderr(Buffer.from(text, 'utf8'));
    },
    read: () => input.read(),
    onHangUp: (callback) => channels.onLost(callback),
    onInterrupt: (callback) => void interrupts.push(callback),
  };
}

/** A pipe; without standard input it is /dev/null. */
function pipedInput(stdin: ByteInput | undefined): TextInput {
  const decoder = new StringDecoder('utf8');
  return {
    async read() {
      for (;;) {
        const bytes = await stdin?.read();
        if (bytes === undefined) return decoder.end() || undefined;
        const text = decoder.write(bytes);
        if (text !== '') return text;
      }
    },
  };
}

const INTERRUPT = '\x03';

/**
 * A keyboard, read all the time: Ctrl-C must not wait until somebody reads.
 *
 * @param show  echoes what is typed; undefined: keys go to the program as they are
 */
function typedInput(
  { stdin, onLost }: CommandChannels,
  show: ((text: string) => void) | undefined,
  interrupt: () => void,
): TextInput {
  const given: (string | undefined)[] = [];
  let wake: (() => void) | undefined;
  let isGone = false;
  const give = (text: string | undefined): void => {
    given.push(text);
    wake?.();
  };
  const terminal =
    show && new Terminal({ show, give, endOfInput: () => give(undefined), interrupt });
  const pressed = (keys: string): void => {
    // Who waits for keys gets it as one; else it is for what runs.
    if (keys.includes(INTERRUPT) && wake === undefined) interrupt();
    else give(keys);
  };
  const typing = async (keyboard: ByteInput): Promise<void> => {
    const decoder = new StringDecoder('utf8');
    for (;;) {
      const bytes = await keyboard.read();
      if (bytes === undefined) break;
      const text = decoder.write(bytes);
      if (terminal === undefined) pressed(text);
      else terminal.type(text);
    }
    isGone = true;
    wake?.();
  };
  if (stdin !== undefined) void typing(stdin);
  onLost(() => {
    isGone = true;
    wake?.();
  });
  return {
    async read() {
      // Nobody types at a terminal without standard input: a program waits as long as it lives.
      while (given.length === 0 && !isGone) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
      return given.shift();
    },
  };
}

/** What runs programs: the built-in shell. */
export interface Programs {
  /** Runs one; resolves with its exit code. */
  run(
    world: ShellWorld,
    machine: Machine,
    argv: readonly string[],
    streams: ShellStreams,
  ): Promise<number>;
  /** Why it does not start: `OCI runtime exec failed: …`, as the container runtime says it. */
  startFailure(world: ShellWorld, machine: Machine, argv: readonly string[]): string | undefined;
}

const EXEC_ID_BYTES = 32;

/** Runs a command to its end; a program of ours that breaks is told as the runtime's failure. */
export async function runCommand(
  programs: Programs,
  world: ShellWorld,
  machine: Machine,
  argv: readonly string[],
  channels: CommandChannels,
  isTerminal: boolean,
): Promise<CommandEnd> {
  const failed = (text: string): CommandEnd => ({
    kind: 'failed',
    text: `error executing command in container: ${text}`,
  });
  try {
    const failure = programs.startFailure(world, machine, argv);
    if (failure !== undefined) {
      const id = randomBytes(EXEC_ID_BYTES).toString('hex');
      return failed(`failed to exec in container: failed to start exec "${id}": ${failure}`);
    }
    const streams = shellStreams(channels, isTerminal, isInteractiveShell(argv));
    const code = await programs.run(world, machine, argv, streams);
    return { kind: 'exited', code, argv };
  } catch (cause) {
    return failed(`ekstwin: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** A shell at a terminal reads keys and echoes them itself, as readline does. */
const isInteractiveShell = ([program = '', ...args]: readonly string[]): boolean =>
  /(^|\/)(ba|a|da)?sh$/.test(program) && args.every((it) => /^-[^c]*$/.test(it));
