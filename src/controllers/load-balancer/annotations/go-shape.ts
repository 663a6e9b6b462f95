/**
 * controllers/load-balancer/annotations/go-shape — JSON read into a Go type: names without regard
 * to case, unknown ones ignored, nulls left out, and Go's words where a value does not fit.
 *
 * Upstream: Go's encoding/json decode.go (UnmarshalTypeError).
 */
import { BuildError } from '../build-error.ts';
import { type JsonNode, parseGoJson } from './go-json.ts';

/** A Go type, as far as annotations have them; `go` is its name where it has one. */
export type Shape =
  | { readonly kind: 'string'; readonly go?: string }
  | { readonly kind: 'bool' }
  | { readonly kind: 'int'; readonly bits: 32 | 64 }
  | { readonly kind: 'int-or-string' }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'map'; readonly of: Shape }
  | {
      readonly kind: 'struct';
      readonly go: string;
      readonly fields: Readonly<Record<string, Shape>>;
    };

export const TEXT: Shape = { kind: 'string' };
export const BOOL: Shape = { kind: 'bool' };
export const INT32: Shape = { kind: 'int', bits: 32 };
export const INT64: Shape = { kind: 'int', bits: 64 };
export const INT_OR_STRING: Shape = { kind: 'int-or-string' };
export const TEXTS: Shape = { kind: 'list', of: TEXT };
export const TEXT_MAP: Shape = { kind: 'map', of: TEXT };
export const listOf = (of: Shape): Shape => ({ kind: 'list', of });
export const mapOf = (of: Shape): Shape => ({ kind: 'map', of });

/** @param go  the type's name without its package, as in `Go struct field Action.type` */
export const struct = (go: string, fields: Readonly<Record<string, Shape>>): Shape => ({
  kind: 'struct',
  go,
  fields,
});

/**
 * Reads JSON as Go would into a value of that type; what is absent or null is undefined.
 *
 * @param goPackage  where the named types live, for messages: `ingress.Action`
 * @throws BuildError  Go's text of a syntax error, or of the first value that does not fit
 */
export function decodeGoJson(text: string, shape: Shape, goPackage: string): unknown {
  const decoder = new Decoder(goPackage);
  const value = decoder.decode(parseGoJson(text), shape);
  if (decoder.firstError !== undefined) throw decoder.firstError;
  return value;
}

class Decoder {
  /** Go goes on after a value that does not fit and tells of the first. */
  firstError: BuildError | undefined;
  readonly #package: string;
  #struct = '';
  #path: readonly string[] = [];

  constructor(goPackage: string) {
    this.#package = goPackage;
  }

  decode(node: JsonNode, shape: Shape): unknown {
    if (node.kind === 'null') return undefined;
    switch (shape.kind) {
      case 'string':
        return node.kind === 'string' ? node.value : this.#misfit(node, shape);
      case 'bool':
        return node.kind === 'bool' ? node.value : this.#misfit(node, shape);
      case 'int':
        return this.#integer(node, shape.bits);
      case 'int-or-string':
        return node.kind === 'string' ? node.value : this.#integer(node, 32);
      case 'list':
        if (node.kind !== 'array') return this.#misfit(node, shape);
        return node.items.map((item) => this.decode(item, shape.of));
      case 'map':
        if (node.kind !== 'object') return this.#misfit(node, shape);
        return Object.fromEntries(
          node.entries.map(([key, item]) => [key, this.decode(item, shape.of)]),
        );
      case 'struct':
        return node.kind === 'object'
          ? this.#fields(node.entries, shape)
          : this.#misfit(node, shape);
    }
  }

  #fields(
    entries: readonly (readonly [string, JsonNode])[],
    shape: Shape & { readonly kind: 'struct' },
  ): unknown {
    const [outer, path] = [this.#struct, this.#path];
    const value: Record<string, unknown> = {};
    const names = Object.keys(shape.fields);
    for (const [key, node] of entries) {
      const name =
        shape.fields[key] === undefined
          ? names.find((it) => it.toLowerCase() === key.toLowerCase())
          : key;
      if (name === undefined) continue;
      this.#struct = shape.go;
      this.#path = [...path, name];
      const field = this.decode(node, shape.fields[name]!);
      if (field !== undefined) value[name] = field;
    }
    this.#struct = outer;
    this.#path = path;
    return value;
  }

  #integer(node: JsonNode, bits: 32 | 64): unknown {
    const shape: Shape = { kind: 'int', bits };
    if (node.kind !== 'number') return this.#misfit(node, shape);
    const value = /^-?[0-9]+$/.test(node.literal) ? Number(node.literal) : Number.NaN;
    const limit = 2 ** (bits - 1);
    return value < limit && value >= -limit ? value : this.#misfit(node, shape, node.literal);
  }

  #misfit(node: JsonNode, shape: Shape, literal?: string): undefined {
    const found = literal === undefined ? node.kind : `number ${literal}`;
    const into =
      this.#path.length === 0
        ? 'Go value'
        : `Go struct field ${this.#struct}.${this.#path.join('.')}`;
    this.firstError ??= new BuildError(
      `json: cannot unmarshal ${found} into ${into} of type ${this.#typeName(shape)}`,
    );
    return undefined;
  }

  #typeName(shape: Shape): string {
    switch (shape.kind) {
      case 'list':
        return `[]${this.#typeName(shape.of)}`;
      case 'map':
        return `map[string]${this.#typeName(shape.of)}`;
      case 'struct':
        return `${this.#package}.${shape.go}`;
      case 'string':
        return shape.go === undefined ? 'string' : `${this.#package}.${shape.go}`;
      case 'int-or-string':
        return 'intstr.IntOrString';
      case 'int':
        return `int${shape.bits}`;
      case 'bool':
        return 'bool';
    }
  }
}
