/**
 * datapath/elb/rewritten-request — what a rule's transforms and the load balancer itself make of a
 * request before it is sent on: host and URL rewrites, X-Forwarded headers.
 *
 * Source: Application Load Balancers, "Transforms for listener rules" and "HTTP headers and
 * Application Load Balancers" (X-Forwarded-For, -Proto, -Port).
 */
import type { RuleTransform } from '../../model/elbv2/listener.ts';
import { formatIp, formatSocketAddress, type Ip } from '../../net/index.ts';
import { type HttpHeader, type HttpRequest, targetOfRequest } from './http-request.ts';

/** The request after the rule's transforms; the expression that could not be read, if any. */
export function transformed(
  request: HttpRequest,
  transforms: readonly RuleTransform[],
): { readonly request: HttpRequest; readonly unread?: string | undefined } {
  let made = request;
  for (const { type, rewrites } of transforms) {
    for (const { regex, replace } of rewrites) {
      const expression = expressionOf(regex);
      if (expression === undefined) return { request: made, unread: regex };
      if (type === 'host-header-rewrite')
        made = { ...made, host: made.host.replace(expression, replace) };
      else made = withTarget(made, targetOfRequest(made).replace(expression, replace));
    }
  }
  return { request: made };
}

function expressionOf(regex: string): RegExp | undefined {
  try {
    return new RegExp(regex);
  } catch {
    return undefined;
  }
}

function withTarget(request: HttpRequest, target: string): HttpRequest {
  const at = target.indexOf('?');
  const path = at < 0 ? target : target.slice(0, at);
  return { ...request, path, query: at < 0 ? '' : target.slice(at + 1) };
}

/** Who opened the connection, as the load balancer sees it. */
export interface ForwardedClient {
  readonly address: Ip;
  readonly port: number;
  /** The listener's port, and whether its clients speak TLS. */
  readonly listenerPort: number;
  readonly isTls: boolean;
}

/** The request with what the load balancer tells the target of its client. */
export function withForwardedHeaders(
  request: HttpRequest,
  client: ForwardedClient,
  attributes: Readonly<Record<string, string>>,
): HttpRequest {
  const mode = attributes['routing.http.xff_header_processing.mode'] ?? 'append';
  const headers = request.headers.filter(({ name }) => !OWN.has(name.toLowerCase()));
  const known = request.headers.filter(({ name }) => name.toLowerCase() === 'x-forwarded-for');
  const hasPort = attributes['routing.http.xff_client_port.enabled'] === 'true';
  const seen = hasPort
    ? formatSocketAddress(client.address, client.port)
    : formatIp(client.address);
  const before = known.map(({ value }) => value);
  const forwardedFor: readonly HttpHeader[] =
    mode === 'remove'
      ? []
      : [
          {
            name: 'X-Forwarded-For',
            value: (mode === 'preserve' && before.length > 0 ? before : [...before, seen]).join(
              ', ',
            ),
          },
        ];
  return {
    ...request,
    headers: [
      ...headers,
      ...forwardedFor,
      { name: 'X-Forwarded-Proto', value: client.isTls ? 'https' : 'http' },
      { name: 'X-Forwarded-Port', value: String(client.listenerPort) },
    ],
  };
}

const OWN: ReadonlySet<string> = new Set([
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-port',
]);
