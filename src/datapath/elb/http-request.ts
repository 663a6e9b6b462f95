/**
 * datapath/elb/http-request — an HTTP request as a load balancer looks at it, and what it becomes
 * on its way to a target.
 */

export interface HttpRequest {
  /** What the client speaks: TLS or not. */
  readonly scheme: 'http' | 'https';
  readonly method: string;
  /** The Host header without a port; of an address its text. */
  readonly host: string;
  /** With its leading slash, without the query. */
  readonly path: string;
  /** Without `?`; empty where there is none. */
  readonly query: string;
  /** Besides Host, as the client writes them. */
  readonly headers: readonly HttpHeader[];
}

/** A request before anybody took it: who does not say the scheme speaks as the listener does. */
export interface AskedRequest extends Omit<HttpRequest, 'scheme'> {
  readonly scheme?: HttpRequest['scheme'] | undefined;
}

export interface HttpHeader {
  readonly name: string;
  readonly value: string;
}

/** The request of a client that only opens a URL. @param target  path and query */
export function plainRequest<Scheme extends AskedRequest['scheme']>(
  scheme: Scheme,
  host: string,
  target = '/',
): AskedRequest & { readonly scheme: Scheme } {
  const [beforeFragment = '/'] = target.split('#');
  const at = beforeFragment.indexOf('?');
  const path = at < 0 ? beforeFragment : beforeFragment.slice(0, at);
  return {
    scheme,
    method: 'GET',
    host,
    path: path.startsWith('/') ? path : `/${path}`,
    query: at < 0 ? '' : beforeFragment.slice(at + 1),
    headers: [],
  };
}

/** `/path?query`. */
export const targetOfRequest = ({ path, query }: HttpRequest): string =>
  query === '' ? path : `${path}?${query}`;

/** `GET http://shop.example.com/cart?id=1`. */
export const formatRequest = (request: HttpRequest): string =>
  `${request.method} ${request.scheme}://${request.host}${targetOfRequest(request)}`;
