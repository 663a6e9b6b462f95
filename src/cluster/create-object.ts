/**
 * cluster/create-object — POST: names, defaults, webhooks, validation, allocation, then the store.
 *
 * Upstream: kubernetes/apiserver pkg/registry/rest/create.go BeforeCreate and
 * pkg/registry/generic/registry/store.go Create; plugin/pkg/admission/namespace/lifecycle.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import type { Pod, Service, ServiceSpec } from '../model/kubernetes/core.ts';
import type { KubernetesObject, ManagedFieldsEntry, ObjectMeta } from '../model/kubernetes/meta.ts';
import { type Resource, resourceOf, storeKeyOf } from '../model/kubernetes/resources.ts';
import {
  statusAlreadyExists,
  statusForbidden,
  statusInternalError,
  statusInvalid,
  statusNotFound,
} from './api-status.ts';
import type { Cluster } from './cluster.ts';
import { definitionWithStatus } from './custom-definition.ts';
import { admittedBy, withCustomErrors, withSchema } from './custom-resource.ts';
import { FIRST_STATUS, objectWithDefaults } from './defaults.ts';
import type { FieldError } from './field-error.ts';
import { isBesides } from './installed-definitions.ts';
import type { ApiStatus, WriteOptions } from './kubernetes.ts';
import { isApiStatus } from './kubernetes.ts';
import { withoutEmpty } from './omit-empty.ts';
import { admitPod } from './pod-admission.ts';
import { podSpecWithDefaults } from './pod-defaults.ts';
import { addressChangeErrors } from './service-address-validation.ts';
import type { InternalError } from './service-addresses.ts';
import { needsHealthCheck } from './service-defaults.ts';
import { normalizedAddresses, withFamilies } from './service-families.ts';
import { serviceChangeErrors } from './service-validation.ts';
import { errorsOfCreate } from './validation.ts';

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' } as const;

/** Creates an object; the stored object, or the refusal. */
export function createObject(
  cluster: Cluster,
  given: KubernetesObject,
  options?: WriteOptions,
): KubernetesObject | ApiStatus {
  const resource = cluster.served.of(given);
  const kind = resource?.storeKind ?? 'Unknown';
  let object = withIdentity(cluster, given, resource);
  const refused = namespaceRefusal(cluster, object, resource);
  if (refused !== undefined) return refused;
  const key = storeKeyOf(object);
  if (cluster.store.entry(kind, key) !== undefined) {
    return statusAlreadyExists(object, object.metadata.name);
  }
  const schema = admittedBy(cluster, kind, object);
  if (schema !== undefined) object = withSchema(schema, object);
  object = tracked(kind, object, options);
  const defaulted = withAllDefaults(cluster, kind, object, given, resource);
  if (isApiStatus(defaulted)) return defaulted;
  const admitted = askWebhooks(cluster, kind, defaulted, 'CREATE');
  if (isApiStatus(admitted)) return admitted;
  object = admitted;
  if (kind === 'Service') {
    const allocated = allocateService(cluster, object as Service);
    if (isApiStatus(allocated)) return allocated;
    object = allocated;
  } else {
    const own = errorsOfCreate(kind, resource, object);
    const errors = schema === undefined ? own : withCustomErrors(own, schema, object);
    if (errors.length > 0) return statusInvalid(object, object.metadata.name, errors);
  }
  object = withoutEmpty(kind, object);
  if (kind === 'CustomResourceDefinition') object = establish(cluster, object);
  const refusal = askWebhooks(cluster, kind, object, 'CREATE', 'validating');
  if (isApiStatus(refusal)) return refusal;
  cluster.store.put(kind, key, object as never, 0);
  return object;
}

/** With who manages it; a pod's defaults are its creator's, what admission adds is nobody's. */
function tracked(
  kind: KubernetesKind,
  object: KubernetesObject,
  options: WriteOptions | undefined,
): KubernetesObject {
  if (options?.track === undefined) return object;
  const isPod = kind === 'Pod' && object.spec !== undefined;
  const defaulted = isPod
    ? {
        ...object,
        spec: { enableServiceLinks: true, ...podSpecWithDefaults((object as Pod).spec) },
      }
    : objectWithDefaults(kind, object);
  return withManagedFields(object, options.track(defaulted, undefined));
}

/** The object with these managers, or with none. */
export function withManagedFields<Object extends KubernetesObject>(
  object: Object,
  managedFields: readonly ManagedFieldsEntry[] | undefined,
): Object {
  const { managedFields: before, ...metadata } = object.metadata;
  if (managedFields === before) return object;
  return managedFields === undefined || managedFields.length === 0
    ? { ...object, metadata }
    : { ...object, metadata: { ...metadata, managedFields } };
}

/** A definition with what the controllers of definitions say of it, at once. */
export function establish(cluster: Cluster, definition: KubernetesObject): KubernetesObject {
  const others = cluster.store
    .list('CustomResourceDefinition')
    .filter((it) => it.metadata.name !== definition.metadata.name);
  return definitionWithStatus(definition, others, cluster.now());
}

/** The object with server-set metadata; what a client may not set is dropped. */
function withIdentity(
  cluster: Cluster,
  given: KubernetesObject,
  resource: Resource | undefined,
): KubernetesObject {
  const from = given.metadata as ObjectMeta | undefined;
  const metadata: { -readonly [Field in keyof ObjectMeta]: ObjectMeta[Field] } = {
    name: from?.name || nameFor(cluster, from?.generateName),
  };
  if (from?.generateName !== undefined) metadata.generateName = from.generateName;
  const namespace = namespaceFor(given, resource);
  if (namespace !== undefined) metadata.namespace = namespace;
  metadata.uid = isBesides(given) ? cluster.uidApart() : cluster.uid();
  metadata.creationTimestamp = cluster.now();
  if (resource === undefined || resource.keepsGeneration) metadata.generation = 1;
  if (from?.labels != null) metadata.labels = from.labels;
  if (from?.annotations != null) metadata.annotations = from.annotations;
  if (from?.ownerReferences != null) metadata.ownerReferences = from.ownerReferences;
  if (from?.finalizers != null && from.finalizers.length > 0) metadata.finalizers = from.finalizers;
  if (from?.managedFields?.length) metadata.managedFields = from.managedFields;
  return { ...given, metadata };
}

/** names.go: a base longer than 58 characters is cut, so that the name stays a label. */
const nameFor = (cluster: Cluster, base: string | undefined): string =>
  // Joined: V8 keeps a sum as its parts, and this name is in every key and message to come.
  base === undefined || base === '' ? '' : [base.slice(0, 58), cluster.suffix()].join('');

/**
 * Cluster-scoped kinds have none; namespaced ones without are in `default`, as kubectl puts them.
 */
function namespaceFor(
  { metadata }: KubernetesObject,
  resource: Resource | undefined,
): string | undefined {
  const given = metadata?.namespace || undefined;
  if (resource === undefined) return given;
  return resource.namespaced ? (given ?? 'default') : undefined;
}

function namespaceRefusal(
  cluster: Cluster,
  object: KubernetesObject,
  resource: Resource | undefined,
): ApiStatus | undefined {
  const { namespace, name } = object.metadata;
  if (namespace === undefined) return undefined;
  const found = cluster.store.get('Namespace', namespace);
  if (found === undefined) {
    // Objects of kinds we do not know are kept as they came, wherever they are.
    return resource === undefined ? undefined : statusNotFound(NAMESPACE, namespace);
  }
  if (found.metadata.deletionTimestamp === undefined) return undefined;
  return statusForbidden(
    object,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
}

function withAllDefaults(
  cluster: Cluster,
  kind: KubernetesKind,
  object: KubernetesObject,
  given: KubernetesObject,
  resource: Resource | undefined,
): KubernetesObject | ApiStatus {
  if (kind === 'Pod') {
    if ((object as Pod).spec === undefined) return { ...object, spec: { containers: [] } };
    const { store } = cluster;
    const pod = admitPod(object as Pod, (className) => {
      const name = className || cluster.defaultPriorityClass();
      return name === undefined ? undefined : store.get('PriorityClass', name);
    });
    return 'denied' in pod
      ? statusForbidden(object, object.metadata.name, String(pod.denied))
      : (pod as Pod);
  }
  let it = objectWithDefaults(kind, object);
  if (kind === 'Job') it = jobWithSelector(it);
  const first = FIRST_STATUS[kind];
  if (first !== undefined) return { ...it, status: first };
  // A Node registers with its status; a kind without a registry row keeps all it came with.
  if (kind === 'Node' || resource?.hasStatus !== true || given.status === undefined) return it;
  const { status: _, ...rest } = it;
  return rest as KubernetesObject;
}

/** batch/strategy.go generateSelector: a Job finds its pods by its own uid. */
function jobWithSelector(object: KubernetesObject): KubernetesObject {
  const spec = object.spec as Record<string, unknown> | undefined;
  if (spec === undefined || spec.manualSelector === true) return object;
  const template = spec.template as KubernetesObject | undefined;
  if (template === undefined) return object;
  const { uid = '', name } = object.metadata;
  const labels = {
    ...template.metadata?.labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const selector = spec.selector ?? {
    matchLabels: { 'batch.kubernetes.io/controller-uid': uid },
  };
  return {
    ...object,
    spec: {
      ...spec,
      selector,
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** Runs the webhooks of a phase that want the kind. */
export function askWebhooks(
  cluster: Cluster,
  kind: KubernetesKind,
  object: KubernetesObject,
  operation: 'CREATE' | 'UPDATE',
  phase: 'mutating' | 'validating' = 'mutating',
): KubernetesObject | ApiStatus {
  let it = object;
  for (const webhook of cluster.webhooks) {
    if (!webhook.kinds.includes(kind) || (webhook.phase ?? 'mutating') !== phase) continue;
    const answer = webhook.mutate(it, operation);
    if ('failed' in answer && !('kind' in answer)) {
      if (webhook.failurePolicy === 'Ignore') continue;
      const call = `failed calling webhook "${webhook.name}": ${String(answer.failed)}`;
      return statusInternalError(call);
    }
    if (!('denied' in answer)) {
      if (phase === 'mutating') it = answer as KubernetesObject;
      continue;
    }
    const text = `admission webhook "${webhook.name}" denied the request: ${String(answer.denied)}`;
    return { ...statusForbidden(it, it.metadata.name, text), message: text };
  }
  return it;
}

/** Addresses, ports and families of a Service, validated as it will be stored. */
export function allocateService(
  cluster: Cluster,
  service: Service,
  before?: Service,
): Service | ApiStatus {
  const refuse = (errors: readonly FieldError[]): ApiStatus =>
    statusInvalid(service, service.metadata.name, errors);
  const spec = normalizedAddresses(service.spec, before?.spec);
  const families = withFamilies(spec, cluster.addresses.families, before?.spec);
  const after = isErrorList(families) ? spec : families;
  const errors = [
    ...(before === undefined ? [] : addressChangeErrors(after, before.spec)),
    ...(before === undefined ? [] : serviceChangeErrors({ ...service, spec: after }, before)),
    ...errorsOfCreate('Service', resourceOf(service), {
      ...service,
      spec: withHealthCheckPort(spec, cluster.addresses.anyPort),
    }),
  ];
  if (errors.length > 0) return refuse(errors);
  if (isErrorList(families)) return refuse(families);
  const allocated = cluster.addresses.allocate(families, before?.spec);
  if (isInternal(allocated)) {
    return statusInternalError(allocated.internal);
  }
  if (isFieldError(allocated)) return refuse([allocated]);
  return { ...service, spec: allocated };
}

const isErrorList = (it: ServiceSpec | readonly FieldError[]): it is readonly FieldError[] =>
  Array.isArray(it);

const isFieldError = (it: ServiceSpec | FieldError): it is FieldError => 'body' in it;

const isInternal = (it: ServiceSpec | FieldError | InternalError): it is InternalError =>
  'internal' in it;

/** Upstream validates after allocation; we before it, so the port it will get is stood in for. */
const withHealthCheckPort = (spec: ServiceSpec, port: number): ServiceSpec =>
  needsHealthCheck(spec) && !spec.healthCheckNodePort
    ? { ...spec, healthCheckNodePort: port }
    : spec;
