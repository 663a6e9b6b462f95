/**
 * shell/network/curl-options — the words of a curl command line.
 *
 * Upstream: curl 7.88.1 src/tool_getparam.c (options), docs/cmdline-opts.
 */
import type { HttpHeader } from '../../datapath/elb/http-request.ts';

export interface CurlOptions {
  readonly urls: readonly string[];
  readonly outputs: readonly (string | undefined)[];
  readonly isRemoteName: boolean;
  readonly method?: string | undefined;
  readonly headers: readonly HttpHeader[];
  /** Headers that are not to be sent. */
  readonly without: readonly string[];
  readonly data?: string | undefined;
  readonly isGet: boolean;
  readonly isHead: boolean;
  readonly isIncluded: boolean;
  readonly isSilent: boolean;
  readonly showsErrors: boolean;
  readonly isVerbose: boolean;
  readonly fails: boolean;
  readonly failsWithBody: boolean;
  readonly follows: boolean;
  readonly redirectsMax: number;
  readonly isInsecure: boolean;
  readonly authorityFile?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly retries: number;
  readonly retryDelayMs?: number | undefined;
  readonly retriesAll: boolean;
  readonly retriesRefused: boolean;
  readonly resolve: ReadonlyMap<string, readonly string[]>;
  readonly family?: 4 | 6 | undefined;
  readonly user?: string | undefined;
  readonly agent: string;
  readonly writeOut?: string | undefined;
  readonly headerFile?: string | undefined;
  readonly isProgressHidden: boolean;
}

/** What is printed, and the exit status. */
export class CurlMistake extends Error {
  readonly status: number;

  constructor(message: string, status = 2) {
    super(message);
    this.status = status;
  }
}

export const VERSION = '7.88.1';
/** Letters, and the long names that stand for the same. */
const LETTERS: Readonly<Record<string, string>> = {
  s: 'silent',
  S: 'show-error',
  v: 'verbose',
  i: 'include',
  I: 'head',
  X: 'request',
  H: 'header',
  d: 'data',
  o: 'output',
  O: 'remote-name',
  w: 'write-out',
  L: 'location',
  f: 'fail',
  k: 'insecure',
  m: 'max-time',
  u: 'user',
  A: 'user-agent',
  e: 'referer',
  G: 'get',
  b: 'cookie',
  D: 'dump-header',
  4: 'ipv4',
  6: 'ipv6',
  N: 'no-buffer',
  '#': 'progress-bar',
  q: 'disable',
  V: 'version',
  h: 'help',
  T: 'upload-file',
  F: 'form',
  x: 'proxy',
  K: 'config',
  c: 'cookie-jar',
  0: 'http1.0',
  E: 'cert',
};
const VALUED = new Set(
  (
    'request header data data-raw data-binary data-ascii data-urlencode json output write-out max-time ' +
    'connect-timeout retry retry-delay retry-max-time resolve user user-agent url referer cookie cacert ' +
    'capath max-redirs dump-header oauth2-bearer stderr connect-to'
  ).split(' '),
);
const FLAGS = new Set(
  (
    'silent show-error verbose include head remote-name location fail fail-with-body insecure get ipv4 ' +
    'ipv6 no-buffer progress-bar disable version help retry-all-errors retry-connrefused compressed ' +
    'http1.1 http1.0 http2 no-progress-meter globoff path-as-is fail-early no-keepalive tcp-nodelay ' +
    'location-trusted tlsv1.2 tlsv1.3'
  ).split(' '),
);
/** Known to curl, not to this one. */
const NOT_BUILT_IN = new Set(
  (
    'upload-file form proxy config cookie-jar cert key interface parallel socks5 unix-socket ' +
    'trace trace-ascii range limit-rate haproxy-protocol http3'
  ).split(' '),
);

/** Options of every kind in their order, as name and value. */
function* optionsOf(args: readonly string[]): Generator<readonly [string, string]> {
  let isOver = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (isOver || !arg.startsWith('-') || arg === '-') {
      yield ['url', arg];
      continue;
    }
    if (arg === '--') {
      isOver = true;
      continue;
    }
    const value = (option: string): string => {
      const given = args[++i];
      if (given === undefined) throw new CurlMistake(`option ${option}: requires parameter`);
      return given;
    };
    if (arg.startsWith('--')) {
      const name = arg.slice(2);
      if (VALUED.has(name)) yield [name, value(arg)];
      else if (FLAGS.has(name) || FLAGS.has(name.replace(/^no-/, ''))) yield [name, ''];
      else throw unknown(arg, name);
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      const name = LETTERS[arg[at]!];
      if (name === undefined || NOT_BUILT_IN.has(name)) throw unknown(arg, name ?? '');
      if (!VALUED.has(name)) yield [name, ''];
      else {
        yield [name, arg.slice(at + 1) || value(`-${arg[at]}`)];
        break;
      }
    }
  }
}

const unknown = (option: string, name: string): CurlMistake =>
  new CurlMistake(
    NOT_BUILT_IN.has(name)
      ? `option ${option}: the curl of ekstwin does not support it`
      : `option ${option}: is unknown`,
  );

function secondsMs(option: string, text: string): number {
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(text))
    throw new CurlMistake(`option ${option}: expected a proper numerical parameter`);
  return Number(text) * 1_000;
}

function countOf(option: string, text: string): number {
  if (!/^-?\d{1,9}$/.test(text))
    throw new CurlMistake(`option ${option}: expected a proper numerical parameter`);
  return Number(text);
}

/** @param read  the text of a file that data comes from (`@file`) */
export function parseCurl(args: readonly string[], read: (file: string) => string): CurlOptions {
  const seen = new Map<string, string>();
  const urls: string[] = [];
  const outputs: (string | undefined)[] = [];
  const headers: HttpHeader[] = [];
  const without: string[] = [];
  const resolve = new Map<string, readonly string[]>();
  const data: string[] = [];
  for (const [name, value] of optionsOf(args)) {
    if (name === 'url') urls.push(value);
    else if (name === 'output') outputs.push(value);
    else if (name === 'header') readHeader(value, headers, without);
    else if (name === 'resolve') readResolve(value, resolve);
    else if (name.startsWith('data') || name === 'json') {
      data.push(readData(name, value, read));
      if (name === 'json')
        headers.push(
          { name: 'Content-Type', value: 'application/json' },
          { name: 'Accept', value: 'application/json' },
        );
    } else seen.set(name, value);
  }
  const of = (name: string): string | undefined => seen.get(name);
  const ms = (name: string): number | undefined =>
    seen.has(name) ? secondsMs(`--${name}`, of(name)!) || undefined : undefined;
  const bearer = of('oauth2-bearer');
  if (bearer !== undefined) headers.push({ name: 'Authorization', value: `Bearer ${bearer}` });
  for (const [option, header] of [
    ['referer', 'Referer'],
    ['cookie', 'Cookie'],
  ] as const)
    if (seen.has(option)) headers.push({ name: header, value: of(option)! });
  return {
    urls,
    outputs,
    isRemoteName: seen.has('remote-name'),
    method: of('request'),
    headers,
    without,
    data: data.length === 0 ? undefined : data.join('&'),
    isGet: seen.has('get'),
    isHead: seen.has('head'),
    isIncluded: seen.has('include'),
    isSilent: seen.has('silent'),
    showsErrors: !seen.has('silent') || seen.has('show-error'),
    isVerbose: seen.has('verbose'),
    fails: seen.has('fail') || seen.has('fail-with-body'),
    failsWithBody: seen.has('fail-with-body'),
    follows: seen.has('location') || seen.has('location-trusted'),
    redirectsMax: seen.has('max-redirs') ? countOf('--max-redirs', of('max-redirs')!) : 50,
    isInsecure: seen.has('insecure'),
    authorityFile: of('cacert'),
    timeoutMs: ms('max-time'),
    connectTimeoutMs: ms('connect-timeout'),
    retries: seen.has('retry') ? Math.max(0, countOf('--retry', of('retry')!)) : 0,
    retryDelayMs: ms('retry-delay'),
    retriesAll: seen.has('retry-all-errors'),
    retriesRefused: seen.has('retry-connrefused'),
    resolve,
    family: seen.has('ipv4') ? 4 : seen.has('ipv6') ? 6 : undefined,
    user: of('user'),
    agent: of('user-agent') ?? `curl/${VERSION}`,
    writeOut: of('write-out'),
    headerFile: of('dump-header'),
    isProgressHidden: seen.has('no-progress-meter'),
  };
}

function readHeader(text: string, headers: HttpHeader[], without: string[]): void {
  const at = text.search(/[:;]/);
  if (at <= 0) return;
  const name = text.slice(0, at).trim();
  const value = text
    .slice(at + 1)
    .trim()
    .replace(/[\r\n]/g, '');
  if (value === '' && text[at] === ':') without.push(name.toLowerCase());
  else headers.push({ name, value });
}

/** `HOST:PORT:ADDRESS[,ADDRESS]`. */
function readResolve(text: string, resolve: Map<string, readonly string[]>): void {
  const found = /^\+?([^:]+):(\d+):(.+)$/.exec(text);
  if (found === null) throw new CurlMistake(`Couldn't parse CURLOPT_RESOLVE entry '${text}'`, 49);
  const addresses = found[3]!.split(',').map((it) => it.replace(/^\[|\]$/g, ''));
  resolve.set(`${found[1]}:${found[2]}`, addresses);
}

function readData(name: string, value: string, read: (file: string) => string): string {
  const isRaw = name === 'data-raw' || name === 'json';
  if (name === 'data-urlencode') {
    const at = value.indexOf('=');
    const plain = (at < 0 ? value : value.slice(at + 1)).replace(/\p{Surrogate}/gu, '\ufffd');
    const encoded = encodeURIComponent(plain);
    return at > 0 ? `${value.slice(0, at)}=${encoded}` : encoded;
  }
  if (!value.startsWith('@') || isRaw) return value;
  const text = read(value.slice(1));
  return name === 'data-binary' ? text : text.replace(/[\r\n]/g, '');
}
