/**
 * model/kubernetes/pod-requests — what a pod asks of a node: resources and host ports.
 *
 * Upstream: kubernetes/component-helpers resource/helpers.go PodRequests: containers add up,
 * sidecars (init containers that restart always) add to both, an init container counts only where
 * it
 * is larger, the overhead comes on top.
 */
import type { Container, PodSpec, ResourceList } from './core.ts';
import { milliOf } from './quantity.ts';

/** Thousandths of the unit by resource name. */
export type Requests = ReadonlyMap<string, number>;

const add = (sum: Map<string, number>, list: ResourceList | undefined): void => {
  for (const name in list) sum.set(name, (sum.get(name) ?? 0) + milliOf(list[name]));
};

const raise = (sum: Map<string, number>, floor: Requests): void => {
  for (const [name, amount] of floor) if (amount > (sum.get(name) ?? 0)) sum.set(name, amount);
};

/** Everything the pod requests, in thousandths; a pod itself is not counted. */
export function requestsOf(spec: PodSpec): Requests {
  const total = new Map<string, number>();
  for (const container of spec.containers) add(total, container.resources?.requests);
  const sidecars = new Map<string, number>();
  const init = new Map<string, number>();
  for (const container of spec.initContainers ?? []) {
    const requests = container.resources?.requests;
    if (container.restartPolicy === 'Always') {
      add(total, requests);
      add(sidecars, requests);
      raise(init, sidecars);
      continue;
    }
    const during = new Map(sidecars);
    add(during, requests);
    raise(init, during);
  }
  raise(total, init);
  add(total, spec.overhead);
  return total;
}

/** `protocol/port` with the host address it is claimed on; `0.0.0.0` is every address. */
export interface HostPort {
  readonly protocol: string;
  readonly hostPort: number;
  readonly hostIp: string;
}

const portsOf = (containers: readonly Container[]): HostPort[] =>
  containers.flatMap(({ ports = [] }) =>
    ports
      .filter((it) => (it.hostPort ?? 0) > 0)
      .map((it) => ({
        protocol: it.protocol ?? 'TCP',
        hostPort: it.hostPort!,
        hostIp: it.hostIP === undefined || it.hostIP === '' ? '0.0.0.0' : it.hostIP,
      })),
  );

/** Ports of the node that the pod claims; sidecars count, other init containers do not. */
export const hostPortsOf = (spec: PodSpec): readonly HostPort[] => [
  ...portsOf(spec.containers),
  ...portsOf((spec.initContainers ?? []).filter((it) => it.restartPolicy === 'Always')),
];
