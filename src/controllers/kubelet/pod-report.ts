/**
 * controllers/kubelet/pod-report — what a kubelet tells the API of a pod: its status, and the
 * events of a container that starts.
 */
import { podEvent } from './images.ts';
import { type PodProgress, podStatus } from './pod-status.ts';
import type { PodWork } from './pod-work.ts';
import { type Surroundings, timestampNow } from './surroundings.ts';

type Progress = Partial<PodProgress> & Pick<PodProgress, 'containerStatuses'>;

/** Writes the pod's status; nothing when the object is gone or another one. */
export const writeStatus = (
  { clock, kubernetes, store }: Surroundings,
  work: PodWork,
  progress: Progress,
): void => {
  const current = store.get('Pod', work.key);
  if (current === undefined || (current.metadata.uid ?? '') !== work.uid) return;
  const status = podStatus(current, {
    phase: 'Running',
    at: timestampNow(clock),
    hostIps: work.node.hostIps,
    podIps: work.podIps,
    initialized: true,
    containersReady: work.probed,
    ...progress,
  });
  kubernetes.updateStatus({ ...current, status });
};

/** The events of a container that is made and started. */
export const announceStart = (surroundings: Surroundings, work: PodWork, name: string): void => {
  podEvent(surroundings, work, 'Normal', 'Created', `Created container: ${name}`);
  podEvent(surroundings, work, 'Normal', 'Started', `Started container ${name}`);
};
