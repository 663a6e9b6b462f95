/**
 * load-balancer/target-group-binding/backend-not-found — the Service and the port a binding means,
 * or that they are not there: then it has no targets, which is no failure.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/backend/endpoint_resolver.go:212-230,
 * pkg/k8s/service_utils.go LookupServicePort.
 */
import type { TwinStore } from '../../../model/kinds.ts';
import type { Service, ServicePort } from '../../../model/kubernetes/core.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { DeployError } from '../deploy/deploy-error.ts';

export class BackendNotFound extends DeployError {}

export interface Backend {
  readonly service: Service;
  readonly servicePort: ServicePort;
}

/** The first port of the Service with this number, or name. */
export function backendOf(store: TwinStore, { metadata, spec }: TargetGroupBinding): Backend {
  const { name, port } = spec.serviceRef;
  const key = `${metadata.namespace}/${name}`;
  const service = store.get('Service', key);
  if (service === undefined) throw notFound(`Service ${JSON.stringify(name)} not found`);
  const servicePort = (service.spec.ports ?? []).find((it) =>
    typeof port === 'string' ? it.name === port : it.port === port,
  );
  if (servicePort === undefined) throw notFound(`unable to find port ${port} on service ${key}`);
  return { service, servicePort };
}

const notFound = (text: string): BackendNotFound =>
  new BackendNotFound(`backend not found: ${text}`);
