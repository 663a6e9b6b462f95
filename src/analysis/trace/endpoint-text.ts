/**
 * analysis/trace/endpoint-text — how the two ends of a trace are written: `pod/NS/NAME:PORT`,
 * `svc/NS/NAME:PORT`, `http://name.ns:port/path`, `10.0.3.50:8080`, `internet`, `db/NAME`, …
 *
 * Reads text only; what exists is looked up in endpoint.ts.
 */
import { InputError } from '../../model/input-error.ts';
import { type Ip, parseIp } from '../../net/index.ts';

/** Kubernetes kinds whose pods, addresses or rules a packet may start at or go to. */
export type ObjectWord =
  | 'pod'
  | 'deployment'
  | 'replicaset'
  | 'statefulset'
  | 'daemonset'
  | 'job'
  | 'node'
  | 'service'
  | 'ingress';

export type EndpointText =
  | {
      readonly kind: 'object';
      readonly word: ObjectWord;
      readonly namespace?: string | undefined;
      readonly name: string;
      readonly port?: string | undefined;
    }
  | {
      readonly kind: 'address';
      readonly address: Ip;
      readonly port?: string | undefined;
      readonly scheme?: string | undefined;
      readonly path?: string | undefined;
    }
  | {
      readonly kind: 'name';
      readonly host: string;
      readonly port?: string | undefined;
      readonly scheme?: string | undefined;
      readonly path?: string | undefined;
    }
  | {
      /** An AWS thing with an interface, by its id or name. */
      readonly kind: 'instance' | 'interface' | 'database';
      readonly name: string;
      readonly port?: string | undefined;
    }
  | { readonly kind: 'aws-service'; readonly name: string; readonly port?: string | undefined }
  | { readonly kind: 'internet' | 'apiserver'; readonly port?: string | undefined };

const WORDS: ReadonlyMap<string, ObjectWord> = new Map([
  ['pod', 'pod'],
  ['pods', 'pod'],
  ['po', 'pod'],
  ['deployment', 'deployment'],
  ['deployments', 'deployment'],
  ['deploy', 'deployment'],
  ['replicaset', 'replicaset'],
  ['rs', 'replicaset'],
  ['statefulset', 'statefulset'],
  ['sts', 'statefulset'],
  ['daemonset', 'daemonset'],
  ['ds', 'daemonset'],
  ['job', 'job'],
  ['node', 'node'],
  ['nodes', 'node'],
  ['no', 'node'],
  ['service', 'service'],
  ['services', 'service'],
  ['svc', 'service'],
  ['ingress', 'ingress'],
  ['ing', 'ingress'],
] as const);

/** Whether a word names a kind, as `pod`, `deploy` and `no` do. */
export const isObjectWord = (word: string): boolean => WORDS.has(word.toLowerCase());

const FORMS =
  'write pod/NS/NAME, deploy/NS/NAME, node/NAME, svc/NS/NAME:PORT, ing/NS/NAME, ' +
  'http://name.ns:port/path, IP:PORT, ' +
  'internet, i-…, eni-…, db/NAME, apiserver or aws/SERVICE';

/** Reads one end. @throws InputError naming the forms there are */
export function parseEndpoint(text: string, where: string): EndpointText {
  const url = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text);
  if (url !== null) return urlEnd(url[1]!.toLowerCase(), url[2]!, where);
  const address = addressEnd(text);
  if (address !== undefined) return address;
  if (text.includes('/')) return slashed(text, where);
  const { name, port } = splitPort(text);
  if (name === 'internet' || name === 'apiserver') return { kind: name, port };
  if (/^i-[0-9a-f]{8,17}$/.test(name)) return { kind: 'instance', name, port };
  if (/^eni-[0-9a-f]{8,17}$/.test(name)) return { kind: 'interface', name, port };
  if (isHostName(name) && (name.includes('.') || port !== undefined)) {
    return { kind: 'name', host: name, port };
  }
  throw new InputError(where, `"${text}" is no endpoint`, FORMS);
}

/** `10.0.3.50`, `10.0.3.50:80`, `2001:db8::1`, `[2001:db8::1]:80`. */
function addressEnd(text: string): EndpointText | undefined {
  const whole = parseIp(text);
  if (whole !== undefined) return { kind: 'address', address: whole };
  const parts = /^\[([^\]]+)\](?::([^:]*))?$/.exec(text) ?? /^([0-9.]+):([^:]*)$/.exec(text);
  const address = parts === null ? undefined : parseIp(parts[1]!);
  return address === undefined ? undefined : { kind: 'address', address, port: parts![2] };
}

function urlEnd(scheme: string, rest: string, where: string): EndpointText {
  const at = rest.search(/[/?#]/);
  const authority = at < 0 ? rest : rest.slice(0, at);
  const after = at < 0 ? '/' : rest.slice(at);
  const path = after.startsWith('/') ? after : `/${after}`;
  const address = addressEnd(authority);
  if (address?.kind === 'address') {
    return { ...address, port: address.port ?? schemePort(scheme), scheme, path };
  }
  const { name, port } = splitPort(authority);
  if (!isHostName(name)) {
    throw new InputError(
      where,
      `"${name}" is no host name`,
      'write for example http://web.shop:80/',
    );
  }
  return { kind: 'name', host: name, port: port ?? schemePort(scheme), scheme, path };
}

const SCHEME_PORTS: ReadonlyMap<string, string> = new Map([
  ['http', '80'],
  ['https', '443'],
  ['ws', '80'],
  ['wss', '443'],
  ['postgres', '5432'],
  ['postgresql', '5432'],
  ['mysql', '3306'],
  ['redis', '6379'],
  ['amqp', '5672'],
  ['mongodb', '27017'],
]);
const schemePort = (scheme: string): string | undefined => SCHEME_PORTS.get(scheme);

function slashed(text: string, where: string): EndpointText {
  const [word, ...rest] = text.split('/');
  const last = rest.at(-1)!;
  const { name, port } = splitPort(last);
  if (name === '' || rest.length > 2 || rest.includes(''))
    throw new InputError(where, `"${text}" is no endpoint`, FORMS);
  if (rest.length === 1 && (word === 'db' || word === 'rds'))
    return { kind: 'database', name, port };
  if (rest.length === 1 && word === 'aws') return { kind: 'aws-service', name, port };
  const kind = WORDS.get(word!.toLowerCase());
  if (kind !== undefined) {
    const namespace = rest.length === 2 ? rest[0] : undefined;
    return { kind: 'object', word: kind, namespace, name, port };
  }
  throw new InputError(where, `"${word}" is no kind of endpoint`, FORMS);
}

/** The part after the last colon is a port: a number or a port's name. */
function splitPort(text: string): { name: string; port?: string | undefined } {
  const at = text.lastIndexOf(':');
  return at < 0 ? { name: text } : { name: text.slice(0, at), port: text.slice(at + 1) };
}

const isHostName = (name: string): boolean =>
  name.length <= 254 &&
  // A name does not end in a number: 10.0.3.500 is a mistyped address.
  !/(^|\.)\d+$/.test(name) &&
  /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i.test(name);
