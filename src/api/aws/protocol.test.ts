/** Requests that the SDK's own clients write are read back as they were given, in every protocol. */
import { ACM } from '@aws-sdk/client-acm';
import { EC2 } from '@aws-sdk/client-ec2';
import { EKS } from '@aws-sdk/client-eks';
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import { Route53 } from '@aws-sdk/client-route-53';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { membersOf, type ServiceModel, type TypeName, typeOf } from './model.ts';
import { errorResponse, type WireRequest, type WireResponse } from './protocol.ts';
import { Refused } from './refused.ts';
import { type BuiltService, builtService } from './services.ts';

/** What the client sent, and what it made of the answer. */
interface Exchange {
  readonly request: WireRequest;
  readonly output: unknown;
}

type Fields = Readonly<Record<string, unknown>>;
type Client = object;
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

function wireRequest({ method, path, query = {}, headers, body = '' }: Sent): WireRequest {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map((one): [string, string] => [name, one]),
  );
  const text = typeof body === 'string' ? body : Buffer.from(body).toString();
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const isForm = /x-www-form-urlencoded/.test(String(Object.fromEntries(lower)['content-type']));
  const form = isForm ? [...new URLSearchParams(text)] : [];
  return {
    method,
    path,
    query: new URLSearchParams(pairs).toString(),
    parameters: new URLSearchParams([...pairs, ...form]),
    headers: Object.fromEntries(lower) as WireRequest['headers'],
    body: text,
  };
}

const CONFIG = {
  region: 'us-west-2',
  credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
  maxAttempts: 1,
};
type Make = new (config: object) => Client;

/** Sends an operation through a client whose network is this test. */
async function exchanged(
  Service: Make,
  operation: string,
  input: Fields,
  answer: (request: WireRequest) => WireResponse,
): Promise<Exchange> {
  let request: WireRequest | undefined;
  const requestHandler = {
    handle: async (sent: Sent) => {
      request = wireRequest(sent);
      const { status, contentType, body, headers: more } = answer(request);
      const headers = { 'content-type': contentType, ...more };
      return { response: { statusCode: status, headers, body: Buffer.from(body) } };
    },
  };
  const client = new Service({ ...CONFIG, requestHandler });
  const method = operation[0]!.toLowerCase() + operation.slice(1);
  const call = (client as Readonly<Record<string, (input: Fields) => Promise<unknown>>>)[method]!;
  const output = await call.call(client, input);
  return { request: request!, output };
}

/** Texts with everything that has to be escaped somewhere. */
const texts = fc
  .string({ unit: fc.constantFrom(...'aZ09 &<>"\'+%/=?#;\\é漢\u{1f600}.-_~*') })
  .filter((it) => it.trim() === it && it !== '');

/** Values in the shape of a type, as deep as it goes. */
function valuesOf(model: ServiceModel, type: TypeName, depth = 0): fc.Arbitrary<unknown> {
  const found = typeOf(model, type);
  if (found.kind === 'simple') {
    if (found.type === 1) return fc.integer({ min: 0, max: 1e9 });
    if (found.type === 2) return fc.boolean();
    if (found.type >= 4 && found.type <= 7)
      return fc.integer({ min: 0, max: 2e9 }).map((seconds) => new Date(seconds * 1000));
    if (found.type === 21) return fc.uint8Array({ minLength: 1, maxLength: 8 });
    return texts;
  }
  if (found.kind === 'list')
    return fc.array(valuesOf(model, found.element[0], depth + 1), { minLength: 1, maxLength: 3 });
  if (found.kind === 'map')
    return fc.dictionary(
      fc.string({ unit: fc.constantFrom(...'abc./'), minLength: 1, maxLength: 5 }),
      valuesOf(model, found.value[0], depth + 1),
      { minKeys: 1, maxKeys: 3 },
    );
  const members = membersOf(model, type).filter(([name]) => name !== 'DryRun');
  const required = found.shape.r ?? 0;
  const isSimple = (of: TypeName) => typeOf(model, of).kind === 'simple';
  // A structure without members is nothing on the wire of a query.
  const first = depth === 0 ? -1 : members.findIndex(([, of]) => isSimple(of));
  const entries = members.map(([name, of, traits], i) => {
    const isToken = traits?.I === 1 || /^(Client|Idempotency|clientRequest)Token$/.test(name);
    const isSure = isToken || i < required || i === first || traits?.L === 1;
    const isTooDeep = depth > 3 && !isSimple(of) && !isSure;
    const value = isTooDeep ? fc.constant(undefined) : valuesOf(model, of, depth + 1);
    return [name, isSure ? value : fc.option(value, { nil: undefined })] as const;
  });
  return fc.record(Object.fromEntries(entries)).map(withoutAbsent);
}

const withoutAbsent = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** What cannot be told from nothing on the wire: structures without members. */
function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((it) => pruned(it) ?? {});
  if (value instanceof Date || value instanceof Uint8Array) return plain(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, it]) => [key, pruned(it)] as const);
  const kept = entries.filter(([key, it]) => it !== undefined && key !== '$metadata');
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

const plain = (value: Date | Uint8Array): string =>
  value instanceof Date ? value.toISOString() : Buffer.from(value).toString('base64');

const CASES: readonly (readonly [
  service: 'ec2' | 'elbv2' | 'eks' | 'route53' | 'acm',
  client: Make,
  operations: readonly string[],
])[] = [
  ['ec2', EC2, ['CreateVpc', 'DescribeNetworkInterfaces', 'AuthorizeSecurityGroupIngress']],
  ['ec2', EC2, ['CreateNetworkInterface', 'CreateNatGateway', 'ModifySubnetAttribute']],
  ['elbv2', ElasticLoadBalancingV2, ['CreateLoadBalancer', 'CreateRule', 'RegisterTargets']],
  ['eks', EKS, ['CreateNodegroup', 'UpdateAddon', 'ListUpdates', 'TagResource']],
  ['route53', Route53, ['ChangeTagsForResource', 'CreateHostedZone']],
  ['acm', ACM, ['RequestCertificate', 'ImportCertificate', 'ListCertificates']],
];

const RUNS = { numRuns: 25 };

const answerOf = (service: BuiltService, operation: string, output: Fields) => () =>
  service.codec.write(operation, output, 'an-id');

describe.each(CASES)('%s', (name, Client, operations) => {
  test.each(operations)('reads what the SDK writes for %s', async (operation) => {
    const service = await builtService(name);
    const inputs = valuesOf(service.model, service.model.operations[operation]!.i);
    const property = fc.asyncProperty(inputs, async (input) => {
      const { request } = await exchanged(
        Client,
        operation,
        input as Fields,
        answerOf(service, operation, {}),
      );
      expect(service.codec.operationOf(request)).toBe(operation);
      expect(pruned(service.codec.read(operation, request))).toEqual(pruned(input));
    });
    await fc.assert(property, RUNS);
  });

  test.each(operations)('writes what the SDK reads of %s', async (operation) => {
    const service = await builtService(name);
    const outputs = valuesOf(service.model, service.model.operations[operation]!.o);
    const property = fc.asyncProperty(outputs, async (output) => {
      const sample = fc.sample(valuesOf(service.model, service.model.operations[operation]!.i), 1);
      const exchange = await exchanged(
        Client,
        operation,
        sample[0] as Fields,
        answerOf(service, operation, output as Fields),
      );
      expect(pruned(exchange.output)).toEqual(pruned(output));
    });
    await fc.assert(property, RUNS);
  });
});

describe('a malformed request is refused', () => {
  const ec2 = (form: string): WireRequest => ({
    method: 'POST',
    path: '/',
    query: '',
    parameters: new URLSearchParams(form),
    headers: {},
    body: form,
  });
  const refusal = async (operation: string, form: string): Promise<unknown> => {
    const { codec } = await builtService('ec2');
    try {
      return codec.read(operation, ec2(form));
    } catch (error) {
      if (error instanceof Refused) return `${error.error.code}: ${error.error.message}`;
      throw error;
    }
  };

  test.each([
    ['DeleteVpc', '', 'MissingParameter: The request must contain the parameter VpcId'],
    ['DeleteVpc', 'VpcId=a&Colour=red', 'UnknownParameter: The parameter Colour is not recognized'],
    [
      'DescribeVpcs',
      'Filter.1.Name=a&Filter.1.Size=b',
      'UnknownParameter: The parameter Filter.1.Size is not recognized',
    ],
    [
      'DescribeVpcs',
      'MaxResults=many',
      "InvalidParameterValue: Invalid value 'many' for MaxResults. Must be a number.",
    ],
    [
      'DescribeVpcs',
      'DryRun=perhaps',
      "InvalidParameterValue: Invalid value 'perhaps' for DryRun. Must be true or false.",
    ],
  ])('%s with %s', async (operation, form, words) => {
    expect(await refusal(operation, form)).toBe(words);
  });

  test('or read, whatever the parameters are: never anything else', async () => {
    const parts = fc.constantFrom('Filter', 'Name', 'VpcId', '1', '0', '-1', '', '__proto__', 'é');
    const names = fc.array(parts, { maxLength: 6 }).map((it) => it.join('.'));
    const forms = fc.dictionary(names, fc.string());
    const property = fc.asyncProperty(forms, async (form) => {
      await refusal('DescribeVpcs', new URLSearchParams(form).toString());
    });
    await fc.assert(property);
  });
});

test('an error reaches the SDK under its name in every protocol', async () => {
  const wanted = { kind: 'aws-error', code: 'ResourceInUse', message: 'a <b> & "c"' } as const;
  for (const [name, Client, [operation = '']] of CASES) {
    const { model } = await builtService(name);
    const input = fc.sample(valuesOf(model, model.operations[operation]!.i), 1)[0] as Fields;
    const answer = () => errorResponse(model, wanted, 409, 'an-id');
    await expect(exchanged(Client, operation, input, answer), name).rejects.toMatchObject({
      name: expect.stringMatching(/^ResourceInUse/),
      message: wanted.message,
      $metadata: { httpStatusCode: 409 },
    });
  }
});
