/**
 * controllers/kubelet/programs — containers that `kubectl debug` puts into a pod that runs: their
 * image is fetched, they start in the pod's sandbox, and nothing starts them again.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/kuberuntime/kuberuntime_manager.go SyncPod, step 5.
 */
import type { Container, ContainerStatus } from '../../../model/kubernetes/core.ts';
import { ensureImage } from '../images.ts';
import { announceStart } from '../pod-report.ts';
import { containerStatus } from '../pod-status.ts';
import { goesOn, type PodWork, programsOf } from '../pod-work.ts';
import { between, hexId, type Surroundings, timestampNow } from '../surroundings.ts';
import { terminatedAs } from './container-end.ts';

/** Creating and starting a container whose image is there. */
const START_MS = [100, 500] as const;

/** Takes up those that nobody has taken up yet; the pod's sandbox is there. */
export const startEphemeral = (surroundings: Surroundings, work: PodWork): void => {
  const { store, clock } = surroundings;
  const pod = store.get('Pod', work.key);
  for (const container of pod?.spec.ephemeralContainers ?? []) {
    if (programsOf(work).ephemeral.has(container.name)) continue;
    programsOf(work).ephemeral.add(container.name);
    const known = pod?.status?.ephemeralContainerStatuses?.find(
      ({ name }) => name === container.name,
    );
    if (known?.state?.terminated !== undefined) continue;
    if (known?.state?.running !== undefined) begin(surroundings, work, container);
    else clock.spawn(() => start(surroundings, work, container));
  }
};

const start = async (
  surroundings: Surroundings,
  work: PodWork,
  container: Container,
): Promise<void> => {
  const { clock, random } = surroundings;
  const waits = (reason: string, message?: string): void => {
    const waiting = message === undefined ? { reason } : { reason, message };
    write(surroundings, work, shown(containerStatus(container, { waiting }, false, undefined)));
  };
  waits('ContainerCreating');
  if (!(await ensureImage(surroundings, work, container, waits))) return;
  await clock.sleep(between(random, ...START_MS));
  if (!goesOn(work)) return;
  announceStart(surroundings, work, container.name);
  const state = { running: { startedAt: timestampNow(clock) } };
  write(surroundings, work, shown(containerStatus(container, state, false, hexId(random))));
  begin(surroundings, work, container);
};

/** Nobody probes it: the kubelet does not say whether it started. */
const shown = ({ started: _, ...status }: ContainerStatus): ContainerStatus => status;

/** Begins what those that run already run: somebody came who can. */
export const resumeEphemeral = (surroundings: Surroundings, work: PodWork): void => {
  for (const container of surroundings.store.get('Pod', work.key)?.spec.ephemeralContainers ?? [])
    if (work.programs?.running.has(container.name) !== true) begin(surroundings, work, container);
};

const begin = (surroundings: Surroundings, work: PodWork, container: Container): void => {
  const { programs, clock, store } = surroundings;
  const statusNow = (): ContainerStatus | undefined =>
    store
      .get('Pod', work.key)
      ?.status?.ephemeralContainerStatuses?.find(({ name }) => name === container.name);
  if (statusNow()?.state?.running === undefined) return;
  const ended = (exitCode: number): void => {
    programsOf(work).running.delete(container.name);
    const status = statusNow();
    if (!goesOn(work) || status?.state?.running === undefined) return;
    const terminated = terminatedAs(status, exitCode, timestampNow(clock));
    write(surroundings, work, { ...status, state: { terminated } });
  };
  const start = { pod: work.pod, container, restartCount: 0, ended };
  const program = programs?.current?.start(start);
  if (program !== undefined) programsOf(work).running.set(container.name, program);
};

/** Puts one status in its place; the others and the rest of the pod stay as they are. */
const write = ({ store, kubernetes }: Surroundings, work: PodWork, next: ContainerStatus): void => {
  const pod = store.get('Pod', work.key);
  if (pod === undefined || (pod.metadata.uid ?? '') !== work.uid) return;
  const before = pod.status?.ephemeralContainerStatuses ?? [];
  const ephemeralContainerStatuses = before.some(({ name }) => name === next.name)
    ? before.map((it) => (it.name === next.name ? next : it))
    : [...before, next];
  kubernetes.updateStatus({ ...pod, status: { ...pod.status, ephemeralContainerStatuses } });
};
