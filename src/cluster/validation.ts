/**
 * cluster/validation — is an object well formed, and may it change like that? One entry for every
 * kind; kinds nobody reads are asked for their metadata only.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import type { Event, Pod, PodSpec, Service } from '../model/kubernetes/core.ts';
import type { Ingress, IngressClass, IngressClassParams } from '../model/kubernetes/ingress.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import type { EndpointSlice, NetworkPolicy } from '../model/kubernetes/networking.ts';
import type {
  ApplicationNetworkPolicy,
  ClusterNetworkPolicy,
} from '../model/kubernetes/policy-endpoint.ts';
import type { Resource } from '../model/kubernetes/resources.ts';
import { parseIp } from '../net/index.ts';
import { SPEC_SCHEMAS } from './custom-schemas.data.ts';
import { definitionErrors } from './definition-validation.ts';
import { ephemeralErrors } from './ephemeral-validation.ts';
import { isEqual } from './equal.ts';
import { type FieldError, forbidden, invalid, required, tooLong } from './field-error.ts';
import { gatewayErrors } from './gateway-validation.ts';
import {
  ingressClassChangeErrors,
  ingressClassErrors,
  prefixListErrors,
} from './ingress-class-validation.ts';
import { metadataErrors } from './metadata-validation.ts';
import { ingressErrors, networkPolicyErrors } from './networking-validation.ts';
import { podChangeErrors, podSpecErrors } from './pod-validation.ts';
import { applicationNetworkPolicyErrors, clusterNetworkPolicyErrors } from './policy-validation.ts';
import { schemaErrors } from './schema-validation.ts';
import { serviceErrors } from './service-validation.ts';
import { workloadChangeErrors, workloadErrors } from './workload-validation.ts';

const WORKLOADS: ReadonlySet<string> = new Set([
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
]);

const ownErrors = (
  kind: KubernetesKind,
  object: KubernetesObject,
  isNew: boolean,
): readonly FieldError[] => {
  if (kind === 'Pod') return podErrors((object as Pod).spec, isNew);
  if (WORKLOADS.has(kind)) return workloadErrors(kind, object);
  if (kind === 'Service') return serviceErrors(object as Service);
  const spec = object.spec;
  if (kind === 'Ingress') {
    return ingressErrors({ ...object, spec: spec ?? {} } as Ingress, isNew);
  }
  if (kind === 'IngressClass') return ingressClassErrors(object as IngressClass);
  if (kind === 'NetworkPolicy') return networkPolicyErrors(object as NetworkPolicy);
  if (kind === 'ClusterNetworkPolicy') {
    return clusterNetworkPolicyErrors(object as ClusterNetworkPolicy);
  }
  if (kind === 'ApplicationNetworkPolicy') {
    return applicationNetworkPolicyErrors(object as ApplicationNetworkPolicy);
  }
  const schema = SPEC_SCHEMAS[kind];
  if (schema !== undefined) {
    const errors = spec === undefined ? [] : schemaErrors(schema, spec, 'spec');
    if (errors.length > 0) return errors;
    return kind === 'IngressClassParams'
      ? prefixListErrors(object as IngressClassParams)
      : gatewayErrors(kind, object);
  }
  if (kind === 'CustomResourceDefinition') return definitionErrors(object);
  if (kind === 'Event') return eventErrors(object as Event);
  if (kind === 'EndpointSlice') return endpointSliceErrors(object as EndpointSlice);
  if (kind === 'PriorityClass' && isNew) return priorityErrors(object);
  if (kind === 'ConfigMap' || kind === 'Secret') return dataErrors(object);
  return [];
};

/** Most pods have no ephemeral containers: then nothing is made. */
function podErrors(spec: PodSpec, isNew: boolean): readonly FieldError[] {
  const errors = podSpecErrors(spec);
  if (spec.ephemeralContainers === undefined) return errors;
  const all = [...errors, ...ephemeralErrors(spec)];
  if (isNew && spec.ephemeralContainers.length > 0) {
    all.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  }
  return all;
}

/** Complaints about a new object, defaulted. */
export function errorsOfCreate(
  kind: KubernetesKind,
  resource: Resource | undefined,
  object: KubernetesObject,
): readonly FieldError[] {
  const metadata = metadataErrors(resource, object);
  const own = ownErrors(kind, object, true);
  return metadata.length === 0 ? own : [...metadata, ...own];
}

/** Complaints about a change. */
export function errorsOfUpdate(
  kind: KubernetesKind,
  resource: Resource | undefined,
  object: KubernetesObject,
  before: KubernetesObject,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const finalizers = object.metadata.finalizers ?? [];
  if (before.metadata.deletionTimestamp !== undefined) {
    const added = finalizers.filter((it) => !(before.metadata.finalizers ?? []).includes(it));
    if (added.length > 0) {
      const detail =
        'no new finalizers can be added if the object is being deleted, found new ' +
        `finalizers []string{${added.map((it) => JSON.stringify(it)).join(', ')}}`;
      errors.push(forbidden('metadata.finalizers', detail));
    }
  }
  if (kind === 'Pod') errors.push(...podChangeErrors(object as Pod, before as Pod));
  // A Service is validated with its allocation, in create-object.
  else if (kind === 'Service') return errors;
  if (kind === 'IngressClass') {
    errors.push(...ingressClassChangeErrors(object as IngressClass, before as IngressClass));
  }
  if (kind === 'ConfigMap' || kind === 'Secret') errors.push(...immutableErrors(object, before));
  const metadata = isEqual(object.metadata, before.metadata)
    ? []
    : metadataErrors(resource, object);
  // Upstream looks at what may not change after what it became (apps strategy.go ValidateUpdate).
  const changes = WORKLOADS.has(kind) ? workloadChangeErrors(kind, object, before) : [];
  return [...errors, ...metadata, ...ownErrors(kind, object, false), ...changes];
}

/** core/v1 MaxSecretSize; a path of nothing prints so. */
const DATA_MAX_BYTES = 1024 * 1024;

/** core/validation ValidateConfigMap, ValidateSecret: what keys and values make together. */
function dataErrors(object: KubernetesObject): FieldError[] {
  let bytes = 0;
  for (const field of ['data', 'binaryData', 'stringData']) {
    const isEncoded = field === 'binaryData' || (field === 'data' && object.kind === 'Secret');
    for (const value of Object.values((object[field] ?? {}) as Record<string, unknown>)) {
      const { length } = String(value);
      bytes += isEncoded ? Math.floor((length * 3) / 4) : length;
    }
  }
  return bytes > DATA_MAX_BYTES ? [tooLong('[]', DATA_MAX_BYTES)] : [];
}

function immutableErrors(object: KubernetesObject, before: KubernetesObject): FieldError[] {
  if (before.immutable !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  return ['immutable', 'data', 'binaryData']
    .filter((field) => !isEqual(object[field], before[field]))
    .map((field) => forbidden(field, detail));
}

/** discovery/validation: at most a thousand endpoints, each with addresses of the slice's type. */
function endpointSliceErrors({ addressType, endpoints }: EndpointSlice): FieldError[] {
  const errors: FieldError[] = [];
  if (!addressType) errors.push(required('addressType'));
  const bits = addressType === 'IPv4' ? 'number' : addressType === 'IPv6' ? 'bigint' : undefined;
  for (const [i, { addresses }] of (endpoints ?? []).entries()) {
    if ((addresses ?? []).length === 0) {
      const detail = 'must contain at least 1 address';
      errors.push(required(`endpoints[${i}].addresses`, detail));
    }
    if (bits === undefined) continue;
    for (const [j, address] of (addresses ?? []).entries()) {
      const ip = parseIp(address);
      if (ip !== undefined && typeof ip === bits) continue;
      const detail = `must be a valid ${addressType} address`;
      errors.push(invalid(`endpoints[${i}].addresses[${j}]`, address, detail));
    }
  }
  return errors;
}

/** core/validation/events.go legacyValidateEvent: what it is about is in its own namespace. */
function eventErrors({ metadata, involvedObject }: Event): FieldError[] {
  const { namespace = '' } = involvedObject;
  const isSame = namespace === metadata.namespace;
  if (isSame || (namespace === '' && metadata.namespace === 'default')) return [];
  return [invalid('involvedObject.namespace', namespace, 'does not match event.namespace')];
}

/** scheduling/validation: the highest user-made priority is a thousand million. */
function priorityErrors(object: KubernetesObject): FieldError[] {
  const { name } = object.metadata;
  const value = object.value;
  if (name.startsWith('system-')) {
    const detail = "priority class names with 'system-' prefix are reserved for system use only";
    return name === 'system-node-critical' || name === 'system-cluster-critical'
      ? []
      : [forbidden('metadata.name', detail)];
  }
  if (typeof value !== 'number' || value <= 1_000_000_000) return [];
  const detail = 'maximum allowed value of a user defined priority is 1000000000';
  return [forbidden('value', detail)];
}
