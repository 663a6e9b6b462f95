/**
 * controllers/kubelet/pod-run — one pod from bound to running, and to its end if it has one.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/kuberuntime/kuberuntime_manager.go SyncPod: sandbox,
 * init containers in order, then the containers. Two status writes at most on the ordinary way:
 * running, and ready when a probe has to pass first. Pods that must wait are shown as
 * ContainerCreating, as the API shows them.
 */
import type { Container, ContainerStatus } from '../../model/kubernetes/core.ts';
import type { Millis } from '../../sim/clock.ts';
import { announcePresent, ensureImage, isPresent, podEvent } from './images.ts';
import { rest } from './node-network.ts';
import { announceStart, writeStatus } from './pod-report.ts';
import { setUpSandbox, tearDownSandbox } from './pod-sandbox.ts';
import { type ContainerState, containerStatus } from './pod-status.ts';
import { goesOn, isHostAgent, type PodWork } from './pod-work.ts';
import { beginPrograms } from './programs/container-end.ts';
import { startEphemeral } from './programs/ephemeral-containers.ts';
import { runInit } from './programs/init-container.ts';
import { type PodEnd, readyAfterMs, restarts } from './readiness.ts';
import { between, hexId, type Surroundings, timestampNow } from './surroundings.ts';

/** Making the sandbox and starting the containers of a pod whose images are there. */
const START_MS = [130, 700] as const;
/** How long an init container works. */
const INIT_MS = [200, 1_500] as const;
/** kubelet.go backOffPeriod for containers that keep ending: 10 s doubling to 5 min. */
const CRASH_BACK_OFF_MS = 10_000;
const CRASH_BACK_OFF_MAX_MS = 300_000;

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

const waiting = (
  containers: readonly Container[],
  reason: string,
  message?: string,
): ContainerStatus[] =>
  containers.map((container) =>
    containerStatus(
      container,
      { waiting: message === undefined ? { reason } : { reason, message } },
      false,
      undefined,
    ),
  );

/** Shows that the pod waits: before its sandbox, or in its init containers. */
const writeWaiting = (surroundings: Surroundings, work: PodWork): void => {
  const { containers, initContainers = [] } = work.pod.spec;
  const initializing = initContainers.length > 0;
  writeStatus(surroundings, work, {
    phase: 'Pending',
    initialized: !initializing,
    containersReady: false,
    containerStatuses: waiting(containers, initializing ? 'PodInitializing' : 'ContainerCreating'),
    ...(initializing ? { initContainerStatuses: waiting(initContainers, 'PodInitializing') } : {}),
  });
};

/** Shows that one container's image does not come; the others stay as they are. */
const writeUnpulled = (
  surroundings: Surroundings,
  work: PodWork,
  container: Container,
  reason: string,
  message: string,
): void => {
  const { containers, initContainers = [] } = work.pod.spec;
  const { containerStatuses = [], initContainerStatuses = [] } =
    surroundings.store.get('Pod', work.key)?.status ?? {};
  const [its] = waiting([container], reason, message);
  const isInit = initContainers.includes(container);
  const replaced = (
    all: readonly Container[],
    known: readonly ContainerStatus[],
  ): ContainerStatus[] =>
    all.map((one) => {
      if (one === container) return its!;
      const held = known.find(({ name }) => name === one.name);
      return held ?? waiting([one], isInit ? 'PodInitializing' : 'ContainerCreating')[0]!;
    });
  writeStatus(surroundings, work, {
    phase: 'Pending',
    initialized: !isInit,
    containersReady: false,
    containerStatuses: isInit
      ? waiting(containers, 'PodInitializing')
      : replaced(containers, containerStatuses),
    ...(isInit
      ? { initContainerStatuses: replaced(initContainers, initContainerStatuses) }
      : initContainerStatuses.length > 0
        ? { initContainerStatuses }
        : {}),
  });
};

/** Shows how far the init containers have come. */
const writeInitializing = (
  surroundings: Surroundings,
  work: PodWork,
  known: readonly ContainerStatus[],
  phase: 'Pending' | 'Failed' = 'Pending',
): void => {
  const { containers, initContainers = [] } = work.pod.spec;
  writeStatus(surroundings, work, {
    phase,
    initialized: false,
    containersReady: false,
    containerStatuses: waiting(containers, 'PodInitializing'),
    initContainerStatuses: [
      ...known,
      ...waiting(initContainers.slice(known.length), 'PodInitializing'),
    ],
  });
};

/** Runs the init containers in order; undefined when the pod stopped meanwhile. */
const runInitContainers = async (
  surroundings: Surroundings,
  work: PodWork,
): Promise<ContainerStatus[] | undefined> => {
  const { clock, random } = surroundings;
  const statuses: ContainerStatus[] = [];
  for (const container of work.pod.spec.initContainers ?? []) {
    if (!(await fetchImage(surroundings, work, container))) return undefined;
    const sidecar = isSidecar(container);
    const own = sidecar
      ? 'not run'
      : await runInit(surroundings, work, container, (status) =>
          writeInitializing(surroundings, work, [...statuses, status]),
        );
    if (own === undefined) return undefined;
    if (own !== 'not run') {
      statuses.push(own);
      if (own.ready) continue;
      writeInitializing(surroundings, work, statuses, 'Failed');
      await tearDownSandbox(surroundings, work);
      return undefined;
    }
    const startedAt = timestampNow(clock);
    announceStart(surroundings, work, container.name);
    const [fromMs, toMs] = sidecar ? START_MS : INIT_MS;
    await clock.sleep(between(random, fromMs, toMs));
    if (!goesOn(work)) return undefined;
    const finishedAt = timestampNow(clock);
    const state: ContainerState = sidecar
      ? { running: { startedAt } }
      : { terminated: { exitCode: 0, reason: 'Completed', startedAt, finishedAt } };
    statuses.push(containerStatus(container, state, true, hexId(random)));
  }
  return statuses;
};

const fetchImage = (
  surroundings: Surroundings,
  work: PodWork,
  container: Container,
): Promise<boolean> =>
  ensureImage(surroundings, work, container, (reason, message) =>
    writeUnpulled(surroundings, work, container, reason, message),
  );

const runningStatuses = (
  { random, clock }: Surroundings,
  work: PodWork,
  restartCount: number,
): ContainerStatus[] => {
  const state: ContainerState = { running: { startedAt: timestampNow(clock) } };
  return work.pod.spec.containers.map((container) =>
    containerStatus(container, state, work.probed, hexId(random), restartCount),
  );
};

const withReadiness = (statuses: readonly ContainerStatus[], ready: boolean): ContainerStatus[] =>
  statuses.map((status) => (status.state?.running === undefined ? status : { ...status, ready }));

/** Writes Ready with what the pod's conditions say now: for probes that passed, and for gates. */
export const refreshReadiness = (surroundings: Surroundings, work: PodWork): void => {
  const current = surroundings.store.get('Pod', work.key);
  if (current === undefined || !work.running) return;
  const statuses = current.status?.containerStatuses ?? [];
  writeStatus(surroundings, work, {
    containerStatuses: work.probed ? withReadiness(statuses, true) : statuses,
  });
};

/**
 * Makes the sandbox, runs the init containers and fetches the images.
 *
 * @returns the init containers' statuses; undefined when the pod stopped first
 */
const prepare = async (
  surroundings: Surroundings,
  work: PodWork,
): Promise<readonly ContainerStatus[] | undefined> => {
  const { clock } = surroundings;
  const { containers, initContainers } = work.pod.spec;
  if (!(await setUpSandbox(surroundings, work, () => writeWaiting(surroundings, work)))) {
    return undefined;
  }
  const fetches = containers.some(({ image = '' }) => !work.node.images.has(image));
  const inits = (initContainers?.length ?? 0) > 0;
  if (fetches || inits) writeWaiting(surroundings, work);
  const initStatuses = inits ? await runInitContainers(surroundings, work) : NONE;
  if (initStatuses === undefined) return undefined;
  for (const container of containers) {
    // Without a wait where none is needed: most pods find their image on the node.
    if (isPresent(container, work, clock.now())) announcePresent(surroundings, work, container);
    else if (!(await fetchImage(surroundings, work, container))) return undefined;
  }
  return initStatuses;
};

const NONE: readonly ContainerStatus[] = [];

/** The containers run. */
const start = (
  surroundings: Surroundings,
  work: PodWork,
  initStatuses: readonly ContainerStatus[],
): void => {
  for (const { name } of work.pod.spec.containers) announceStart(surroundings, work, name);
  work.running = true;
  work.probed = readyAfterMs(work.pod) === 0;
  writeStatus(surroundings, work, {
    containerStatuses: runningStatuses(surroundings, work, 0),
    ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
  });
  if (!isHostAgent(work.pod)) return;
  work.hooked = true;
  surroundings.hooks.started(work.pod, work.node.name);
};

/**
 * Brings the pod up, lets its probes pass, and lets it end if it ends by itself. The wait for the
 * containers is a callback, not a task: it is every pod's, and a task costs three times as much.
 *
 * @param onStarted  called once the containers run
 * @param onEnd      called when nothing is left to do until the pod is deleted, or it was
 */
export const runPod = (
  surroundings: Surroundings,
  work: PodWork,
  onStarted: () => void,
  onEnd: () => void,
): void => {
  const { clock, random } = surroundings;
  clock.spawn(async () => {
    const initStatuses = await prepare(surroundings, work);
    if (initStatuses === undefined) return onEnd();
    clock.after(between(random, ...START_MS), () => {
      if (!goesOn(work)) return onEnd();
      start(surroundings, work, initStatuses);
      onStarted();
      startEphemeral(surroundings, work);
      const end = beginPrograms(surroundings, work);
      if (work.probed && end === undefined) return onEnd();
      clock.spawn(async () => {
        await seeThrough(surroundings, work, readyAfterMs(work.pod), end);
        onEnd();
      });
    });
  });
};

/** What is left for a pod whose containers run; its probes take `readyInMs` more. */
export const seeThrough = async (
  surroundings: Surroundings,
  work: PodWork,
  readyInMs: Millis,
  end: PodEnd | undefined,
): Promise<void> => {
  if (end !== undefined) return runToEnd(surroundings, work, end);
  if (work.probed) return;
  await rest(surroundings, work, readyInMs);
  if (!goesOn(work)) return;
  work.probed = true;
  refreshReadiness(surroundings, work);
};

/** Lets the containers run for their time, again and again where the policy says so. */
const runToEnd = async (
  surroundings: Surroundings,
  work: PodWork,
  { afterMs, exitCode }: PodEnd,
): Promise<void> => {
  const probeMs = readyAfterMs(work.pod);
  for (let restartCount = 0; ; restartCount++) {
    // Once it has ended and come back nothing new happens: such a loop must not keep settle going.
    const background = restartCount > 0;
    if (!work.probed && probeMs < afterMs) {
      await rest(surroundings, work, probeMs, background);
      if (!goesOn(work)) return;
      work.probed = true;
      refreshReadiness(surroundings, work);
      await rest(surroundings, work, afterMs - probeMs, background);
    } else await rest(surroundings, work, afterMs, background);
    if (!goesOn(work) || work.runsItself) return;
    work.probed = false;
    const over = !restarts(work.pod, exitCode);
    writeEnded(surroundings, work, exitCode, restartCount, over);
    work.running = !over;
    if (over) return tearDownSandbox(surroundings, work);
    const text = `Back-off restarting failed container ${work.pod.spec.containers[0]?.name ?? ''}`;
    podEvent(surroundings, work, 'Warning', 'BackOff', text);
    const backOffMs = Math.min(CRASH_BACK_OFF_MS * 2 ** restartCount, CRASH_BACK_OFF_MAX_MS);
    await rest(surroundings, work, backOffMs, true);
    if (!goesOn(work)) return;
    for (const { name } of work.pod.spec.containers) announceStart(surroundings, work, name);
    work.probed = probeMs === 0;
    writeStatus(surroundings, work, {
      containerStatuses: runningStatuses(surroundings, work, restartCount + 1),
    });
  }
};

const writeEnded = (
  surroundings: Surroundings,
  work: PodWork,
  exitCode: number,
  restartCount: number,
  over: boolean,
): void => {
  const { clock, store } = surroundings;
  const finishedAt = timestampNow(clock);
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  const current = store.get('Pod', work.key)?.status?.containerStatuses ?? [];
  const containerStatuses = current.map((status): ContainerStatus => {
    const startedAt = status.state?.running?.startedAt ?? finishedAt;
    const terminated = { exitCode, reason, startedAt, finishedAt };
    const ended = { ...status, ready: false, started: false, restartCount };
    if (over) return { ...ended, state: { terminated } };
    const message = `back-off restarting failed container=${status.name}`;
    const state = { waiting: { reason: 'CrashLoopBackOff', message } };
    return { ...ended, state, lastState: { terminated } };
  });
  const failed = exitCode === 0 ? 'Succeeded' : 'Failed';
  writeStatus(surroundings, work, {
    phase: over ? failed : 'Running',
    containersReady: false,
    containerStatuses,
  });
};
