/** analysis/trace/end-addresses — which node an end names, and which of an end's addresses counts. */
import { InputError } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { nearestWords } from '../../model/nearest.ts';
import { familyOf, type Ip, type IpFamily } from '../../net/index.ts';

/** A node by its name or the part before the first dot. @throws InputError with what is near */
export function nodeName(store: TwinStore, name: string, where: string): string {
  if (store.get('Node', name) !== undefined) return name;
  const names = store.list('Node').map(({ metadata }) => metadata.name);
  const begun = names.filter((it) => it.startsWith(`${name}.`));
  if (begun.length === 1) return begun[0]!;
  if (names.length === 0) {
    const hint = 'there are no nodes; "ekstwin events" shows why';
    throw new InputError(where, `node "${name}" not found`, hint);
  }
  const near = begun.length > 0 ? begun : nearestWords(name, names);
  const known = near.length > 0 ? near : names.slice(0, 3);
  throw new InputError(
    where,
    begun.length === 0 ? `node "${name}" not found` : `node "${name}" could be several`,
    `did you mean ${known.map((it) => `node/${it}`).join(' or ')}?`,
  );
}

/** The first address of the family, or of any. */
export const ofFamily = (addresses: readonly Ip[], family: IpFamily | undefined): Ip | undefined =>
  addresses.find((it) => family === undefined || familyOf(it) === family);

/** The two ends share no family. */
export const familyError = (
  where: string,
  what: string,
  family: IpFamily | undefined,
): InputError =>
  new InputError(
    where,
    `${what} has no ${family === undefined ? '' : `IPv${family} `}address`,
    'the two ends must have addresses of the same family',
  );
