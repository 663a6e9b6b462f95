/**
 * api/aws/codec/xml-reader — XML request bodies (Route 53's) read into the shape of an operation's
 * input. Elements, text, comments, CDATA and the five entities; no document types.
 */
import { type ServiceModel, type TraitSet, type TypeName, typeOf } from '../model.ts';
import { Refused } from '../refused.ts';
import { readText } from './simple-text.ts';

/** An element: its local name, its children, and the text directly in it. */
export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const TOKEN =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};
const DEPTH_MAX = 64;

const malformed = (why: string): Refused => new Refused('MalformedInput', why);

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** The root element of a document. @throws Refused when it is not well-formed */
export function parseXml(text: string): XmlElement {
  const top: XmlElement = { name: '', children: [], text: '' };
  const open = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text);
    if (token === null) throw malformed('The request body is not well-formed XML');
    const [, cdata, slash, qualified, , selfClosed, between] = token;
    const parent = open.at(-1)!;
    if (cdata !== undefined) parent.text += cdata;
    else if (between !== undefined) parent.text += unescaped(between);
    else if (qualified !== undefined) {
      const name = qualified.slice(qualified.indexOf(':') + 1);
      if (slash === '/') {
        if (open.length === 1 || parent.name !== name) throw malformed(`Unexpected </${name}>`);
        open.pop();
      } else {
        const element: XmlElement = { name, children: [], text: '' };
        parent.children.push(element);
        if (selfClosed !== '/') open.push(element);
        if (open.length > DEPTH_MAX) throw malformed('The request body is nested too deeply');
      }
    }
  }
  const root = top.children[0];
  if (root === undefined || open.length !== 1 || top.children.length > 1)
    throw malformed('The request body is not well-formed XML');
  return root;
}

/** An element in the shape of a type. @throws Refused when a value is of another type */
export function readXml(
  model: ServiceModel,
  type: TypeName,
  element: XmlElement,
  traits?: TraitSet,
): unknown {
  const found = typeOf(model, type);
  if (found.kind === 'simple') return readText(found.type, element.text, element.name, traits);
  if (found.kind === 'list') {
    const [elementType, elementTraits] = found.element;
    return element.children.map((it) => readXml(model, elementType, it, elementTraits));
  }
  if (found.kind === 'map') {
    const entries = element.children.map(({ children: [key, value] }) => [
      key?.text ?? '',
      value === undefined ? undefined : readXml(model, found.value[0], value, found.value[1]),
    ]);
    return Object.fromEntries(entries);
  }
  const read: Record<string, unknown> = {};
  for (const [i, [name, memberType, memberTraits]] of (found.shape.m ?? []).entries()) {
    const tag = memberTraits?.x ?? name;
    const named = element.children.filter((it) => it.name === tag);
    if (named.length === 0) {
      if (i < (found.shape.r ?? 0) && isInBody(memberTraits)) throw incomplete(model, element, tag);
      continue;
    }
    read[name] = isFlatList(model, memberType, memberTraits)
      ? readXml(model, memberType, { name: tag, children: named, text: '' })
      : readXml(model, memberType, named[0]!, memberTraits);
  }
  return read;
}

const isInBody = ({ L, H, Q }: TraitSet = {}): boolean =>
  L === undefined && H === undefined && Q === undefined;

/** As the schema validation of AWS's XML services words it. */
const incomplete = ({ xmlNamespace }: ServiceModel, { name }: XmlElement, tag: string): Refused =>
  new Refused(
    'InvalidInput',
    `Invalid XML ; cvc-complex-type.2.4.b: The content of element '${name}' is not complete. ` +
      `One of '{"${xmlNamespace}":${tag}}' is expected.`,
  );

const isFlatList = (model: ServiceModel, type: TypeName, traits: TraitSet | undefined): boolean =>
  traits?.f === 1 && typeOf(model, type).kind === 'list';
