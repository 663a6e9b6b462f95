/** cli/exec-answer — runs a program in the twin between this terminal's streams. */
import { StringDecoder } from 'node:string_decoder';
import { InputError } from '../model/input-error.ts';
import { nearestWords } from '../model/nearest.ts';
import { containersOf } from '../shell/host.ts';
import { parseImageAnswers } from '../shell/http/image-answers.ts';
import { runProgram } from '../shell/run-program.ts';
import type { Machine, ShellStreams, ShellWorld } from '../shell/session.ts';
import type { Twin } from '../twin/twin.ts';
import type { ExecFlags } from './commands/exec.ts';
import { readInputFiles } from './input-files.ts';
import { vantageOf } from './vantage.ts';

const COLUMNS = 80;

/** @returns the program's exit status; @throws InputError for what is not there */
export async function runInTwin(
  twin: Twin,
  where: string,
  words: readonly string[],
  { container, answers = [] }: ExecFlags,
): Promise<number> {
  const world: ShellWorld = {
    twin,
    // Nobody waits here: time jumps to the end of the wait.
    sleep: (forMs) => twin.clock.runUntil(twin.clock.now() + forMs),
    answers: readInputFiles(answers, '--answers').flatMap(({ path, text }) =>
      parseImageAnswers(text, path),
    ),
  };
  const argv = words.length === 0 ? ['sh'] : words;
  const isPrompt = words.length === 0 && process.stdin.isTTY === true;
  const machine = machineOf(twin, where, container);
  try {
    return await runProgram(world, machine, argv, streamsOf(isPrompt));
  } finally {
    process.stdin.destroy();
  }
}

function machineOf(twin: Twin, where: string, container: string | undefined): Machine {
  const found = vantageOf(twin.store, where);
  if (found.kind === 'node') return { kind: 'node', nodeName: found.name };
  if (found.kind !== 'pod')
    throw new InputError(where, 'neither a pod nor a node', 'write pod/NS/NAME or node/NAME');
  const podKey = `${found.namespace}/${found.name}`;
  const names = containersOf(twin.store.get('Pod', podKey)!).map(({ name }) => name);
  const name = container ?? names[0]!;
  if (names.includes(name)) return { kind: 'pod', podKey, container: name };
  const near = nearestWords(name, names, 1)[0] ?? names.join(', ');
  throw new InputError(`--container ${name}`, `pod ${podKey} has no such container`, near);
}

/** This process's own; a prompt has its keys as they are typed. */
function streamsOf(isPrompt: boolean): ShellStreams {
  const { stdin, stdout, stderr } = process;
  const decoder = new StringDecoder('utf8');
  if (isPrompt) stdin.setRawMode(true);
  let pieces: AsyncIterator<Buffer> | undefined;
  const shown = (text: string): string => (isPrompt ? text.replace(/\r?\n/g, '\r\n') : text);
  return {
    isTerminal: isPrompt,
    columns: stdout.columns ?? COLUMNS,
    stdout: (text) => void stdout.write(shown(text)),
    stderr: (text) => void stderr.write(shown(text)),
    read: async () => {
      // Not before somebody reads: an open terminal would keep this process.
      pieces ??= stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
      const { value, done } = await pieces.next();
      return done === true ? undefined : decoder.write(value);
    },
    onHangUp: (callback) => void stdout.on('error', callback),
  };
}
