/**
 * controllers/network-policy — the network policy controller of EKS's control plane: resolves
 * policies into PolicyEndpoints, which the agents on the nodes read. It always runs, and does
 * nothing until ConfigMap kube-system/amazon-vpc-cni says `enable-network-policy-controller:
 * true`.
 *
 * Upstream: aws/amazon-network-policy-controller-k8s@ecc7e6a
 * internal/controllers/policy_controller.go (there with a finalizer on every policy; here
 * endpoints go when their policy does).
 * Reads: NetworkPolicy, ApplicationNetworkPolicy, ClusterNetworkPolicy, Pod, Service, Namespace,
 * ConfigMap.  Writes: PolicyEndpoint, ClusterPolicyEndpoint.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { isOnNetwork, podAddress } from '../../model/kubernetes/network-policy.ts';
import { isPolicyControllerEnabled } from '../../model/kubernetes/policy-engine.ts';
import {
  type Controller,
  done,
  type Request,
  type Result,
  requeue,
  watch,
} from '../../sim/controller.ts';
import { EndpointObjects } from './endpoint-objects.ts';
import { PodPool } from './pod-pool.ts';
import { POLICY_KINDS, type PolicyKind, policyReferences } from './policy-kinds.ts';
import { PolicyReferences } from './policy-references.ts';

/** --pod-update-batch-period-duration. */
const BATCH_MS = 1_000;
const RETRY_MS = 60_000;
const CONFIG_MAP = 'kube-system/amazon-vpc-cni';
const NOTHING: readonly Request[] = [];

/** Requests are `Kind:namespace/name`. */
export function networkPolicyController(
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const pool = new PodPool(store);
  const labelsOf = (name: string) => store.get('Namespace', name)?.metadata.labels;
  const references = new PolicyReferences(labelsOf);
  const objects = new EndpointObjects(store, kubernetes, pool);
  const policies = POLICY_KINDS.map((kind) =>
    watch<Kinds, PolicyKind>(kind, ({ key, value }) => {
      const request = `${kind}:${key}`;
      references.set(request, value === undefined ? [] : policyReferences(kind, value));
      return [request];
    }),
  );
  return {
    name: 'network-policy',
    batchMs: BATCH_MS,
    watches: [
      ...policies,
      watch<Kinds, 'Pod'>('Pod', ({ key, value, previous }) => {
        pool.see(key, value, previous);
        if (!isChanged(previous, value)) return NOTHING;
        return ofPods(references, previous, value);
      }),
      watch<Kinds, 'Service'>('Service', ({ value, previous }) =>
        [previous, value].flatMap((service) =>
          service === undefined
            ? []
            : [...references.ofService(service.metadata.namespace ?? '', service.spec.selector)],
        ),
      ),
      watch<Kinds, 'Namespace'>('Namespace', ({ key, value, previous }) =>
        value !== undefined && value.metadata.labels === previous?.metadata.labels
          ? NOTHING
          : references.ofNamespace(key, previous?.metadata.labels, value?.metadata.labels),
      ),
      watch<Kinds, 'ConfigMap'>('ConfigMap', ({ key }) =>
        key === CONFIG_MAP ? references.all() : NOTHING,
      ),
    ],
    reconcile(request): Result {
      if (!isPolicyControllerEnabled(store)) return done;
      const refusal = objects.sync(request);
      // What the API server refuses now it will refuse again: looked at when there is nothing else.
      return refusal === undefined ? done : requeue(RETRY_MS, refusal, { background: true });
    },
  };
}

function ofPods(
  references: PolicyReferences,
  ...pods: readonly (Pod | undefined)[]
): Iterable<Request> {
  const requests = new Set<Request>();
  for (const pod of pods) {
    if (pod === undefined) continue;
    const { namespace = '', labels } = pod.metadata;
    for (const request of references.ofPod(namespace, labels)) requests.add(request);
  }
  return requests;
}

/** Only what an endpoint is made of: whether the pod counts, its address, node and labels. */
function isChanged(before: Pod | undefined, after: Pod | undefined): boolean {
  if (before === undefined || after === undefined) {
    const only = before ?? after;
    return only !== undefined && isOnNetwork(only);
  }
  const counts = isOnNetwork(after);
  if (isOnNetwork(before) !== counts) return true;
  return (
    counts &&
    (podAddress(before) !== podAddress(after) ||
      before.status?.hostIP !== after.status?.hostIP ||
      before.metadata.labels !== after.metadata.labels)
  );
}
