/**
 * controllers/kubelet/programs — an init container whose command is run: the pod waits until it has
 * ended well, and shows how it goes.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/kuberuntime/kuberuntime_container.go
 * computeInitContainerActions (policy Always counts as OnFailure here).
 */
import type { Container, ContainerStatus } from '../../../model/kubernetes/core.ts';
import type { Millis } from '../../../sim/clock.ts';
import { podEvent } from '../images.ts';
import { rest } from '../node-network.ts';
import { announceStart } from '../pod-report.ts';
import { containerStatus } from '../pod-status.ts';
import { goesOn, type PodWork } from '../pod-work.ts';
import { between, hexId, type Surroundings, timestampNow } from '../surroundings.ts';
import { backedOff, nextBackOffMs, terminatedAs } from './container-end.ts';
import type { RunningProgram } from './container-programs.ts';

const NOTICED_MS = [300, 1_300] as const;

/** How it ended: its status, which says whether well; undefined: the pod stopped first. */
type InitEnd = ContainerStatus | undefined;

/**
 * Runs the command of an init container again and again until it ends well, or once where the pod's
 * policy is Never.
 *
 * @param show  tells the API what its status is now
 * @returns 'not run' where nobody runs it
 */
export const runInit = async (
  surroundings: Surroundings,
  work: PodWork,
  container: Container,
  show: (status: ContainerStatus) => void,
): Promise<InitEnd | 'not run'> => {
  const { clock, random, programs } = surroundings;
  if (programs?.current?.runs(work.pod, container) !== true) return 'not run';
  let waitMs: Millis | undefined;
  let lastState: unknown = {};
  for (let restartCount = 0; ; restartCount++) {
    announceStart(surroundings, work, container.name);
    const state = { running: { startedAt: timestampNow(clock) } };
    const started = containerStatus(container, state, false, hexId(random), restartCount);
    const status = { ...started, lastState };
    show(status);
    const exitCode = await exitOf(surroundings, work, container, restartCount);
    if (exitCode === undefined) return undefined;
    const terminated = terminatedAs(status, exitCode, timestampNow(clock));
    const isGood = exitCode === 0;
    const ended = { ...status, ready: isGood, started: false, state: { terminated } };
    if (isGood || work.pod.spec.restartPolicy === 'Never') return ended;
    show(ended);
    const background = restartCount > 0;
    await rest(surroundings, work, between(random, ...NOTICED_MS), background);
    if (!goesOn(work)) return undefined;
    lastState = { terminated };
    if (waitMs !== undefined) {
      const { message, event } = backedOff(work, container.name, waitMs);
      const waiting = { reason: 'CrashLoopBackOff', message };
      show({ ...ended, lastState, state: { waiting } });
      podEvent(surroundings, work, 'Warning', 'BackOff', event);
      await rest(surroundings, work, waitMs, true);
      if (!goesOn(work)) return undefined;
    }
    waitMs = nextBackOffMs(waitMs);
  }
};

/** Waits for the exit code; undefined: the pod stopped first, and the program with it. */
const exitOf = async (
  { clock, programs }: Surroundings,
  work: PodWork,
  container: Container,
  restartCount: number,
): Promise<number | undefined> => {
  const signal = clock.signal();
  let exitCode: number | undefined;
  const ended = (code: number): void => {
    exitCode = code;
    signal.notify();
  };
  const start = { pod: work.pod, container, restartCount, ended };
  const program: RunningProgram | undefined = programs?.current?.start(start);
  work.wake = signal;
  while (exitCode === undefined && goesOn(work)) await signal.wait();
  work.wake = undefined;
  if (exitCode === undefined) program?.stop();
  return goesOn(work) ? exitCode : undefined;
};
