/**
 * api/kubernetes/pages — everything that is no resource: discovery, version, health, OpenAPI,
 * metrics.
 *
 * Upstream: kubernetes/apiserver pkg/server/{routes,healthz}.
 */
import type { IncomingMessage } from 'node:http';
import { ANSWERED_TYPES, acceptedForm } from './accept.ts';
import { type Outcome, ok } from './answer.ts';
import type { ServiceState } from './api-request.ts';
import { AGGREGATED, aggregated, wantsAggregated } from './discovery/aggregated-discovery.ts';
import {
  groupList,
  groupPage,
  legacyVersions,
  resourceList,
  rootPaths,
} from './discovery/discovery.ts';
import type { RequestTarget } from './request-target.ts';
import { statusMethodNotAllowed, statusNoResource, statusNotAcceptable } from './rest-status.ts';
import { versionPage } from './version-page.ts';

/** @param target  a version's own page, when the path is one */
export async function pageAt(
  state: ServiceState,
  request: IncomingMessage,
  url: URL,
  target: RequestTarget | undefined,
): Promise<Outcome> {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') return statusMethodNotAllowed();
  const path = url.pathname.replace(/(.)\/+$/, '$1');
  if (target !== undefined) {
    const page = resourceList(state.kinds, target.group, target.version);
    return page === undefined ? statusNoResource() : ok(page);
  }
  if (path === '/api' || path === '/apis') return discovery(state, request, path === '/api');
  if (path.startsWith('/apis/')) {
    const page = groupPage(state.kinds, path.slice('/apis/'.length));
    return page === undefined ? statusNoResource() : ok(page);
  }
  if (path === '/') return ok(rootPaths(state.kinds));
  if (path === '/version') return ok(versionPage(state));
  if (/^\/(healthz|livez|readyz)$/.test(path)) {
    return health(path.slice(1), url.searchParams.has('verbose'));
  }
  if (path === '/metrics') {
    const { METRICS_TYPE, metricsPage } = await import('../metrics/metrics-page.ts');
    return { code: 200, body: metricsPage(state.running.twin), contentType: METRICS_TYPE };
  }
  if (path === '/openapi/v2' || path === '/openapi/v3' || path.startsWith('/openapi/v3/')) {
    const { openApiPage } = await import('./openapi-page.ts');
    return openApiPage(state, request, path, url.searchParams);
  }
  return statusNoResource();
}

function discovery(state: ServiceState, request: IncomingMessage, isCore: boolean): Outcome {
  const form = acceptedForm(request.headers.accept, AGGREGATED);
  if (form === undefined) return statusNotAcceptable(ANSWERED_TYPES);
  if (wantsAggregated(form)) return aggregated(state.kinds, isCore, form.version!);
  const host = request.headers.host ?? '127.0.0.1';
  return ok(isCore ? legacyVersions(host) : groupList(state.kinds));
}

const CHECKS = ['ping', 'log', 'etcd', 'informer-sync'];

function health(name: string, isVerbose: boolean): Outcome {
  const lines = CHECKS.map((it) => `[+]${it} ok\n`).join('');
  const body = isVerbose ? `${lines}${name} check passed\n` : 'ok';
  return { code: 200, body, contentType: 'text/plain; charset=utf-8' };
}
