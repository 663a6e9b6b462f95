/**
 * api/kubernetes/write/update — PUT of an object or of its status.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/update.go UpdateResource, rest.go
 * checkName.
 */
import { statusBadRequest, statusInvalid } from '../../../cluster/api-status.ts';
import { decodingRefusal } from '../../../cluster/decoding.ts';
import { invalid } from '../../../cluster/field-error.ts';
import {
  type ApiStatus,
  isApiStatus,
  type WriteOptions as VerbOptions,
} from '../../../cluster/kubernetes.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { storeKey } from '../../../model/kubernetes/resources.ts';
import type { Outcome } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import { storedAt } from '../objects/get.ts';
import { notFound, qualifiedName } from '../objects/served-kind.ts';
import { toStored } from '../objects/versions.ts';
import { bytesOf, jsonTextOf, objectIn, sizeRefusal, typedObject } from './request-body.ts';
import { strictlyRead } from './strictness.ts';
import { type WriteOptions, writeOptionsOf } from './write-options.ts';
import { tracking } from './writer.ts';
import { answerOf, carryOut, entryOf, type Hands } from './written.ts';

export async function update(given: ApiRequest): Promise<Outcome> {
  const { request, query } = given;
  const options = writeOptionsOf(request, query, 'UpdateOptions');
  if (isApiStatus(options)) return options;
  const bytes = await bytesOf(request);
  if (bytes === 'gone') return 'taken';
  if (isApiStatus(bytes)) return bytes;
  const object = replacement(given, options, bytes);
  if (isApiStatus(object)) return object;
  const tracks = tracking(given, options);
  let isNew = false;
  const entry = await carryOut(given, options.isDryRun, (hands) => {
    isNew = isApiStatus(storedAt(given, hands.store));
    return replace(given, hands, object, tracks);
  });
  return answerOf(given, entry, isNew ? 201 : 200);
}

function replacement(
  given: ApiRequest,
  options: WriteOptions,
  bytes: Buffer,
): KubernetesObject | ApiStatus {
  const { request, kind, target } = given;
  const decoded = objectIn(request, bytes, kind.resource.kind);
  if (isApiStatus(decoded)) return decoded;
  const typed = typedObject(decoded, kind);
  if (isApiStatus(typed)) return typed;
  const misfit = decodingRefusal(typed) ?? sizeRefusal(typed, bytes.length);
  if (misfit !== undefined) return misfit;
  const object = strictlyRead(given, options, typed, jsonTextOf(request, bytes));
  if (isApiStatus(object)) return object;
  const moved = nameRefusal(given, object);
  if (moved !== undefined) return moved;
  const { namespace } = target;
  const metadata = namespace === undefined ? object.metadata : { ...object.metadata, namespace };
  return toStored(kind, { ...object, metadata });
}

/** The object must be the one the URL names. */
export function nameRefusal(
  { target }: ApiRequest,
  { metadata }: KubernetesObject,
): ApiStatus | undefined {
  const { name = '', namespace } = metadata;
  if (name === '') {
    return statusBadRequest('name must be provided');
  }
  if (name !== target.name) {
    return statusBadRequest(
      `the name of the object (${name}) does not match the name on the URL (${target.name})`,
    );
  }
  if (target.namespace !== undefined && namespace && namespace !== target.namespace) {
    return statusBadRequest(
      `the namespace of the object (${namespace}) does not match the namespace on the request ` +
        `(${target.namespace})`,
    );
  }
  return undefined;
}

/** Kinds that a PUT creates when they are not there (AllowCreateOnUpdate upstream). */
const CREATED_BY_PUT: ReadonlySet<string> = new Set([
  'endpoints',
  'events',
  'limitranges',
  'services',
  'leases.coordination.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
]);

/** Custom resources are never replaced blindly. */
const isPut = ({ request, target }: ApiRequest): boolean =>
  request.method === 'PUT' && target.subresource !== 'scale';

/** Replaces the object, or the part a subresource is the door of, at the revision it names. */
export function replace(
  given: ApiRequest,
  hands: Hands,
  object: KubernetesObject,
  options?: VerbOptions,
) {
  const { kind, target } = given;
  const { resourceVersion, ...metadata } = object.metadata;
  const asked =
    resourceVersion === undefined || resourceVersion === '' ? undefined : resourceVersion;
  const bare = { ...object, metadata };
  const key = storeKey(kind.storage, metadata.name, metadata.namespace);
  if (hands.store.entry(kind.storage.storeKind, key) === undefined) {
    if (!CREATED_BY_PUT.has(qualifiedName(kind.storage)) || target.subresource !== undefined)
      return notFound(kind, metadata.name);
    const created = hands.verbs.create(bare, options);
    return isApiStatus(created) ? created : entryOf(given, hands, created);
  }
  if (asked === undefined && kind.resource.definition !== undefined && isPut(given)) {
    const detail = 'must be specified for an update';
    return statusInvalid(object, metadata.name, [invalid('metadata.resourceVersion', 0, detail)]);
  }
  const expected = asked === undefined ? undefined : Number(asked);
  const result = verbFor(target.subresource, hands)(bare, expected, options);
  return isApiStatus(result) ? result : entryOf(given, hands, result);
}

/** A subresource is the door to its part of the object. */
function verbFor(subresource: string | undefined, { verbs }: Hands): typeof verbs.update {
  if (subresource === 'status') return verbs.updateStatus;
  if (subresource === 'ephemeralcontainers') return verbs.updateEphemeralContainers as never;
  return verbs.update;
}
