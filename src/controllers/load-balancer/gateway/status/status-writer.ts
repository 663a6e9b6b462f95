/**
 * load-balancer/gateway/status/status-writer — writes statuses into what is stored now, where they
 * differ in more than the time.
 */
import { isApiStatus, type Kubernetes } from '../../../../cluster/kubernetes.ts';
import type { TwinStore } from '../../../../model/kinds.ts';
import type { Gateway, GatewayClass, ListenerSet } from '../../../../model/kubernetes/gateway.ts';
import type { ListenerRuleConfiguration } from '../../../../model/kubernetes/gateway-configuration.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import type { AnyRoute } from '../../../../model/kubernetes/route.ts';
import { timestamp } from '../../../../model/time.ts';
import type { Clock } from '../../../../sim/clock.ts';
import type { RouteOutcome } from '../attachment/route-outcome.ts';
import { isSameButTime, type Seen } from './conditions.ts';
import { routeParents } from './route-status.ts';

type Written = Gateway | GatewayClass | ListenerSet | ListenerRuleConfiguration;

export class StatusWriter {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;

  constructor(clock: Clock, store: TwinStore, kubernetes: Kubernetes) {
    this.#clock = clock;
    this.#store = store;
    this.#kubernetes = kubernetes;
  }

  /** What conditions about the object say of when. */
  seenNow({ metadata }: Pick<Written, 'metadata'>): Seen {
    return { at: timestamp(this.#clock.now()), generation: metadata.generation ?? 0 };
  }

  /** @returns why it could not be written */
  write<Object extends Written>(object: Object, status: Object['status']): string | undefined {
    if (isSameButTime(object.status, status)) return undefined;
    const written = this.#kubernetes.updateStatus<Object>({ ...object, status });
    return isApiStatus(written) ? written.message : undefined;
  }

  /** Tells each route what became of it; one that is gone by now is told nothing. */
  tellRoutes(outcomes: readonly RouteOutcome[]): void {
    for (const outcome of outcomes) {
      const { kind } = outcome.route;
      const route = this.#store.get(kind, keyOf(outcome.route)) as AnyRoute | undefined;
      if (route === undefined) continue;
      const at = timestamp(this.#clock.now());
      const parents = routeParents(this.#store, route, outcome, at);
      if (parents !== undefined) {
        this.#kubernetes.updateStatus({ ...route, status: { ...route.status, parents } });
      }
    }
  }
}
