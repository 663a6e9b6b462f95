/**
 * analysis/trace/asked-request — the HTTP request that a question is about, for load balancers that
 * look at requests: from a URL, from an Ingress's rules, from what was said besides.
 */
import {
  type AskedRequest,
  type HttpHeader,
  plainRequest,
} from '../../datapath/elb/http-request.ts';
import { formatIp } from '../../net/index.ts';
import type { Target } from './endpoint.ts';
import type { EndpointText } from './endpoint-text.ts';

/** What was said of the request besides where it goes; all of it optional. */
export interface RequestWords {
  readonly host?: string | undefined;
  /** With a query, if any. */
  readonly path?: string | undefined;
  readonly method?: string | undefined;
  readonly headers?: readonly HttpHeader[] | undefined;
}

/** undefined: nothing says that it is HTTP; a load balancer that speaks it gets a plain GET. */
export function askedRequest(
  text: EndpointText,
  target: Target,
  words: RequestWords = {},
): AskedRequest | undefined {
  const own = target.kind === 'name' ? target.request : undefined;
  const isSaid = Object.values(words).some((it) => it !== undefined);
  const url = text.kind === 'name' || text.kind === 'address' ? text : undefined;
  const isHttp = url?.scheme === undefined || url.scheme === 'http' || url.scheme === 'https';
  if (!isHttp) return undefined;
  if (own === undefined && url?.scheme === undefined && !isSaid && target.kind !== 'name')
    return undefined;
  const scheme = url?.scheme as 'http' | 'https' | undefined;
  const base: AskedRequest = own ?? plainRequest(scheme, hostOf(target), url?.path);
  const asked =
    words.path === undefined ? base : { ...base, ...pathOf(plainRequest(scheme, '', words.path)) };
  return {
    ...asked,
    host: words.host ?? asked.host,
    method: words.method?.toUpperCase() ?? asked.method,
    headers: words.headers ?? asked.headers,
  };
}

const pathOf = ({ path, query }: AskedRequest): Pick<AskedRequest, 'path' | 'query'> => ({
  path,
  query,
});

function hostOf(target: Target): string {
  if (target.kind === 'name') return target.host.replace(/\.$/, '');
  return target.kind === 'address' ? formatIp(target.address) : '';
}
