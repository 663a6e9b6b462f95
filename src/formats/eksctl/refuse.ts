/** formats/eksctl/refuse — how a config's field is refused, and how versions compare. */
import { InputError } from '../../model/input-error.ts';
import type { Path } from '../source.ts';
import type { ClusterConfig } from './cluster-config.ts';

/** Says no, at a field. */
export type Refuse = (path: Path, problem: string, hint: string) => never;

export const refuser =
  (config: Pick<ClusterConfig, 'where'>): Refuse =>
  (path, problem, hint) => {
    throw new InputError(config.where(path), problem, hint);
  };

/** True when `version` (`v1.9.3-eksbuild.1`) is older than `than`. */
export function isOlder(version: string, than: readonly number[]): boolean {
  const parts = (/\d+(\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
  for (const [i, wanted] of than.entries()) {
    const part = parts[i] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
