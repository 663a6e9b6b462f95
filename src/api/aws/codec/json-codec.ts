/**
 * api/aws/codec/json-codec — JSON bodies of restJson1 and awsJson1.1, both directions. Members that
 * are not an operation's are ignored, as AWS ignores them; values of the wrong type are refused.
 *
 * Error texts: what AWS's JSON services answer (Coral), as public reports quote them.
 */
import { type ServiceModel, SIMPLE, type TraitSet, type TypeName, typeOf } from '../model.ts';
import { Refused } from '../refused.ts';
import { millisOf } from './simple-text.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a JSON value is called in a refusal. */
function tokenOf(value: unknown): string {
  if (typeof value === 'string') return 'STRING_VALUE';
  if (typeof value === 'number') return 'NUMBER_VALUE';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return 'START_OBJECT';
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [SIMPLE.string]: 'a String',
  [SIMPLE.number]: 'an Integer',
  [SIMPLE.boolean]: 'a Boolean',
  [SIMPLE.blob]: 'a Blob',
};

function wrongType(value: unknown, type: number): Refused {
  const message =
    typeof value === 'object'
      ? 'Start of structure or map found where not expected.'
      : `${tokenOf(value)} can not be converted to ${TYPE_NAMES[type] ?? 'a Timestamp'}`;
  return new Refused('SerializationException', message);
}

/** The value of a simple type in a JSON body. */
function readSimple(type: number, value: unknown): unknown {
  switch (type) {
    case SIMPLE.string:
      if (typeof value === 'string') return value;
      break;
    case SIMPLE.number:
    case SIMPLE.bigInteger:
    case SIMPLE.bigDecimal:
      if (typeof value === 'number') return value;
      break;
    case SIMPLE.boolean:
      if (typeof value === 'boolean') return value;
      break;
    case SIMPLE.blob:
    case SIMPLE.streamingBlob:
      if (typeof value === 'string') return Buffer.from(value, 'base64');
      break;
    case SIMPLE.document:
      return value;
    default: {
      const time = new Date(millisOf(value));
      if (!Number.isNaN(time.getTime()) && typeof value !== 'object') return time;
    }
  }
  throw wrongType(value, type);
}

/** An object a client sent; none for an empty body. @throws Refused when it is no JSON object */
export function parseJsonBody(text: string): Fields {
  if (text.trim() === '') return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Refused('SerializationException', 'Unexpected character or end of input in the body');
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Fields;
  }
  throw new Refused('SerializationException', 'Start of structure or map expected');
}

/** A JSON value in the shape of a type. @throws Refused when it is of another type */
export function readJson(model: ServiceModel, type: TypeName, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  const found = typeOf(model, type);
  if (found.kind === 'simple') return readSimple(found.type, value);
  if (found.kind === 'list') {
    if (!Array.isArray(value)) throw new Refused('SerializationException', 'Expected list or null');
    // A null in a list or a map is left out.
    return value
      .map((item) => readJson(model, found.element[0], item))
      .filter((item) => item !== undefined);
  }
  if (typeof value !== 'object' || Array.isArray(value))
    throw new Refused('SerializationException', 'Start of structure or map expected');
  if (found.kind === 'map') {
    const entries = Object.entries(value).map(([key, item]): [string, unknown] => [
      key,
      readJson(model, found.value[0], item),
    ]);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  }
  const read: Record<string, unknown> = {};
  for (const [name, memberType, traits] of found.shape.m ?? []) {
    const sent = (value as Fields)[traits?.j ?? name];
    const member = readJson(model, memberType, sent);
    if (member !== undefined) read[name] = member;
  }
  return read;
}

function writeSimple(type: number, value: unknown, traits: TraitSet | undefined): unknown {
  if (type >= SIMPLE.timestamp && type <= SIMPLE.epochSeconds) {
    const isText = (traits?.t ?? type) === SIMPLE.dateTime;
    return isText ? new Date(millisOf(value)).toISOString() : millisOf(value) / 1000;
  }
  if (type !== SIMPLE.blob && type !== SIMPLE.streamingBlob) return value;
  return typeof value === 'string'
    ? Buffer.from(value).toString('base64')
    : Buffer.from(value as Uint8Array).toString('base64');
}

/** What stands in a JSON answer for a value of a type; only what the type knows. */
export function writeJson(
  model: ServiceModel,
  type: TypeName,
  value: unknown,
  traits?: TraitSet,
): unknown {
  if (value === undefined || value === null) return value;
  const found = typeOf(model, type);
  if (found.kind === 'simple') return writeSimple(found.type, value, traits);
  if (found.kind === 'list') {
    const [elementType, elementTraits] = found.element;
    return (value as readonly unknown[]).map((it) =>
      writeJson(model, elementType, it, elementTraits),
    );
  }
  if (found.kind === 'map') {
    const entries = Object.entries(value as Fields).map(([key, it]) => [
      key,
      writeJson(model, found.value[0], it, found.value[1]),
    ]);
    return Object.fromEntries(entries);
  }
  const written: Record<string, unknown> = {};
  for (const [name, memberType, memberTraits] of found.shape.m ?? []) {
    const member = (value as Fields)[name];
    if (member === undefined || memberTraits?.H !== undefined) continue;
    written[memberTraits?.j ?? name] = writeJson(model, memberType, member, memberTraits);
  }
  return written;
}
