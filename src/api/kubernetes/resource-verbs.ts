/**
 * api/kubernetes/resource-verbs — which verb a request to a resource is, and who carries it out.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/installer.go registerResourceHandlers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ANSWERED_TYPES, acceptedForm } from './accept.ts';
import { reviewAt } from './access/reviews.ts';
import type { Outcome } from './answer.ts';
import { type ApiRequest, flagOf, type ServiceState } from './api-request.ts';
import { list } from './collection/list.ts';
import { listOptionsRefusal } from './collection/list-options.ts';
import { subresourcesOf } from './discovery/discovery.ts';
import { componentStatuses } from './objects/component-status.ts';
import { tellDeprecated } from './objects/deprecation.ts';
import { get } from './objects/get.ts';
import { isComputed } from './objects/served-kind.ts';
import type { RequestTarget } from './request-target.ts';
import {
  statusMethodNotAllowed,
  statusNoResource,
  statusNotAcceptable,
  statusNotSimulated,
} from './rest-status.ts';
import { statusUpgradeRequired } from './streams/stream-way.ts';
import { accountToken } from './subresources/account-token.ts';
import { finalize } from './subresources/finalize.ts';
import { bind, evict } from './subresources/pod-requests.ts';
import { scale } from './subresources/scale.ts';
import { minorOf } from './version-page.ts';
import { watch } from './watch/watch.ts';
import { create } from './write/create.ts';
import { deleteCollection, deleteOne } from './write/delete.ts';
import { patch } from './write/patch.ts';
import { update } from './write/update.ts';

const LIST_FORMS: ReadonlySet<string> = new Set(['Table', 'PartialObjectMetadataList']);
const OBJECT_FORMS: ReadonlySet<string> = new Set(['Table', 'PartialObjectMetadata']);

export async function resourceOutcome(
  state: ServiceState,
  request: IncomingMessage,
  response: ServerResponse,
  target: RequestTarget,
  query: URLSearchParams,
): Promise<Outcome> {
  const review = reviewAt(state, request, target);
  if (review !== undefined) return review;
  const isBinding = target.group === '' && target.plural === 'bindings';
  // A binding is posted about a pod and kept nowhere.
  const plural = isBinding ? 'pods' : target.plural;
  const kind = state.kinds.at(target.group, target.version, plural);
  if (kind === undefined) return statusNoResource();
  if (target.namespace !== undefined && !kind.resource.namespaced) return statusNoResource();
  const isWatch = target.isWatchPath || flagOf(query, 'watch');
  const isList = target.name === undefined && !isWatch;
  const form = acceptedForm(request.headers.accept, isList ? LIST_FORMS : OBJECT_FORMS);
  if (form === undefined) return statusNotAcceptable(ANSWERED_TYPES);
  tellDeprecated(response, kind, minorOf(state));
  const given: ApiRequest = { state, request, response, target, kind, query, form };
  if (isComputed(kind)) return componentStatuses(given, isWatch);
  if (isBinding) return target.name === undefined ? bind(given) : statusNoResource();
  if (target.name === undefined) return collectionVerb(given, isWatch);
  if (target.subresource !== undefined) return subresourceVerb(given);
  return objectVerb(given, isWatch);
}

function collectionVerb(given: ApiRequest, isWatch: boolean): Outcome | Promise<Outcome> {
  const { request, kind, target } = given;
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return listOptionsRefusal(given.query, isWatch) ?? (isWatch ? watch(given) : list(given));
    case 'POST':
      // Objects of namespaces are made inside one.
      if (kind.resource.namespaced && target.namespace === undefined)
        return statusMethodNotAllowed();
      return create(given);
    case 'DELETE':
      return deleteCollection(given);
    default:
      return statusMethodNotAllowed();
  }
}

function objectVerb(given: ApiRequest, isWatch: boolean): Outcome | Promise<Outcome> {
  switch (given.request.method) {
    case 'GET':
    case 'HEAD':
      return isWatch ? watch(given) : get(given);
    case 'PUT':
      return update(given);
    case 'PATCH':
      return patch(given);
    case 'DELETE':
      return deleteOne(given);
    default:
      return statusMethodNotAllowed();
  }
}

function subresourceVerb(given: ApiRequest): Outcome | Promise<Outcome> {
  const { target, request, kind } = given;
  const { subresource = '' } = target;
  if (!subresourcesOf(kind).some((it) => it.name === subresource)) return statusNoResource();
  switch (subresource) {
    case 'status':
    case 'ephemeralcontainers':
      if (request.method === 'GET') return get(given);
      if (request.method === 'PUT') return update(given);
      return request.method === 'PATCH' ? patch(given) : statusMethodNotAllowed();
    case 'scale':
      return scale(given);
    case 'eviction':
      return evict(given);
    case 'binding':
      return bind(given);
    case 'token':
      return accountToken(given);
    case 'finalize':
      return finalize(given);
    case 'log':
      return request.method === 'GET' ? log(given) : statusMethodNotAllowed();
    case 'exec':
    case 'attach':
    case 'portforward':
      return statusUpgradeRequired();
    default:
      return statusNotSimulated(`${target.plural}/${subresource}`);
  }
}

/** What answers is loaded when somebody asks for the first log. */
async function log({ state, response, target, query }: ApiRequest): Promise<Outcome> {
  const { podLog } = await import('./logs/pod-log.ts');
  const { namespace = '', name = '' } = target;
  return podLog(state.running.twin, state.followers, response, namespace, name, query);
}
