/**
 * shell/run-program — runs one program of the built-in shell in a pod or on a node of the twin:
 * what `kubectl exec` starts. Nothing of it runs on the machine that runs the twin.
 */
import { programOf } from './container/image-tools.ts';
import { environmentOf } from './files/environment.ts';
import { fileSystemOf } from './files/machine-files.ts';
import { hostOf } from './host.ts';
import { DeadlinePassed, Exhausted, HungUp, Interrupted, Patience } from './patience.ts';
import { PROGRAMS } from './programs.ts';
import type { Run, Streams, Surroundings } from './run.ts';
import type { Machine, ShellStreams, ShellWorld } from './session.ts';

const NOT_FOUND = 127;
/** As if ended by SIGHUP. */
const HUNG_UP = 129;
/** By SIGINT. */
const INTERRUPTED = 130;
const KILLED = 137;

/** The name of a program that may be called by its path. */
const nameOf = (word: string): string =>
  /^(?:\/usr)?(?:\/local)?\/s?bin\/([^/]+)$/.exec(word)?.[1] ?? word;

/**
 * What the container's runtime answers where it cannot start the program: no exit status then, as
 * nothing ran.
 *
 * Upstream: opencontainers/runc libcontainer (exec: …: executable file not found in $PATH).
 */
export function startFailure(
  world: ShellWorld,
  machine: Machine,
  argv: readonly string[],
): string | undefined {
  const failed = (why: string): string =>
    `OCI runtime exec failed: exec failed: unable to start container process: ${why}: unknown`;
  const host = hostOf(world, machine);
  if (host === undefined) return failed('container not found');
  const [word = ''] = argv;
  if (programOf(host.container?.image, nameOf(word)) !== undefined) return undefined;
  return word.includes('/')
    ? failed(`exec: ${JSON.stringify(word)}: stat ${word}: no such file or directory`)
    : failed(`exec: ${JSON.stringify(word)}: executable file not found in $PATH`);
}

/** Runs a program to its end; @returns its exit status, 127 where there is no such program. */
export async function runProgram(
  world: ShellWorld,
  machine: Machine,
  argv: readonly string[],
  streams: ShellStreams,
): Promise<number> {
  const host = hostOf(world, machine);
  const failure = startFailure(world, machine, argv);
  if (host === undefined || failure !== undefined) {
    streams.stderr(`${failure}\n`);
    return NOT_FOUND;
  }
  const { clock } = world.twin;
  let isThere = true;
  const patience = Patience.of(
    () => clock.now(),
    (forMs) => world.sleep(forMs),
    {
      onHangUp: (callback) =>
        streams.onHangUp(() => {
          isThere = false;
          callback();
        }),
      onInterrupt: (callback) => streams.onInterrupt?.(callback),
    },
    world.isUnending,
  );
  const env = environmentOf(host);
  if (streams.isTerminal) env.set('TERM', 'xterm');
  const cwd = typeof host.container?.workingDir === 'string' ? host.container.workingDir : '/';
  const around: Surroundings & Streams = {
    host,
    files: fileSystemOf(host),
    env,
    cwd,
    columns: streams.columns,
    patience,
    input: { isTerminal: streams.isTerminal, read: () => streams.read() },
    isOutputTerminal: streams.isTerminal,
    out: (text) => isThere && text !== '' && streams.stdout(text),
    err: (text) => isThere && text !== '' && streams.stderr(text),
  };
  try {
    return await start(around, argv);
  } catch (ended) {
    if (ended instanceof HungUp) return HUNG_UP;
    if (ended instanceof Interrupted) return INTERRUPTED;
    if (ended instanceof Exhausted || ended instanceof DeadlinePassed) {
      around.err(`${argv[0]}: ended: it ran too long or wrote too much at once\n`);
      return KILLED;
    }
    throw ended;
  }
}

/** Programs that started each other at most. */
const DEPTH_MAX = 60;

async function start(
  around: Surroundings & Streams,
  argv: readonly string[],
  depth = 0,
): Promise<number> {
  if (depth > DEPTH_MAX) throw new Exhausted();
  const [word = '', ...args] = argv;
  const name = nameOf(word);
  const image = around.host.container?.image;
  const program = programOf(image, name);
  if (program === undefined) {
    around.err(`sh: ${word}: not found\n`);
    if (!PROGRAMS.has(name)) around.err(`ekstwin: the built-in shell has no ${name}\n`);
    return NOT_FOUND;
  }
  const counted = (write: (text: string) => void) => (text: string) => {
    around.patience.spend(text.length);
    write(text);
  };
  const run: Run = {
    ...around,
    out: counted(around.out),
    err: counted(around.err),
    name,
    args,
    knows: (other) => programOf(image, other) !== undefined,
    start: (next, changed) => start({ ...around, ...changed }, next, depth + 1),
  };
  return program(run);
}
