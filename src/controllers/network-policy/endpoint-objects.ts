/**
 * controllers/network-policy/endpoint-objects — keeps the endpoint objects of a policy as it
 * resolves now.
 *
 * Upstream: aws/amazon-network-policy-controller-k8s@ecc7e6a pkg/policyendpoints/manager.go
 * Reconcile, ReconcileANP, ReconcileCNP, newPolicyEndpoint. Names end in five characters there,
 * too, but of chance; here of the policy's name and a number, so that they do not depend on what
 * else the cluster holds.
 */

import { isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { controllerReference, keyOf } from '../../model/kubernetes/meta.ts';
import { policyTypesOf } from '../../model/kubernetes/network-policy.ts';
import type { NetworkPolicy } from '../../model/kubernetes/networking.ts';
import type {
  ApplicationNetworkPolicy,
  ClusterNetworkPolicy,
  ClusterPolicyEndpoint,
  EndpointInfo,
  PolicyEndpoint,
} from '../../model/kubernetes/policy-endpoint.ts';
import { fnv1a } from '../../sim/fnv.ts';
import { resolveApplicationPolicy } from './application-policy.ts';
import { resolveClusterPolicy } from './cluster-policy.ts';
import { type Chunk, combineEndpoints, packEndpoints } from './pack-endpoints.ts';
import type { PolicyKind } from './policy-kinds.ts';
import { resolvePolicy, type Surroundings } from './resolve-policy.ts';

type EndpointKind = 'PolicyEndpoint' | 'ClusterPolicyEndpoint';
type AnyEndpoint = PolicyEndpoint | ClusterPolicyEndpoint;
type AnyPolicy = NetworkPolicy | ApplicationNetworkPolicy | ClusterNetworkPolicy;

export class EndpointObjects {
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #around: Surroundings;

  constructor(store: TwinStore, kubernetes: Kubernetes, around: Surroundings) {
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#around = around;
  }

  /** Writes what changed for `Kind:namespace/name`; the API server's refusal, if it has one. */
  sync(request: string): string | undefined {
    const colon = request.indexOf(':');
    const kind = request.slice(0, colon) as PolicyKind;
    const policy = this.#store.get(kind, request.slice(colon + 1)) as AnyPolicy | undefined;
    const endpointKind: EndpointKind =
      kind === 'ClusterNetworkPolicy' ? 'ClusterPolicyEndpoint' : 'PolicyEndpoint';
    const existing: readonly AnyEndpoint[] = this.#store.lookup(endpointKind, 'policy', request);
    if (policy === undefined || policy.metadata.deletionTimestamp !== undefined) {
      for (const endpoint of existing) this.#kubernetes.delete(endpointKind, keyOf(endpoint));
      return undefined;
    }
    const { keep, remove } = packEndpoints(existing.map(chunkOf), this.#resolve(kind, policy));
    const names = new Set(existing.map(({ metadata }) => metadata.name));
    for (const chunk of keep) {
      const refusal = this.#write(endpointKind, policy, chunk, existing, names);
      if (refusal !== undefined) return refusal;
    }
    for (const name of remove) {
      const { namespace } = policy.metadata;
      const key = namespace === undefined ? name : `${namespace}/${name}`;
      this.#kubernetes.delete(endpointKind, key);
    }
    return undefined;
  }

  #resolve(kind: PolicyKind, policy: AnyPolicy): Omit<Chunk<EndpointInfo>, 'name'> {
    if (kind === 'ClusterNetworkPolicy') {
      return resolveClusterPolicy(this.#around, policy as ClusterNetworkPolicy);
    }
    if (kind === 'ApplicationNetworkPolicy') {
      return resolveApplicationPolicy(this.#around, policy as ApplicationNetworkPolicy);
    }
    const { ingress, egress, pods } = resolvePolicy(this.#around, policy as NetworkPolicy);
    return { ingress: combineEndpoints(ingress), egress: combineEndpoints(egress), pods };
  }

  #write(
    kind: EndpointKind,
    policy: AnyPolicy,
    chunk: Chunk<EndpointInfo>,
    existing: readonly AnyEndpoint[],
    names: Set<string>,
  ): string | undefined {
    const spec = { ...headOf(kind, policy), ...listsOf(chunk) };
    const before = existing.find(({ metadata }) => metadata.name === chunk.name);
    if (before !== undefined) {
      const after = this.#kubernetes.update({ ...before, spec } as KubernetesObject);
      return isApiStatus(after) ? after.message : undefined;
    }
    const { namespace } = policy.metadata;
    const name = freshName(policy, names);
    names.add(name);
    const made = this.#kubernetes.create({
      apiVersion: 'networking.k8s.aws/v1alpha1',
      kind,
      metadata: {
        name,
        generateName: `${policy.metadata.name}-`,
        ...(namespace === undefined ? {} : { namespace }),
        // Exports may come without uids; without one nothing can be owned.
        ...(policy.metadata.uid === undefined
          ? {}
          : { ownerReferences: [controllerReference(policy)] }),
      },
      spec,
    });
    return isApiStatus(made) ? made.message : undefined;
  }
}

/** What every endpoint of a policy says about it. */
function headOf(kind: EndpointKind, policy: AnyPolicy): Readonly<Record<string, unknown>> {
  const { name, namespace } = policy.metadata;
  if (kind === 'ClusterPolicyEndpoint') {
    const { tier, priority, subject } = (policy as ClusterNetworkPolicy).spec;
    return { policyRef: { name }, tier, priority, subject };
  }
  const { spec } = policy as NetworkPolicy;
  return {
    podSelector: spec.podSelector ?? {},
    policyRef: { name, namespace },
    podIsolation: policyTypesOf(spec),
  };
}

const listsOf = ({
  ingress,
  egress,
  pods,
}: Chunk<EndpointInfo>): Readonly<Record<string, unknown>> => ({
  ...(pods.length === 0 ? {} : { podSelectorEndpoints: pods }),
  ...(ingress.length === 0 ? {} : { ingress }),
  ...(egress.length === 0 ? {} : { egress }),
});

const chunkOf = ({ metadata, spec }: AnyEndpoint): Chunk<EndpointInfo> => ({
  name: metadata.name,
  ingress: spec.ingress ?? [],
  egress: spec.egress ?? [],
  pods: spec.podSelectorEndpoints ?? [],
});

/** apimachinery util/rand: no vowels, nothing that looks like another character. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** `<policy>-xxxxx`, the first that the policy's own endpoints do not have yet. */
function freshName({ kind, metadata }: AnyPolicy, taken: ReadonlySet<string>): string {
  const { name, namespace = '' } = metadata;
  for (let number = 0; ; number++) {
    const candidate = `${name}-${suffixOf(`${kind} ${namespace}/${name}#${number}`)}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** FNV-1a, written in the alphabet of generated names. */
function suffixOf(text: string): string {
  let hash = fnv1a(text);
  let suffix = '';
  for (let i = 0; i < 5; i++) {
    suffix += ALPHABET[hash % ALPHABET.length];
    hash = Math.floor(hash / ALPHABET.length);
  }
  return suffix;
}
