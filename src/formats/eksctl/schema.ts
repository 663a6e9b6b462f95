/**
 * formats/eksctl/schema — strict decoding of a ClusterConfig: a field eksctl does not know is
 * refused with eksctl's own sentence, at its place, with the nearest known name.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/eks/api.go:216 ParseConfig (yaml.UnmarshalStrict) and
 * Go's encoding/json texts. Scalars become strings where a string is wanted, as sigs.k8s.io/yaml
 * does: `version: 1.33` is "1.33" (and `version: 1.30` is "1.3").
 */
import { InputError } from '../../model/input-error.ts';
import { nearestWords } from '../../model/nearest.ts';
import { isRecord, type Path, type SourceDocument } from '../source.ts';
import { CLUSTER_CONFIG_SCHEMA } from './schema.data.ts';

type Fields = ReadonlyMap<string, string>;

let types: ReadonlyMap<string, Fields> | undefined;

/** The table by type name. */
function schema(): ReadonlyMap<string, Fields> {
  types ??= new Map(
    CLUSTER_CONFIG_SCHEMA.trim()
      .split('\n')
      .map((line) => {
        const [name = '', ...fields] = line.split(' ');
        return [name, new Map(fields.map((field) => field.split(':') as [string, string]))];
      }),
  );
  return types;
}

/** What eksctl prints before Go's sentence. */
const decoding = (file: string, sentence: string): string =>
  `loading config file "${file}": error unmarshaling JSON: while decoding JSON: json: ${sentence}`;

const goName = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
};

const GO_TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'bool',
  int: 'int',
  number: 'float64',
};

class Decoder {
  readonly #document: SourceDocument;

  constructor(document: SourceDocument) {
    this.#document = document;
  }

  /** The value as `type` has it; `owner` is the struct it is a field of. */
  value(type: string, value: unknown, path: Path, owner: string): unknown {
    if (value === null || value === undefined || type === 'any') return value ?? undefined;
    if (type === 'taints') return this.#taints(value, path, owner);
    if (type.startsWith('[')) return this.#list(type.slice(1, -1), value, path, owner);
    if (type.startsWith('{')) return this.#map(type.slice(1, -1), value, path, owner);
    if (type in GO_TYPES) return this.#scalar(type, value, path, owner);
    return this.struct(type, value, path, owner);
  }

  struct(type: string, value: unknown, path: Path, owner: string): unknown {
    const fields = schema().get(type);
    if (fields === undefined) throw new Error(`no type ${type} in the ClusterConfig table`);
    if (!isRecord(value)) this.#mismatch(value, path, owner, type);
    const read: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(value)) {
      const fieldType = fields.get(name);
      if (fieldType === undefined) this.#unknownField(type, name, [...path, name], fields);
      const decoded = this.value(fieldType, member, [...path, name], type);
      if (decoded !== undefined) read[name] = decoded;
    }
    return read;
  }

  #list(item: string, value: unknown, path: Path, owner: string): unknown {
    if (!Array.isArray(value)) this.#mismatch(value, path, owner, `[]${GO_TYPES[item] ?? item}`);
    return value.map((it, i) => this.value(item, it, [...path, i], owner));
  }

  #map(item: string, value: unknown, path: Path, owner: string): unknown {
    if (!isRecord(value)) this.#mismatch(value, path, owner, `map[string]${item}`);
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        this.value(item, member, [...path, name], owner) ?? (item === 'string' ? '' : {}),
      ]),
    );
  }

  #scalar(type: string, value: unknown, path: Path, owner: string): unknown {
    const actual = typeof value;
    if (type === 'string' && actual !== 'object') return String(value);
    if (type === 'bool' && actual === 'boolean') return value;
    if (type === 'int' && Number.isInteger(value)) return value;
    if (type === 'number' && actual === 'number') return value;
    return this.#mismatch(value, path, owner, GO_TYPES[type]!);
  }

  /** nodeGroups[].taints: a list, or the older map of key to `value:effect`. */
  #taints(value: unknown, path: Path, owner: string): unknown {
    if (Array.isArray(value)) return this.#list('NodeGroupTaint', value, path, owner);
    if (!isRecord(value)) this.#mismatch(value, path, owner, '[]NodeGroupTaint');
    return Object.entries(value).map(([key, member]) => {
      const text = String(member ?? '');
      const parts = text.split(':');
      if (parts.length > 2) {
        throw new InputError(
          this.#document.where([...path, key]),
          `invalid taint: ${key}=${text}`,
          'Write key: value:effect, or better a list of {key, value, effect}.',
        );
      }
      const [first = '', effect] = parts;
      return effect === undefined ? { key, effect: first } : { key, value: first, effect };
    });
  }

  #unknownField(type: string, name: string, path: Path, fields: Fields): never {
    const near = nearestWords(name, fields.keys(), 1)[0];
    throw new InputError(
      this.#document.where(path),
      decoding(this.#document.file, `unknown field "${name}"`),
      near === undefined
        ? `${type} has: ${[...fields.keys()].join(', ')}.`
        : `Did you mean "${near}"?`,
    );
  }

  #mismatch(value: unknown, path: Path, owner: string, wanted: string): never {
    const field = path.filter((step) => typeof step === 'string').join('.');
    throw new InputError(
      this.#document.where(path),
      decoding(
        this.#document.file,
        `cannot unmarshal ${goName(value)} into Go struct field ${owner}.${field} of type ${wanted}`,
      ),
      `Write a ${wanted.startsWith('[]') ? 'list' : wanted} here.`,
    );
  }
}

/**
 * Decodes one ClusterConfig document, strictly.
 *
 * @throws InputError with eksctl's text at the field
 */
export const decodeClusterConfig = (document: SourceDocument): unknown =>
  new Decoder(document).struct('ClusterConfig', document.value, [], 'ClusterConfig');
