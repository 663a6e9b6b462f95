/**
 * analysis/load-balancer/lint/annotation-values — every known annotation's value: read by the
 * controller's own parser, then held against what AWS takes.
 */
import { parseGoJson } from '../../../controllers/load-balancer/annotations/go-json.ts';
import {
  AnnotationParser,
  textsOf,
} from '../../../controllers/load-balancer/annotations/parser.ts';
import { BuildError, built } from '../../../controllers/load-balancer/build-error.ts';
import {
  type AnnotationValue,
  type KnownAnnotation,
  knownAnnotation,
} from '../../../model/kubernetes/known-annotation.ts';
import { nearestWords } from '../../../model/nearest.ts';
import { claimOf } from './claimed-service.ts';
import type { Finding } from './finding.ts';
import { ingressClaim } from './ingress-claim.ts';
import {
  annotationsOf,
  error,
  isIngress,
  isService,
  type Linted,
  type LintInput,
  placeOfAnnotation,
} from './linted.ts';

interface Wrong {
  readonly text: string;
  readonly hint: string;
}

/** What is wrong with the values of known annotations that somebody will read. */
export function annotationValues(input: LintInput): Finding[] {
  return input.all.flatMap((it) => {
    if (!isRead(input, it)) return [];
    return Object.entries(annotationsOf(it.object)).flatMap(([key, raw]) => {
      const known = knownAnnotation(key);
      if (known === undefined || !known.on.includes(it.object.kind)) return [];
      const wrong = wrongValue(key, raw, known);
      if (wrong === undefined) return [];
      return [error(it, placeOfAnnotation(it, key), { check: 'annotation-value', ...wrong })];
    });
  });
}

/** False where only the in-tree controller, or another one, looks at the object. */
function isRead(input: LintInput, it: Linted): boolean {
  if (isService(it)) {
    const { by } = claimOf(input, it.object);
    return by !== 'in-tree' && by !== 'another';
  }
  return !isIngress(it) || ingressClaim(input, it.object).by !== 'another';
}

function wrongValue(key: string, raw: unknown, { value }: KnownAnnotation): Wrong | undefined {
  if (typeof raw !== 'string') {
    const text = `${key} is ${typeof raw === 'object' ? 'no text' : `the ${typeof raw} ${raw}`}: annotations are texts`;
    return { text, hint: `put it in quotes: ${key}: ${JSON.stringify(String(raw))}` };
  }
  switch (value.kind) {
    case 'text':
      return wrongText(key, raw, value);
    case 'truth':
      return parsed(() => parser.bool(key, { [key]: raw }, EXACT), 'write "true" or "false"');
    case 'number':
      return wrongNumber(key, raw, value);
    case 'word':
      return wrongWord(key, raw, value.words);
    case 'port':
      return wrongPort(key, raw, value);
    case 'list':
      return wrongList(key, raw, value);
    case 'map':
      return wrongMap(key, raw, value);
    case 'json':
      return wrongJson(key, raw, value);
  }
}

const EXACT = { exact: true } as const;
/** Keys are given whole, so that the prefix does not count. */
const parser = new AnnotationParser('');

/** The controller's own words for a value it cannot read. */
function parsed(read: () => unknown, hint: string): Wrong | undefined {
  const result = built(read);
  return result instanceof BuildError ? { text: result.message, hint } : undefined;
}

type Of<Kind extends AnnotationValue['kind']> = Extract<AnnotationValue, { kind: Kind }>;

function wrongText(
  key: string,
  raw: string,
  { lengthMax, pattern }: Of<'text'>,
): Wrong | undefined {
  if (lengthMax !== undefined && raw.length > lengthMax) {
    const text = `${key} has ${raw.length} characters, ${lengthMax} are allowed: ${raw}`;
    return { text, hint: `shorten it to ${lengthMax}` };
  }
  if (pattern === undefined || pattern.test(raw)) return undefined;
  const text = `${key}: ${JSON.stringify(raw)} is no name that is allowed`;
  return {
    text,
    hint: 'lower-case letters, digits, - and ., beginning and ending with one of the first two',
  };
}

function wrongNumber(key: string, raw: string, { min, max }: Of<'number'>): Wrong | undefined {
  const unread = parsed(() => parser.int32(key, { [key]: raw }, EXACT), 'a whole number in quotes');
  if (unread !== undefined) return unread;
  const number = Number(raw);
  const [low, high] = [min ?? Number.NEGATIVE_INFINITY, max ?? Number.POSITIVE_INFINITY];
  if (number >= low && number <= high) return undefined;
  const text = `${key}: ${raw} is out of range`;
  return { text, hint: `write a number from ${min ?? 'any'} to ${max ?? 'any'}` };
}

function wrongWord(key: string, raw: string, words: readonly string[]): Wrong | undefined {
  if (words.includes(raw)) return undefined;
  const near = nearestWords(raw, words, 1);
  const text = `${key}: ${JSON.stringify(raw)} is none of ${words.join(', ')}`;
  return { text, hint: `write ${near[0] ?? words.join(' or ')}` };
}

function wrongPort(key: string, raw: string, { words, named }: Of<'port'>): Wrong | undefined {
  if (words.includes(raw)) return undefined;
  if (/^\d+$/.test(raw) && Number(raw) >= 1 && Number(raw) <= 65535) return undefined;
  // A name is looked up among the Service's ports, elsewhere.
  if (named && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(raw) && /[a-z]/.test(raw)) return undefined;
  const text = `${key}: ${JSON.stringify(raw)} is no port`;
  return {
    text,
    hint: `write ${words.join(', ')} or a number from 1 to 65535${named ? ", or the name of the Service's port" : ''}`,
  };
}

function wrongList(key: string, raw: string, { pattern, what }: Of<'list'>): Wrong | undefined {
  const items = textsOf(raw);
  if (items.length === 0) {
    return { text: `${key} is an empty list`, hint: 'leave it out, or write a,b' };
  }
  if (pattern === undefined) return undefined;
  const wrong = items.find((item) => !pattern.test(item));
  if (wrong === undefined) return undefined;
  const text = `${key}: ${JSON.stringify(wrong)} is not ${what}`;
  const hint = /[;\s[\]{}"']/.test(raw)
    ? 'items are parted by commas, without brackets or quotes: a,b'
    : `each item is ${what}`;
  return { text, hint };
}

function wrongMap(key: string, raw: string, { keys }: Of<'map'>): Wrong | undefined {
  const result = built(() => parser.stringMap(key, { [key]: raw }, EXACT));
  if (result instanceof BuildError) {
    return { text: result.message, hint: 'write k1=v1,k2=v2, without brackets or quotes' };
  }
  if (keys === undefined) return undefined;
  const unknown = Object.keys(result ?? {}).find((name) => !keys.includes(name));
  if (unknown === undefined) return undefined;
  return { text: `${key}: no key is called ${unknown}`, hint: `write ${keys.join(', ')}=…` };
}

function wrongJson(key: string, raw: string, { shape }: Of<'json'>): Wrong | undefined {
  const wanted = shape === 'list' ? 'a list: [{…}]' : 'an object: {…}';
  const hint = `write JSON, ${wanted}, in single quotes or after >-`;
  const result = built(() => parseGoJson(raw));
  if (result instanceof BuildError) {
    return { text: `failed to parse json annotation, ${key}: ${raw}: ${result.message}`, hint };
  }
  // Not every JSON is read: a list where an object belongs is refused by the controller too.
  const first = raw.trim()[0];
  if (first === (shape === 'list' ? '[' : '{')) return undefined;
  return { text: `${key} holds JSON, but not ${wanted}`, hint };
}
