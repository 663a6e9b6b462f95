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

/** The channels as a program's streams. */
export function shellStreams(channels: CommandChannels, isTerminal: boolean): ShellStreams {
  let columns = COLUMNS;
  channels.onResize((size) => {
    columns = size.columns;
  });
  const interrupts: (() => void)[] = [];
  const interrupt = (): void => {
    for (const callback of interrupts) callback();
  };
  const out = (text: string): void => channels.stdout(Buffer.from(text, 'utf8'));
  const input = isTerminal ? typedInput(channels, out, interrupt) : pipedInput(channels.stdin);
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

/** A keyboard, read all the time: what is typed is echoed, and Ctrl-C must not wait. */
function typedInput(
  { stdin, onLost }: CommandChannels,
  show: (text: string) => void,
  interrupt: () => void,
): TextInput {
  const given: (string | undefined)[] = [];
  let wake: (() => void) | undefined;
  let isGone = false;
  const give = (text: string | undefined): void => {
    given.push(text);
    wake?.();
  };
  const terminal = new Terminal({ show, give, endOfInput: () => give(undefined), interrupt });
  const typing = async (keyboard: ByteInput): Promise<void> => {
    const decoder = new StringDecoder('utf8');
    for (;;) {
      const bytes = await keyboard.read();
      if (bytes === undefined) {
        isGone = true;
        wake?.();
        return;
      }
      terminal.type(decoder.write(bytes));
    }
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
      }
      return given.shift();
    },
  };
}

/** Runs a program of the built-in shell; resolves with its exit code, or why it did not start. */
export type RunProgram = (
  world: ShellWorld,
  machine: Machine,
  argv: readonly string[],
  streams: ShellStreams,
) => Promise<number | StartFailure>;

/** There is no such program: what a container runtime says then. */
export interface StartFailure {
  readonly kind: 'start-failure';
  /** `exec: "foo": executable file not found in $PATH`. */
  readonly text: string;
}

const EXEC_ID_BYTES = 32;

/** runc's words in containerd's in the kubelet's. */
const startFailed = ({ text }: StartFailure): CommandEnd => {
  const id = randomBytes(EXEC_ID_BYTES).toString('hex');
  return {
    kind: 'failed',
    text:
      `error executing command in container: failed to exec in container: failed to start exec ` +
      `"${id}": OCI runtime exec failed: exec failed: unable to start container process: ` +
      `${text}: unknown`,
  };
};

/** Runs a command to its end; a program of ours that breaks is told as the runtime's failure. */
export async function runCommand(
  run: (argv: readonly string[], streams: ShellStreams) => Promise<number | StartFailure>,
  argv: readonly string[],
  channels: CommandChannels,
  isTerminal: boolean,
): Promise<CommandEnd> {
  try {
    const code = await run(argv, shellStreams(channels, isTerminal));
    return typeof code === 'number' ? { kind: 'exited', code, argv } : startFailed(code);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    return { kind: 'failed', text: `error executing command in container: ekstwin: ${text}` };
  }
}
