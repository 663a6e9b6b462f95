/**
 * api/aws/codec/xml-writer — what operations answer, as XML: one closure per shape, compiled when
 * the shape is first written. What a handler gives may lack members; those are left away, while an
 * empty list is written as an empty element, as AWS does.
 *
 * Upstream: the mirror image of @aws-sdk/core submodules/protocols/xml/XmlShapeDeserializer.
 */
import {
  type Reference,
  type ServiceModel,
  type TraitSet,
  type TypeName,
  typeOf,
} from '../model.ts';
import { textWriter, xmlText } from './simple-text.ts';

type Write = (value: unknown) => string;
type Fields = Readonly<Record<string, unknown>>;

export class XmlWriter {
  readonly #model: ServiceModel;
  readonly #bodies = new Map<string, Write>();

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  /** The members of a structure, one element each, without an element around them. */
  body(type: TypeName, value: Fields): string {
    return typeof type === 'number' || type === 'unit' ? '' : this.#bodyOf(type)(value);
  }

  #bodyOf(name: string): Write {
    const known = this.#bodies.get(name);
    if (known !== undefined) return known;
    // Shapes refer to themselves: whoever asks meanwhile gets this one.
    let write: Write = () => '';
    this.#bodies.set(name, (value) => write(value));
    const found = typeOf(this.#model, name);
    const members = found.kind === 'structure' ? (found.shape.m ?? []) : [];
    const inBody = members.filter(([, , traits]) => traits?.H === undefined);
    const names = inBody.map(([member]) => member);
    const writers = inBody.map(([member, type, traits]) =>
      this.#element(traits?.x ?? member, type, traits),
    );
    write = (value) => {
      const fields = value as Fields;
      let text = '';
      for (let i = 0; i < names.length; i++) {
        const field = fields[names[i]!];
        if (field !== undefined && field !== null) text += writers[i]!(field);
      }
      return text;
    };
    this.#bodies.set(name, write);
    return write;
  }

  #element(tag: string, type: TypeName, traits: TraitSet | undefined): Write {
    const found = typeOf(this.#model, type);
    const open = `<${tag}>`;
    const close = `</${tag}>`;
    if (found.kind === 'simple') {
      const write = textWriter(found.type, traits);
      return (value) => open + write(value) + close;
    }
    if (found.kind === 'structure') {
      const write = this.#bodyOf(found.name);
      return (value) => open + write(value) + close;
    }
    if (found.kind === 'map') return this.#map(tag, found.key, found.value, traits);
    const [elementType, elementTraits] = found.element;
    const isFlat = traits?.f === 1;
    const element = this.#element(
      isFlat ? tag : (elementTraits?.x ?? 'member'),
      elementType,
      elementTraits,
    );
    const elements: Write = (value) => {
      let text = '';
      for (const item of value as readonly unknown[]) text += element(item);
      return text;
    };
    if (isFlat) return elements;
    return (value) =>
      (value as readonly unknown[]).length === 0 ? `<${tag}/>` : open + elements(value) + close;
  }

  #map(tag: string, key: Reference, value: Reference, traits: TraitSet | undefined): Write {
    const keyTag = key[1]?.x ?? 'key';
    const write = this.#element(value[1]?.x ?? 'value', value[0], value[1]);
    const isFlat = traits?.f === 1;
    const entry = isFlat ? tag : 'entry';
    const entries: Write = (map) =>
      Object.entries(map as Fields)
        .map(
          ([name, it]) =>
            `<${entry}><${keyTag}>${xmlText(name)}</${keyTag}>${write(it)}</${entry}>`,
        )
        .join('');
    return isFlat ? entries : (map) => `<${tag}>${entries(map)}</${tag}>`;
  }
}
