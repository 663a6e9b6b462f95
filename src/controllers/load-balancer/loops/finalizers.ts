/**
 * load-balancer/loops/finalizers — what keeps an object until its load balancer is gone, put on
 * and taken off what is stored now.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/k8s/finalizer.go.
 */
import { type ApiStatus, isApiStatus, type Kubernetes } from '../../../cluster/kubernetes.ts';
import type { TwinStore } from '../../../model/kinds.ts';

type HeldKind =
  | 'Ingress'
  | 'Service'
  | 'Gateway'
  | 'GatewayClass'
  | 'LoadBalancerConfiguration'
  | 'TargetGroupConfiguration'
  | 'ListenerRuleConfiguration';

export class Finalizers {
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;

  constructor(store: TwinStore, kubernetes: Kubernetes) {
    this.#store = store;
    this.#kubernetes = kubernetes;
  }

  /** @returns the API server's refusal; undefined when the object has it now */
  add(kind: HeldKind, key: string, finalizer: string): ApiStatus | undefined {
    return this.#change(kind, key, (held) =>
      held.includes(finalizer) ? held : [...held, finalizer],
    );
  }

  /** @returns the API server's refusal; undefined when the object has it no more */
  remove(kind: HeldKind, key: string, finalizer: string): ApiStatus | undefined {
    return this.#change(kind, key, (held) =>
      held.includes(finalizer) ? held.filter((it) => it !== finalizer) : held,
    );
  }

  #change(
    kind: HeldKind,
    key: string,
    change: (held: readonly string[]) => readonly string[],
  ): ApiStatus | undefined {
    const object = this.#store.get(kind, key);
    if (object === undefined) return undefined;
    const held = object.metadata.finalizers ?? [];
    const finalizers = change(held);
    if (finalizers === held) return undefined;
    const written = this.#kubernetes.update({
      ...object,
      metadata: { ...object.metadata, finalizers },
    });
    return isApiStatus(written) ? written : undefined;
  }
}
