/**
 * controllers/load-balancer/annotations/parser — annotations of one prefix, read by their suffix
 * into what they are: texts, numbers, lists, maps, JSON.
 *
 * Every method answers undefined where the annotation is absent and throws a BuildError with the
 * controller's text where it is wrong.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/annotations/parser.go.
 */
import type { Labels } from '../../../model/kubernetes/meta.ts';
import { BuildError, within } from '../build-error.ts';
import { parseBool, parseInteger } from './go-literals.ts';
import { decodeGoJson, type Shape } from './go-shape.ts';

export type Annotations = Labels | undefined;

export interface ParseOptions {
  /** The suffix is the whole name. */
  readonly exact?: boolean | undefined;
  /** Prefixes to look under when the parser's own has none. */
  readonly alternativePrefixes?: readonly string[] | undefined;
}

interface Found {
  readonly key: string;
  readonly raw: string;
}

export class AnnotationParser {
  readonly #prefix: string;

  /** @param prefix  `alb.ingress.kubernetes.io`, `service.beta.kubernetes.io` */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  string(suffix: string, annotations: Annotations, options?: ParseOptions): string | undefined {
    return this.#find(suffix, annotations, options)?.raw;
  }

  bool(suffix: string, annotations: Annotations, options?: ParseOptions): boolean | undefined {
    const found = this.#find(suffix, annotations, options);
    return found && parsed('bool', found, () => parseBool(found.raw));
  }

  int32(suffix: string, annotations: Annotations, options?: ParseOptions): number | undefined {
    const found = this.#find(suffix, annotations, options);
    return found && parsed('int32', found, () => parseInteger(found.raw, 32));
  }

  int64(suffix: string, annotations: Annotations, options?: ParseOptions): number | undefined {
    const found = this.#find(suffix, annotations, options);
    return found && parsed('int64', found, () => parseInteger(found.raw, 64));
  }

  /** Split at commas, trimmed, without empty ones. */
  stringList(
    suffix: string,
    annotations: Annotations,
    options?: ParseOptions,
  ): readonly string[] | undefined {
    const found = this.#find(suffix, annotations, options);
    return found && textsOf(found.raw);
  }

  /** `k=v,k2=v2`; a backslash keeps the next character, a comma stays where no `=` follows. */
  stringMap(suffix: string, annotations: Annotations, options?: ParseOptions): Labels | undefined {
    const found = this.#find(suffix, annotations, options);
    if (found === undefined) return undefined;
    const pairs: Record<string, string> = {};
    for (const pair of pairsOf(found.raw)) {
      const at = pair.indexOf('=');
      const key = pair.slice(0, Math.max(at, 0)).trim();
      if (key === '') {
        throw new BuildError(`failed to parse stringMap annotation, ${found.key}: ${found.raw}`);
      }
      pairs[key] = pair.slice(at + 1).trim();
    }
    return pairs;
  }

  /**
   * @param shape      the Go type it is read into
   * @param goPackage  where that type lives, for messages
   */
  json(
    suffix: string,
    annotations: Annotations,
    shape: Shape,
    goPackage: string,
    options?: ParseOptions,
  ): unknown {
    const found = this.#find(suffix, annotations, options);
    return found && parsed('json', found, () => decodeGoJson(found.raw, shape, goPackage));
  }

  #find(suffix: string, annotations: Annotations, options?: ParseOptions): Found | undefined {
    if (annotations === undefined) return undefined;
    if (options === undefined) {
      const key = `${this.#prefix}/${suffix}`;
      const raw = annotations[key];
      return raw === undefined ? undefined : { key, raw };
    }
    const keys = options.exact
      ? [suffix]
      : [this.#prefix, ...(options.alternativePrefixes ?? [])].map((it) => `${it}/${suffix}`);
    for (const key of keys) {
      const raw = annotations[key];
      if (raw !== undefined) return { key, raw };
    }
    return undefined;
  }
}

const parsed = <T>(type: string, { key, raw }: Found, parse: () => T): T =>
  within(`failed to parse ${type} annotation, ${key}: ${raw}`, parse);

/** A list with commas, trimmed, without empty members. */
export const textsOf = (raw: string): readonly string[] =>
  raw
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Pairs of a stringMap: a comma parts two of them only where a `=` still follows. */
function pairsOf(raw: string): readonly string[] {
  const pairs: string[] = [];
  const lastEquals = raw.lastIndexOf('=');
  let pair = '';
  for (let i = 0; i < raw.length; i++) {
    const character = raw[i]!;
    if (character === '\\' && i + 1 < raw.length) {
      pair += raw[++i]!;
      continue;
    }
    if (character === ',' && lastEquals > i) {
      pairs.push(pair.trim());
      pair = '';
      continue;
    }
    const rest = character === ',' ? raw.slice(i + 1).trim() : '';
    if (rest !== '') return [...pairs, pair.trim(), rest];
    pair += character;
  }
  return pair === '' ? pairs : [...pairs, pair.trim()];
}

/** Maps one over another: what an earlier one has is kept. */
export function mergeStringMaps(...maps: readonly Annotations[]): Labels {
  const merged: Record<string, string> = {};
  for (let i = maps.length - 1; i >= 0; i--) Object.assign(merged, maps[i]);
  return merged;
}
