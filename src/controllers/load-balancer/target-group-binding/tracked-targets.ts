/**
 * load-balancer/target-group-binding/tracked-targets — with several clusters in one target group a
 * controller deregisters only what it registered: it keeps its own targets in a ConfigMap.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/targetgroupbinding/multicluster_manager.go.
 * Reads and writes: ConfigMap `aws-lbc-targets-NAME` beside the binding.
 */
import { isApiStatus, type Kubernetes } from '../../../cluster/kubernetes.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import type { KnownTarget } from './targets.ts';

const nameOf = ({ metadata }: TargetGroupBinding): string => `aws-lbc-targets-${metadata.name}`;

export class TrackedTargets {
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor(store: TwinStore, kubernetes: Kubernetes) {
    this.#store = store;
    this.#kubernetes = kubernetes;
  }

  /** Those that may be deregistered; `isFirst`: nothing is known of this cluster's own yet. */
  own(
    binding: TargetGroupBinding,
    targets: readonly KnownTarget[],
  ): { readonly targets: readonly KnownTarget[]; readonly isFirst: boolean } {
    if (binding.spec.multiClusterTargetGroup !== true) return { targets, isFirst: false };
    const own = this.#read(binding);
    if (own === undefined) return { targets: [], isFirst: true };
    const kept = targets.filter(({ id, port }) => own.has(`${id}:${port}`));
    return { targets: kept, isFirst: false };
  }

  /** @param isChanged  false: written only where nothing was ever written */
  write(binding: TargetGroupBinding, isChanged: boolean, ids: readonly string[]): void {
    if (binding.spec.multiClusterTargetGroup !== true) return;
    const key = keyOf(binding);
    if (!isChanged && this.#known.has(key)) return;
    const own = new Set(ids);
    const configMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: nameOf(binding), namespace: binding.metadata.namespace },
      data: { targets: [...own].join(',') },
    };
    const updated = this.#kubernetes.update(configMap);
    const written =
      isApiStatus(updated) && updated.reason === 'NotFound'
        ? this.#kubernetes.create(configMap)
        : updated;
    if (isApiStatus(written)) throw new DeployError(written.message);
    this.#known.set(key, own);
  }

  remove(binding: TargetGroupBinding): void {
    this.#known.delete(keyOf(binding));
    if (binding.spec.multiClusterTargetGroup !== true) return;
    const key = `${binding.metadata.namespace}/${nameOf(binding)}`;
    const removed = this.#kubernetes.delete('ConfigMap', key);
    if (isApiStatus(removed) && removed.reason !== 'NotFound') {
      throw new DeployError(removed.message);
    }
  }

  #read(binding: TargetGroupBinding): ReadonlySet<string> | undefined {
    const key = keyOf(binding);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const configMap = this.#store.get(
      'ConfigMap',
      `${binding.metadata.namespace}/${nameOf(binding)}`,
    );
    if (configMap === undefined) return undefined;
    const csv = configMap.data?.targets ?? '';
    const own = new Set(csv === '' ? [] : csv.split(','));
    this.#known.set(key, own);
    return own;
  }
}
