/**
 * test/wire/fuzz/aws-requests — calls of AWS's services that nobody should make: of every operation
 * there is, with its own parameters and values that do not belong there.
 */
import type { ServiceModel, TypeName } from '../../../src/api/aws/model.ts';
import { typeOf } from '../../../src/api/aws/model.ts';
import { MODEL as ACM } from '../../../src/api/aws/models/acm.data.ts';
import { MODEL as AUTOSCALING } from '../../../src/api/aws/models/autoscaling.data.ts';
import { MODEL as EC2 } from '../../../src/api/aws/models/ec2.data.ts';
import { MODEL as EKS } from '../../../src/api/aws/models/eks.data.ts';
import { MODEL as ELB } from '../../../src/api/aws/models/elb.data.ts';
import { MODEL as ELBV2 } from '../../../src/api/aws/models/elbv2.data.ts';
import { MODEL as ROUTE53 } from '../../../src/api/aws/models/route53.data.ts';
import { MODEL as STS } from '../../../src/api/aws/models/sts.data.ts';
import type { TwinStore } from '../../../src/model/kinds.ts';
import type { Dice } from './chance.ts';
import type { Asked } from './raw-requests.ts';

const MODELS = [EC2, EC2, EC2, EKS, ELBV2, ELB, ROUTE53, ACM, AUTOSCALING, STS].map(
  (text) => JSON.parse(text) as ServiceModel,
);

const WORDS = [
  '10.30.0.0/24',
  '10.30.0.7',
  '0.0.0.0/0',
  '2001:db8::/64',
  'tcp',
  '-1',
  'us-west-2a',
  'us-west-2',
  'true',
  'arn:aws:elasticloadbalancing:us-west-2:1:x/y',
  'default',
  '80',
  'vpc-12345678',
];

/** Names of things that are there, so that a call gets further than its first check. */
export function knownNames(store: TwinStore): readonly string[] {
  return [
    ...store.list('ec2/vpc').map((it) => it.vpcId),
    ...store.list('ec2/subnet').map((it) => it.subnetId),
    ...store.list('ec2/network-interface').map((it) => it.networkInterfaceId),
    ...store.list('ec2/security-group').map((it) => it.groupId),
    ...store.list('ec2/instance').map((it) => it.instanceId),
    ...store.list('ec2/route-table').map((it) => it.routeTableId),
    ...store.list('eks/cluster').map((it) => it.name),
  ];
}

export function awsRequest(dice: Dice, known: readonly string[], region: string): Asked {
  const model = dice.one(MODELS);
  const operations = Object.keys(model.operations);
  const operation = dice.isLucky(0.95) ? dice.one(operations) : wordOf(dice, known);
  const input = model.operations[operation]?.i;
  const made = input === undefined ? {} : madeOf(dice, model, input, known, 3);
  const value = typeof made === 'object' && made !== null ? (made as Members) : {};
  const asked = requestOf(dice, model, operation, value);
  const scope = `20260101/${dice.isLucky(0.98) ? region : 'mars-1'}/${model.signingName}/aws4_request`;
  const signature = `AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/${scope}, SignedHeaders=host, Signature=00`;
  const headers: (readonly [string, string])[] = [
    ['Authorization', dice.isLucky(0.96) ? signature : dice.text()],
    ['X-Amz-Date', dice.isLucky(0.97) ? '20260101T000000Z' : dice.text()],
    ...asked.headers,
  ];
  const body = dice.isLucky(0.06) ? broken(dice, asked.body) : asked.body;
  return { ...asked, headers, body };
}

type Members = Readonly<Record<string, unknown>>;

const broken = (dice: Dice, body: Buffer): Buffer =>
  dice.isLucky(0.5) ? body.subarray(0, dice.below(body.length + 1)) : dice.bytes(dice.below(300));

const wordOf = (dice: Dice, known: readonly string[]): string =>
  dice.isLucky(0.4) && known.length > 0
    ? dice.one(known)
    : dice.isLucky(0.5)
      ? dice.one(WORDS)
      : dice.text();

/** A value of a type, or sometimes of none. */
function madeOf(
  dice: Dice,
  model: ServiceModel,
  type: TypeName,
  known: readonly string[],
  depth: number,
): unknown {
  if (dice.isLucky(0.02)) return dice.value(1);
  const found = typeOf(model, type);
  const inner = (of: TypeName): unknown => madeOf(dice, model, of, known, depth - 1);
  switch (found.kind) {
    case 'list':
      return Array.from({ length: depth > 0 ? dice.below(4) : 0 }, () => inner(found.element[0]));
    case 'map':
      return { [wordOf(dice, known)]: inner(found.value[0]) };
    case 'structure': {
      const { m = [], r = 0 } = found.shape;
      const entries = m.flatMap(([name, of], i) =>
        depth > 0 && (i < r ? dice.isLucky(0.9) : dice.isLucky(0.25)) ? [[name, inner(of)]] : [],
      );
      return Object.fromEntries(entries);
    }
    default:
      return found.type === 1
        ? dice.one([0, 1, 5, 80, -1, 65_536, 1_000, 2 ** 40])
        : found.type === 2
          ? dice.isLucky(0.5)
          : wordOf(dice, known);
  }
}

function requestOf(
  dice: Dice,
  model: ServiceModel,
  operation: string,
  value: Members,
): Omit<Asked, 'headers'> & { readonly headers: readonly (readonly [string, string])[] } {
  const form = 'application/x-www-form-urlencoded';
  switch (model.protocol) {
    case 'ec2Query':
    case 'awsQuery': {
      const separator = model.protocol === 'ec2Query' ? '' : 'member.';
      const pairs = [
        ['Action', operation],
        ['Version', model.version],
        ...flat(value, '', separator),
      ];
      const text = pairs.map(([name, word]) => `${encode(name!)}=${encode(word!)}`).join('&');
      if (dice.isLucky(0.1)) {
        return { method: 'GET', path: `/?${text}`, headers: [], body: Buffer.alloc(0) };
      }
      return {
        method: 'POST',
        path: '/',
        headers: [['Content-Type', form]],
        body: Buffer.from(text),
      };
    }
    case 'awsJson1.1': {
      const target = `${model.target}.${operation}`;
      const headers: [string, string][] = [
        ['Content-Type', 'application/x-amz-json-1.1'],
        ['X-Amz-Target', target.replaceAll(/[^\x20-\x7e]/g, '?')],
      ];
      return { method: 'POST', path: '/', headers, body: Buffer.from(JSON.stringify(value)) };
    }
    default: {
      const [method = 'GET', path = `/${operation}`] = model.operations[operation]?.h ?? [];
      const filled = path.replaceAll(/\{([^}+]+)\+?\}/g, (_, name: string) =>
        encode(plain(value[name] ?? dice.text())),
      );
      const isXml = model.protocol === 'restXml';
      const body = isXml
        ? `<${operation}Request>${xml(value)}</${operation}Request>`
        : JSON.stringify(value);
      const type = isXml ? 'application/xml' : 'application/json';
      const hasBody = method !== 'GET' && method !== 'DELETE';
      return {
        method,
        path: filled.startsWith('/') ? filled : `/${filled}`,
        headers: [['Content-Type', type]],
        body: Buffer.from(hasBody ? body : ''),
      };
    }
  }
}

const encode = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

const plain = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

function flat(value: unknown, path: string, separator: string): [string, string][] {
  if (Array.isArray(value)) {
    return value.flatMap((one, i) => flat(one, `${path}.${separator}${i + 1}`, separator));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, one]) =>
      flat(one, path === '' ? name : `${path}.${name}`, separator),
    );
  }
  return [[path, plain(value)]];
}

function xml(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => `<member>${xml(one)}</member>`).join('');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, one]) => `<${name}>${xml(one)}</${name}>`)
      .join('');
  }
  return plain(value);
}
