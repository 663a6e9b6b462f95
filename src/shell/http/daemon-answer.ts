/**
 * shell/http/daemon-answer — what the daemons of nodes and CoreDNS answer: kubelet, ipamd,
 * kube-proxy, health checks of Services.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/kubelet/server, pkg/proxy/healthcheck;
 * aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/introspect.go; coredns/coredns plugin/health, ready.
 */
import type { Pod } from '../../model/kubernetes/core.ts';
import type { Socket } from '../../model/linux/namespace.ts';
import { timestamp } from '../../model/time.ts';
import type { Twin } from '../../twin/twin.ts';
import { type Request, type Response, response } from './message.ts';

const PLAIN = 'text/plain; charset=utf-8';
const METRICS = 'text/plain; version=0.0.4; charset=utf-8';

const notFound = (): Response => response(404, PLAIN, '404 page not found\n');

/** undefined: no daemon, or one that does not speak HTTP. */
export function daemonAnswer(
  twin: Twin,
  nodeName: string,
  { process, port, httpStatus, source }: Socket,
  { url }: Request,
): Response | undefined {
  if (process === 'kubelet')
    return port === 10_248
      ? url.path === '/healthz'
        ? response(200, PLAIN, 'ok')
        : notFound()
      : response(401, PLAIN, 'Unauthorized');
  if (process === 'aws-k8s-agent') return ipamdAnswer(twin, nodeName, port, url.path);
  if (process !== 'kube-proxy') return undefined;
  if (httpStatus !== undefined) return serviceHealth(source, httpStatus);
  if (port === 10_256 && ['/healthz', '/livez'].includes(url.path)) {
    const now = timestamp(twin.clock.now());
    return response(
      200,
      'application/json',
      JSON.stringify({ lastUpdated: now, currentTime: now }),
    );
  }
  return port === 10_249 && url.path === '/metrics'
    ? response(200, METRICS, '# ekstwin: the metrics of kube-proxy are not simulated\n')
    : notFound();
}

function ipamdAnswer(twin: Twin, nodeName: string, port: number, path: string): Response {
  const agent = twin.nodeAgent(nodeName);
  if (agent === undefined) return notFound();
  if (port === 61_678)
    return path === '/metrics' ? response(200, METRICS, agent.metrics()) : notFound();
  const page = agent.introspection(path);
  return page === undefined ? notFound() : response(200, 'application/json', JSON.stringify(page));
}

/** `healthCheckNodePort of service NS/NAME: 200, 2 here`. */
function serviceHealth(source: string, status: number): Response {
  const [, namespace, name, count = '0'] =
    /service ([^/]+)\/([^:]+): \d+, (\d+)?/.exec(source) ?? [];
  const body = {
    service: { namespace, name },
    localEndpoints: Number(count),
    serviceProxyHealthy: true,
  };
  return response(status, 'application/json', JSON.stringify(body, undefined, '\t'), [
    { name: 'X-Content-Type-Options', value: 'nosniff' },
    { name: 'X-Load-Balancing-Endpoint-Weight', value: count },
  ]);
}

/** What CoreDNS answers beside DNS; undefined: the pod is none, or the port another's. */
export function corednsAnswer({ metadata }: Pod, port: number, { url }: Request) {
  if (metadata.labels?.['k8s-app'] !== 'kube-dns') return undefined;
  if (port === 8080) return url.path === '/health' ? response(200, PLAIN, 'OK') : notFound();
  if (port === 8181) return url.path === '/ready' ? response(200, PLAIN, 'OK') : notFound();
  if (port !== 9153) return undefined;
  return url.path === '/metrics'
    ? response(200, METRICS, '# ekstwin: the metrics of CoreDNS are not simulated\n')
    : notFound();
}
