/**
 * controllers/kubelet/programs — containers whose commands are run: begun, ended with an exit code,
 * begun again where the pod's policy says so.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/kuberuntime/kuberuntime_manager.go doBackOff;
 * pkg/kubelet/kubelet_pods.go getPhase; client-go util/flowcontrol/backoff.go.
 */
import type { Container, ContainerStatus } from '../../../model/kubernetes/core.ts';
import { controllerOf } from '../../../model/kubernetes/meta.ts';
import type { Millis } from '../../../sim/clock.ts';
import { podEvent } from '../images.ts';
import { announceStart, writeStatus } from '../pod-report.ts';
import { containerStatus } from '../pod-status.ts';
import { goesOn, type PodWork, programsOf } from '../pod-work.ts';
import { hasDeclaredEnd, type PodEnd, podEnd, readyAfterMs, restarts } from '../readiness.ts';
import { between, hexId, type Surroundings, timestampNow } from '../surroundings.ts';

/** The kubelet hears of an end when it looks at the runtime next (PLEG, every second). */
const NOTICED_MS = [300, 1_300] as const;
const BACK_OFF_MS = 10_000;
const BACK_OFF_MAX_MS = 300_000;

type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

/**
 * Begins what the pod's containers run. A Job's pod is left to its own end unless all of its
 * containers' commands can be run.
 *
 * @returns how the pod ends by itself, where its commands do not decide that
 */
export const beginPrograms = (surroundings: Surroundings, work: PodWork): PodEnd | undefined => {
  const programs = surroundings.programs?.current;
  if (programs === undefined || hasDeclaredEnd(work.pod))
    return podEnd(work.pod, surroundings.random);
  const { containers } = work.pod.spec;
  const isJob = controllerOf(work.pod)?.kind === 'Job';
  if (isJob && !containers.every((it) => programs.runs(work.pod, it))) {
    return podEnd(work.pod, surroundings.random);
  }
  work.runsItself = true;
  for (const container of containers) begin(surroundings, work, container);
  return undefined;
};

/** Ends what is under way; nobody hears of exit codes. */
export const stopPrograms = (work: PodWork): void => {
  for (const program of work.programs?.running.values() ?? []) program.stop();
  work.programs?.running.clear();
};

/** Containers that say nothing of a command or of standard input run what their image says. */
const hasCommand = ({ command, args, stdin }: Container): boolean =>
  command !== undefined || args !== undefined || stdin === true;

/** Begins the command of a container that runs, if it can be run and is not under way. */
const begin = (surroundings: Surroundings, work: PodWork, container: Container): void => {
  if (!hasCommand(container)) return;
  const status = statusOf(surroundings, work, container.name);
  if (status?.state?.running === undefined) return;
  if (work.programs?.running.has(container.name) === true) return;
  const program = surroundings.programs?.current?.start({
    pod: work.pod,
    container,
    restartCount: status.restartCount,
    ended: (exitCode) => ended(surroundings, work, container, exitCode),
  });
  if (program !== undefined) programsOf(work).running.set(container.name, program);
};

const statusesOf = ({ store }: Surroundings, work: PodWork): readonly ContainerStatus[] => {
  const pod = store.get('Pod', work.key);
  return pod?.metadata.uid === work.uid ? (pod.status?.containerStatuses ?? []) : [];
};

const statusOf = (
  surroundings: Surroundings,
  work: PodWork,
  name: string,
): ContainerStatus | undefined =>
  statusesOf(surroundings, work).find((status) => status.name === name);

/** Puts one container's status in its place, and makes of all of them what the pod is. */
const write = (surroundings: Surroundings, work: PodWork, next: ContainerStatus): void => {
  const containerStatuses = statusesOf(surroundings, work).map((it) =>
    it.name === next.name ? next : it,
  );
  const codes = containerStatuses.map(({ state }) => state?.terminated?.exitCode);
  const isOver =
    !codes.includes(undefined) && codes.every((code) => !restarts(work.pod, code ?? 0));
  const phase = codes.every((code) => code === 0) ? 'Succeeded' : 'Failed';
  writeStatus(surroundings, work, {
    phase: isOver ? phase : 'Running',
    containersReady: containerStatuses.every(({ ready }) => ready),
    containerStatuses,
  });
  if (isOver) work.node.onPodOver(work);
};

export const terminatedAs = (
  status: ContainerStatus,
  exitCode: number,
  finishedAt: string,
): Terminated => ({
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
  startedAt: status.state?.running?.startedAt ?? finishedAt,
  finishedAt,
  ...(status.containerID === undefined ? {} : { containerID: status.containerID }),
});

const ended = (
  surroundings: Surroundings,
  work: PodWork,
  container: Container,
  exitCode: number,
): void => {
  programsOf(work).running.delete(container.name);
  if (!goesOn(work)) return;
  const status = statusOf(surroundings, work, container.name);
  if (status?.state?.running === undefined) return;
  const { clock, random } = surroundings;
  const terminated = terminatedAs(status, exitCode, timestampNow(clock));
  write(surroundings, work, { ...status, ready: false, started: false, state: { terminated } });
  if (!restarts(work.pod, exitCode)) return;
  const background = status.restartCount > 0;
  const again = (): void => {
    if (goesOn(work)) backOff(surroundings, work, container, terminated);
  };
  clock.after(between(random, ...NOTICED_MS), again, { background });
};

/** The first start after an end is at once; the next ones wait longer and longer. */
const backOff = (
  surroundings: Surroundings,
  work: PodWork,
  container: Container,
  terminated: Terminated,
): void => {
  const { clock } = surroundings;
  const { name } = container;
  const waits = programsOf(work).backOffs.get(name);
  if (waits === undefined) {
    programsOf(work).backOffs.set(name, nextBackOffMs(waits));
    restart(surroundings, work, container, terminated);
    return;
  }
  programsOf(work).backOffs.set(name, nextBackOffMs(waits));
  const status = statusOf(surroundings, work, name);
  if (status === undefined) return;
  const { message, event } = backedOff(work, name, waits);
  const state = { waiting: { reason: 'CrashLoopBackOff', message } };
  write(surroundings, work, { ...status, state, lastState: { terminated } });
  podEvent(surroundings, work, 'Warning', 'BackOff', event);
  const again = (): void => {
    if (goesOn(work)) restart(surroundings, work, container, terminated);
  };
  clock.after(waits, again, { background: true });
};

/** What the start after the next waits: 10 s, then twice as long each time. */
export const nextBackOffMs = (waits: Millis | undefined): Millis =>
  waits === undefined ? BACK_OFF_MS : Math.min(2 * waits, BACK_OFF_MAX_MS);

/** How a container that waits to be started again is told of: in its status, and as an event. */
export const backedOff = (
  { pod, uid }: PodWork,
  name: string,
  waits: Millis,
): { readonly message: string; readonly event: string } => {
  const whose = `${pod.metadata.name}_${pod.metadata.namespace}(${uid})`;
  return {
    message: `back-off ${goSeconds(waits)} restarting failed container=${name} pod=${whose}`,
    event: `Back-off restarting failed container ${name} in pod ${whose}`,
  };
};

/** Go's time.Duration: `10s`, `1m20s`. */
const goSeconds = (ms: Millis): string => {
  const seconds = ms / 1_000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
};

const restart = (
  surroundings: Surroundings,
  work: PodWork,
  container: Container,
  terminated: Terminated,
): void => {
  const { clock, random } = surroundings;
  const status = statusOf(surroundings, work, container.name);
  if (status === undefined) return;
  const readyInMs = readyAfterMs(work.pod);
  announceStart(surroundings, work, container.name);
  const state = { running: { startedAt: timestampNow(clock) } };
  const count = status.restartCount + 1;
  const next = containerStatus(container, state, readyInMs === 0, hexId(random), count);
  write(surroundings, work, { ...next, lastState: { terminated } });
  begin(surroundings, work, container);
  if (readyInMs === 0) return;
  const probed = (): void => {
    const now = statusOf(surroundings, work, container.name);
    if (!goesOn(work) || now?.restartCount !== count || now.state?.running === undefined) return;
    write(surroundings, work, { ...now, ready: true });
  };
  clock.after(readyInMs, probed, { background: true });
};
