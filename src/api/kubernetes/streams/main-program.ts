/**
 * api/kubernetes/streams/main-program — a container's own program, where it waits at standard input
 * for somebody to attach (`kubectl run -it`, `kubectl debug -it`): it runs in the built-in shell,
 * and when it ends the container has ended.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/kuberuntime/kuberuntime_manager.go (restart policy),
 * pkg/kubelet/kubelet_pods.go getPhase.
 */
import { podStatus } from '../../../controllers/kubelet/pod-status.ts';
import { restarts } from '../../../controllers/kubelet/readiness.ts';
import type { Container, ContainerStatus, Pod } from '../../../model/kubernetes/core.ts';
import { timestamp } from '../../../model/time.ts';
import type { Twin } from '../../../twin/twin.ts';

/** What an image without a command of its own runs when it is attached to. */
const DEFAULT_COMMAND = ['sh'];

/** What the container runs for whoever attaches; undefined: it does not read. */
export function interactiveCommand({
  stdin,
  command = [],
  args = [],
}: Container): readonly string[] | undefined {
  if (stdin !== true) return undefined;
  const words = [...command, ...args];
  return words.length === 0 ? DEFAULT_COMMAND : words;
}

/** Writes that the program of a container ended: the pod with it, unless it is started again. */
export function endContainer(twin: Twin, podKey: string, name: string, exitCode: number): void {
  const pod = twin.store.get('Pod', podKey);
  const statuses = pod?.status?.containerStatuses ?? [];
  const ended = statuses.find((it) => it.name === name);
  if (pod === undefined || ended?.state?.running === undefined) return;
  const at = timestamp(twin.clock.now());
  const again = restarts(pod, exitCode);
  const terminated = {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    startedAt: ended.state.running.startedAt,
    finishedAt: at,
    ...(ended.containerID === undefined ? {} : { containerID: ended.containerID }),
  };
  const next: ContainerStatus = again
    ? {
        ...ended,
        restartCount: ended.restartCount + 1,
        state: { running: { startedAt: at } },
        lastState: { terminated },
      }
    : { ...ended, ready: false, started: false, state: { terminated } };
  const containerStatuses = statuses.map((it) => (it === ended ? next : it));
  const status = podStatus(pod, {
    phase: phaseOf(containerStatuses),
    at,
    hostIps: (pod.status?.hostIPs ?? []).map(({ ip }) => ip),
    podIps: (pod.status?.podIPs ?? []).map(({ ip }) => ip),
    initialized: true,
    containersReady: again,
    containerStatuses,
    initContainerStatuses: pod.status?.initContainerStatuses,
  });
  twin.kubernetes.updateStatus<Pod>({ ...pod, status });
}

function phaseOf(statuses: readonly ContainerStatus[]): 'Running' | 'Succeeded' | 'Failed' {
  const codes = statuses.map(({ state }) => state?.terminated?.exitCode);
  if (codes.includes(undefined)) return 'Running';
  return codes.every((it) => it === 0) ? 'Succeeded' : 'Failed';
}
