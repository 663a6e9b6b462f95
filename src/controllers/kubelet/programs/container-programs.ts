/**
 * controllers/kubelet/programs — who runs what containers' own commands say, where somebody does: a
 * twin that is up. Without anybody containers just run, as far as their pods let them.
 */
import type { Container, Pod } from '../../../model/kubernetes/core.ts';

/** A container's command under way. */
export interface RunningProgram {
  /** It ends; nobody is told. */
  stop(): void;
}

/** A start of a container. */
export interface ContainerStart {
  readonly pod: Pod;
  readonly container: Container;
  readonly restartCount: number;
  /** To be called once with the exit code, in a change of its own, never before `start` returns. */
  readonly ended: (exitCode: number) => void;
}

export interface ContainerPrograms {
  /** Whether the container's command can be run. */
  runs(pod: Pod, container: Container): boolean;
  /** Which of its words stands in the way; undefined: none, or it is the image's own command. */
  missing(pod: Pod, container: Container): string | undefined;
  /** Begins it; undefined: it cannot be run, the container just runs. */
  start(start: ContainerStart): RunningProgram | undefined;
}

/** Where kubelets find who runs commands; nobody, until one comes. */
export class ProgramSlot {
  #current: ContainerPrograms | undefined;
  readonly #waiting = new Set<() => void>();

  get current(): ContainerPrograms | undefined {
    return this.#current;
  }

  /** From now on commands are run, those of containers that run already too. */
  fill(programs: ContainerPrograms): void {
    this.#current = programs;
    for (const callback of [...this.#waiting]) callback();
  }

  /** Calls back when somebody comes; @returns what ends that. */
  onFilled(callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }
}
