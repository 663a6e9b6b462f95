/**
 * test/wire/tools — the real clients on this machine: every kubectl and every aws of a version of its
 * own. Where there is none, tests of it skip and say so.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Tool {
  readonly path: string;
  /** `1.32.4`. */
  readonly version: string;
  /** Goes into a test's title: `kubectl 1.32.4`. */
  readonly label: string;
}

/** `.ci/run` unpacks Debian's kubectl below it, for another one may be installed already. */
const OTHERS = '/opt';

const otherFolders = (): string[] =>
  existsSync(OTHERS) ? readdirSync(OTHERS).map((folder) => join(OTHERS, folder, 'usr', 'bin')) : [];

function candidates(name: string): string[] {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...otherFolders()];
  return folders.map((folder) => join(folder, name)).filter((path) => existsSync(path));
}

function versionOf(path: string, args: readonly string[], pattern: RegExp): string | undefined {
  try {
    const text = execFileSync(path, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return pattern.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

/** The same version twice is one tool. */
function tools(name: string, args: readonly string[], pattern: RegExp): Tool[] {
  const byVersion = new Map<string, Tool>();
  for (const path of candidates(name)) {
    const version = versionOf(path, args, pattern);
    if (version === undefined || byVersion.has(version)) continue;
    byVersion.set(version, { path, version, label: `${name} ${version}` });
  }
  return [...byVersion.values()];
}

/** Every kubectl, the one that PATH finds first. */
export const kubectls = (): Tool[] =>
  tools('kubectl', ['version', '--client', '--output=json'], /"gitVersion": "v(\d+\.\d+\.\d+)/);

/** Every aws, the one that PATH finds first. */
export const awsClis = (): Tool[] => tools('aws', ['--version'], /^aws-cli\/(\S+)/);
