/**
 * cluster/ephemeral-containers — the pods/ephemeralcontainers subresource: `kubectl debug` puts
 * containers into a running pod, and nobody takes them out or changes them.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/core/pod/strategy.go
 * dropNonEphemeralContainerUpdates; pkg/apis/core/validation/validation.go
 * ValidatePodEphemeralContainersUpdate.
 */
import type { Pod, PodSpec } from '../model/kubernetes/core.ts';
import { storeKeyOf } from '../model/kubernetes/resources.ts';
import { statusInvalid } from './api-status.ts';
import type { Cluster } from './cluster.ts';
import { withManagedFields } from './create-object.ts';
import { ephemeralErrors } from './ephemeral-validation.ts';
import { isEqual } from './equal.ts';
import { type FieldError, forbidden } from './field-error.ts';
import { type ApiStatus, isApiStatus, type WriteOptions } from './kubernetes.ts';
import { podSpecWithDefaults } from './pod-defaults.ts';
import { podSpecErrors } from './pod-validation.ts';
import { storedFor } from './update-object.ts';

const MIRROR_POD = 'kubernetes.io/config.mirror';

/** Takes the ephemeral containers of `given`, and nothing else of it. */
export function updateEphemeralContainers(
  cluster: Cluster,
  given: Pod,
  expected?: number,
  options?: WriteOptions,
): Pod | ApiStatus {
  const stored = storedFor(cluster, 'Pod', given, expected);
  if (isApiStatus(stored)) return stored;
  const before = stored.value as Pod;
  const { name, annotations } = before.metadata;
  const { ephemeralContainers: _, ...own } = before.spec;
  const asked = given.spec.ephemeralContainers ?? [];
  const spec = podSpecWithDefaults({
    ...own,
    ...(asked.length === 0 ? {} : { ephemeralContainers: asked }),
  });
  const errors =
    annotations?.[MIRROR_POD] === undefined
      ? [...podSpecErrors(spec), ...ephemeralErrors(spec), ...changeErrors(spec, before.spec)]
      : [forbidden('', 'static pods do not support ephemeral containers')];
  if (errors.length > 0) return statusInvalid(before, name, errors);
  if (isEqual(spec, before.spec)) return before;
  const pod = { ...before, spec };
  const managedFields = options?.track?.(pod, before) ?? before.metadata.managedFields;
  const written = withManagedFields(pod, managedFields) as Pod;
  cluster.store.put('Pod', storeKeyOf(before), written);
  return written;
}

/** Those that are there stay as they are. */
function changeErrors(spec: PodSpec, before: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const old of before.ephemeralContainers ?? []) {
    const now = spec.ephemeralContainers?.find(({ name }) => name === old.name);
    const what = `existing ephemeral containers ${JSON.stringify(old.name)} may not be`;
    if (now === undefined) errors.push(refusal(`${what} removed\n`));
    else if (!isEqual(now, old)) errors.push(refusal(`${what} changed\n`));
  }
  return errors;
}

const refusal = (detail: string): FieldError => forbidden('spec.ephemeralContainers', detail);
