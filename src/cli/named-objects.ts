/** cli/named-objects — what `get` shows of a kind: all of it, or what the names name. */
import type { Tags } from '../model/ec2/tags.ts';
import { InputError } from '../model/input-error.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { isOf, type Resource, storeKey } from '../model/kubernetes/resources.ts';
import { nearestWords } from '../model/nearest.ts';
import type { Twin } from '../twin/twin.ts';
import type { AwsKindView } from './render/kinds.ts';

/** Where to look for namespaced objects. */
interface Namespaces {
  readonly namespace: string;
  readonly allNamespaces?: boolean;
}

/** Nouns of an AWS kind, in a readable order; by id, Name tag, or the Name without its stack. */
export function awsNouns(
  twin: Twin,
  { kind, names: [word] }: AwsKindView,
  names: readonly string[],
): unknown[] {
  const entries = [...twin.store.entries(kind)].sort((a, b) => (a.key < b.key ? -1 : 1));
  const rows = entries.map(({ key, value }) => ({
    key,
    value,
    tags: (value as { tags?: Tags }).tags,
  }));
  if (names.length === 0)
    return inOrder(
      kind,
      rows.map(({ value }) => value),
    );
  return names.map((name) => {
    const hit = rows.find(
      ({ key, value, tags }) =>
        key === name ||
        key.endsWith(`/${name}`) ||
        tags?.Name === name ||
        tags?.Name?.endsWith(`/${name}`) ||
        nameOf(value) === name,
    );
    if (hit !== undefined) return hit.value;
    throw notFound(
      word!,
      name,
      rows.map(({ key }) => key),
    );
  });
}

/** What load balancers, target groups and hosted zones are called, besides their ids. */
const nameOf = (value: unknown): string | undefined => {
  const it = value as Readonly<Record<string, string | undefined>>;
  return it.loadBalancerName ?? it.targetGroupName ?? it.name?.replace(/\.$/, '') ?? it.domainName;
};

/** Instances and interfaces in the order they came to be reads better than by random id. */
function inOrder(kind: string, values: unknown[]): unknown[] {
  const since = (value: unknown): number => {
    const { launchedAtMs, createdAtMs } = value as { launchedAtMs?: number; createdAtMs?: number };
    return launchedAtMs ?? createdAtMs ?? 0;
  };
  if (kind === 'ec2/subnet') {
    return values.sort((a, b) =>
      compareCidrText(
        (a as { cidrBlock: string }).cidrBlock,
        (b as { cidrBlock: string }).cidrBlock,
      ),
    );
  }
  return values.sort((a, b) => since(a) - since(b));
}

const padded = (cidr: string): string => cidr.replace(/\d+/g, (digits) => digits.padStart(3, '0'));
const compareCidrText = (a: string, b: string): number => (padded(a) < padded(b) ? -1 : 1);

/** Objects of a Kubernetes kind. @throws InputError for a name that is not there */
export function kubernetesObjects(
  twin: Twin,
  resource: Resource,
  names: readonly string[],
  flags: Namespaces,
): KubernetesObject[] {
  if (names.length > 0) return names.flatMap((name) => objectsNamed(twin, resource, name, flags));
  return listObjects(twin, resource, flags).sort(byNamespaceAndName);
}

/** The object; with -A the objects of that name in every namespace. */
function objectsNamed(
  twin: Twin,
  resource: Resource,
  name: string,
  flags: Namespaces,
): KubernetesObject[] {
  if (resource.namespaced && flags.allNamespaces === true) {
    const all = listObjects(twin, resource, flags);
    const named = all.filter(({ metadata }) => metadata.name === name);
    if (named.length > 0) return named.sort(byNamespaceAndName);
  }
  const key = storeKey(resource, name, flags.namespace);
  const object = twin.store.get(resource.storeKind, key) as KubernetesObject | undefined;
  if (object !== undefined) return [object];
  const everywhere = listObjects(twin, resource, { ...flags, allNamespaces: true });
  const elsewhere = everywhere.find(({ metadata }) => metadata.name === name)?.metadata.namespace;
  if (elsewhere !== undefined) {
    throw new InputError(
      `get ${resource.plural} ${name}`,
      `${resource.plural} "${name}" not found in namespace ${flags.namespace}`,
      `it is in namespace ${elsewhere}: add -n ${elsewhere}`,
    );
  }
  const known = listObjects(twin, resource, flags).map((it) => it.metadata.name);
  throw notFound(resource.plural, name, known, resource.namespaced);
}

function listObjects(twin: Twin, resource: Resource, flags: Namespaces): KubernetesObject[] {
  const all = (twin.store.list(resource.storeKind) as KubernetesObject[]).filter(isOf(resource));
  if (!resource.namespaced || flags.allNamespaces === true) return all;
  return all.filter(({ metadata }) => metadata.namespace === flags.namespace);
}

const sortKey = ({ metadata }: KubernetesObject): string =>
  `${metadata.namespace ?? ''}/${metadata.name}`;
const byNamespaceAndName = (a: KubernetesObject, b: KubernetesObject): number =>
  sortKey(a) < sortKey(b) ? -1 : 1;

function notFound(
  word: string,
  name: string,
  known: readonly string[],
  namespaced = false,
): InputError {
  const near = nearestWords(name, known);
  const hint =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : `"ekstwin get ${word}${namespaced ? ' -A' : ''}" lists what there is`;
  return new InputError(`get ${word} ${name}`, `${word} "${name}" not found`, hint);
}
