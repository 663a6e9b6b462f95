/**
 * formats/yaml — YAML files: several documents in one file, YAML 1.1 scalars as Kubernetes,
 * CloudFormation and eksctl read them, CloudFormation's short tags, and every member's place.
 *
 * Scalars: kubernetes-sigs/yaml reads YAML 1.1 (`yes` is true, 0644 is octal) without base-60
 * numbers and without dates; so do we.
 */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
} from 'yaml';
import { InputError } from '../model/input-error.ts';
import { LineTable, type Path, type SourceDocument, type SourceFile } from './source.ts';

/** Tags of YAML 1.1 that go-yaml does not know: base-60 numbers, dates, binary, sets. */
const isOdd = (tag: unknown): boolean => {
  const { tag: name, format } = tag as { tag?: string; format?: string };
  return format === 'TIME' || /timestamp|binary|omap|pairs|set$/.test(name ?? '');
};

/** `!Ref` and `!Condition` keep their name in the long form; every other tag gains `Fn::`. */
function longForm(tag: string, value: unknown): unknown {
  const name = tag.slice(1);
  if (name === 'Ref' || name === 'Condition') return { [name]: value };
  if (name === 'GetAtt' && typeof value === 'string') {
    const dot = value.indexOf('.');
    return { 'Fn::GetAtt': dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)] };
  }
  return { [`Fn::${name}`]: value };
}

const HELM_HINT = 'This looks like a Helm template: pass what helm template prints.';

/** Turns the nodes of one document into plain values. */
class PlainValues {
  readonly #place: (node: Node) => string;
  /** The file holds `{{`: somebody passed a template. */
  readonly #helm: boolean;
  readonly #anchors = new Map<string, unknown>();
  readonly #open = new Set<string>();

  constructor(place: (node: Node) => string, helm: boolean) {
    this.#place = place;
    this.#helm = helm;
  }

  of(node: unknown): unknown {
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.#aliased(node.source, node);
    const { anchor, tag } = node as { anchor?: string; tag?: string };
    if (anchor !== undefined) this.#open.add(anchor);
    let value: unknown;
    if (isScalar(node)) value = typeof node.value === 'bigint' ? Number(node.value) : node.value;
    else if (isSeq(node)) value = node.items.map((item) => this.of(item));
    else if (isMap(node)) value = this.#record(node.items);
    else value = null;
    if (tag?.startsWith('!') && !tag.startsWith('!!')) {
      value = longForm(tag, value);
    }
    if (anchor !== undefined) {
      this.#open.delete(anchor);
      this.#anchors.set(anchor, value);
    }
    return value;
  }

  #refuseKey(key: Node): never {
    throw new InputError(
      this.#place(key),
      'not YAML: a map or a list cannot be a key',
      this.#helm ? HELM_HINT : 'Quote the value when it starts with { or [.',
    );
  }

  #aliased(name: string, node: Node): unknown {
    if (this.#anchors.has(name) && !this.#open.has(name)) return this.#anchors.get(name);
    throw new InputError(
      this.#place(node),
      this.#open.has(name) ? `*${name} contains itself` : `no anchor &${name} before *${name}`,
      'Write the value out where it is used.',
    );
  }

  #record(pairs: readonly Pair[]): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    const merged: unknown[] = [];
    for (const pair of pairs) {
      const key = isScalar(pair.key) ? pair.key.value : this.of(pair.key);
      if (typeof key === 'object' && key !== null) this.#refuseKey(pair.key as Node);
      if (typeof key === 'symbol' || key === '<<') {
        const source = this.of(pair.value);
        merged.push(...(Array.isArray(source) ? source : [source]));
      } else put(record, String(key), this.of(pair.value));
    }
    for (const source of merged) {
      if (typeof source !== 'object' || source === null) continue;
      for (const [key, value] of Object.entries(source)) {
        if (!Object.hasOwn(record, key)) put(record, key, value);
      }
    }
    return record;
  }
}

/** Sets a member, also one called `__proto__`. */
function put(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') record[key] = value;
  else Object.defineProperty(record, key, { value, enumerable: true, writable: true });
}

/** The node (a key, where there is one) that a path names; its deepest written ancestor else. */
function nodeAt(root: unknown, path: Path): Node | undefined {
  let found = root as Node | undefined;
  let node: unknown = root;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && keyText(item.key) === step);
      if (pair === undefined) return found;
      found = pair.key as Node;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      const item = node.items[step] as Node | undefined;
      if (item === undefined) return found;
      found = item;
      node = item;
    } else return found;
  }
  return found;
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

/**
 * Reads every document of a YAML file; documents that hold nothing but comments are left out.
 *
 * @throws InputError at the first place that is no YAML
 */
export function parseYaml(file: SourceFile): SourceDocument[] {
  const lines = new LineTable(file.text);
  const place = (offset: number): string => `${file.path}:${lines.at(offset)}`;
  const documents = parseAllDocuments(file.text, {
    version: '1.1',
    merge: true,
    prettyErrors: false,
    logLevel: 'error',
    customTags: (tags) => tags.filter((tag) => !isOdd(tag)),
  }) as Document[];
  const helm = file.text.includes('{{');
  const placeOf = (node: Node | undefined): string => place(node?.range?.[0] ?? 0);
  const read: SourceDocument[] = [];
  for (const document of documents) {
    const error = document.errors[0];
    if (error !== undefined) {
      throw new InputError(
        place(error.pos[0]),
        `not YAML: ${error.message}`,
        helm
          ? HELM_HINT
          : 'Check the indentation and the quotes of this line and the one before it.',
      );
    }
    if (document.contents === null) continue;
    const value = new PlainValues(placeOf, helm).of(document.contents);
    if (value === null) continue;
    const root = document.contents;
    read.push({
      file: file.path,
      value,
      where: (path = []) => placeOf(nodeAt(root, path) ?? root),
    });
  }
  return read;
}
