/**
 * api/kubernetes/table/pod — pods as `kubectl get pods` shows them, with every STATUS it knows.
 *
 * Upstream: kubernetes/kubernetes@59882936 pkg/printers/internalversion/printers.go printPod.
 */
import type { Container, ContainerStatus, Pod } from '../../../model/kubernetes/core.ts';
import { parseTimestamp } from '../../../model/time.ts';
import { NONE } from './cell-text.ts';
import { AGE, ageOf, column, NAME, type RowPrinter, wide } from './column.ts';
import { humanDuration } from './human-duration.ts';

type State = NonNullable<ContainerStatus['state']>;
type Terminated = NonNullable<State['terminated']> & { readonly signal?: number };

/** What the containers make of a pod's row. */
interface Tally {
  reason: string;
  ready: number;
  total: number;
  restarts: number;
  /** Virtual time of the last restart. */
  restartedAtMs: number | undefined;
}

const restartedAt = ({ lastState }: ContainerStatus): number | undefined => {
  const at = (lastState as State | undefined)?.terminated?.finishedAt;
  return at === undefined ? undefined : parseTimestamp(at);
};

const later = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);

const exitText = ({ signal, exitCode }: Terminated): string =>
  signal !== undefined && signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`;

const isSidecar = (container: Container | undefined): boolean =>
  (container as { readonly restartPolicy?: string } | undefined)?.restartPolicy === 'Always';

const holds = (pod: Pod, type: string): boolean =>
  pod.status?.conditions?.some((it) => it.type === type && it.status === 'True') === true;

/** Counts init containers; true while they still initialize the pod. */
function countInit(pod: Pod, tally: Tally, sidecars: Tally): boolean {
  const specs = pod.spec.initContainers ?? [];
  for (const [i, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = isSidecar(specs.find(({ name }) => name === status.name));
    for (const counted of sidecar ? [tally, sidecars] : [tally]) {
      counted.restarts += status.restartCount;
      counted.restartedAtMs = later(counted.restartedAtMs, restartedAt(status));
    }
    const terminated = status.state?.terminated as Terminated | undefined;
    if (terminated?.exitCode === 0) continue;
    if (sidecar && status.started === true) {
      if (status.ready) tally.ready += 1;
      continue;
    }
    const waiting = status.state?.waiting?.reason;
    if (terminated !== undefined)
      tally.reason = `Init:${terminated.reason || exitText(terminated)}`;
    else if (waiting && waiting !== 'PodInitializing') tally.reason = `Init:${waiting}`;
    else tally.reason = `Init:${i}/${specs.length}`;
    return true;
  }
  return false;
}

/** Counts the pod's own containers, the last first: the first one's reason is what stays. */
function countContainers(pod: Pod, tally: Tally): void {
  const statuses = pod.status?.containerStatuses ?? [];
  let isRunning = false;
  for (let i = statuses.length - 1; i >= 0; i -= 1) {
    const status = statuses[i]!;
    tally.restarts += status.restartCount;
    tally.restartedAtMs = later(tally.restartedAtMs, restartedAt(status));
    const terminated = status.state?.terminated as Terminated | undefined;
    if (status.state?.waiting?.reason) tally.reason = status.state.waiting.reason;
    else if (terminated !== undefined) tally.reason = terminated.reason || exitText(terminated);
    else if (status.ready && status.state?.running !== undefined) {
      isRunning = true;
      tally.ready += 1;
    }
  }
  if (tally.reason === 'Completed' && isRunning)
    tally.reason = holds(pod, 'Ready') ? 'Running' : 'NotReady';
}

function tallyOf(pod: Pod): Tally {
  const status = pod.status ?? {};
  const tally: Tally = {
    reason: status.reason || (status.phase ?? ''),
    ready: 0,
    total: pod.spec.containers.length + (pod.spec.initContainers ?? []).filter(isSidecar).length,
    restarts: 0,
    restartedAtMs: undefined,
  };
  if (status.conditions?.some((it) => isGated(it.type, it.reason))) tally.reason = GATED;
  const sidecars: Tally = { ...tally };
  const isInitializing = countInit(pod, tally, sidecars);
  if (!isInitializing || holds(pod, 'Initialized')) {
    tally.restarts = sidecars.restarts;
    tally.restartedAtMs = sidecars.restartedAtMs;
    countContainers(pod, tally);
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (status.reason === 'NodeLost') tally.reason = 'Unknown';
    else if (status.phase !== 'Succeeded' && status.phase !== 'Failed')
      tally.reason = 'Terminating';
  }
  return tally;
}

const GATED = 'SchedulingGated';
const isGated = (type: string, reason: string | undefined): boolean =>
  type === 'PodScheduled' && reason === GATED;

function restartsText({ restarts, restartedAtMs }: Tally, nowMs: number): string {
  if (restarts === 0 || restartedAtMs === undefined) return String(restarts);
  return `${restarts} (${humanDuration(nowMs - restartedAtMs)} ago)`;
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  const open = gates.filter(({ conditionType }) => holds(pod, conditionType));
  return `${open.length}/${gates.length}`;
}

export const podRows: RowPrinter<Pod> = {
  columns: [
    NAME,
    column('Ready', 'How many of the containers are ready.'),
    column('Status', 'What the containers are doing, in one word.'),
    column('Restarts', 'How often the containers restarted, and when last.'),
    AGE,
    wide('IP', 'The address of the pod.'),
    wide('Node', 'The node it runs on.'),
    wide('Nominated Node', 'The node on which room is made for it.'),
    wide('Readiness Gates', 'How many of its readiness gates are open.'),
  ],
  cells: (pod, nowMs) => {
    const tally = tallyOf(pod);
    return [
      pod.metadata.name,
      `${tally.ready}/${tally.total}`,
      tally.reason,
      restartsText(tally, nowMs),
      ageOf(pod.metadata, nowMs),
      pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || NONE,
      pod.spec.nodeName || NONE,
      pod.status?.nominatedNodeName || NONE,
      readinessGates(pod),
    ];
  },
};
