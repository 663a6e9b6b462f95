/** up/services — what is served on each port. Loaded when a twin comes up, not before. */
import type { HttpService } from '../api/http-service.ts';
import { kubernetesService as servedKubernetes } from '../api/kubernetes/service.ts';
import type { RunningTwin } from '../api/running-twin.ts';
import { withOwnEndpoint } from './own-endpoint.ts';

export async function kubernetesService(running: RunningTwin): Promise<HttpService> {
  return servedKubernetes(running);
}

export interface AwsOptions {
  /** A line for every call that was answered. */
  readonly onRequest?: ((line: string) => void) | undefined;
  readonly isThrottling: boolean;
}

export async function awsService(
  running: RunningTwin,
  { onRequest, isThrottling }: AwsOptions,
): Promise<HttpService> {
  const { awsService: service } = await import('../api/aws/service.ts');
  const api = service(running, {
    isThrottling: () => isThrottling,
    onRequest: (call) => {
      const error = call.errorCode === undefined ? '' : ` ${call.errorCode}`;
      const took = Math.round(call.durationMs);
      onRequest?.(`${call.service} ${call.operation} ${call.status}${error} ${took} ms`);
    },
    onBug: (failure) => {
      if (process.env.EKSTWIN_DEBUG === '1') console.error(failure);
    },
  });
  return withOwnEndpoint(running, api);
}

export async function proxyService(running: RunningTwin): Promise<HttpService> {
  const proxy = await import('./proxy.ts');
  return proxy.proxyService(running);
}

/** From now on containers run their commands. */
export async function runPrograms(running: RunningTwin): Promise<void> {
  const { mainProgramsOf } = await import('../api/main-programs.ts');
  mainProgramsOf(running);
}
