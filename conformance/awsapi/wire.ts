/**
 * conformance/awsapi/wire — an AWS request as the SDK spells it, read member by member, and the
 * shape of a handler that answers one over a cloud.
 */
import type { Cloud } from '../../src/cloud/cloud.ts';
import type { Filter } from '../../src/cloud/ec2/operations.ts';
import { FORMATS } from '../../src/formats/aws/nouns.ts';
import { type AwsError, awsError, isAwsError } from '../../src/model/aws-error.ts';
import type { AwsKinds, TwinStore } from '../../src/model/kinds.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A member the API requires is not there; becomes MissingParameter. */
export class MissingMember extends Error {
  readonly member: string;

  constructor(member: string) {
    super(member);
    this.member = member;
  }
}

/** One request. */
export class Request {
  readonly json: Json;

  constructor(json: Json) {
    this.json = json;
  }

  has(member: string): boolean {
    return this.json[member] !== undefined;
  }

  text(member: string): string {
    const value = this.optional(member);
    if (value === undefined) throw new MissingMember(member);
    return value;
  }

  /** A text, bare or inside `{Value: …}`. */
  optional(member: string): string | undefined {
    const value = bare(this.json[member]);
    return value === undefined ? undefined : String(value);
  }

  number(member: string): number | undefined {
    const value = bare(this.json[member]);
    return value === undefined ? undefined : Number(value);
  }

  /** A boolean, bare or inside `{Value: …}`. */
  flag(member: string): boolean | undefined {
    const value = bare(this.json[member]);
    return value === undefined ? undefined : String(value) === 'true';
  }

  texts(member: string): readonly string[] | undefined {
    const value = this.json[member];
    return Array.isArray(value) ? value.map(String) : undefined;
  }

  object(member: string): Request | undefined {
    const value = this.json[member];
    return typeof value === 'object' && value !== null ? new Request(value as Json) : undefined;
  }

  list(member: string): readonly Request[] {
    const value = this.json[member];
    return Array.isArray(value) ? value.map((it) => new Request(it as Json)) : [];
  }

  /** `TagSpecifications` or `Tags` as a record. */
  tags(): Readonly<Record<string, string>> | undefined {
    const specified = this.list('TagSpecifications').flatMap((it) => it.list('Tags'));
    const tags = [...specified, ...this.list('Tags')];
    if (tags.length === 0) return undefined;
    return Object.fromEntries(tags.map((it) => [it.text('Key'), it.optional('Value') ?? '']));
  }

  /** `Filters`, or `Filter` as some actions call it. */
  filters(): readonly Filter[] {
    return [...this.list('Filters'), ...this.list('Filter')].map((it) => ({
      name: it.text('Name'),
      values: it.texts('Values') ?? [],
    }));
  }
}

const bare = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'Value' in value ? value.Value : value;

/** What a handler works on: one region of one account. */
export interface Backend {
  readonly cloud: Cloud;
  readonly store: TwinStore;
}

export type Handler = (request: Request, backend: Backend) => Json | AwsError;
export type Handlers = Readonly<Record<string, Handler>>;

/** A noun as AWS describes it. */
export function asJson<Kind extends keyof AwsKinds>(
  { store }: Backend,
  kind: Kind,
  noun: AwsKinds[Kind],
): Json {
  return FORMATS[kind].toAws(noun, store);
}

/** `{Vpc: …}` of what an action made, or its error. */
export function one<Kind extends keyof AwsKinds>(
  backend: Backend,
  member: string,
  kind: Kind,
  result: AwsKinds[Kind] | AwsError,
): Json | AwsError {
  if (isAwsError(result)) return result;
  return { [member]: asJson(backend, kind, result) };
}

/** `{Return: true}`, or the error. */
export const done = (result: unknown): Json | AwsError =>
  isAwsError(result) ? result : { Return: true };

/** Fewer is refused (aws/aws-sdk-ruby#2575), but for the actions added without a minimum. */
const PAGE_MIN = 5;
const PAGE_MAX = 1_000;
const SMALL_PAGES = new Set(['PrefixLists', 'VpcEndpoints', 'Addresses', 'VpnGateways']);

/** One page of what a describe action found, from `NextToken` on. */
export function page<Kind extends keyof AwsKinds>(
  request: Request,
  backend: Backend,
  kind: Kind,
  result: readonly AwsKinds[Kind][] | AwsError,
  member: string = FORMATS[kind].member,
): Json | AwsError {
  if (isAwsError(result)) return result;
  const size = request.number('MaxResults');
  if (size !== undefined && size < PAGE_MIN && !SMALL_PAGES.has(member)) {
    return awsError(
      'InvalidParameterValue',
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value greater than ` +
        `${PAGE_MIN}.`,
    );
  }
  const start = Number(request.optional('NextToken') ?? 0);
  const end = start + (size ?? PAGE_MAX);
  const found = result.slice(start, end).map((noun) => asJson(backend, kind, noun));
  return { [member]: found, ...(end < result.length ? { NextToken: String(end) } : {}) };
}

/** What every describe action is asked: ids that must exist, and filters that all must match. */
interface Asked {
  readonly ids: readonly string[] | undefined;
  readonly filters: readonly Filter[];
}

/** A describe action that takes ids under `idsMember`, filters and a page, and nothing else. */
export const describing =
  <Kind extends keyof AwsKinds>(
    kind: Kind,
    idsMember: string,
    find: (ec2: Cloud['ec2'], asked: Asked) => readonly AwsKinds[Kind][] | AwsError,
  ): Handler =>
  (request, backend) => {
    const asked = { ids: request.texts(idsMember), filters: request.filters() };
    return page(request, backend, kind, find(backend.cloud.ec2, asked));
  };
