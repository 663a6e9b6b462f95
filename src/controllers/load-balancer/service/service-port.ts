/**
 * load-balancer/service/service-port — a port of a Service by what something else calls it.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/k8s/service_utils.go.
 */
import type { Service, ServicePort } from '../../../model/kubernetes/core.ts';
import { BuildError } from '../build-error.ts';
import { keyOf } from './service-build.ts';

/**
 * The port of a Service by name or number; of several with one number the first, whatever its
 * protocol.
 *
 * @throws BuildError  where there is none
 */
export function servicePortOf(service: Service, wanted: number | string): ServicePort {
  const found = (service.spec.ports ?? []).find(({ name, port }) =>
    typeof wanted === 'string' ? (name ?? '') === wanted : port === wanted,
  );
  if (found !== undefined) return found;
  throw new BuildError(`unable to find port ${wanted} on service ${keyOf(service)}`);
}
