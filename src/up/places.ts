/**
 * up/places — where on this machine what belongs to a running twin lies: one folder per twin and
 * user, readable by that user alone.
 */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { InputError } from '../model/input-error.ts';
import { makeFolder } from './folder.ts';

export interface Places {
  /** What the twin is called on this machine. */
  readonly name: string;
  readonly folder: string;
  /** Says where the twin that runs is reached; there while it runs. */
  readonly state: string;
  readonly kubeconfig: string;
  /** Holds the `aws` shim. */
  readonly programs: string;
  /** What a detached twin prints. */
  readonly log: string;
  /** The default of --data. */
  readonly data: string;
}

/** The places of the twin called `name`: by default EKSTWIN_NAME, else `default`. */
export function placesOf(name = process.env.EKSTWIN_NAME || 'default'): Places {
  if (!/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/i.test(name)) {
    throw new InputError(
      `--name ${name}`,
      'not a name: letters, digits, ".", "_" and "-", at most 63',
      'write for example --name shop',
    );
  }
  const { XDG_STATE_HOME: given } = process.env;
  const home =
    given !== undefined && isAbsolute(given) ? given : join(homedir(), '.local', 'state');
  const folder = join(home, 'ekstwin', name);
  return {
    name,
    folder,
    state: join(folder, 'running.json'),
    kubeconfig: join(folder, 'kubeconfig'),
    programs: join(folder, 'bin'),
    log: join(folder, 'up.log'),
    data: join(folder, 'data'),
  };
}

/** Makes a folder that only its owner may read. */
export function ownFolder(path: string): void {
  makeFolder(path, 0o700);
}
