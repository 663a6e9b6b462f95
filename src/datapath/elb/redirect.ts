/**
 * datapath/elb/redirect — where a redirect action sends a client: the parts of the request for
 * `#{protocol}`, `#{host}`, `#{port}`, `#{path}`, `#{query}`.
 *
 * Source: Application Load Balancers, "Redirect actions": a part that is not given keeps the
 * request's; the path of the request stands without its leading slash.
 */
import type { RedirectConfig } from '../../model/elbv2/listener.ts';
import type { HttpRequest } from './http-request.ts';

const STANDARD = { http: '80', https: '443' } as const;

export interface Redirection {
  readonly status: 301 | 302;
  /** As ALB writes it: always with the port. */
  readonly location: string;
  /** The client is sent to where it was: it goes round in a circle. */
  readonly isLoop: boolean;
}

/** What the client is told. `port`: the listener's. */
export function redirectionOf(
  config: RedirectConfig,
  request: HttpRequest,
  port: number,
): Redirection {
  const own = {
    protocol: request.scheme,
    host: request.host,
    port: String(port),
    path: request.path.slice(1),
    query: request.query,
  };
  const filled = (text: string): string =>
    text.replace(/#\{(protocol|host|port|path|query)\}/g, (_, part: keyof typeof own) => own[part]);
  const protocol = filled(config.protocol ?? '#{protocol}').toLowerCase();
  const host = filled(config.host ?? '#{host}');
  const toPort = filled(config.port ?? '#{port}');
  const path = filled(config.path ?? '/#{path}');
  const query = filled(config.query ?? '#{query}');
  const location = `${protocol}://${host}:${toPort}${path}${query === '' ? '' : `?${query}`}`;
  const before = `${own.protocol}://${own.host}:${own.port}/${own.path}${
    own.query === '' ? '' : `?${own.query}`
  }`;
  return {
    status: config.statusCode === 'HTTP_301' ? 301 : 302,
    location,
    isLoop: location === before,
  };
}

/** A location as a person writes it: without the port that the scheme has anyway. */
export function shortLocation(location: string): string {
  const [, scheme, host, port, rest] = /^(https?):\/\/([^/]*):(\d+)(\/.*)?$/.exec(location) ?? [];
  if (scheme === undefined || STANDARD[scheme as keyof typeof STANDARD] !== port) return location;
  return `${scheme}://${host}${rest ?? ''}`;
}
