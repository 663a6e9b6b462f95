/**
 * api/kubernetes/protobuf/decode-protobuf — a request body in Kubernetes' protobuf as the object its
 * JSON would be: `kubectl create deployment` and client-go send such bodies.
 *
 * Upstream: kubernetes/apimachinery pkg/runtime/serializer/protobuf/protobuf.go (the envelope),
 * pkg/apis/meta/v1/{time,micro_time}_proto.go, pkg/util/intstr, pkg/api/resource (Quantity).
 * Zero scalars go where JSON's omitempty drops them, and so do empty structs that no pointer holds.
 */

import {
  type FieldSchema,
  type FieldType,
  type TypeSchema,
  typeNamed,
  typeOfKind,
} from '../../../cluster/schema/type-schema.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { WireError, type WireField, WireReader } from './wire-reader.ts';

export type DecodedProtobuf =
  | { readonly object: KubernetesObject }
  /** For a 400; `gvk` when the envelope could be read. */
  | {
      readonly problem: string;
      readonly apiVersion?: string | undefined;
      readonly kind?: string | undefined;
    };

type Plain = Record<string, unknown>;

/** What every protobuf body starts with. */
const PREFIX = [0x6b, 0x38, 0x73, 0x00];
/** Deeper than any object that means something, far from the end of the stack. */
const DEPTH_MAX = 500;

/** Reads `k8s\0` and the runtime.Unknown behind it; never throws. */
export function decodeProtobuf(bytes: Uint8Array): DecodedProtobuf {
  if (PREFIX.some((byte, i) => bytes[i] !== byte)) {
    return {
      problem:
        'provided data does not appear to be a protobuf message, expected prefix ' +
        `[${PREFIX.join(' ')}]`,
    };
  }
  let apiVersion = '';
  let kind = '';
  try {
    const reader = new WireReader(bytes, PREFIX.length);
    let raw: Uint8Array = new Uint8Array();
    while (!reader.isAtEnd) {
      const field = reader.field();
      if (field.number === 1 && field.wireType === 2) {
        const typed = decodeTypeMeta(reader.message());
        apiVersion = typed.apiVersion;
        kind = typed.kind;
      } else if (field.number === 2 && field.wireType === 2) raw = reader.bytes();
      else reader.skip(field);
    }
    const type = typeOfKind(apiVersion, kind);
    if (type === undefined) {
      const problem = `no kind "${kind}" is registered for version "${apiVersion}" in scheme`;
      return { problem };
    }
    const body = decodeMessage(new WireReader(raw), type, 0);
    return { object: { apiVersion, kind, ...body } as unknown as KubernetesObject };
  } catch (error) {
    if (error instanceof WireError) return { problem: error.message, apiVersion, kind };
    throw error;
  }
}

function decodeTypeMeta(reader: WireReader): { apiVersion: string; kind: string } {
  const found = { apiVersion: '', kind: '' };
  while (!reader.isAtEnd) {
    const field = reader.field();
    if (field.number === 1 && field.wireType === 2) found.apiVersion = reader.text();
    else if (field.number === 2 && field.wireType === 2) found.kind = reader.text();
    else reader.skip(field);
  }
  return found;
}

function decodeMessage(reader: WireReader, type: TypeSchema, depth: number): Plain {
  if (depth > DEPTH_MAX) throw new WireError('exceeded max depth');
  const object: Plain = {};
  while (!reader.isAtEnd) {
    const wire = reader.field();
    const field = type.byNumber.get(wire.number);
    if (field === undefined) reader.skip(wire);
    else if ('inlined' in field) {
      expect(wire, 2, field.inlined);
      Object.assign(object, decodeMessage(reader.message(), typeNamed(field.inlined), depth + 1));
    } else decodeField(reader, wire, field, object, depth);
  }
  return object;
}

const expect = ({ wireType }: WireField, wanted: number, name: string): void => {
  if (wireType === wanted) return;
  const field = name === '' ? '' : `${name[0]!.toUpperCase()}${name.slice(1)}`;
  throw new WireError(`proto: wrong wireType = ${wireType} for field ${field}`);
};

function decodeField(
  reader: WireReader,
  wire: WireField,
  field: FieldSchema,
  object: Plain,
  depth: number,
): void {
  const { name, type } = field;
  if (type.kind === 'list') {
    object[name] ??= [];
    (object[name] as unknown[]).push(...decodeItems(reader, wire, type.of, name, depth));
    return;
  }
  if (type.kind === 'map') {
    expect(wire, 2, name);
    const [key, value] = decodeEntry(reader.message(), type.of, name, depth);
    object[name] ??= {};
    set(object[name] as Plain, key, value);
    return;
  }
  const value = decodeValue(reader, wire, type, name, depth);
  // The last of several wins, also when it is zero.
  if (isDropped(value, field)) delete object[name];
  else object[name] = value;
}

/** JSON's omitempty for what no pointer holds; a struct says nothing either when it is empty. */
function isDropped(value: unknown, { isAlwaysWritten, isPointer }: FieldSchema): boolean {
  if (value === undefined) return true;
  if (isPointer) return false;
  if (typeof value === 'object' && value !== null) {
    if (isAlwaysWritten) return false;
    for (const _ in value) return false;
    return true;
  }
  return !isAlwaysWritten && (value === 0 || value === '' || value === false);
}

const SCALARS_PACKED: ReadonlySet<string> = new Set(['int32', 'int64', 'bool']);

function decodeItems(
  reader: WireReader,
  wire: WireField,
  of: FieldType,
  name: string,
  depth: number,
): unknown[] {
  if (wire.wireType !== 2 || !SCALARS_PACKED.has(of.kind)) {
    return [decodeValue(reader, wire, of, name, depth)];
  }
  const packed = reader.message();
  const items: unknown[] = [];
  while (!packed.isAtEnd) items.push(of.kind === 'bool' ? packed.varint() !== 0 : packed.int64());
  return items;
}

function decodeEntry(
  reader: WireReader,
  of: FieldType,
  name: string,
  depth: number,
): [string, unknown] {
  let key = '';
  let value: unknown;
  while (!reader.isAtEnd) {
    const wire = reader.field();
    if (wire.number === 1 && wire.wireType === 2) key = reader.text();
    else if (wire.number === 2) value = decodeValue(reader, wire, of, name, depth);
    else reader.skip(wire);
  }
  return [key, value ?? zeroOf(of)];
}

/** A key of a map may be any text, `__proto__` too. */
const set = (map: Plain, key: string, value: unknown): void => {
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
};

const zeroOf = ({ kind }: FieldType): unknown => {
  if (kind === 'string' || kind === 'bytes') return '';
  if (kind === 'quantity') return '0';
  if (kind === 'bool') return false;
  if (kind === 'int32' || kind === 'int64' || kind === 'double') return 0;
  return kind === 'strings-message' || kind === 'list' ? [] : {};
};

function decodeValue(
  reader: WireReader,
  wire: WireField,
  type: FieldType,
  name: string,
  depth: number,
): unknown {
  const { kind } = type;
  if (kind === 'int32' || kind === 'int64') {
    expect(wire, 0, name);
    const value = reader.int64();
    return kind === 'int32' ? Number(BigInt.asIntN(32, BigInt(value))) : value;
  }
  if (kind === 'bool') {
    expect(wire, 0, name);
    return reader.varint() !== 0;
  }
  if (kind === 'double') {
    expect(wire, 1, name);
    return reader.double();
  }
  expect(wire, 2, name);
  if (kind === 'string') return reader.text();
  if (kind === 'bytes') return Buffer.from(reader.bytes()).toString('base64');
  if (type.kind === 'type') return decodeMessage(reader.message(), typeNamed(type.name), depth + 1);
  return decodeSpecial(reader.message(), kind, depth);
}

/** Types whose JSON is not the shape of their message. */
function decodeSpecial(reader: WireReader, kind: FieldType['kind'], depth: number): unknown {
  const isEmpty = reader.isAtEnd;
  const numbers: number[] = [];
  const parts: Uint8Array[] = [];
  const texts: (Uint8Array | undefined)[] = [];
  let schema: WireReader | undefined;
  while (!reader.isAtEnd) {
    const wire = reader.field();
    if (wire.wireType === 0) numbers[wire.number] = reader.int64();
    else if (wire.wireType === 2) {
      const isSchema =
        kind.startsWith('json-or') && wire.number === (kind === 'json-or-bool' ? 2 : 1);
      if (isSchema) schema = reader.message();
      else {
        texts[wire.number] = reader.bytes();
        parts.push(texts[wire.number]!);
      }
    } else reader.skip(wire);
  }
  const text = (number: number): string => Buffer.from(texts[number] ?? []).toString();
  if (kind === 'quantity') return text(1);
  if (kind === 'int-or-string') return numbers[1] === 1 ? text(3) : (numbers[2] ?? 0);
  if (kind === 'time' || kind === 'micro-time') {
    return isEmpty ? undefined : timeText(numbers[1] ?? 0, numbers[2] ?? 0, kind === 'micro-time');
  }
  if (kind === 'duration') return durationText(numbers[1] ?? 0);
  if (kind === 'strings-message') return parts.map((it) => Buffer.from(it).toString());
  if (kind.startsWith('json-or')) {
    if (schema !== undefined) {
      const type = typeNamed('apiextensions/v1.JSONSchemaProps');
      return decodeMessage(schema, type, depth + 1);
    }
    return kind === 'json-or-bool' ? (numbers[1] ?? 0) !== 0 : [];
  }
  return json(texts[1]);
}

function json(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined || bytes.length === 0) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new WireError('invalid JSON in a raw value');
  }
}

/** Go's zero year to its last one: what metav1.Time can print. */
const SECONDS_MAX = 253_402_300_799;

function timeText(seconds: number, nanos: number, isMicro: boolean): string {
  if (seconds < -62_135_596_800 || seconds > SECONDS_MAX) {
    throw new WireError('Time.MarshalJSON: year outside of range [0,9999]');
  }
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (!isMicro) return `${text}Z`;
  const micros = Math.floor((((nanos % 1e9) + 1e9) % 1e9) / 1000);
  return `${text}.${String(micros).padStart(6, '0')}Z`;
}

/** Go's time.Duration, for what whole units say: `1m30s`, `1.5s`. */
function durationText(nanos: number): string {
  const sign = nanos < 0 ? '-' : '';
  const seconds = Math.abs(nanos) / 1e9;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${Number((seconds % 60).toFixed(9))}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${sign}${minutes}m${rest}` : `${sign}${rest}`;
}
