/** up/services — what is served on each port. Loaded when a twin comes up, not before. */
import type { HttpService } from '../api/http-service.ts';
import { kubernetesService as servedKubernetes } from '../api/kubernetes/service.ts';
import type { RunningTwin } from '../api/running-twin.ts';
import { withOwnEndpoint } from './own-endpoint.ts';

/** Until an API is served, it says so. */
const notServed = (what: string): HttpService => ({
  request: async (request, response) => {
    request.resume();
    response.writeHead(503, { 'content-type': 'text/plain' });
    response.end(`ekstwin: ${what} is not served\n`);
  },
  close() {},
});

export async function kubernetesService(running: RunningTwin): Promise<HttpService> {
  return servedKubernetes(running);
}

export async function awsService(running: RunningTwin): Promise<HttpService> {
  const api = await import('../api/aws/service.ts');
  return withOwnEndpoint(running, api.awsService(running));
}

export async function proxyService(_running: RunningTwin): Promise<HttpService> {
  return notServed('the proxy');
}
