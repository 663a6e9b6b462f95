/**
 * api/kubernetes/openapi/gnostic-writer — an OpenAPI 2 document in protobuf: kubectl before 1.24
 * reads no other.
 *
 * Upstream: google/gnostic openapiv2/OpenAPIv2.proto; the numbers are its field numbers. Written is
 * what kubectl reads: definitions, and of paths their operations with query parameters and kinds.
 */
import type { Json } from './type-definition.ts';

const UTF8 = new TextEncoder();

class Message {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  text(number: number, text: unknown): this {
    if (typeof text === 'string' && text !== '') this.#bytes(number, UTF8.encode(text));
    return this;
  }

  flag(number: number, value: unknown): this {
    if (value === true) this.#varint(number * 8).#varint(1);
    return this;
  }

  message(number: number, message: Message): this {
    return this.#bytes(number, message.done());
  }

  done(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  #bytes(number: number, bytes: Uint8Array): this {
    this.#varint(number * 8 + 2).#varint(bytes.length);
    return this.#push(bytes);
  }

  #varint(value: number): this {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 127) {
      bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
    return this.#push(Uint8Array.from(bytes));
  }

  #push(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }
}

/** Any: its YAML. */
const any = (value: unknown): Message => new Message().text(2, `${JSON.stringify(value)}\n`);

const named = (name: string, value: Message): Message =>
  new Message().text(1, name).message(2, value);

function extensions(message: Message, number: number, object: Json): Message {
  for (const [key, value] of Object.entries(object)) {
    if (key.startsWith('x-')) message.message(number, named(key, any(value)));
  }
  return message;
}

function schemaMessage(schema: Json): Message {
  const message = new Message()
    .text(1, schema.$ref)
    .text(2, schema.format)
    .text(4, schema.description);
  if (schema.default !== undefined) message.message(5, any(schema.default));
  for (const name of (schema.required ?? []) as readonly string[]) message.text(19, name);
  for (const value of (schema.enum ?? []) as readonly unknown[]) message.message(20, any(value));
  const more = schema.additionalProperties;
  if (more === true) message.message(21, new Message().flag(2, true));
  else if (typeof more === 'object') {
    message.message(21, new Message().message(1, schemaMessage(more as Json)));
  }
  if (typeof schema.type === 'string') message.message(22, new Message().text(1, schema.type));
  if (schema.items !== undefined) {
    message.message(23, new Message().message(1, schemaMessage(schema.items as Json)));
  }
  if (schema.properties !== undefined) {
    const properties = new Message();
    for (const [name, it] of Object.entries(schema.properties as Json)) {
      properties.message(1, named(name, schemaMessage(it as Json)));
    }
    message.message(25, properties);
  }
  return extensions(message, 31, schema);
}

/** Parameter → NonBodyParameter → QueryParameterSubSchema. */
const queryParameter = ({ name, in: place, type }: Json): Message =>
  new Message().message(
    1,
    new Message().message(
      2,
      new Message().message(3, new Message().text(2, place).text(4, name).text(6, type)),
    ),
  );

function operationMessage(operation: Json): Message {
  const message = new Message().text(5, operation.operationId);
  for (const it of operation.parameters as readonly Json[]) message.message(8, queryParameter(it));
  message.message(9, new Message());
  return extensions(message, 13, operation);
}

const OPERATIONS: readonly (readonly [string, number])[] = [
  ['get', 2],
  ['put', 3],
  ['post', 4],
  ['delete', 5],
  ['patch', 8],
];

/** An OpenAPI 2 document as bytes. */
export function gnosticDocument(document: Json): Uint8Array {
  const info = document.info as Json;
  const paths = new Message();
  for (const [path, item] of Object.entries(document.paths as Json)) {
    const message = new Message();
    for (const [verb, number] of OPERATIONS) {
      const operation = (item as Json)[verb];
      if (operation !== undefined) message.message(number, operationMessage(operation as Json));
    }
    paths.message(2, named(path, message));
  }
  const definitions = new Message();
  for (const [name, schema] of Object.entries(document.definitions as Json)) {
    definitions.message(1, named(name, schemaMessage(schema as Json)));
  }
  return new Message()
    .text(1, '2.0')
    .message(2, new Message().text(1, info.title).text(2, info.version))
    .message(8, paths)
    .message(9, definitions)
    .done();
}
