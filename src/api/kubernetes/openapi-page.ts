/**
 * api/kubernetes/openapi-page — /openapi/v2 and /openapi/v3, whose documents are kept by clients
 * as long as their ETag or hash says so.
 *
 * Upstream: kubernetes/kube-openapi pkg/handler/handler.go, pkg/handler3/handler.go.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Answer, Outcome } from './answer.ts';
import type { ServiceState } from './api-request.ts';
import { GNOSTIC_ACCEPTED, GNOSTIC_TYPE, OpenApi } from './openapi/openapi.ts';
import { statusNoResource } from './rest-status.ts';
import { versionPage } from './version-page.ts';

const JSON_TYPE = 'application/json';
const NEVER_CHANGES = 'public, immutable';

export function openApiPage(
  state: ServiceState,
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
): Outcome {
  const { kubernetes } = state.running.twin;
  state.openApi ??= new OpenApi(kubernetes.served, versionPage(state).gitVersion);
  const { openApi } = state;
  if (path === '/openapi/v2') return second(openApi, request);
  if (path === '/openapi/v3') {
    return { code: 200, body: openApi.v3Index(), contentType: JSON_TYPE };
  }
  const document = openApi.v3(path.slice('/openapi/v3/'.length));
  if (document === undefined) return statusNoResource();
  const { text, hash } = document;
  const isPinned = query.get('hash') === hash;
  const caching = isPinned ? { 'Cache-Control': NEVER_CHANGES } : {};
  return unlessKnown(request, { code: 200, body: text, headers: { ...tag(hash), ...caching } });
}

function second(openApi: OpenApi, request: IncomingMessage): Answer {
  const isProtobuf = (request.headers.accept ?? '').includes(GNOSTIC_ACCEPTED);
  const body = isProtobuf ? openApi.v2Protobuf() : openApi.v2();
  const hash = createHash('sha512').update(body).digest('hex').toUpperCase();
  const contentType = isProtobuf ? GNOSTIC_TYPE : JSON_TYPE;
  const headers = { ...tag(hash), Vary: 'Accept-Encoding, Accept' };
  return unlessKnown(request, { code: 200, body, contentType, headers });
}

const tag = (hash: string): { ETag: string } => ({ ETag: `"${hash}"` });

/** 304 for a client that has the document. */
const unlessKnown = (request: IncomingMessage, answer: Answer): Answer =>
  request.headers['if-none-match'] === answer.headers?.ETag
    ? { ...answer, code: 304, body: '' }
    : answer;
