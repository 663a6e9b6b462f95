/**
 * api/kubernetes/protobuf/wire-reader — protobuf's wire format, read field by field.
 *
 * Upstream: the generated Unmarshal functions of kubernetes/api (gogo/protobuf), whose error texts
 * these are. Anything that does not parse throws a WireError, which the decoder turns into a value.
 */

export class WireError extends Error {}

export interface WireField {
  readonly number: number;
  readonly wireType: 0 | 1 | 2 | 5;
}

const UTF8 = new TextDecoder();

export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** The next field's number and type. */
  field(): WireField {
    const tag = this.varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 4) throw new WireError('proto: wiretype end group for non-group');
    if (wireType !== 0 && wireType !== 1 && wireType !== 2 && wireType !== 5) {
      throw new WireError(`proto: illegal wireType ${wireType}`);
    }
    if (number <= 0 || number > 536_870_911) {
      throw new WireError(`proto: illegal tag ${number} (wire type ${tag})`);
    }
    return { number, wireType };
  }

  /** An unsigned varint; beyond 2^53 the nearest number. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= this.#end) throw new WireError('unexpected EOF');
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new WireError('proto: integer overflow');
  }

  /** A varint read as a signed integer of 64 bits. */
  int64(): number {
    const start = this.#at;
    const value = this.varint();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    let exact = 0n;
    for (let at = start, shift = 0n; at < this.#at; at++, shift += 7n) {
      exact |= BigInt(this.#bytes[at]! & 0x7f) << shift;
    }
    return Number(BigInt.asIntN(64, exact));
  }

  double(): number {
    if (this.#end - this.#at < 8) throw new WireError('unexpected EOF');
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  bytes(): Uint8Array {
    const length = this.#length();
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  text(): string {
    return UTF8.decode(this.bytes());
  }

  /** A reader of the message that starts here. */
  message(): WireReader {
    const length = this.#length();
    const start = this.#at;
    this.#at += length;
    return new WireReader(this.#bytes, start, this.#at);
  }

  /** Goes past the value of a field nobody reads. */
  skip({ wireType }: WireField): void {
    if (wireType === 0) this.varint();
    else if (wireType === 2) this.bytes();
    else {
      const length = wireType === 1 ? 8 : 4;
      if (this.#end - this.#at < length) throw new WireError('unexpected EOF');
      this.#at += length;
    }
  }

  #length(): number {
    const length = this.varint();
    if (length > 2 ** 31) throw new WireError('proto: negative length found during unmarshaling');
    if (length > this.#end - this.#at) throw new WireError('unexpected EOF');
    return length;
  }
}
