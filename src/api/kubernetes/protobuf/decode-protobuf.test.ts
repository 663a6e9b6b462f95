import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FieldSchema,
  type FieldType,
  type TypeSchema,
  typeNamed,
  typeOfKind,
} from '../../../cluster/schema/type-schema.ts';
import { decodeProtobuf } from './decode-protobuf.ts';

/** An encoder for tests: what client-go would send, from the object's JSON. */
class Writer {
  readonly #bytes: number[] = [];
  varint(value: number | bigint): this {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.#bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.#bytes.push(Number(rest));
    return this;
  }
  bytes(number: number, bytes: Iterable<number>): this {
    const all = [...bytes];
    this.varint(number * 8 + 2).varint(all.length);
    for (const byte of all) this.#bytes.push(byte);
    return this;
  }
  text(number: number, text: string): this {
    return this.bytes(number, Buffer.from(text));
  }
  number(number: number, value: number | bigint): this {
    return this.varint(number * 8).varint(value);
  }
  double(number: number, value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.varint(number * 8 + 1);
    this.#bytes.push(...bytes);
    return this;
  }
  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

type Plain = Record<string, unknown>;

function encodeMessage(type: TypeSchema, value: Plain): Uint8Array {
  const writer = new Writer();
  for (const [number, field] of type.byNumber) {
    if ('inlined' in field) {
      writer.bytes(number, encodeMessage(typeNamed(field.inlined), value));
      continue;
    }
    const it = value[field.name];
    if (it === undefined) continue;
    if (field.type.kind === 'list') {
      for (const item of it as unknown[]) encodeValue(writer, number, field.type.of, item);
    } else if (field.type.kind === 'map') {
      for (const [key, item] of Object.entries(it as Plain)) {
        const entry = new Writer().text(1, key);
        encodeValue(entry, 2, field.type.of, item);
        writer.bytes(number, entry.done());
      }
    } else encodeValue(writer, number, field.type, it);
  }
  return writer.done();
}

const json = (value: unknown): Uint8Array => new Writer().text(1, JSON.stringify(value)).done();

function encodeValue(writer: Writer, number: number, type: FieldType, value: unknown): void {
  const seconds = (): number => Date.parse(value as string) / 1000;
  switch (type.kind) {
    case 'string':
      return void writer.text(number, value as string);
    case 'bool':
      return void writer.number(number, value === true ? 1 : 0);
    case 'int32':
    case 'int64':
      return void writer.number(number, value as number);
    case 'double':
      return void writer.double(number, value as number);
    case 'bytes':
      return void writer.bytes(number, Buffer.from(value as string, 'base64'));
    case 'quantity':
      return void writer.bytes(number, new Writer().text(1, value as string).done());
    case 'time':
      return void writer.bytes(number, new Writer().number(1, seconds()).done());
    case 'int-or-string': {
      const it = new Writer().number(1, typeof value === 'string' ? 1 : 0);
      it.number(2, typeof value === 'number' ? value : 0);
      return void writer.bytes(number, it.text(3, typeof value === 'string' ? value : '').done());
    }
    case 'type':
      return void writer.bytes(number, encodeMessage(typeNamed(type.name), value as Plain));
    case 'strings-message': {
      const it = new Writer();
      for (const text of value as string[]) it.text(1, text);
      return void writer.bytes(number, it.done());
    }
    default:
      return void writer.bytes(number, json(value));
  }
}

const PREFIX = [0x6b, 0x38, 0x73, 0];

function encode(object: Plain): Uint8Array {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string };
  const typed = new Writer().text(1, apiVersion).text(2, kind).done();
  const type = typeOfKind(apiVersion, kind)!;
  const unknown = new Writer().bytes(1, typed).bytes(2, encodeMessage(type, object));
  return Uint8Array.from([...PREFIX, ...unknown.text(3, '').text(4, '').done()]);
}

/** Values of a type, a few levels deep, without what JSON leaves out. */
function anyOf(type: FieldType, depth: number): fc.Arbitrary<unknown> {
  const text = fc.string({ minLength: 1, maxLength: 6 });
  switch (type.kind) {
    case 'string':
    case 'quantity':
      return text;
    case 'bool':
      return fc.constant(true);
    case 'int32':
      return fc.integer().filter((it) => it !== 0);
    case 'int64':
      return fc.maxSafeInteger().filter((it) => it !== 0);
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).filter((it) => it !== 0);
    case 'bytes':
      return text.map((it) => Buffer.from(it).toString('base64'));
    case 'time':
      return fc
        .integer({ min: 1, max: 4e9 })
        .map((it) => `${new Date(it * 1000).toISOString().slice(0, 19)}Z`);
    case 'int-or-string':
      return fc.oneof(text, fc.integer());
    case 'strings-message':
      return fc.array(text, { minLength: 1, maxLength: 3 });
    case 'list':
      return fc.array(anyOf(type.of, depth), { minLength: 1, maxLength: 3 });
    case 'map':
      return fc.dictionary(text, anyOf(type.of, depth), { minKeys: 1, maxKeys: 3 });
    case 'type':
      return objectOf(typeNamed(type.name), depth - 1);
    default:
      return fc.dictionary(text, text, { minKeys: 1, maxKeys: 2 });
  }
}

const made = new Map<string, fc.Arbitrary<Plain>>();

function objectOf(type: TypeSchema, depth: number): fc.Arbitrary<Plain> {
  const key = `${type.name} ${depth}`;
  const known = made.get(key) ?? makeObjectOf(type, depth);
  made.set(key, known);
  return known;
}

const UNTRIED: ReadonlySet<string> = new Set([
  'micro-time',
  'duration',
  'json-or-bool',
  'json-or-array',
  'json-or-strings',
]);

function makeObjectOf(type: TypeSchema, depth: number): fc.Arbitrary<Plain> {
  const leafOf = ({ type: of }: FieldSchema): FieldType =>
    of.kind === 'list' || of.kind === 'map' ? of.of : of;
  const tried = [...type.fields.values()].filter((it) => !UNTRIED.has(leafOf(it).kind));
  const flat = tried.filter((it) => leafOf(it).kind !== 'type');
  // At the bottom only what ends there, unless all that a type holds goes deeper.
  const chosen = depth <= 0 && flat.length > 0 ? flat : tried;
  return fc
    .subarray(chosen, { minLength: 1, maxLength: Math.min(4, chosen.length) })
    .chain((fields) =>
      fc.record(Object.fromEntries(fields.map((it) => [it.name, anyOf(it.type, depth)]))),
    );
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'web',
            image: 'web:1',
            ports: [{ containerPort: 80 }],
            resources: { limits: { cpu: '100m' } },
            livenessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 5 },
          },
        ],
        volumes: [{ name: 'tmp', emptyDir: {} }],
      },
    },
  },
};

describe('a protobuf body', () => {
  test('says what its JSON would say', () => {
    expect(decodeProtobuf(encode(deployment))).toEqual({ object: deployment });
  });

  test('keeps a pointer to nothing (replicas: 0, emptyDir: {}) and drops a zero nobody wrote', () => {
    const spec = new Writer().number(1, 0).number(5, 0).done();
    const body = new Writer().bytes(2, spec).bytes(3, []).done();
    const typed = new Writer().text(1, 'apps/v1').text(2, 'Deployment').done();
    const bytes = [...PREFIX, ...new Writer().bytes(1, typed).bytes(2, body).done()];
    expect(decodeProtobuf(Uint8Array.from(bytes))).toEqual({
      object: { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 0 } },
    });
  });

  test.each([
    ['v1', 'Pod'],
    ['v1', 'Service'],
    ['v1', 'Node'],
    ['v1', 'Secret'],
    ['apps/v1', 'StatefulSet'],
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    ['networking.k8s.io/v1', 'Ingress'],
    ['batch/v1', 'CronJob'],
    ['autoscaling/v2', 'HorizontalPodAutoscaler'],
    ['authorization.k8s.io/v1', 'SubjectAccessReview'],
  ])('of %s %s reads back as the object it was made of', (apiVersion, kind) => {
    const type = typeOfKind(apiVersion, kind)!;
    fc.assert(
      fc.property(objectOf(type, 4), (body) => {
        const object = { apiVersion, kind, ...body };
        expect(decodeProtobuf(encode(object))).toEqual({ object });
      }),
      { numRuns: 30 },
    );
  });

  test('that is not one is refused in words, never with a crash', () => {
    const good = encode(deployment);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(good.length),
        (changes, length) => {
          const bytes = Uint8Array.from(good);
          for (const [at, byte] of changes) bytes[at] = byte;
          const result = decodeProtobuf(bytes.subarray(0, length));
          expect('object' in result || result.problem.length > 0).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        decodeProtobuf(Uint8Array.from([...PREFIX, ...bytes]));
      }),
      { numRuns: 2000 },
    );
    expect(decodeProtobuf(Buffer.from('{}'))).toEqual({
      problem:
        'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    });
  });
});
