/** cli/kept-twin — the twin of `ekstwin up`: the one that is kept, or a new one of the files. */
import { resolve } from 'node:path';
import { InputError, type Note } from '../model/input-error.ts';
import { restoreTwin } from '../twin/snapshot.ts';
import type { Twin } from '../twin/twin.ts';
import { beginningMs, bringToNow, presentMs } from '../up/beginning.ts';
import { DataFolder } from '../up/data-folder/data-folder.ts';
import { storeOf } from '../up/data-folder/entries.ts';
import type { Recovered } from '../up/data-folder/recovery.ts';
import { inputsOf, type RememberedInputs, requireSame } from '../up/inputs.ts';
import { inMemory, type Keeping } from '../up/keeping.ts';
import type { Speed } from '../up/pacer.ts';
import type { Places } from '../up/places.ts';
import { installServed } from '../up/served-definitions.ts';
import type { Up } from '../up/start-up.ts';
import { WALL_CLOCK } from '../up/wall-clock.ts';
import { type InputFile, readInputFiles } from './input-files.ts';
import { buildFrom } from './session.ts';
import type { UpFlags } from './up-answer.ts';

/** The folder that changes are kept in, or none. */
export function homeOf(flags: UpFlags, places: Places, up: () => Up | undefined): Home {
  if (flags.data === 'memory') return inMemory();
  return DataFolder.open(flags.data === undefined ? places.data : resolve(flags.data), {
    onTrouble: (problem) => {
      up()?.pause();
      console.error(
        `ekstwin: ${flags.data ?? places.data}\n  changes cannot be kept: ${problem}\n` +
          '  hint: make room; until then nothing changes, and what is there can be read',
      );
    },
    onMended: () => {
      console.error('ekstwin: changes are kept again');
      up()?.resume();
    },
  });
}

export type Home = DataFolder | Keeping;

/** The twin: the one that is kept, or a new one of the files. */
export async function bring(
  home: Home,
  flags: UpFlags,
  speed: Speed,
): Promise<{ readonly twin: Twin; readonly notes: readonly Note[] }> {
  const files = flags.file === undefined ? undefined : readInputFiles(flags.file);
  const inputs = files && inputsOf(files, buildOptionsOf(flags));
  if (home instanceof DataFolder) {
    if (flags.fresh === true) requireFiles(files);
    const kept = flags.fresh === true ? undefined : await home.recover();
    if (kept !== undefined) return await goOn(home, kept, inputs, flags, speed);
  }
  const twin = await buildFrom(requireFiles(files), flags, {
    startMs: beginningMs(WALL_CLOCK.now(), speed),
    immediateEvents: true,
  });
  await installServed(twin);
  await bringToNow(twin, WALL_CLOCK.now, speed);
  if (home instanceof DataFolder) await home.begin(twin, inputs);
  return { twin, notes: [] };
}

/** Goes on with a twin that is kept. */
async function goOn(
  home: DataFolder,
  kept: Recovered,
  inputs: RememberedInputs | undefined,
  flags: UpFlags,
  speed: Speed,
): Promise<{ readonly twin: Twin; readonly notes: readonly Note[] }> {
  const options = Object.keys(buildOptionsOf(flags));
  if (inputs !== undefined) requireSame(home.folder, kept.head.inputs as RememberedInputs, inputs);
  else if (options.length > 0) {
    throw new InputError(
      `--${options[0]}`,
      `says how a twin is built, and the one in ${home.folder} is built already`,
      'leave it out; or begin anew: ekstwin up --fresh -f PATH',
    );
  }
  const nowMs = Math.max(kept.atMs, presentMs(WALL_CLOCK.now(), speed));
  const twin = restoreTwin(storeOf(kept.entries, kept.revision), kept.head.origin, {
    nowMs,
    immediateEvents: true,
  });
  twin.timeline.sinceMs = nowMs;
  await home.continue(twin, kept);
  twin.start();
  return { twin, notes: kept.notes.map((text) => ({ where: 'recovery', text })) };
}

/** What of the flags says how a twin is built. */
function buildOptionsOf(flags: UpFlags): Record<string, unknown> {
  const { setEnv, parameter, with: components, defaultNamespace, region, seed, addresses } = flags;
  const options = {
    'set-env': setEnv,
    parameter,
    with: components,
    'default-namespace': defaultNamespace,
    region,
    seed: seed === '1' ? undefined : seed,
    addresses: addresses === 'random' ? undefined : addresses,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function requireFiles(files: readonly InputFile[] | undefined): readonly InputFile[] {
  if (files !== undefined) return files;
  throw new InputError(
    'the command line',
    'nothing is kept yet, and there is nothing to build a network from',
    'add -f PATH: a ClusterConfig, CloudFormation template, Kubernetes YAML, or a folder of exports',
  );
}
