/**
 * cli/render/pod — pods as `kubectl get pods` shows them.
 *
 * Upstream: kubernetes/kubernetes pkg/printers/internalversion/printers.go printPod.
 */
import type { ContainerStatus, Pod } from '../../model/kubernetes/core.ts';
import { ageColumn, nameColumn, type Printer } from './printer.ts';

/** The STATUS column: the phase, or the reason that says more. */
export function podStatus(pod: Pod): string {
  const status = pod.status ?? {};
  let reason: string = status.reason ?? status.phase ?? 'Pending';
  const initializing = initStatus(pod);
  if (initializing !== undefined) reason = initializing;
  else reason = containerReason(status.containerStatuses ?? []) ?? reason;
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  return status.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
}

function initStatus(pod: Pod): string | undefined {
  const statuses = pod.status?.initContainerStatuses ?? [];
  const total = pod.spec.initContainers?.length ?? 0;
  for (const [i, { state }] of statuses.entries()) {
    if (state?.terminated?.exitCode === 0) continue;
    if (state?.terminated !== undefined) return `Init:${state.terminated.reason}`;
    const waiting = state?.waiting?.reason;
    if (waiting !== undefined && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${i}/${total}`;
  }
  return undefined;
}

function containerReason(statuses: readonly ContainerStatus[]): string | undefined {
  for (const { state } of statuses.toReversed()) {
    const reason = state?.waiting?.reason ?? state?.terminated?.reason;
    if (reason !== undefined) return reason;
  }
  return undefined;
}

export const podColumns: Printer<Pod> = (view) => [
  nameColumn,
  {
    head: 'READY',
    cell: ({ spec, status }) => {
      const ready = (status?.containerStatuses ?? []).filter((container) => container.ready);
      return `${ready.length}/${spec.containers.length}`;
    },
  },
  { head: 'STATUS', cell: podStatus },
  {
    head: 'RESTARTS',
    cell: ({ status }) =>
      (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
  },
  ageColumn(view),
  { head: 'IP', wide: true, cell: ({ status }) => status?.podIP },
  { head: 'NODE', wide: true, cell: ({ spec }) => spec.nodeName },
  { head: 'NOMINATED NODE', wide: true, cell: ({ status }) => status?.nominatedNodeName },
  { head: 'READINESS GATES', wide: true, cell: readinessGates },
];

function readinessGates(pod: Pod): string | undefined {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return undefined;
  const conditions = pod.status?.conditions ?? [];
  const open = gates.filter(({ conditionType }) =>
    conditions.some(({ type, status }) => type === conditionType && status === 'True'),
  );
  return `${open.length}/${gates.length}`;
}
