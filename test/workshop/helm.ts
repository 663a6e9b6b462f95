/**
 * test/workshop/helm — stands in for helm on a page: installs the twin's own component where the
 * chart is one that the twin has, and says of everything else that it was not run.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { COMPONENT_NAMES } from '../../src/twin/components.ts';

const args = process.argv.slice(2);
const OPTIONS_WITH_VALUE = new Set([
  '--version',
  '--namespace',
  '-n',
  '--set',
  '--set-string',
  '--values',
  '-f',
  '--timeout',
  '--repo',
]);

/** The words that are no options. */
function positional(): string[] {
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (!word.startsWith('-')) words.push(word);
    else if (OPTIONS_WITH_VALUE.has(word)) i++;
  }
  return words;
}

const valuesOf = (...names: readonly string[]): string[] =>
  args.flatMap((word, i) => (names.includes(word) ? [args[i + 1] ?? ''] : []));

function skipped(): never {
  appendFileSync(process.env.EKSTWIN_SKIPPED!, `helm ${args.slice(0, 3).join(' ')} is not run\n`);
  process.exit(0);
}

const [verb, release, chart = ''] = positional();
const component = COMPONENT_NAMES.find((name) => name === chart.split('/').at(-1));
if ((verb !== 'upgrade' && verb !== 'install') || component === undefined) skipped();
const namespace = valuesOf('--namespace', '-n')[0] ?? 'default';
const settings = valuesOf('--set', '--set-string').flatMap((it) => ['--set', it]);
const { status } = spawnSync(
  process.execPath,
  [process.env.EKSTWIN_MAIN!, 'install', component, '--namespace', namespace, ...settings],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
if (status === 0) console.log(`Release "${release}" has been installed by the twin, not by helm.`);
process.exit(status ?? 1);
