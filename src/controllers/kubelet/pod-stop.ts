/**
 * controllers/kubelet/pod-stop — the end of a pod that was deleted: containers stop, the sandbox
 * goes, and then the object.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer
 * (preStop inside the grace period, event Killing), pod_workers.go (the API object is deleted with
 * grace 0 once everything is gone).
 */
import { podEvent } from './images.ts';
import { tearDownSandbox } from './pod-sandbox.ts';
import type { PodWork } from './pod-work.ts';
import { stopPrograms } from './programs/container-end.ts';
import { preStopMs } from './readiness.ts';
import { between, type Surroundings } from './surroundings.ts';

/** How long containers take to end after SIGTERM. */
const STOP_MS = [100, 1_000] as const;
const GRACE_SECONDS = 30;

/** Time from the deletion to the end of the last container; never more than the grace period. */
const stopMs = ({ random, store }: Surroundings, work: PodWork): number => {
  const { pod } = work;
  const graceSeconds =
    store.get('Pod', work.key)?.metadata.deletionGracePeriodSeconds ??
    pod.spec.terminationGracePeriodSeconds ??
    GRACE_SECONDS;
  return Math.min(preStopMs(pod) + between(random, ...STOP_MS), graceSeconds * 1_000);
};

/** Tells the twin that a host agent's containers have ended. */
export const stopHostAgent = ({ hooks }: Surroundings, work: PodWork): void => {
  if (!work.hooked) return;
  work.hooked = false;
  hooks.stopped(work.pod, work.node.name);
};

/** Stops the pod; when its object is still there (`gone` is false), deletes it at the end. */
export const stopPod = async (surroundings: Surroundings, work: PodWork): Promise<void> => {
  const { clock, kubernetes, store } = surroundings;
  if (work.running) {
    for (const { name } of work.pod.spec.containers) {
      podEvent(surroundings, work, 'Normal', 'Killing', `Stopping container ${name}`);
    }
    const forMs = work.gone ? 0 : stopMs(surroundings, work);
    if (forMs > 0) await clock.sleep(forMs);
    stopPrograms(work);
    work.running = false;
  }
  if (!work.node.alive) return;
  stopHostAgent(surroundings, work);
  await tearDownSandbox(surroundings, work);
  if (work.gone || !work.node.alive) return;
  const uid = store.get('Pod', work.key)?.metadata.uid ?? '';
  if (uid === work.uid) kubernetes.delete('Pod', work.key, { gracePeriodSeconds: 0 });
};
