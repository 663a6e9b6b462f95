/** shell/system/runners — programs that run another one, or wait: sleep, timeout, time, xargs. */
import { DeadlinePassed } from '../patience.ts';
import { type Program, readAll } from '../run.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
/** `timeout` of coreutils. */
const TIMED_OUT = 124;

/** `1.5`, `2m`, in milliseconds. */
function durationMs(text: string): number | undefined {
  const [, count, unit = 's'] = /^(\d+(?:\.\d+)?|\.\d+)([smhd])?$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * UNITS[unit]! * 1_000;
}

export const sleep: Program = async ({ args, patience, err }) => {
  const durations = args.map((arg) =>
    arg === 'infinity' ? Number.MAX_SAFE_INTEGER : durationMs(arg),
  );
  const wrong = args[durations.indexOf(undefined)];
  if (args.length === 0 || wrong !== undefined) {
    err(
      args.length === 0 ? 'sleep: missing operand\n' : `sleep: invalid time interval ‘${wrong}’\n`,
    );
    return 1;
  }
  await patience.sleep(durations.reduce<number>((sum, it) => sum + it!, 0));
  return 0;
};

export const timeout: Program = async (run) => {
  const args = [...run.args];
  while (args[0]?.startsWith('-')) {
    const option = args.shift()!;
    if (option === '-s' || option === '-k') args.shift();
  }
  const forMs = durationMs(args[0] ?? '');
  if (forMs === undefined || args.length < 2) {
    run.err(
      args.length < 2
        ? 'timeout: missing operand\n'
        : `timeout: invalid time interval ‘${args[0]}’\n`,
    );
    return 125;
  }
  try {
    const patience = forMs === 0 ? run.patience : run.patience.atMost(forMs);
    return await run.start(args.slice(1), { patience });
  } catch (ended) {
    if (ended instanceof DeadlinePassed) {
      // The one outside may be what passed.
      await run.patience.sleep(0);
      return TIMED_OUT;
    }
    throw ended;
  }
};

export const time: Program = async (run) => {
  const start = run.patience.now();
  const status = run.args.length === 0 ? 0 : await run.start(run.args);
  const seconds = (run.patience.now() - start) / 1_000;
  const text = (value: number): string => `${Math.floor(value / 60)}m${(value % 60).toFixed(3)}s`;
  run.err(`\nreal\t${text(seconds)}\nuser\t${text(0)}\nsys\t${text(0)}\n`);
  return status;
};

const WORDS_MAX = 10_000;

export const xargs: Program = async (run) => {
  const args = [...run.args];
  let count = Number.POSITIVE_INFINITY;
  let placeholder: string | undefined;
  let isQuiet = false;
  while (args[0]?.startsWith('-')) {
    const option = args.shift()!;
    const value = (): string => option.slice(2) || (args.shift() ?? '');
    if (option.startsWith('-n') || option.startsWith('-L')) count = Number(value()) || 1;
    else if (option.startsWith('-I')) placeholder = value();
    else if (option === '-r') isQuiet = true;
    else if (option.startsWith('-P')) value();
    else {
      run.err(`xargs: ${option}: not built into this shell\n`);
      return 1;
    }
  }
  const text = await readAll(run);
  const by = placeholder === undefined ? /\s+/ : /\n/;
  const words = text
    .split(by)
    .filter((it) => it !== '')
    .slice(0, WORDS_MAX);
  const command = args.length === 0 ? ['echo'] : args;
  let status = 0;
  const start = async (argv: readonly string[]): Promise<void> => {
    await run.patience.turn();
    if ((await run.start(argv)) !== 0) status = 123;
  };
  if (placeholder !== undefined) {
    for (const word of words) await start(command.map((it) => it.replaceAll(placeholder, word)));
    return status;
  }
  if (words.length === 0 && !isQuiet) await start(command);
  const size = Math.min(count, words.length) || 1;
  for (let at = 0; at < words.length; at += size)
    await start([...command, ...words.slice(at, at + size)]);
  return status;
};

export const nohup: Program = (run) => run.start(run.args);
