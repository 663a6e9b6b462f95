/**
 * api/aws/model — how one service's operations look on the wire: operations, shapes and traits.
 *
 * The tables (models/*.data.ts) are made from the SDK's schemas by scripts/aws-models.ts. They are
 * read when the first request of their service comes, so that nobody waits for what is not asked.
 */

export type Protocol = 'ec2Query' | 'awsQuery' | 'restJson1' | 'restXml' | 'awsJson1.1';

/** How a member is spelt and where it stands; absent letters: as the member is called. */
export interface TraitSet {
  /** Its name in XML, and in query strings of awsQuery. */
  readonly x?: string;
  /** Its name in EC2's query strings. */
  readonly q?: string;
  /** A list whose elements stand where the list would. */
  readonly f?: 1;
  readonly a?: 1;
  /** Its name in JSON. */
  readonly j?: string;
  /** 5 date-time, 6 HTTP date, 7 epoch seconds. */
  readonly t?: number;
  /** Part of the path. */
  readonly L?: 1;
  /** The whole body. */
  readonly P?: 1;
  /** A header. */
  readonly H?: string;
  /** A parameter of the URL. */
  readonly Q?: string;
  /** The idempotency token. */
  readonly I?: 1;
}

/** A shape's name, or a simple type's number (see SIMPLE). */
export type TypeName = number | string;
export type Reference = readonly [type: TypeName, traits?: TraitSet];
export type Member = readonly [name: string, type: TypeName, traits?: TraitSet];

/** A structure or union (`m`, of which the first `r` are required), a list (`l`) or a map. */
export interface Shape {
  readonly m?: readonly Member[];
  readonly r?: number;
  readonly l?: Reference;
  readonly k?: Reference;
  readonly v?: Reference;
}

export interface Operation {
  readonly i: string;
  readonly o: string;
  /** Method, path and status of the REST protocols. */
  readonly h?: readonly [method: string, path: string, status: number];
}

export interface ServiceModel {
  readonly service: string;
  readonly signingName: string;
  readonly protocol: Protocol;
  readonly xmlNamespace: string;
  readonly version: string;
  readonly target: string;
  /** `[code, status]` of what the service declares to answer, by the SDK's name. */
  readonly errors: Readonly<Record<string, readonly [code: string, status: number]>>;
  /** Operations AWS has and ekstwin does not build; with method and path where those name them. */
  readonly others: readonly (readonly [name: string, method?: string, path?: string])[];
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** Simple types, numbered as @smithy/types numbers them (schema/sentinels.ts). */
export const SIMPLE = {
  string: 0,
  number: 1,
  boolean: 2,
  timestamp: 4,
  dateTime: 5,
  httpDate: 6,
  epochSeconds: 7,
  document: 15,
  bigInteger: 17,
  bigDecimal: 19,
  blob: 21,
  streamingBlob: 42,
} as const;
const LIST_OF = 64;
const MAP_OF = 128;
const UNIT: Shape = { m: [] };

/** What a type is, by its structure. */
export type Type =
  | { readonly kind: 'simple'; readonly type: number }
  | { readonly kind: 'list'; readonly element: Reference }
  | { readonly kind: 'map'; readonly key: Reference; readonly value: Reference }
  | { readonly kind: 'structure'; readonly name: string; readonly shape: Shape };

/** What a type is. A list or map of something simple has no name of its own. */
export function typeOf(model: ServiceModel, type: TypeName): Type {
  if (typeof type === 'number') {
    if (type >= MAP_OF) return { kind: 'map', key: [SIMPLE.string], value: [type - MAP_OF] };
    if (type >= LIST_OF) return { kind: 'list', element: [type - LIST_OF] };
    return { kind: 'simple', type };
  }
  const shape = type === 'unit' ? UNIT : model.shapes[type];
  if (shape === undefined) throw new Error(`${model.service} has no shape ${type}`);
  if (shape.l !== undefined) return { kind: 'list', element: shape.l };
  if (shape.k !== undefined && shape.v !== undefined)
    return { kind: 'map', key: shape.k, value: shape.v };
  return { kind: 'structure', name: type, shape };
}

/** The members of a structure; none of what is no structure. */
export function membersOf(model: ServiceModel, type: TypeName): readonly Member[] {
  const found = typeOf(model, type);
  return found.kind === 'structure' ? (found.shape.m ?? []) : [];
}
