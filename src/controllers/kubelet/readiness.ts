/**
 * controllers/kubelet/readiness — how long after its start a pod's containers are ready, and how
 * long a pod that ends by itself runs.
 *
 * Probes are a delay here: a container with a readinessProbe is ready `initialDelaySeconds` plus
 * one period after it started (a startupProbe before it counts the same way). Whether the probe's
 * packet would arrive is the datapath's question.
 */
import type { Container, Pod, Probe } from '../../model/kubernetes/core.ts';
import { controllerOf } from '../../model/kubernetes/meta.ts';
import type { Millis } from '../../sim/clock.ts';
import type { Random } from '../../sim/random.ts';
import { between } from './surroundings.ts';

/** core/v1 Probe: the default of periodSeconds. */
const PERIOD_SECONDS = 10;

const probeMs = (probe: Probe | undefined): Millis => {
  if (probe === undefined) return 0;
  const { initialDelaySeconds = 0, periodSeconds = PERIOD_SECONDS, successThreshold = 1 } = probe;
  return (initialDelaySeconds + periodSeconds * successThreshold) * 1_000;
};

const containerReadyMs = ({ startupProbe, readinessProbe }: Container): Millis =>
  probeMs(startupProbe) + probeMs(readinessProbe);

/** Time from start to ready; the pod's slowest container decides. 0 = ready as it starts. */
export const readyAfterMs = (pod: Pod): Millis => {
  let slowest = 0;
  for (const container of pod.spec.containers) {
    slowest = Math.max(slowest, containerReadyMs(container));
  }
  return slowest;
};

/** Says how long the containers of a pod run, in seconds; for pods of any kind. */
const RUN_SECONDS = 'ekstwin.dev/run-seconds';
/** The exit code of a pod that ends; 0 without it. */
const EXIT_CODE = 'ekstwin.dev/exit-code';

/** How long a Job's pod runs when nothing says so. */
const JOB_RUN_MS = [2_000, 6_000] as const;

/** How a pod ends by itself; undefined for pods that run until they are deleted. */
export interface PodEnd {
  readonly afterMs: Millis;
  readonly exitCode: number;
}

const number = (text: string | undefined): number | undefined => {
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
};

/** Whether the pod says itself how long it runs. */
export const hasDeclaredEnd = ({ metadata }: Pod): boolean =>
  number(metadata.annotations?.[RUN_SECONDS]) !== undefined;

/** A Job's pod ends after a few seconds, any pod with the annotation after what it says. */
export const podEnd = (pod: Pod, random: Random): PodEnd | undefined => {
  const { annotations } = pod.metadata;
  const seconds = number(annotations?.[RUN_SECONDS]);
  const ofJob = controllerOf(pod)?.kind === 'Job' && pod.spec.restartPolicy !== 'Always';
  if (seconds === undefined && !ofJob) return undefined;
  return {
    afterMs: seconds === undefined ? between(random, ...JOB_RUN_MS) : seconds * 1_000,
    exitCode: number(annotations?.[EXIT_CODE]) ?? 0,
  };
};

/** Whether the kubelet starts the containers again after they ended with `exitCode`. */
export const restarts = (pod: Pod, exitCode: number): boolean => {
  const policy = pod.spec.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
};

interface Lifecycle {
  readonly preStop?: {
    readonly sleep?: { readonly seconds?: number };
    readonly exec?: { readonly command?: readonly string[] };
  };
}

/** What a preStop hook sleeps: the `sleep` action, or a command that is `sleep N`. */
export const preStopMs = (pod: Pod): Millis => {
  let longest = 0;
  for (const container of pod.spec.containers) {
    if (container.lifecycle === undefined) continue;
    const { preStop } = container.lifecycle as Lifecycle;
    const command = preStop?.exec?.command?.join(' ') ?? '';
    const inCommand = /(?:^|\s)sleep (\d+)/.exec(command)?.[1];
    longest = Math.max(longest, preStop?.sleep?.seconds ?? Number(inCommand ?? 0));
  }
  return longest * 1_000;
};
