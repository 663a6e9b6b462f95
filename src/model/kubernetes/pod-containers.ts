/**
 * model/kubernetes/pod-containers — a pod's containers of every sort, and their statuses.
 *
 * Upstream: kubernetes/kubernetes pkg/api/v1/pod/util.go VisitContainers (the order).
 */
import type { Container, ContainerStatus, Pod } from './core.ts';

/** Init containers, the pod's own, and those that were put into it to look around. */
export const containersOf = ({ spec }: Pod): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
  ...(spec.ephemeralContainers ?? []),
];

/** The statuses of all of them, the pod's own first. */
export const containerStatusesOf = ({ status = {} }: Pod): readonly ContainerStatus[] => [
  ...(status.containerStatuses ?? []),
  ...(status.initContainerStatuses ?? []),
  ...(status.ephemeralContainerStatuses ?? []),
];
