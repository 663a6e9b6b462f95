/**
 * controllers/kube-proxy/health-check — what kube-proxy answers on a Service's healthCheckNodePort:
 * whether this node has endpoints of it, for load balancers that keep the client's address.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/healthcheck/service_health.go,
 * pkg/proxy/endpointschangetracker.go LocalReadyEndpoints. Pure.
 */
import type { PortView } from './service-views.ts';
import { endpointsOn } from './shared-chains.ts';

export interface HealthAnswer {
  readonly status: 200 | 503;
  /** Ready pods on the node, each once however many ports it has. */
  readonly localEndpoints: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The answer of one node.
 *
 * @param views      the Service's ports, of one family
 * @param isHealthy  kube-proxy itself is up to date with its rules
 */
export function healthAnswer(
  serviceKey: string,
  views: readonly PortView[],
  nodeName: string,
  isHealthy = true,
): HealthAnswer {
  const ready = views.flatMap((view) => endpointsOn(view, nodeName).filter((it) => it.isReady));
  const localEndpoints = new Set(ready.map(({ ip }) => ip)).size;
  const [namespace, name] = serviceKey.split('/');
  const body = {
    service: { namespace, name },
    localEndpoints,
    serviceProxyHealthy: isHealthy,
  };
  return {
    status: localEndpoints > 0 && isHealthy ? 200 : 503,
    localEndpoints,
    headers: {
      'Content-Type': 'application/json',
      'X-Content-Type-Options': 'nosniff',
      'X-Load-Balancing-Endpoint-Weight': String(localEndpoints),
    },
    body: `${JSON.stringify(body, null, '\t')}\n`,
  };
}
