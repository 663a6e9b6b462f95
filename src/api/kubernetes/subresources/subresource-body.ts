/**
 * api/kubernetes/subresources/subresource-body — the body of a POST to something that is no
 * collection: a review, a binding, an eviction, a token request.
 */
import { statusBadRequest } from '../../../cluster/api-status.ts';
import { type ApiStatus, isApiStatus } from '../../../cluster/kubernetes.ts';
import type { ApiRequest } from '../api-request.ts';
import { bytesOf, objectIn } from '../write/request-body.ts';

export interface PostedBody {
  readonly apiVersion?: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

type Asked = Pick<ApiRequest, 'request'>;

/** The posted object of a kind; 'gone' when the client went away. */
export async function postedBody(
  { request }: Asked,
  kind: string,
  versions: readonly string[],
): Promise<PostedBody | ApiStatus | 'gone'> {
  const bytes = await bytesOf(request);
  if (bytes === 'gone' || isApiStatus(bytes)) return bytes;
  const body = objectIn(request, bytes, kind);
  if (isApiStatus(body)) return body;
  const { kind: given = kind, apiVersion = versions[0]! } = body;
  if (given !== kind || !versions.includes(String(apiVersion))) {
    return statusBadRequest(
      `${String(given)} in version "${String(apiVersion).split('/').at(-1)}" cannot be handled ` +
        `as a ${kind}: no kind "${String(given)}" is registered for version "${String(apiVersion)}"`,
    );
  }
  return { ...body, metadata: plain(body.metadata), spec: plain(body.spec) };
}

const plain = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
