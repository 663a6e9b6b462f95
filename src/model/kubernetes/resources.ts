/**
 * model/kubernetes/resources — the kinds we serve: what each is called, whether it lives in a
 * namespace, and where the store keeps it. The command line (`get po`), the formats and the
 * cluster read this one registry, so they agree.
 */
import type { KubernetesKind } from '../kinds.ts';
import type { KubernetesObject, ObjectMeta } from './meta.ts';
import { RESOURCE_ROWS } from './resources.data.ts';

export interface Resource {
  readonly kind: string;
  /** `''` for the core group. */
  readonly group: string;
  /** Preferred first. */
  readonly versions: readonly string[];
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** metadata.generation counts changes of the spec. */
  readonly keepsGeneration: boolean;
  readonly hasStatus: boolean;
  /** The store kind; `Unknown` when no field of it is read by anything. */
  readonly storeKind: KubernetesKind;
}

/**
 * Kinds with a store kind of their own; a `Record`, so that a kind missing here does not compile.
 */
const STORED: Readonly<Record<Exclude<KubernetesKind, 'Unknown'>, true>> = {
  Namespace: true,
  Node: true,
  Pod: true,
  Service: true,
  ConfigMap: true,
  Secret: true,
  ServiceAccount: true,
  Event: true,
  Deployment: true,
  ReplicaSet: true,
  StatefulSet: true,
  DaemonSet: true,
  Job: true,
  CronJob: true,
  EndpointSlice: true,
  NetworkPolicy: true,
  Ingress: true,
  IngressClass: true,
  IngressClassParams: true,
  CustomResourceDefinition: true,
  PriorityClass: true,
  PodDisruptionBudget: true,
  HorizontalPodAutoscaler: true,
  PersistentVolumeClaim: true,
  StorageClass: true,
  ENIConfig: true,
  CNINode: true,
  SecurityGroupPolicy: true,
  NetworkAttachmentDefinition: true,
  PolicyEndpoint: true,
  ClusterPolicyEndpoint: true,
  ClusterNetworkPolicy: true,
  ApplicationNetworkPolicy: true,
  TargetGroupBinding: true,
  Gateway: true,
  GatewayClass: true,
  ListenerSet: true,
  ReferenceGrant: true,
  HTTPRoute: true,
  GRPCRoute: true,
  TCPRoute: true,
  UDPRoute: true,
  TLSRoute: true,
  LoadBalancerConfiguration: true,
  TargetGroupConfiguration: true,
  ListenerRuleConfiguration: true,
};

/** Every store kind that holds Kubernetes objects, `Unknown` last. */
export const KUBERNETES_KINDS: readonly KubernetesKind[] = [
  ...(Object.keys(STORED) as KubernetesKind[]),
  'Unknown',
];

const storeKindNamed = (kind: string): KubernetesKind =>
  Object.hasOwn(STORED, kind) ? (kind as KubernetesKind) : 'Unknown';

/** Every kind we serve, in the order `kubectl api-resources` prints. */
export const RESOURCES: readonly Resource[] = RESOURCE_ROWS.map(
  ([kind, group, versions, plural, shortNames, scope, marks]) => ({
    kind,
    group,
    versions: versions.split(','),
    plural,
    singular: kind.toLowerCase(),
    shortNames: shortNames === '' ? [] : shortNames.split(','),
    namespaced: scope === 'N',
    keepsGeneration: marks.includes('g'),
    hasStatus: marks.includes('s'),
    storeKind: storeKindNamed(kind),
  }),
);

const byGroupKind = new Map(RESOURCES.map((it) => [`${it.group}/${it.kind}`, it]));
const byApiVersion = new Map<string, Map<string, Resource | undefined>>();
const byName = new Map<string, Resource>();
for (const resource of RESOURCES) {
  const { kind, plural, group, shortNames } = resource;
  const names = [kind.toLowerCase(), plural, ...shortNames];
  for (const name of names) if (!byName.has(name)) byName.set(name, resource);
  for (const name of [kind.toLowerCase(), plural]) byName.set(`${name}.${group}`, resource);
}

/** The API group of an apiVersion: `apps` of `apps/v1`, `''` of `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** Groups whose beta versions are gone from every Kubernetes that EKS runs. */
const SETTLED_GROUPS: ReadonlySet<string> = new Set(['apps', 'batch', 'networking.k8s.io']);

/**
 * What to write instead of a version no cluster serves any more, `apps/v1` for a Deployment of
 * extensions/v1beta1; undefined for what is served, or nobody's here.
 */
export function successorOf({ apiVersion, kind }: Typed): string | undefined {
  const group = groupOf(apiVersion);
  if (group !== 'extensions' && !SETTLED_GROUPS.has(group)) return undefined;
  const row = RESOURCES.find((it) => it.kind === kind && SETTLED_GROUPS.has(it.group));
  if (row === undefined) return undefined;
  const version = apiVersion.slice(group.length + 1);
  if (group === row.group && row.versions.includes(version)) return undefined;
  return `${row.group}/${row.versions[0]}`;
}

type Typed = { readonly apiVersion: string; readonly kind: string };

/** The registry's row for an object, whatever its version; undefined for kinds we do not serve. */
export function resourceOf(object: {
  readonly apiVersion: string;
  readonly kind: string;
}): Resource | undefined {
  let kinds = byApiVersion.get(object.apiVersion);
  if (kinds === undefined) {
    kinds = new Map();
    byApiVersion.set(object.apiVersion, kinds);
  }
  const found = kinds.get(object.kind);
  if (found !== undefined || kinds.has(object.kind)) return found;
  const resource = byGroupKind.get(`${groupOf(object.apiVersion)}/${object.kind}`);
  kinds.set(object.kind, resource);
  return resource;
}

/**
 * The registry's row for what a person types: `po`, `pods`, `Pod`, `deployment.apps`,
 * `ingresses.v1.networking.k8s.io`.
 */
export function resourceCalled(name: string): Resource | undefined {
  const lower = name.toLowerCase();
  const found = byName.get(lower);
  if (found !== undefined) return found;
  const [first, version, ...group] = lower.split('.');
  const named = byName.get(`${first}.${group.join('.')}`);
  return named?.versions.includes(version ?? '') === true ? named : undefined;
}

type Named = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pick<ObjectMeta, 'name' | 'namespace'>;
};

/** Where the store keeps an object: its own kind, or `Unknown`. */
export const storeKindOf = (object: {
  readonly apiVersion: string;
  readonly kind: string;
}): KubernetesKind => resourceOf(object)?.storeKind ?? 'Unknown';

/**
 * The key under {@link storeKindOf}: `namespace/name`, `name` when cluster-scoped, and with
 * `group/Kind:` before it under `Unknown` (`core/Endpoints:default/web`).
 */
export function storeKeyOf(object: Named): string {
  const { namespace, name } = object.metadata;
  const key = namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
  if (storeKindOf(object) !== 'Unknown') return key;
  return `${groupOf(object.apiVersion) || 'core'}/${object.kind}:${key}`;
}

/** Where the store keeps the object of a resource by name; `namespace` is ignored cluster-wide. */
export function storeKey(
  resource: Pick<Resource, 'group' | 'kind' | 'namespaced' | 'storeKind'>,
  name: string,
  namespace?: string,
): string {
  const key = resource.namespaced && namespace !== undefined ? `${namespace}/${name}` : name;
  if (resource.storeKind !== 'Unknown') return key;
  return `${resource.group || 'core'}/${resource.kind}:${key}`;
}

/** True for the objects of a resource among the values of its store kind. */
export const isOf =
  (resource: Pick<Resource, 'group' | 'kind'>) =>
  (object: KubernetesObject): boolean =>
    object.kind === resource.kind && groupOf(object.apiVersion) === resource.group;
