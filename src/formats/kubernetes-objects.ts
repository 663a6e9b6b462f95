/**
 * formats/kubernetes-objects — the Kubernetes objects of a document: one, a `kind: List`, or what
 * `kubectl get -o json` printed; each with its place, none with a blank a person forgot to fill.
 */
import { InputError, type Where } from '../model/input-error.ts';
import type { KubernetesObject, ObjectMeta } from '../model/kubernetes/meta.ts';
import { resourceOf } from '../model/kubernetes/resources.ts';
import { isRecord, type Path, pathText, type SourceDocument } from './source.ts';

export interface LocatedObject {
  readonly object: KubernetesObject;
  /** `file:line:column` of the object. */
  readonly where: Where;
  /** It came out of a cluster (it has a uid), so its status and times are facts. */
  readonly exported: boolean;
  /** `file:line:column` of a member; of its nearest written ancestor when it has none. */
  at(path: Path): Where;
}

/** True for a document with `apiVersion` and `kind`. */
export const isKubernetesObject = (value: unknown): boolean =>
  isRecord(value) && typeof value.apiVersion === 'string' && typeof value.kind === 'string';

/** Blanks: `<your-name>`, `${NAME}`, `$NAME` as a whole value. */
const WHOLE_BLANK = /^(<[^<>]+>|\$\{[^{}]+\}|\$[A-Z_][A-Z0-9_]*)$/;
/** Blanks inside a name. */
const PART_BLANK = /<[a-zA-Z][^<>]*>|\$\{[^{}]+\}|\$[A-Z_][A-Z0-9_]*/;

/** Members whose strings are the user's own business: shells, files and annotations. */
const FREE_MEMBERS = new Set([
  'annotations',
  'args',
  'command',
  'data',
  'binaryData',
  'stringData',
  'env',
  'description',
  'managedFields',
  'status',
]);

/** Kinds whose bodies are schemas or code. */
const FREE_KINDS = new Set(['CustomResourceDefinition', 'ConfigMap', 'Secret']);

/** The first blank below a value. */
function findBlank(value: unknown, path: Path): { path: Path; text: string } | undefined {
  if (typeof value === 'string') return WHOLE_BLANK.test(value) ? { path, text: value } : undefined;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const found = findBlank(item, [...path, i]);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  for (const [key, member] of Object.entries(value)) {
    if (FREE_MEMBERS.has(key)) continue;
    const found = findBlank(member, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refuseBlanks(document: SourceDocument, value: KubernetesObject, path: Path): void {
  for (const field of ['name', 'generateName', 'namespace'] as const) {
    const text = value.metadata[field];
    if (text === undefined || !PART_BLANK.test(text)) continue;
    refuseBlank(document, [...path, 'metadata', field], text);
  }
  if (FREE_KINDS.has(value.kind)) return;
  const found = findBlank(value, path);
  if (found !== undefined) refuseBlank(document, found.path, found.text);
}

function refuseBlank(document: SourceDocument, path: Path, text: string): never {
  throw new InputError(
    document.where(path),
    `${pathText(path)} is still a placeholder: ${text}`,
    'Fill it in (for example with envsubst) before passing the file.',
  );
}

/** What kubectl would send: the namespace filled in where the kind has one. */
function withNamespace(object: KubernetesObject, defaultNamespace: string): KubernetesObject {
  const { namespace } = object.metadata;
  if (namespace !== undefined && namespace !== '') return object;
  if (resourceOf(object)?.namespaced !== true) return object;
  return { ...object, metadata: { ...object.metadata, namespace: defaultNamespace } };
}

function readObject(
  document: SourceDocument,
  value: unknown,
  path: Path,
  where: Where,
  defaultNamespace: string,
): LocatedObject {
  const missing = ['apiVersion', 'kind'].filter(
    (field) => !isRecord(value) || typeof value[field] !== 'string' || value[field] === '',
  );
  if (!isRecord(value) || missing.length > 0) {
    throw new InputError(
      where,
      `error validating data: [${missing.map((field) => `${field} not set`).join(', ')}]`,
      'A Kubernetes object starts with apiVersion and kind.',
    );
  }
  const metadata = isRecord(value.metadata) ? value.metadata : {};
  const name = metadata.name ?? metadata.generateName;
  if (name === undefined || name === null || name === '') {
    throw new InputError(
      where,
      `${String(value.kind)}: resource name may not be empty`,
      'Add metadata: {name: …}.',
    );
  }
  for (const field of ['name', 'generateName', 'namespace']) {
    if (metadata[field] === undefined || typeof metadata[field] === 'string') continue;
    throw new InputError(
      document.where([...path, 'metadata', field]),
      `metadata.${field} is not a string: ${JSON.stringify(metadata[field])}`,
      'Put it in quotes.',
    );
  }
  const given = { ...value, metadata: metadata as unknown as ObjectMeta } as KubernetesObject;
  const object = withNamespace(given, defaultNamespace);
  const exported = typeof metadata.uid === 'string';
  if (!exported) refuseBlanks(document, object, path);
  return { object, where, exported, at: (inner) => document.where([...path, ...inner]) };
}

/** `kind: List`, `kind: PodList` and other lists of objects. */
const isList = (value: Readonly<Record<string, unknown>>): boolean =>
  String(value.kind).endsWith('List') && Array.isArray(value.items);

/**
 * The objects of a document; those that name no namespace are put in `defaultNamespace`.
 *
 * @throws InputError at an object without kind or name, or with a placeholder left in it
 */
export function readKubernetesObjects(
  document: SourceDocument,
  defaultNamespace = 'default',
): LocatedObject[] {
  const { value } = document;
  if (!isRecord(value) || !isList(value))
    return [readObject(document, value, [], document.where(), defaultNamespace)];
  const items = value.items as readonly unknown[];
  const places = document.itemPlaces?.(['items']);
  const kind = String(value.kind).slice(0, -'List'.length);
  return items.flatMap((item, i) => {
    const where = places?.[i] ?? document.where(['items', i]);
    // `kubectl get pods -o json` repeats kind in each item; a raw API answer leaves it to the list.
    const full =
      kind !== '' && isRecord(item) && item.kind === undefined
        ? { apiVersion: value.apiVersion, kind, ...item }
        : item;
    const inner = isRecord(full) && isKubernetesObject(full) && isList(full);
    if (!inner) return [readObject(document, full, ['items', i], where, defaultNamespace)];
    const list = {
      file: document.file,
      value: full,
      where: (path: Path = []) => document.where(['items', i, ...path]),
    };
    return readKubernetesObjects(list, defaultNamespace);
  });
}
