/** shell/http/message — an HTTP request and its response, and the URL it is asked by. */

import type { HttpHeader } from '../../datapath/elb/http-request.ts';
import { canonicalIpText } from '../../net/index.ts';

export interface Url {
  readonly scheme: string;
  readonly user?: string | undefined;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether it was written. */
  readonly isPortGiven: boolean;
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
}

export interface Request {
  readonly method: string;
  readonly url: Url;
  readonly headers: readonly HttpHeader[];
  readonly body: string;
}

export interface Response {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly HttpHeader[];
  readonly body: string;
}

const PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  telnet: 23,
  ftp: 21,
  ws: 80,
  wss: 443,
  dict: 2628,
};

export type UrlProblem = 'malformed' | 'port';

/** @param assumed  of a URL that names no scheme */
export function parseUrl(text: string, assumed = 'http'): Url | UrlProblem {
  const [, scheme = assumed, rest = ''] =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(.*)$/s.exec(text) ?? [];
  if ([...rest].some((it) => it <= ' ' || it === '\u007f')) return 'malformed';
  const [, authority = '', target = ''] = /^([^/?#]*)(.*)$/s.exec(rest) ?? [];
  const at = authority.lastIndexOf('@');
  const place = at < 0 ? authority : authority.slice(at + 1);
  const found = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(place);
  if (found === null) return /:\D*$/.test(place) || /:.*:/.test(place) ? 'port' : 'malformed';
  const [, bracketed, plain, digits] = found;
  const host = bracketed ?? plain ?? '';
  if (host === '' || (bracketed !== undefined && canonicalIpText(host) === undefined))
    return 'malformed';
  const isPortGiven = digits !== undefined && digits !== '';
  const lower = scheme.toLowerCase();
  const port = isPortGiven ? Number(digits) : (PORTS[lower] ?? 0);
  if (port > 65_535) return 'port';
  const [beforeFragment = ''] = target.split('#');
  const [, path = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(beforeFragment) ?? [];
  const user = at < 0 ? undefined : authority.slice(0, at);
  return { scheme: lower, user, host, port, isPortGiven, path: path === '' ? '/' : path, query };
}

/** As the Host header has it. */
export const hostHeaderOf = ({ host, port, scheme }: Url): string => {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === PORTS[scheme] ? name : `${name}:${port}`;
};

export const targetOf = ({ path, query }: Url): string =>
  query === '' ? path : `${path}?${query}`;

export const urlText = (url: Url): string => `${url.scheme}://${hostHeaderOf(url)}${targetOf(url)}`;

/** Where a Location header leads from a URL. */
export function resolvedUrl(from: Url, location: string): Url | UrlProblem {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(location)) return parseUrl(location);
  if (location.startsWith('//')) return parseUrl(`${from.scheme}:${location}`);
  const folder = from.path.slice(0, from.path.lastIndexOf('/') + 1);
  const path = location.startsWith('/') ? location : `${folder}${location}`;
  return parseUrl(`${from.scheme}://${hostHeaderOf(from)}${path}`);
}

export const headerOf = (headers: readonly HttpHeader[], name: string): string | undefined =>
  headers.find((it) => it.name.toLowerCase() === name.toLowerCase())?.value;

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  418: "I'm a teapot",
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  460: '',
  463: '',
  464: '',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};

export const reasonOf = (status: number): string => REASONS[status] ?? '';

/** A response with its length. */
export function response(
  status: number,
  contentType: string | undefined,
  body: string,
  headers: readonly HttpHeader[] = [],
): Response {
  const type = contentType === undefined ? [] : [{ name: 'Content-Type', value: contentType }];
  const length = { name: 'Content-Length', value: String(bytesOf(body)) };
  return { status, reason: reasonOf(status), headers: [...headers, ...type, length], body };
}

/** Length in UTF-8. */
export function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
