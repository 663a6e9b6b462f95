/**
 * formats/aws/aws-json — reading and writing what the aws CLI prints. One file per noun in this
 * folder holds both directions of the mapping; AWS member names appear nowhere below this room.
 */
import type { Tags } from '../../model/ec2/tags.ts';
import { InputError } from '../../model/input-error.ts';
import type { AwsKinds, TwinStore } from '../../model/kinds.ts';
import { EPOCH_MS, preciseTimestamp } from '../../model/time.ts';
import { parseCidr, parseIp } from '../../net/index.ts';

/** An object as the aws CLI prints it. */
export type AwsJson = Readonly<Record<string, unknown>>;

/** Both directions of one noun, and the document it stands in. */
export interface NounFormat<Kind extends keyof AwsKinds> {
  readonly kind: Kind;
  /** Top-level member of the describe document: `Vpcs`. */
  readonly member: string;
  /** A member every item has, where other documents use the top-level name too. */
  readonly items?: string | undefined;
  /** False for an item that is no noun of ours; absent = every item is one. */
  readonly isNoun?: ((read: AwsReader) => boolean) | undefined;
  /**
   * Whose the items are, where AWS does not print it: the member beside the list, how such an id
   * looks in a file's name, and the kind it is of.
   */
  readonly of?:
    | { readonly member: string; readonly pattern: RegExp; readonly kind: keyof AwsKinds }
    | undefined;
  /** File of an export, without folder: `describe-vpcs.json`. */
  readonly file: string;
  toAws(noun: AwsKinds[Kind], store: TwinStore): AwsJson;
  /** The noun; an InputError names the member that is missing or of the wrong shape. */
  fromAws(read: AwsReader): AwsKinds[Kind];
}

/** Reads members of one AWS object and says where it stands when one is wrong. */
export class AwsReader {
  readonly json: AwsJson;
  readonly #where: string;

  constructor(json: AwsJson, where: string) {
    this.json = json;
    this.#where = where;
  }

  has(member: string): boolean {
    return this.json[member] !== undefined && this.json[member] !== null;
  }

  text(member: string): string {
    const value = this.optionalText(member);
    if (value === undefined) throw this.#wrong(member, 'is missing');
    return value;
  }

  /** Branded ids are texts the compiler tells apart. */
  id<Id extends string>(member: string): Id {
    return this.text(member) as Id;
  }

  optionalText(member: string): string | undefined {
    const value = this.json[member];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return value;
    throw this.#wrong(member, 'is not a string');
  }

  optionalId<Id extends string>(member: string): Id | undefined {
    return this.optionalText(member) as Id | undefined;
  }

  /** An address; what is none would break everything that reckons with it. */
  address(member: string): string {
    const text = this.text(member);
    if (parseIp(text) !== undefined) return text;
    throw this.#wrong(member, `is no IP address: ${text}`);
  }

  /** A block such as `10.0.0.0/24`. */
  block(member: string): string {
    const text = this.text(member);
    if (parseCidr(text) !== undefined) return text;
    throw this.#wrong(member, `is no CIDR block: ${text}`);
  }

  number(member: string, missing?: number): number {
    const value = this.json[member] ?? missing;
    if (typeof value === 'number') return value;
    throw this.#wrong(member, value === undefined ? 'is missing' : 'is not a number');
  }

  flag(member: string, missing = false): boolean {
    const value = this.json[member] ?? missing;
    if (typeof value === 'boolean') return value;
    throw this.#wrong(member, 'is not true or false');
  }

  /** The objects of a list member; none when it is missing. */
  list(member: string): AwsReader[] {
    const value = this.json[member] ?? [];
    if (!Array.isArray(value)) throw this.#wrong(member, 'is not a list');
    return value.map((item, i) => {
      if (typeof item === 'object' && item !== null)
        return this.#inner(item as AwsJson, `${member}[${i}]`);
      throw this.#wrong(`${member}[${i}]`, 'is not an object');
    });
  }

  texts(member: string): string[] {
    const value = this.json[member] ?? [];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.#wrong(member, 'is not a list of strings');
  }

  /** An object member; undefined when it is missing. */
  object(member: string): AwsReader | undefined {
    const value = this.json[member];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'object' && !Array.isArray(value))
      return this.#inner(value as AwsJson, member);
    throw this.#wrong(member, 'is not an object');
  }

  /** EC2's `[{Key, Value}]` or EKS's `{key: value}`. */
  tags(...members: readonly string[]): Tags {
    for (const member of members.length > 0 ? members : ['Tags', 'TagSet']) {
      const value = this.json[member];
      if (value === undefined || value === null) continue;
      if (!Array.isArray(value)) return value as Tags;
      return Object.fromEntries(
        this.list(member).map((tag) => [tag.text('Key'), tag.text('Value')]),
      );
    }
    return {};
  }

  /** Virtual milliseconds of a timestamp (ISO text or Unix seconds); 0 when it is missing. */
  time(member: string): number {
    const value = this.json[member];
    if (value === undefined || value === null) return 0;
    const at = typeof value === 'number' ? value * 1000 : Date.parse(String(value));
    if (Number.isNaN(at)) throw this.#wrong(member, 'is no time');
    return at - EPOCH_MS;
  }

  #inner(json: AwsJson, member: string): AwsReader {
    return new AwsReader(json, `${this.#where}: ${member}`);
  }

  #wrong(member: string, what: string): InputError {
    return new InputError(
      this.#where,
      `${member} ${what}`,
      'give the unchanged output of aws … --output json; do not shape it with --query',
    );
  }
}

/** A time as EC2's documents have it, whole seconds: `2026-01-01T00:00:05+00:00`. */
export const ec2Time = (atMs: number): string => `${preciseTimestamp(atMs).slice(0, 19)}+00:00`;

/** A time as EKS's documents have it, in microseconds. */
export const eksTime = (atMs: number): string => `${preciseTimestamp(atMs).slice(0, 23)}000+00:00`;

/** `[{Key, Value}]`, in key order so that exports compare. */
export const tagList = (tags: Tags): AwsJson[] =>
  Object.entries(tags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Key, Value]) => ({ Key, Value }));

/** Leaves members that are undefined away, as the aws CLI does. */
export function present(json: AwsJson): AwsJson {
  const kept: Record<string, unknown> = {};
  for (const member of Object.keys(json)) {
    const value = json[member];
    if (value !== undefined) kept[member] = value;
  }
  return kept;
}
