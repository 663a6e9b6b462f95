/**
 * scripts/aws-models — writes src/api/aws/models/*.data.ts: how AWS's operations look on the wire.
 *
 * Source: the schemas that the AWS SDK for JavaScript v3's clients export at run time (Apache-2.0;
 * `StaticSchema` of @smithy/types). Kept are the operations of aws-operations.json with the shapes
 * they reach, and the names of all others, so that an action nobody knows differs from one that is
 * not built. Run with `npx tsx scripts/aws-models.ts` after a client was updated.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Shape, TraitSet } from '../src/api/aws/model.ts';

/** Our name of a service, its client, and by what name its requests are signed. */
const SERVICES: readonly (readonly [service: string, client: string, signingName: string])[] = [
  ['ec2', 'client-ec2', 'ec2'],
  ['elbv2', 'client-elastic-load-balancing-v2', 'elasticloadbalancing'],
  ['elb', 'client-elastic-load-balancing', 'elasticloadbalancing'],
  ['eks', 'client-eks', 'eks'],
  ['sts', 'client-sts', 'sts'],
  ['route53', 'client-route-53', 'route53'],
  ['acm', 'client-acm', 'acm'],
  ['autoscaling', 'client-auto-scaling', 'autoscaling'],
];

const PROTOCOLS: Readonly<Record<string, string>> = {
  AwsEc2QueryProtocol: 'ec2Query',
  AwsQueryProtocol: 'awsQuery',
  AwsRestJsonProtocol: 'restJson1',
  AwsRestXmlProtocol: 'restXml',
  AwsJson1_1Protocol: 'awsJson1.1',
};

/** Traits given as bits, lowest first (SchemaTraitBits of @smithy/types). */
const BITS = ['httpLabel', 'idempotent', 'idempotencyToken', 'sensitive', 'httpPayload'];
/** Traits a server's codec needs, by the letters they are kept under. */
const KEPT: Readonly<Record<string, keyof TraitSet>> = {
  xmlName: 'x',
  ec2QueryName: 'q',
  xmlFlattened: 'f',
  xmlAttribute: 'a',
  jsonName: 'j',
  timestampFormat: 't',
  httpLabel: 'L',
  httpPayload: 'P',
  httpHeader: 'H',
  httpQuery: 'Q',
  idempotencyToken: 'I',
};

/** [kind, namespace, name, traits, …]: 9 operation, 3 structure, 4 union, -3 error, 1 list, 2 map. */
type Schema = readonly [
  kind: number,
  namespace: string,
  name: string,
  traits: Traits,
  ...unknown[],
];
type Traits = number | Readonly<Record<string, unknown>> | undefined;
type Reference = readonly [type: number | string, traits?: TraitSet];

function keptTraits(traits: Traits): TraitSet {
  const named: Record<string, unknown> =
    typeof traits === 'number'
      ? Object.fromEntries(BITS.filter((_, i) => (traits >> i) & 1).map((name) => [name, 1]))
      : { ...traits };
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(named)) {
    const letter = KEPT[name];
    if (letter !== undefined) kept[letter] = value;
  }
  return kept as TraitSet;
}

class Shapes {
  readonly byName: Record<string, Shape> = {};

  /** What a member, an element or an operation refers to; its shape is kept. */
  reference(given: unknown): Reference {
    let schema = given;
    let traits: TraitSet = {};
    for (;;) {
      if (typeof schema === 'function') schema = schema();
      else if (Array.isArray(schema) && schema.length === 2) {
        traits = { ...keptTraits(schema[1] as Traits), ...traits };
        schema = schema[0];
      } else break;
    }
    if (typeof schema === 'number' || typeof schema === 'string') return this.#with(schema, traits);
    const [kind, , name, own, target] = schema as Schema;
    if (kind === 0) {
      const [type, inner] = this.reference(target);
      return this.#with(type, { ...keptTraits(own), ...inner, ...traits });
    }
    if (!(name in this.byName)) this.#keep(schema as Schema);
    return this.#with(name, traits);
  }

  #with(type: number | string, traits: TraitSet): Reference {
    return Object.keys(traits).length === 0 ? [type] : [type, traits];
  }

  #keep([kind, , name, , first, second, required]: Schema): void {
    const shape: Record<string, unknown> = {};
    this.byName[name] = shape as Shape;
    if (kind === 1) shape.l = this.reference(first);
    else if (kind === 2) {
      shape.k = this.reference(first);
      shape.v = this.reference(second);
    } else {
      const schemas = second as readonly unknown[];
      shape.m = (first as readonly string[]).map((member, i) => {
        const [type, traits] = this.reference(schemas[i]);
        return traits === undefined ? [member, type] : [member, type, traits];
      });
      if (typeof required === 'number' && required > 0) shape.r = required;
    }
  }
}

interface Exported {
  readonly config: {
    readonly protocol: { readonly constructor: { readonly name: string } };
    readonly protocolSettings: Readonly<Record<string, string | undefined>>;
  };
}

type Constructor = new (options: object) => Exported;

function exportsOf(module: object): { client: Exported; schemas: readonly Schema[] } {
  const entries = Object.entries(module);
  const [, Client] = entries.find(
    ([name]) => /[a-z0-9A-Z]Client$/.test(name) && !/^__/.test(name),
  )!;
  const client = new (Client as Constructor)({
    region: 'us-east-1',
    credentials: { accessKeyId: 'unused', secretAccessKey: 'unused' },
  });
  const isSchema = (value: unknown): value is Schema =>
    Array.isArray(value) && typeof value[0] === 'number' && typeof value[2] === 'string';
  return { client, schemas: entries.map(([, value]) => value).filter(isSchema) };
}

/** Error codes as they are sent, with their status: `[code, status]` by the SDK's name. */
function errorsOf(schemas: readonly Schema[]): Record<string, readonly [string, number]> {
  const errors: Record<string, readonly [string, number]> = {};
  for (const [kind, , name, traits] of schemas) {
    if (kind !== -3 || typeof traits !== 'object') continue;
    const { awsQueryError, httpError } = traits as {
      awsQueryError?: readonly [string, number];
      httpError?: number;
    };
    errors[name] = [awsQueryError?.[0] ?? name, awsQueryError?.[1] ?? httpError ?? 400];
  }
  return errors;
}

async function modelOf(service: string, client: string, signingName: string, wanted: Set<string>) {
  const module = (await import(`@aws-sdk/${client}`)) as object;
  const { client: made, schemas } = exportsOf(module);
  const { xmlNamespace, version, serviceTarget } = made.config.protocolSettings;
  const shapes = new Shapes();
  const operations: Record<string, unknown> = {};
  const others: (readonly string[])[] = [];
  for (const [kind, , name, traits, input, output] of schemas) {
    if (kind !== 9) continue;
    const http = (traits as { http?: readonly [string, string, number] } | undefined)?.http;
    if (!wanted.delete(name)) {
      others.push(http === undefined ? [name] : [name, http[0], http[1]]);
      continue;
    }
    const shape = { i: shapes.reference(input)[0], o: shapes.reference(output)[0] };
    operations[name] = http === undefined ? shape : { ...shape, h: http };
  }
  if (wanted.size > 0) throw new Error(`${service} has no operation ${[...wanted].join(', ')}`);
  return {
    service,
    signingName,
    protocol: PROTOCOLS[made.config.protocol.constructor.name],
    xmlNamespace,
    version,
    target: serviceTarget,
    errors: service === 'ec2' ? {} : errorsOf(schemas),
    others,
    operations,
    shapes: shapes.byName,
  };
}

/** JSON with a line for every operation and shape, so that a change of the SDK can be read. */
function inLines(model: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(model).map(([key, value]) => {
    if (key !== 'operations' && key !== 'shapes')
      return `${JSON.stringify(key)}:${JSON.stringify(value) ?? '""'}`;
    const lines = Object.entries(value as object).map(
      ([name, it]) => `${JSON.stringify(name)}:${JSON.stringify(it)}`,
    );
    return `${JSON.stringify(key)}:{\n${lines.join(',\n')}\n}`;
  });
  return `{${parts.join(',\n')}}`;
}

const lists = new URL('aws-operations.json', import.meta.url);
const allowed = JSON.parse(readFileSync(lists, 'utf8')) as Record<string, readonly string[]>;
for (const [service, client, signingName] of SERVICES) {
  const model = await modelOf(service, client, signingName, new Set(allowed[service]));
  const file = new URL(`../src/api/aws/models/${service}.data.ts`, import.meta.url);
  const text = inLines(model);
  if (/[`\\]|\$\{/.test(text)) throw new Error(`${service}: a text that needs escaping`);
  writeFileSync(
    file,
    `/**\n * api/aws/models/${service} — ${service}'s operations on the wire, as one JSON text. Made by\n` +
      ` * scripts/aws-models.ts from @aws-sdk/${client} (Apache-2.0); model.ts says what it holds.\n */\n` +
      `export const MODEL = \`${text}\`;\n`,
  );
  const { operations, shapes, others } = model;
  const counts = [operations, shapes, others].map((it) => Object.keys(it).length);
  console.log(`${service}: ${counts[0]} operations, ${counts[1]} shapes, ${counts[2]} others`);
}
