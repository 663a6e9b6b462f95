/**
 * api/aws/codec/simple-text — simple values as texts: in query strings, in XML, in headers and
 * paths, both directions.
 */
import { SIMPLE, type TraitSet } from '../model.ts';
import { Refused } from '../refused.ts';

const invalid = (text: string, name: string, wanted: string): Refused =>
  new Refused('InvalidParameterValue', `Invalid value '${text}' for ${name}. ${wanted}`);

/**
 * The value a text stands for.
 *
 * @param name  of the parameter, for messages
 * @throws Refused when the text is none of that type
 */
export function readText(type: number, text: string, name: string, traits?: TraitSet): unknown {
  switch (type) {
    case SIMPLE.number:
    case SIMPLE.bigInteger:
    case SIMPLE.bigDecimal:
      if (!/^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(text))
        throw invalid(text, name, 'Must be a number.');
      return Number(text);
    case SIMPLE.boolean:
      if (!/^(true|false)$/i.test(text)) throw invalid(text, name, 'Must be true or false.');
      return text.length === 4;
    case SIMPLE.timestamp:
    case SIMPLE.dateTime:
    case SIMPLE.httpDate:
    case SIMPLE.epochSeconds: {
      const isEpoch = (traits?.t ?? type) === SIMPLE.epochSeconds || /^\d+(\.\d+)?$/.test(text);
      const time = new Date(isEpoch ? Number(text) * 1000 : text);
      if (Number.isNaN(time.getTime())) throw invalid(text, name, 'Must be a timestamp.');
      return time;
    }
    case SIMPLE.blob:
    case SIMPLE.streamingBlob:
      if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) throw invalid(text, name, 'Must be base64.');
      return Buffer.from(text, 'base64');
    default:
      return text;
  }
}

const XML_SPECIAL = /[&<>"\p{Cc}\u2028]/gu;
const FIRST_PLAIN = 0x20;
const LAST_PLAIN = 0x7e;
const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Text as it stands between tags. */
export const xmlText = (text: string): string =>
  isPlain(text)
    ? text
    : text.replace(
        XML_SPECIAL,
        (char) => XML_ENTITIES[char] ?? `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`,
      );

/** Beyond printed ASCII, or one of `"`, `&`, `<`, `>`. Compared: a set is slower to ask. */
const isDoubtful = (code: number): boolean =>
  code < FIRST_PLAIN ||
  code > LAST_PLAIN ||
  code === 0x22 ||
  code === 0x26 ||
  code === 0x3c ||
  code === 0x3e;

/** True when nothing in it is special; ids and addresses are short, and a loop is faster there. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++)
    if (isDoubtful(text.charCodeAt(i))) return text.search(XML_SPECIAL) < 0;
  return true;
}

/** Milliseconds of a time that a handler gives: a Date, ISO text, or Unix seconds. */
export function millisOf(time: unknown): number {
  if (time instanceof Date) return time.getTime();
  return typeof time === 'number' ? time * 1000 : Date.parse(String(time));
}

const epochText = (time: unknown): string => String(millisOf(time) / 1000);
/** As Date.toISOString writes it, which is how most times come. */
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const dateTimeText = (time: unknown): string =>
  typeof time === 'string' && ISO.test(time) ? time : new Date(millisOf(time)).toISOString();
const bytesText = (value: unknown): string =>
  (typeof value === 'string' ? Buffer.from(value) : Buffer.from(value as Uint8Array)).toString(
    'base64',
  );

/** How values of a simple type are written between tags. */
export function textWriter(type: number, traits?: TraitSet): (value: unknown) => string {
  switch (type) {
    case SIMPLE.string:
      return (value) => xmlText(value as string);
    case SIMPLE.timestamp:
    case SIMPLE.dateTime:
    case SIMPLE.httpDate:
    case SIMPLE.epochSeconds:
      return (traits?.t ?? type) === SIMPLE.epochSeconds ? epochText : dateTimeText;
    case SIMPLE.blob:
    case SIMPLE.streamingBlob:
      return bytesText;
    case SIMPLE.number:
    case SIMPLE.boolean:
      return String;
    default:
      return (value) => xmlText(String(value));
  }
}
