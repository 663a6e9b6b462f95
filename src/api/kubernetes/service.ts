/**
 * api/kubernetes/service — the Kubernetes API of a running twin: who asks, what for, and which
 * part answers.
 *
 * Upstream: kubernetes/apiserver pkg/server/config.go DefaultBuildHandlerChain,
 * pkg/endpoints/installer.go.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isApiStatus } from '../../cluster/kubernetes.ts';
import type { HttpService } from '../http-service.ts';
import { type RunningTwin, StorageError } from '../running-twin.ts';
import { userOf } from './access/bearer-token.ts';
import { IMPERSONATED, impersonatedUser } from './access/impersonation.ts';
import { type Outcome, writeOutcome } from './answer.ts';
import type { ServiceState } from './api-request.ts';
import { Collections } from './collection/collections.ts';
import { Snapshots } from './collection/snapshots.ts';
import { LogFollowers } from './logs/log-followers.ts';
import { ServedKinds } from './objects/served-kind.ts';
import { pageAt } from './pages.ts';
import { targetOf } from './request-target.ts';
import { resourceOutcome } from './resource-verbs.ts';
import { failure, statusUnauthorized } from './rest-status.ts';
import { PodStreams } from './subresources/pod-streams.ts';
import { OpenWatches } from './watch/open-watches.ts';
import { warn } from './write/strictness.ts';

/** Pages that tell whether the server lives, for those who have no token yet. */
const PUBLIC_PATHS = /^\/(healthz|livez|readyz|version)(\/|$)/;

/** Serves the Kubernetes API of a twin. */
export function kubernetesService(running: RunningTwin): HttpService {
  const { store, kubernetes } = running.twin;
  const state: ServiceState = {
    running,
    kinds: new ServedKinds(kubernetes.served),
    collections: new Collections(store),
    snapshots: new Snapshots(),
    watches: new OpenWatches(),
    followers: new LogFollowers(),
  };
  const streams = new PodStreams(running);
  let isClosed = false;
  return {
    async request(request, response) {
      const outcome = isClosed
        ? failure(503, 'ServiceUnavailable', 'the server is shutting down')
        : await guarded(state, request, response);
      if (!request.complete && outcome !== 'taken') request.resume();
      writeOutcome(request, response, outcome);
    },
    upgrade: (request, socket, head) => streams.upgrade(request, socket, head),
    close() {
      isClosed = true;
      streams.close();
      state.watches.closeAll();
      state.followers.closeAll();
      state.collections.close();
      state.kinds.close();
    },
  };
}

/** A failure of ours is an answer too, without its innards. */
async function guarded(
  state: ServiceState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Outcome> {
  try {
    return await outcomeOf(state, request, response);
  } catch (cause) {
    if (cause instanceof StorageError)
      return failure(500, 'InternalError', `Internal error occurred: ${cause.message}`);
    if (process.env.EKSTWIN_DEBUG === '1') console.error(cause);
    return failure(500, 'InternalError', 'Internal error occurred: see EKSTWIN_DEBUG=1');
  }
}

async function outcomeOf(
  state: ServiceState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Outcome> {
  const url = urlOf(request);
  if (url === undefined) return failure(400, 'BadRequest', 'the request has no valid URL');
  const user = userOf(request, state.running.served);
  if (user === undefined && !PUBLIC_PATHS.test(url.pathname)) return statusUnauthorized();
  const other = impersonatedUser(request);
  if (isApiStatus(other)) return other;
  if (other !== undefined) warn(response, IMPERSONATED);
  const target = targetOf(url.pathname);
  if (target === undefined || target.plural === '') {
    return pageAt(state, request, url, target);
  }
  return resourceOutcome(state, request, response, target, url.searchParams);
}

function urlOf({ url }: IncomingMessage): URL | undefined {
  try {
    return new URL(url ?? '/', 'http://twin');
  } catch {
    return undefined;
  }
}
