/**
 * api/kubernetes/subresources/pod-requests — what is posted about a pod: the node it is bound to,
 * its eviction.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/core/pod/storage/{storage,eviction}.go.
 */
import { statusBadRequest } from '../../../cluster/api-status.ts';
import { evictPod } from '../../../cluster/evict-pod.ts';
import { type ApiStatus, isApiStatus } from '../../../cluster/kubernetes.ts';
import type { Outcome } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import { failure, statusMethodNotAllowed } from '../rest-status.ts';
import { deleteRequestIn } from '../write/delete-options.ts';
import { writeOptionsOf } from '../write/write-options.ts';
import { carryOut } from '../write/written.ts';
import { type PostedBody, postedBody } from './subresource-body.ts';

/** What a POST that makes no object is answered with. */
const created = {
  code: 201,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
};

/** The body's own name must be that of the URL. */
function nameRefusal({ target }: ApiRequest, { metadata }: PostedBody, kind: string) {
  const { name, namespace } = metadata;
  if (name !== undefined && name !== '' && name !== target.name) {
    return statusBadRequest(`name in URL does not match name in ${kind} object`);
  }
  if (namespace !== undefined && namespace !== '' && namespace !== target.namespace) {
    return statusBadRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  return undefined;
}

/** POST pods/NAME/eviction. */
export async function evict(given: ApiRequest): Promise<Outcome> {
  const { request, query, target } = given;
  if (request.method !== 'POST') return statusMethodNotAllowed();
  const options = writeOptionsOf(request, query, 'CreateOptions');
  if (isApiStatus(options)) return options;
  const body = await postedBody(given, 'Eviction', ['policy/v1', 'policy/v1beta1']);
  if (body === 'gone') return 'taken';
  if (isApiStatus(body)) return body;
  const refused = nameRefusal(given, body, 'Eviction');
  if (refused !== undefined) return refused;
  const asked = deleteRequestIn((body.deleteOptions ?? {}) as PostedBody, new URLSearchParams());
  if (isApiStatus(asked)) return asked;
  const isDryRun = options.isDryRun || asked.isDryRun;
  const key = `${target.namespace}/${target.name}`;
  const { clock } = given.state.running.twin;
  const evicted = await carryOut(given, isDryRun, ({ store, verbs }) =>
    evictPod(store, verbs, clock.now(), key, asked.options),
  );
  return evicted === true ? created : evicted;
}

/** POST pods/NAME/binding, and POST bindings with the pod's name. */
export async function bind(given: ApiRequest): Promise<Outcome> {
  const { request, query, target } = given;
  if (request.method !== 'POST') return statusMethodNotAllowed();
  const options = writeOptionsOf(request, query, 'CreateOptions');
  if (isApiStatus(options)) return options;
  const body = await postedBody(given, 'Binding', ['v1']);
  if (body === 'gone') return 'taken';
  if (isApiStatus(body)) return body;
  const refused = target.name === undefined ? undefined : nameRefusal(given, body, 'Binding');
  if (refused !== undefined) return refused;
  const node = nodeOf(body);
  if (typeof node !== 'string') return node;
  const name = target.name ?? String(body.metadata.name ?? '');
  const key = `${target.namespace}/${name}`;
  const bound = await carryOut(given, options.isDryRun, ({ verbs }) => verbs.bind(key, node));
  return bound === true ? created : bound;
}

function nodeOf({ metadata, target }: PostedBody): string | ApiStatus {
  const { kind, name } = (target ?? {}) as { kind?: string; name?: string };
  const invalid = (reason: string, field: string, message: string): ApiStatus => {
    const own = String(metadata.name ?? '');
    const causes = [{ reason, message, field }];
    const text = `Binding "${own}" is invalid: ${field}: ${message}`;
    return failure(422, 'Invalid', text, { name: own, kind: 'Binding', causes });
  };
  if (kind !== undefined && kind !== '' && kind !== 'Node') {
    const message = `Unsupported value: "${kind}": supported values: "Node", "<empty>"`;
    return invalid('FieldValueNotSupported', 'target.kind', message);
  }
  return name || invalid('FieldValueRequired', 'target.name', 'Required value');
}
