/**
 * load-balancer/gateway/loops/service-references — the Services that Gateways forward to: as long
 * as one does, what configures its target group stays.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/referencecounter/
 * service_reference_counter.go.
 */
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import type { LoadedGateway } from '../attachment/load-routes.ts';

export class ServiceReferences {
  readonly #byGateway = new Map<string, ReadonlySet<string>>();

  /** The Gateway forwards to these now. */
  see(gatewayKey: string, { routesByPort }: LoadedGateway): void {
    const services = [...routesByPort.values()]
      .flat()
      .flatMap(({ rules }) =>
        rules.flatMap(({ backends }) =>
          backends.flatMap(({ target }) =>
            target.kind === 'service' ? [keyOf(target.service)] : [],
          ),
        ),
      );
    this.#byGateway.set(gatewayKey, new Set(services));
  }

  forget(gatewayKey: string): void {
    this.#byGateway.delete(gatewayKey);
  }

  /** @param gateways  that exist; one that was not looked at yet may forward to anything */
  isReferred(serviceKey: string, gateways: readonly string[]): boolean {
    return (
      gateways.some((key) => !this.#byGateway.has(key)) ||
      [...this.#byGateway.values()].some((services) => services.has(serviceKey))
    );
  }
}
