/**
 * model/kubernetes/probed-path — what a pod's own HTTP probes ask for. A pod that is ready answers
 * those with a status from 200 to 399 (kubernetes/kubernetes pkg/probe/http/http.go); what it says
 * to any other path nobody has written down.
 */
import type { Container, Pod } from './core.ts';

export interface ProbedPath {
  readonly port: number;
  readonly path: string;
}

/** Every path a probe of the pod asks for, with its port as a number. */
export const probedPaths = ({ spec }: Pod): readonly ProbedPath[] =>
  spec.containers.flatMap((container) =>
    [container.readinessProbe, container.livenessProbe, container.startupProbe].flatMap((probe) => {
      const get = probe?.httpGet;
      const port = get && portOf(container, get.port);
      return port === undefined ? [] : [{ port, path: get?.path || '/' }];
    }),
  );

const portOf = ({ ports = [] }: Container, port: number | string): number | undefined =>
  typeof port === 'number' ? port : ports.find(({ name }) => name === port)?.containerPort;
