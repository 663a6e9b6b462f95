/** shell/shell.fixture — runs the built-in shell in a small cluster and collects what it says. */
import type { Twin } from '../twin/twin.ts';
import { runProgram } from './run-program.ts';
import type { Machine, ShellWorld } from './session.ts';

export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** In the twin's time. */
  readonly tookMs: number;
}

/** Time runs at once. */
export const worldOf = (twin: Twin, more: Partial<ShellWorld> = {}): ShellWorld => ({
  twin,
  sleep: (forMs) => twin.clock.runUntil(twin.clock.now() + forMs),
  ...more,
});

/** The first pod of a Deployment. */
export function podOf(twin: Twin, namespace: string, app: string): Machine {
  const pod = twin.store
    .list('Pod')
    .find(
      ({ metadata }) => metadata.namespace === namespace && metadata.name.startsWith(`${app}-`),
    )!;
  return {
    kind: 'pod',
    podKey: `${namespace}/${pod.metadata.name}`,
    container: pod.spec.containers[0]!.name,
  };
}

/** Runs words in a machine, with nobody at a terminal. */
export async function say(
  world: ShellWorld,
  machine: Machine,
  argv: readonly string[],
  { input = '', isTerminal = false }: { input?: string; isTerminal?: boolean } = {},
): Promise<Said> {
  let [out, err, left] = ['', '', input as string | undefined];
  const start = world.twin.clock.now();
  const status = await runProgram(world, machine, argv, {
    isTerminal,
    columns: 80,
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    read: async () => {
      const given = left === '' ? undefined : left;
      left = undefined;
      return given;
    },
    onHangUp: () => {},
  });
  return { status, out, err, tookMs: world.twin.clock.now() - start };
}
