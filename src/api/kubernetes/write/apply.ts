/**
 * api/kubernetes/write/apply — PATCH of `application/apply-patch+yaml`: server-side apply, which
 * creates what is not there.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/patch.go applyPatcher;
 * kubernetes/apimachinery pkg/apis/meta/v1/validation ValidatePatchOptions.
 */
import { parse as parseYaml } from 'yaml';
import { statusBadRequest } from '../../../cluster/api-status.ts';
import { decodingRefusal } from '../../../cluster/decoding.ts';
import { type ApiStatus, isApiStatus } from '../../../cluster/kubernetes.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import type { Answer } from '../answer.ts';
import { type ApiRequest, flagOf } from '../api-request.ts';
import { applyPatch } from '../apply/apply-patch.ts';
import type { StoredObject } from '../collection/collection.ts';
import { storedAt } from '../objects/get.ts';
import { isConverted, toServed, toStored } from '../objects/versions.ts';
import { failure } from '../rest-status.ts';
import { typedObject } from './request-body.ts';
import { nameRefusal, replace } from './update.ts';
import type { WriteOptions } from './write-options.ts';
import { writerOf } from './writer.ts';
import { answerOf, carryOut, entryOf, type Hands } from './written.ts';

/** Carries an apply out. */
export async function apply(
  given: ApiRequest,
  options: WriteOptions,
  bytes: Buffer,
): Promise<Answer | ApiStatus> {
  if ((given.query.get('fieldManager') ?? '') === '') return managerRequired();
  const config = configIn(given, bytes);
  if (isApiStatus(config)) return config;
  let isNew = false;
  const entry = await carryOut(given, options.isDryRun, (hands) => {
    isNew = isApiStatus(storedAt(given, hands.store));
    return applied(given, options, hands, config);
  });
  return answerOf(given, entry, isNew ? 201 : 200);
}

function applied(
  given: ApiRequest,
  options: WriteOptions,
  hands: Hands,
  config: KubernetesObject,
): StoredObject | ApiStatus {
  const { kind, target, query } = given;
  const stored = storedAt(given, hands.store);
  const live = isApiStatus(stored) ? undefined : stored.value;
  if (live === undefined && target.subresource !== undefined) return stored as ApiStatus;
  const isOther = isConverted(kind);
  const before = live === undefined || isOther ? live : toServed(kind)(live);
  const wanted = isOther ? toStored(kind, config) : config;
  const writer = writerOf(given, options, 'Apply');
  const outcome = applyPatch(before, wanted, writer, flagOf(query, 'force'));
  if (isApiStatus(outcome)) return outcome;
  const object = toStored(kind, outcome.object);
  if (live !== undefined) return replace(given, hands, object);
  const created = hands.verbs.create(object);
  return isApiStatus(created) ? created : entryOf(given, hands, created);
}

/** The config of a body, named as the URL has it. */
function configIn(given: ApiRequest, bytes: Buffer): KubernetesObject | ApiStatus {
  const { kind, target } = given;
  let body: unknown;
  try {
    body = parseYaml(bytes.toString());
  } catch (error) {
    const first = error instanceof Error ? error.message.split('\n')[0] : '';
    return statusBadRequest(`error decoding YAML: ${first}`);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return statusBadRequest('error decoding YAML: not an object');
  }
  const typed = typedObject(body as Readonly<Record<string, unknown>>, kind);
  if (isApiStatus(typed)) return typed;
  const { name = target.name!, namespace = target.namespace } = typed.metadata;
  const metadata = {
    ...typed.metadata,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
  const config = { ...typed, metadata };
  return nameRefusal(given, config) ?? decodingRefusal(config) ?? config;
}

function managerRequired(): ApiStatus {
  const message = 'Required value: is required for apply patch';
  return failure(
    422,
    'Invalid',
    `PatchOptions.meta.k8s.io "" is invalid: fieldManager: ${message}`,
    {
      group: 'meta.k8s.io',
      kind: 'PatchOptions',
      causes: [{ reason: 'FieldValueRequired', message, field: 'fieldManager' }],
    },
  );
}
