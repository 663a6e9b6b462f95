/**
 * cluster/service-defaults — what a Service is given before its addresses are.
 *
 * Upstream: kubernetes/kubernetes 1.30.5 pkg/apis/core/v1/defaults.go:97-157 SetDefaults_Service,
 * SetDefaults_SessionAffinity.
 */
import type { Service, ServicePort, ServiceSpec } from '../model/kubernetes/core.ts';
import { mapSame, withDefaults } from './pod-defaults.ts';

/** core/v1/types.go DefaultClientIPServiceAffinitySeconds: three hours. */
const AFFINITY_SECONDS = 10_800;

/** True when traffic from outside the cluster may come to the Service. */
export const isExternallyAccessible = ({ type, externalIPs }: ServiceSpec): boolean =>
  type === 'LoadBalancer' ||
  type === 'NodePort' ||
  (type === 'ClusterIP' && (externalIPs?.length ?? 0) > 0);

/** True when load balancers ask a node port of its own whether the node has endpoints. */
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

const portWithDefaults = (port: ServicePort): ServicePort => {
  const it = withDefaults(port, { protocol: 'TCP' });
  const { targetPort } = it;
  const unset = targetPort === undefined || targetPort === 0 || targetPort === '';
  return unset ? { ...it, targetPort: port.port } : it;
};

/** Defaults of a Service's spec, before allocation. */
export function serviceSpecWithDefaults(given: ServiceSpec): ServiceSpec {
  // Empty texts are unset ones, as Go has them.
  const type = given.type || 'ClusterIP';
  const sessionAffinity = given.sessionAffinity || 'None';
  const { sessionAffinityConfig, ...rest } = given;
  const spec: { -readonly [Field in keyof ServiceSpec]: ServiceSpec[Field] } = {
    ...rest,
    type,
    sessionAffinity,
  };
  if (given.ports !== undefined) spec.ports = mapSame(given.ports, portWithDefaults);
  if (sessionAffinity === 'ClientIP') {
    const timeoutSeconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS;
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds } };
  } else if (sessionAffinity !== 'None' && sessionAffinityConfig !== undefined) {
    spec.sessionAffinityConfig = sessionAffinityConfig;
  }
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster';
  if (type === 'NodePort' || type === 'LoadBalancer' || type === 'ClusterIP') {
    spec.internalTrafficPolicy ??= 'Cluster';
  }
  if (type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
  return spec;
}

/** A Service with its defaults, before allocation. */
export const serviceWithDefaults = (service: Service): Service => ({
  ...service,
  spec: serviceSpecWithDefaults(service.spec ?? {}),
});
