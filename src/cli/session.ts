/**
 * cli/session — the options every question shares, and the twin they describe.
 *
 * Imports nothing heavy: the twin is loaded when a command runs.
 */
import { type Command, Option } from 'commander';
import { InputError, type Note } from '../model/input-error.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import type { BuildOptions } from '../twin/build.ts';
import type { SetEnv } from '../twin/cni-settings.ts';
import type { Component } from '../twin/components.ts';
import type { Twin } from '../twin/twin.ts';
import type { InputFile } from './input-files.ts';

/** What the shared options parse to. */
export interface TwinFlags {
  readonly file?: readonly string[];
  readonly setEnv?: readonly string[];
  readonly parameter?: readonly string[];
  readonly with?: readonly string[];
  readonly defaultNamespace?: string;
  readonly seed: string;
  readonly addresses: 'random' | 'sequential';
  readonly region?: string;
  readonly until?: string;
  readonly quiet?: boolean;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** Adds `-f`, `--set-env`, `--seed`, `--until` and their like to a command. */
export function addTwinOptions(command: Command): Command {
  return command
    .option('-f, --file <path>', 'input file or folder, - for stdin (repeatable)', collect)
    .option(
      '--set-env <what>',
      'ask "what if": KIND/NAME:KEY=VALUE in kube-system, e.g. daemonset/aws-node:WARM_IP_TARGET=2 (repeatable)',
      collect,
    )
    .option(
      '--with <component>',
      'install a controller that EKS does not bring: aws-load-balancer-controller, external-dns (repeatable)',
      collect,
    )
    .option('--parameter <name=value>', 'value of a CloudFormation parameter (repeatable)', collect)
    .option('--default-namespace <name>', 'of manifests that name none, as kubectl apply -n has it')
    .option('--seed <number>', 'what chance is drawn from: addresses, names, times', '1')
    .addOption(
      new Option('--addresses <choice>', 'how EC2 picks addresses')
        .choices(['random', 'sequential'])
        .default('random'),
    )
    .option('--region <region>', 'for CloudFormation and bare manifests that name none')
    .option(
      '--until <time>',
      'run this long after workloads are applied, instead of to rest: 90s, 10m, 2h',
    )
    .option('-q, --quiet', 'no notes on stderr');
}

/**
 * Builds the twin the flags describe and runs it to rest (or to --until). Notes go to stderr.
 *
 * @param leaveOut  objects of manifests that are not applied
 */
export async function openTwin(
  flags: TwinFlags,
  leaveOut?: (object: KubernetesObject) => boolean,
): Promise<Twin> {
  if (flags.file === undefined || flags.file.length === 0) return openRunning(flags);
  const untilMs = flags.until === undefined ? undefined : parseDuration(flags.until, '--until');
  const { readInputFiles } = await import('./input-files.ts');
  const twin = await buildFrom(readInputFiles(flags.file), flags, { leaveOut });
  if (untilMs === undefined) await twin.settle();
  else await twin.runUntil(untilMs);
  if (flags.quiet !== true) {
    const notes = [...twin.notes, ...twin.troubles()];
    for (const line of noteLines(notes)) console.error(line);
  }
  return twin;
}

/** A copy of the running twin, with what the flags change. @throws InputError if none runs */
async function openRunning(flags: TwinFlags): Promise<Twin> {
  const [{ placesOf }, { runningState }] = await Promise.all([
    import('../up/places.ts'),
    import('../up/running-state.ts'),
  ]);
  const state = runningState(placesOf());
  if (state === undefined) {
    throw new InputError(
      'the command line',
      'nothing to build a network from',
      'add -f PATH: a ClusterConfig, CloudFormation template, Kubernetes YAML, or a folder of ' +
        'exports; or start one: ekstwin up -f PATH',
    );
  }
  for (const name of ['parameter', 'with', 'region', 'defaultNamespace'] as const) {
    if (flags[name] === undefined) continue;
    throw new InputError(
      `--${name === 'defaultNamespace' ? 'default-namespace' : name}`,
      'says how a twin is built, and the running one is built already',
      name === 'with' ? 'install it: ekstwin install NAME' : 'leave it out, or add -f PATH',
    );
  }
  const untilMs = flags.until === undefined ? undefined : parseDuration(flags.until, '--until');
  const { copyOfRunning } = await import('../up/ask-running.ts');
  const twin = await copyOfRunning(state);
  if (flags.setEnv !== undefined || untilMs !== undefined) {
    twin.start();
    await twin.settle();
    twin.setEnv((flags.setEnv ?? []).map(parseSetEnv));
    if (untilMs === undefined) await twin.settle();
    else await twin.clock.runUntil(twin.clock.now() + untilMs);
    twin.kubernetes.flushEvents();
  }
  if (flags.quiet !== true) for (const line of noteLines(twin.troubles())) console.error(line);
  return twin;
}

/** Builds what the files and flags describe; workloads are applied, and nothing has run since. */
export async function buildFrom(
  files: readonly InputFile[],
  flags: TwinFlags,
  more: Partial<BuildOptions>,
): Promise<Twin> {
  const [{ buildTwin }, { COMPONENT_NAMES }] = await Promise.all([
    import('../twin/build.ts'),
    import('../twin/components.ts'),
  ]);
  return buildTwin(files, {
    seed: parseSeed(flags.seed),
    addressChoice: flags.addresses,
    region: flags.region,
    defaultNamespace: flags.defaultNamespace,
    with: (flags.with ?? []).map((it) => parseComponent(it, COMPONENT_NAMES)),
    setEnv: (flags.setEnv ?? []).map(parseSetEnv),
    parameters: Object.fromEntries(
      (flags.parameter ?? []).map((it) => parsePair(it, '--parameter')),
    ),
    ...more,
  });
}

/** Notes that say the same of several places take one line. */
export function noteLines(notes: readonly Note[]): string[] {
  const placesBy = new Map<string, string[]>();
  for (const { where, text } of notes) placesBy.set(text, [...(placesBy.get(text) ?? []), where]);
  return [...placesBy].map(([text, [first, ...more]]) => {
    const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return `note: ${first}${rest}: ${text}`;
  });
}

function parseSetEnv(text: string): SetEnv {
  const match = /^([\w.-]+)\/([\w.-]+):([A-Za-z_][\w.]*)=(.*)$/s.exec(text);
  if (match === null) {
    throw new InputError(
      `--set-env ${text}`,
      'not of the form KIND/NAME:KEY=VALUE',
      'write for example --set-env daemonset/aws-node:WARM_IP_TARGET=2',
    );
  }
  const [, kind, name, key, value] = match;
  return { kind: kind!, name: name!, key: key!, value: value! };
}

function parseComponent(text: string, names: readonly Component[]): Component {
  const known = names.find((name) => name === text);
  if (known !== undefined) return known;
  throw new InputError(
    `--with ${text}`,
    'not a component that can be installed',
    `write one of: ${names.join(', ')}`,
  );
}

function parsePair(text: string, flag: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) {
    throw new InputError(
      `${flag} ${text}`,
      'not of the form NAME=VALUE',
      'put an = between the two',
    );
  }
  return [text.slice(0, at), text.slice(at + 1)];
}

function parseSeed(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InputError(`--seed ${text}`, 'not a whole number', 'write for example --seed 7');
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `1h30m`, in milliseconds. */
export function parseDuration(text: string, flag: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new InputError(
      `${flag} ${text}`,
      'not a duration',
      'write for example 90s, 10m or 1h30m',
    );
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit!]!, 0);
}
