/**
 * cluster/custom-resource — what admission does to an object whose kind a CustomResourceDefinition
 * defines: prunes what its schema does not name, fills in defaults, validates. And what goes with a
 * definition that is deleted.
 *
 * Upstream: kubernetes/apiextensions-apiserver v0.34.1 pkg/registry/customresource/strategy.go,
 * pkg/apiserver/customresource_handler.go, pkg/controller/finalizer/crd_finalizer.go. Most kinds of
 * the registry have validation of their own.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import type { Condition, KubernetesObject } from '../model/kubernetes/meta.ts';
import { groupOf, isOf, storeKeyOf } from '../model/kubernetes/resources.ts';
import type { Cluster } from './cluster.ts';
import { type CustomDefinition, isComplete } from './custom-definition.ts';
import type { FieldError } from './field-error.ts';
import type { ServedResource } from './served-resources.ts';
import {
  pruned,
  rulesOf,
  type StructuralSchema,
  structuralDefaults,
  structuralErrors,
} from './structural-schema.ts';

/** The schema of a version a definition serves. */
export const schemaOf = (
  definition: CustomDefinition,
  version: string,
): StructuralSchema | undefined =>
  definition.spec.versions.find((it) => it.name === version)?.schema?.openAPIV3Schema as
    | StructuralSchema
    | undefined;

const versionOf = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1);

/** Kinds that go by the definition that is installed, whatever rules of their own they have. */
const BY_DEFINITION: ReadonlySet<KubernetesKind> = new Set([
  'Unknown',
  'ENIConfig',
  'SecurityGroupPolicy',
  'NetworkAttachmentDefinition',
  'Gateway',
  'GatewayClass',
  'ListenerSet',
  'ReferenceGrant',
  'HTTPRoute',
  'GRPCRoute',
  'TCPRoute',
  'UDPRoute',
  'TLSRoute',
]);

/** The schema admission goes by; undefined for kinds that have rules, and kinds nobody defined. */
export function admittedBy(
  cluster: Cluster,
  storeKind: KubernetesKind,
  { apiVersion, kind }: KubernetesObject,
): StructuralSchema | undefined {
  if (!BY_DEFINITION.has(storeKind)) return undefined;
  const resource = cluster.served.ofKind(apiVersion, kind);
  if (resource?.definition === undefined) return undefined;
  return schemaOf(resource.definition, versionOf(apiVersion));
}

/** The object as its schema leaves it. */
export const withSchema = (schema: StructuralSchema, object: KubernetesObject): KubernetesObject =>
  structuralDefaults(schema, pruned(schema, object, '', [])) as KubernetesObject;

/** With what its schema has against an object; kinds with rules of their own may say the same. */
export function withCustomErrors(
  own: readonly FieldError[],
  schema: StructuralSchema,
  object: KubernetesObject,
): readonly FieldError[] {
  const said = new Set(own.map(({ field, body }) => `${field}: ${body}`));
  return [
    ...own,
    ...customErrors(schema, object).filter(({ field, body }) => !said.has(`${field}: ${body}`)),
  ];
}

/** Metadata is everybody's. */
function customErrors(schema: StructuralSchema, object: KubernetesObject): FieldError[] {
  const { apiVersion: _, kind: __, metadata: ___, ...body } = object;
  const { required } = schema;
  const own =
    required === undefined
      ? schema
      : { ...schema, required: required.filter((it) => !EVERYBODYS.has(it)) };
  const { apiVersion, kind, metadata, ...properties } = own.properties ?? {};
  return structuralErrors({ ...own, properties }, body, '');
}

const EVERYBODYS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** `unknown field "spec.foo"` for what pruning takes from a custom resource. */
export function unknownCustomFields(resource: ServedResource, object: KubernetesObject): string[] {
  if (resource.definition === undefined) return [];
  const schema = schemaOf(resource.definition, versionOf(object.apiVersion));
  const found: string[] = [];
  if (schema !== undefined) pruned(schema, object, '', found);
  return found.map((path) => `unknown field ${JSON.stringify(path)}`);
}

/** What to warn of when a definition is written: its rules are kept, and nobody asks them. */
export function unevaluatedRules(definition: KubernetesObject): string[] {
  if (!isComplete(definition)) return [];
  return definition.spec.versions.flatMap(({ name, schema }) => {
    const own = schema?.openAPIV3Schema as StructuralSchema | undefined;
    const rules = own === undefined ? [] : [...rulesOf(own)];
    if (rules.length === 0) return [];
    const [first] = rules;
    const more = rules.length === 1 ? '' : ` and ${rules.length - 1} more`;
    return [
      `ekstwin: version ${name} declares x-kubernetes-validations that are not evaluated: ` +
        `${first!.path || '.'}: ${first!.rule}${more}`,
    ];
  });
}

const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

/** The instances of a definition, with where the store keeps them. */
function instancesOf(
  cluster: Cluster,
  { spec: { group, names } }: CustomDefinition,
): readonly { readonly kind: KubernetesKind; readonly object: KubernetesObject }[] {
  const resource = { group, kind: names.kind };
  const kind =
    cluster.served.list().find((it) => it.group === group && it.kind === names.kind)?.storeKind ??
    'Unknown';
  return (cluster.store.list(kind) as KubernetesObject[])
    .filter(isOf(resource))
    .map((object) => ({ kind, object }));
}

/**
 * Deletes what a definition defines. Undefined when all of it has gone; the definition as it waits
 * for the rest otherwise.
 */
export function withoutInstances(
  cluster: Cluster,
  definition: KubernetesObject,
  deleteInstance: (kind: KubernetesKind, key: string) => void,
): KubernetesObject | undefined {
  if (!isComplete(definition)) return undefined;
  for (const { kind, object } of instancesOf(cluster, definition)) {
    deleteInstance(kind, storeKeyOf(object));
  }
  const left = instancesOf(cluster, definition).length;
  if (left === 0) return undefined;
  const now = cluster.now();
  const terminating: Condition = {
    lastTransitionTime: now,
    message: `CustomResource deletion is in progress; ${left} instances are left`,
    reason: 'InstanceDeletionInProgress',
    status: 'True',
    type: 'Terminating',
  };
  const { metadata } = definition;
  const before = definition.status as { conditions?: readonly Condition[] } | undefined;
  const others = (before?.conditions ?? []).filter((it) => it.type !== 'Terminating');
  return {
    ...definition,
    metadata: {
      ...metadata,
      deletionTimestamp: metadata.deletionTimestamp ?? now,
      finalizers: [...new Set([...(metadata.finalizers ?? []), CLEANUP])],
    },
    status: { ...before, conditions: [...others, terminating] },
  };
}

/** Lets the definition go whose last instance this was. */
export function releaseDefinition(cluster: Cluster, gone: KubernetesObject): void {
  const group = groupOf(gone.apiVersion);
  for (const entry of cluster.store.entries('CustomResourceDefinition')) {
    const definition = entry.value;
    if (definition.metadata.deletionTimestamp === undefined || !isComplete(definition)) continue;
    if (definition.spec.group !== group || definition.spec.names.kind !== gone.kind) continue;
    if (instancesOf(cluster, definition).length > 0) continue;
    const finalizers = (definition.metadata.finalizers ?? []).filter((it) => it !== CLEANUP);
    if (finalizers.length === 0) cluster.store.delete('CustomResourceDefinition', entry.key);
    else {
      const metadata = { ...definition.metadata, finalizers };
      cluster.store.put('CustomResourceDefinition', entry.key, { ...definition, metadata });
    }
    return;
  }
}
