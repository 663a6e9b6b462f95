/**
 * shell/container/own-command — what a container itself runs, and whether the built-in shell can:
 * all of it, or nothing is run of it.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/container/helpers.go ExpandContainerCommandAndArgs.
 */
import { environmentOf } from '../files/environment.ts';
import { fileSystemOf } from '../files/machine-files.ts';
import { type Host, hostOf } from '../host.ts';
import type { Machine, ShellWorld } from '../session.ts';
import { entrypointOf, programOf } from './image-tools.ts';
import { whatIsUnknown } from './unknown-words.ts';

/** What a container runs: words, or why nothing of them is run. */
export type OwnCommand =
  | { readonly kind: 'runs'; readonly argv: readonly string[] }
  /** `missing` is what the shell does not have: a program, or what it says of one. */
  | { readonly kind: 'cannot'; readonly missing: string };

/** What an image without a command of its own runs when somebody is at its standard input. */
const INTERACTIVE = ['sh'];

/**
 * The command of a container; undefined where only its image knows it.
 *
 * @param isAttended  somebody can type: a shell without a script waits for that
 */
export function ownCommand(
  world: ShellWorld,
  machine: Machine,
  isAttended: boolean,
): OwnCommand | undefined {
  const host = hostOf(world, machine);
  if (host?.container === undefined) return undefined;
  const argv = wordsOf(host) ?? (isAttended ? INTERACTIVE : undefined);
  if (argv === undefined) return undefined;
  // A terminal that nobody types at: a shell waits for ever, as the container does anyway.
  if (!isAttended && host.container.tty === true && argv.length === 1) return undefined;
  const missing = whatIsUnknown(argv, {
    has: (name) => programOf(host.container?.image, name) !== undefined,
    read: (path) => fileSystemOf(host).read(path),
  });
  return missing === undefined ? { kind: 'runs', argv } : { kind: 'cannot', missing };
}

/** Command and arguments, with what they say of variables. */
function wordsOf(host: Host): readonly string[] | undefined {
  const { command = [], args = [], image } = host.container!;
  if (command.length === 0 && args.length === 0) return undefined;
  const words = command.length > 0 ? [...command, ...args] : (entrypointOf(image, args) ?? args);
  if (!words.some((word) => word.includes('$'))) return words;
  const env = environmentOf(host);
  return words.map((word) =>
    word.replace(/\$(\$|\(([^()$]+)\))/g, (whole, after: string, name: string) =>
      after === '$' ? '$' : (env.get(name) ?? whole),
    ),
  );
}
