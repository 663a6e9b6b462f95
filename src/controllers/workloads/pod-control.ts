/**
 * controllers/workloads/pod-control — creating and deleting pods for a workload, with the events
 * that tell of it.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/controller_utils.go RealPodControl.
 */
import { type ApiStatus, isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { type KubernetesObject, keyOf } from '../../model/kubernetes/meta.ts';

/** Drawn names may be taken already; the API server says so, and another is drawn. */
const DRAWS_MAX = 8;

export class PodControl {
  readonly #kubernetes: Kubernetes;
  readonly #component: string;

  /** @param component  who the events come from: `replicaset-controller` */
  constructor(kubernetes: Kubernetes, component: string) {
    this.#kubernetes = kubernetes;
    this.#component = component;
  }

  create(owner: KubernetesObject, pod: Pod): Pod | ApiStatus {
    let created = this.#kubernetes.create(pod);
    for (let draws = 1; draws < DRAWS_MAX; draws++) {
      if (!isApiStatus(created) || pod.metadata.name !== '') break;
      if (created.reason !== 'AlreadyExists') break;
      created = this.#kubernetes.create(pod);
    }
    if (isApiStatus(created)) {
      this.#tell(owner, 'Warning', 'FailedCreate', `Error creating: ${created.message}`);
      return created;
    }
    this.#tell(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
    return created;
  }

  delete(owner: KubernetesObject, pod: Pod): true | ApiStatus {
    const deleted = this.#kubernetes.delete('Pod', keyOf(pod));
    if (deleted === true) {
      this.#tell(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
      return true;
    }
    if (deleted.reason === 'NotFound') return true;
    this.#tell(owner, 'Warning', 'FailedDelete', `Error deleting: ${deleted.message}`);
    return deleted;
  }

  #tell(
    owner: KubernetesObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    this.#kubernetes.recordEvent(owner, { type, reason, message, component: this.#component });
  }
}

/**
 * Runs `attempt` up to `count` times in batches of 1, 2, 4, …; the first batch with a refusal is
 * the last (controller_utils.go slowStartBatch), so that a refusing API server is not asked 500
 * times.
 *
 * @returns how many succeeded, and the first refusal
 */
export function slowStart(
  count: number,
  attempt: (index: number) => ApiStatus | undefined,
): { readonly succeeded: number; readonly refused: ApiStatus | undefined } {
  let succeeded = 0;
  let at = 0;
  for (let batch = Math.min(count, 1); batch > 0; batch = Math.min(2 * batch, count - at)) {
    let refused: ApiStatus | undefined;
    for (let i = 0; i < batch; i++) {
      const refusal = attempt(at++);
      if (refusal === undefined) succeeded++;
      else refused ??= refusal;
    }
    if (refused !== undefined) return { succeeded, refused };
  }
  return { succeeded, refused: undefined };
}
