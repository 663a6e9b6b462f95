/**
 * api/main-programs — what containers of a running twin run themselves: their commands, where the
 * built-in shell knows all of them. What they write is their log, and when one ends its container
 * has ended. A container that reads waits until somebody is attached.
 */
import { ProgramLog, programStream } from '../analysis/logs/program-log.ts';
import type {
  ContainerPrograms,
  ContainerStart,
  RunningProgram,
} from '../controllers/kubelet/programs/container-programs.ts';
import type { Container, Pod } from '../model/kubernetes/core.ts';
import { keyOf } from '../model/kubernetes/meta.ts';
import { ownCommand } from '../shell/container/own-command.ts';
import { runProgram } from '../shell/run-program.ts';
import type { Machine, ShellWorld } from '../shell/session.ts';
import type { Millis } from '../sim/clock.ts';
import type { RunningTwin } from './running-twin.ts';
import { shellWorldOf } from './shell-world.ts';

/** As if ended by SIGKILL. */
const KILLED = 137;

/** A program that waits for somebody at its standard input. */
export interface WaitingProgram {
  readonly argv: readonly string[];
  readonly log: ProgramLog;
  /** To be called with its exit code when it ended; resolves when that is kept. */
  ended(exitCode: number): Promise<void>;
}

const idOf = (pod: Pod, container: string): string => `${pod.metadata.uid} ${container}`;

export class MainPrograms implements ContainerPrograms {
  readonly #running: RunningTwin;
  readonly #world: ShellWorld;
  readonly #waiting = new Map<string, WaitingProgram>();

  /** Runs commands from now on, those of containers that run already too. */
  constructor(running: RunningTwin) {
    this.#running = running;
    this.#world = shellWorldOf(running);
    running.twin.programs.fill(this);
  }

  runs(pod: Pod, container: Container): boolean {
    return this.#commandOf(pod, container)?.kind === 'runs';
  }

  missing(pod: Pod, container: Container): string | undefined {
    const command = this.#commandOf(pod, container);
    return command?.kind === 'cannot' ? command.missing : undefined;
  }

  start(start: ContainerStart): RunningProgram | undefined {
    const { pod, container, restartCount, ended } = start;
    const command = this.#commandOf(pod, container);
    if (command?.kind !== 'runs') return undefined;
    const stream = programStream(pod, container.name, restartCount);
    const log = new ProgramLog(this.#running.twin.logBook, stream);
    const { argv } = command;
    const end = (code: number): Promise<void> => {
      log.end();
      return this.#running.commit(() => ended(code), { isOwn: container.stdin !== true });
    };
    if (container.stdin !== true) return this.#run(machineOf(pod, container), argv, log, end);
    const id = idOf(pod, container.name);
    this.#waiting.set(id, { argv, log, ended: end });
    return { stop: () => void this.#waiting.delete(id) };
  }

  /** The program that waits for standard input there, which is the taker's from now on. */
  take(pod: Pod, container: string): WaitingProgram | undefined {
    const id = idOf(pod, container);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #commandOf(pod: Pod, container: Container) {
    return ownCommand(this.#world, machineOf(pod, container), container.stdin === true);
  }

  #run(
    machine: Machine,
    argv: readonly string[],
    log: ProgramLog,
    ended: (exitCode: number) => Promise<void>,
  ): RunningProgram {
    const { twin } = this.#running;
    let isStopped = false;
    let hangUp = (): void => {};
    const write = (text: string): void => {
      if (!isStopped) log.write(text);
    };
    const run = async (): Promise<void> => {
      const code = await runProgram(this.#patientWorld(), machine, argv, {
        isTerminal: false,
        columns: 80,
        stdout: write,
        stderr: write,
        read: async () => undefined,
        onHangUp: (callback) => {
          hangUp = callback;
        },
      }).catch((cause: unknown) => {
        write(`ekstwin: ${cause instanceof Error ? cause.message : String(cause)}\n`);
        return KILLED;
      });
      if (!isStopped) await ended(code);
    };
    // Not inside the kubelet's own step: what it wrote of the container is there first.
    const begin = (): void => {
      if (!isStopped) run().catch(() => {});
    };
    const timer = twin.clock.after(0, begin);
    return {
      stop: () => {
        isStopped = true;
        timer.cancel();
        hangUp();
      },
    };
  }

  #patientWorld(): ShellWorld {
    const sleep = (forMs: Millis): Promise<void> =>
      this.#running.sleep(forMs, { background: true });
    return { ...this.#world, isUnending: true, sleep };
  }
}

const machineOf = (pod: Pod, { name }: Container): Machine => ({
  kind: 'pod',
  podKey: keyOf(pod),
  container: name,
});

const known = new WeakMap<RunningTwin, MainPrograms>();

/** The one of a running twin, at work from the first time it is asked for. */
export function mainProgramsOf(running: RunningTwin): MainPrograms {
  let programs = known.get(running);
  if (programs === undefined) {
    programs = new MainPrograms(running);
    known.set(running, programs);
  }
  return programs;
}
