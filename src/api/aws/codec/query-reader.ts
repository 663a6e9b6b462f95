/**
 * api/aws/codec/query-reader — the parameters of ec2Query and awsQuery (`Filter.1.Value.2=…`) read
 * into the shape of an operation's input.
 *
 * Upstream: smithy-lang/smithy docs "AWS EC2 query protocol", "AWS query protocol"; the mirror
 * image of @aws-sdk/core submodules/protocols/query/QueryShapeSerializer. Error texts: EC2's API reference.
 */
import { type Member, type ServiceModel, type TraitSet, type TypeName, typeOf } from '../model.ts';
import { Refused } from '../refused.ts';
import { readText } from './simple-text.ts';

/** One part of a dotted name: its own value, and what goes on under it. */
interface Part {
  value?: string;
  parts?: Map<string, Part>;
}

/** Parameters of every query request, and of requests signed in their URL. */
const ENVELOPE = new RegExp(
  '^(Action|Version|AWSAccessKeyId|Signature|SignatureMethod|SignatureVersion|Timestamp|Expires|' +
    'SecurityToken|X-Amz-.*)$',
  'i',
);

/** More parts than any parameter of AWS has. */
const DEPTH_MAX = 32;

function treeOf(parameters: URLSearchParams): Part {
  const root: Part = {};
  for (const [name, value] of parameters) {
    if (ENVELOPE.test(name)) continue;
    const names = name.split('.');
    if (names.length > DEPTH_MAX) throw unknown(name);
    let at = root;
    for (const part of names) {
      at.parts ??= new Map();
      let next = at.parts.get(part);
      if (next === undefined) {
        next = {};
        at.parts.set(part, next);
      }
      at = next;
    }
    at.value = value;
  }
  return root;
}

const unknown = (name: string): Refused =>
  new Refused('UnknownParameter', `The parameter ${name} is not recognized`);

/** Elements by their numbers, whatever numbers they have. */
const numbered = (part: Part): Part[] =>
  [...(part.parts ?? [])]
    .filter(([name]) => /^\d{1,9}$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, element]) => element);

const capitalized = (name: string): string => name[0]!.toUpperCase() + name.slice(1);

/** Reads the parameters of one model's operations. */
export class QueryReader {
  readonly #model: ServiceModel;
  readonly #isEc2: boolean;

  constructor(model: ServiceModel) {
    this.#model = model;
    this.#isEc2 = model.protocol === 'ec2Query';
  }

  /** @throws Refused when a parameter is missing, malformed, or unknown to EC2 */
  read(input: TypeName, parameters: URLSearchParams): Record<string, unknown> {
    const read = this.#value(input, undefined, treeOf(parameters), '');
    return read as Record<string, unknown>;
  }

  #value(type: TypeName, traits: TraitSet | undefined, part: Part, path: string): unknown {
    const found = typeOf(this.#model, type);
    if (found.kind === 'simple') {
      return part.value === undefined ? undefined : readText(found.type, part.value, path, traits);
    }
    if (found.kind === 'structure') return this.#structure(found.shape, part, path);
    if (found.kind === 'list') {
      const [elementType, elementTraits] = found.element;
      const holder = this.#isEc2 || traits?.f === 1 ? part : elementsOf(part, elementTraits?.x);
      if (holder.parts === undefined) {
        if (holder.value === undefined || holder.value === '') return [];
        return [this.#value(elementType, elementTraits, holder, path)];
      }
      return numbered(holder).map((element, i) => {
        const where = `${path}.${i + 1}`;
        const value = this.#value(elementType, elementTraits, element, where);
        if (value === undefined) throw this.#misplaced(where);
        return value;
      });
    }
    const entries = traits?.f === 1 ? part : (part.parts?.get('entry') ?? part);
    const [valueType, valueTraits] = found.value;
    const pairs = numbered(entries).map(({ parts }): [string, unknown] => {
      const key = parts?.get(found.key[1]?.x ?? 'key')?.value ?? '';
      const value = parts?.get(valueTraits?.x ?? 'value') ?? {};
      return [key, this.#value(valueType, valueTraits, value, `${path}.${key}`)];
    });
    return Object.fromEntries(pairs);
  }

  #structure(
    shape: { readonly m?: readonly Member[]; readonly r?: number },
    part: Part,
    path: string,
  ): Record<string, unknown> {
    const read: Record<string, unknown> = {};
    const required = shape.r ?? 0;
    let taken = 0;
    shape.m?.forEach(([name, type, traits], i) => {
      const key = this.#keyOf(name, traits);
      const inner = part.parts?.get(key);
      const where = path === '' ? key : `${path}.${key}`;
      if (inner === undefined) {
        if (i < required) throw this.#missing(name, where);
        return;
      }
      taken += 1;
      const value = this.#value(type, traits, inner, where);
      if (value !== undefined) read[name] = value;
      else if (i < required) throw this.#missing(name, where);
    });
    if (this.#isEc2 && part.parts !== undefined && taken < part.parts.size) {
      const known = new Set(shape.m?.map(([name, , traits]) => this.#keyOf(name, traits)));
      for (const key of part.parts.keys())
        if (!known.has(key)) throw unknown(path === '' ? key : `${path}.${key}`);
    }
    return read;
  }

  #keyOf(name: string, traits: TraitSet | undefined): string {
    if (!this.#isEc2) return traits?.x ?? name;
    return traits?.q ?? capitalized(traits?.x ?? name);
  }

  /** Members given of what has none. */
  #misplaced(where: string): Refused {
    if (this.#isEc2) return unknown(where);
    return new Refused('MalformedInput', `Unexpected complex element at ${where}`);
  }

  #missing(name: string, where: string): Refused {
    if (this.#isEc2)
      return new Refused('MissingParameter', `The request must contain the parameter ${where}`);
    const member = name[0]!.toLowerCase() + name.slice(1);
    return new Refused(
      'ValidationError',
      `1 validation error detected: Value null at '${member}' failed to satisfy constraint: ` +
        'Member must not be null',
    );
  }
}

/** Elements stand under `member`, or the name the element has. */
const elementsOf = (part: Part, name = 'member'): Part =>
  part.parts?.get(name) ?? part.parts?.get('member') ?? part;
