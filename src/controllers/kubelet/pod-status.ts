/**
 * controllers/kubelet/pod-status — the status a kubelet writes for a pod.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/status/generate.go (conditions, readiness gates) and
 * kubelet_pods.go (container statuses). Pure: no clock, no store.
 */

import type { Container, ContainerStatus, Pod, PodStatus } from '../../model/kubernetes/core.ts';
import type { Condition } from '../../model/kubernetes/meta.ts';
import { fnv1a } from '../../sim/fnv.ts';

/** What a container does, as its status says. */
export type ContainerState = NonNullable<ContainerStatus['state']>;

/** How far a pod has come. */
export interface PodProgress {
  readonly phase: NonNullable<PodStatus['phase']>;
  /** Timestamp of this write. */
  readonly at: string;
  readonly hostIps: readonly string[];
  readonly podIps: readonly string[];
  /** Init containers have ended (or there are none). */
  readonly initialized: boolean;
  readonly containersReady: boolean;
  readonly containerStatuses: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[] | undefined;
}

const OWN = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady']);

type Verdict = Pick<Condition, 'reason' | 'message'> & { readonly holds: boolean };

const HOLDS: Verdict = { holds: true };

/** The Ready condition: containers ready, and every readiness gate's condition True. */
const readyVerdict = (pod: Pod, containers: Verdict): Verdict => {
  const gates = pod.spec.readinessGates;
  if (!containers.holds || gates === undefined || gates.length === 0) return containers;
  const failed: string[] = [];
  for (const { conditionType } of gates) {
    const found = pod.status?.conditions?.find((condition) => condition.type === conditionType);
    if (found === undefined) {
      failed.push(
        `corresponding condition of pod readiness gate "${conditionType}" does not exist.`,
      );
    } else if (found.status !== 'True') {
      failed.push(
        `the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`,
      );
    }
  }
  if (failed.length === 0) return HOLDS;
  return { holds: false, reason: 'ReadinessGatesNotReady', message: failed.join(', ') };
};

const containersVerdict = (progress: PodProgress): Verdict => {
  if (progress.phase === 'Succeeded') return { holds: false, reason: 'PodCompleted' };
  if (progress.phase === 'Failed') return { holds: false, reason: 'PodFailed' };
  if (progress.containersReady) return HOLDS;
  const unready = progress.containerStatuses.filter((status) => !status.ready);
  return {
    holds: false,
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.map(({ name }) => name).join(' ')}]`,
  };
};

const initializedVerdict = (pod: Pod, progress: PodProgress): Verdict => {
  if (progress.phase === 'Succeeded') return { holds: true, reason: 'PodCompleted' };
  if (progress.initialized) return HOLDS;
  const names = (pod.spec.initContainers ?? []).map(({ name }) => name).join(' ');
  return {
    holds: false,
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${names}]`,
  };
};

const condition = (pod: Pod, type: string, at: string, verdict: Verdict): Condition => {
  const status = verdict.holds ? 'True' : 'False';
  const before = pod.status?.conditions?.find((other) => other.type === type);
  const since = before?.status === status ? before.lastTransitionTime : at;
  return {
    type,
    status,
    lastProbeTime: null,
    lastTransitionTime: since ?? at,
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    ...(verdict.message === undefined ? {} : { message: verdict.message }),
  };
};

/** The status to write; conditions that are others' (PodScheduled, gates) are kept as they are. */
export const podStatus = (pod: Pod, progress: PodProgress): PodStatus => {
  const { at, hostIps, podIps } = progress;
  const containers = containersVerdict(progress);
  const hasSandbox = podIps.length > 0 && progress.phase !== 'Succeeded';
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !OWN.has(type));
  // Put together by `concat`, which leaves no room for more: every pod keeps one.
  const conditions = [
    condition(pod, 'PodReadyToStartContainers', at, { holds: hasSandbox }),
    condition(pod, 'Initialized', at, initializedVerdict(pod, progress)),
    condition(pod, 'Ready', at, readyVerdict(pod, containers)),
    condition(pod, 'ContainersReady', at, containers),
  ].concat(others);
  return {
    ...pod.status,
    phase: progress.phase,
    conditions,
    hostIP: hostIps[0],
    hostIPs: hostIps.map((ip) => ({ ip })),
    ...(podIps.length === 0 ? {} : { podIP: podIps[0], podIPs: podIps.map((ip) => ({ ip })) }),
    startTime: pod.status?.startTime ?? at,
    containerStatuses: progress.containerStatuses,
    ...(progress.initContainerStatuses === undefined
      ? {}
      : { initContainerStatuses: progress.initContainerStatuses }),
  };
};

/** Registries write short names in full; an image without one is Docker Hub's. */
export const fullImageName = (image: string): string => {
  const tagged = /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
  const first = tagged.split('/', 1)[0]!;
  if (tagged.includes('/') && /[.:]|^localhost$/.test(first)) return tagged;
  return `docker.io/${tagged.includes('/') ? '' : 'library/'}${tagged}`;
};

/** 64 hexadecimal digits that stand for an image's digest: the same image has the same one. */
export const imageDigest = (image: string): string => {
  let digest = '';
  let state: number | undefined;
  for (let word = 0; word < 8; word++) {
    state = fnv1a(image, state);
    state = Math.imul(state ^ (state >>> 15) ^ word, 0x85ebca6b) >>> 0;
    digest += state.toString(16).padStart(8, '0');
  }
  return digest;
};

const imageIds = new Map<string, string>();

/** `docker.io/library/nginx@sha256:…`; kept, because thousands of pods share an image. */
const imageId = (image: string): string => {
  let id = imageIds.get(image);
  if (id === undefined) {
    const name = fullImageName(image).replace(/[:@][^/:]*$/, '');
    id = `${name}@sha256:${imageDigest(image)}`;
    imageIds.set(image, id);
  }
  return id;
};

/** The status of one container in `state`. */
export const containerStatus = (
  container: Container,
  state: ContainerState,
  ready: boolean,
  containerId: string | undefined,
  restartCount = 0,
): ContainerStatus => {
  const image = container.image ?? '';
  const created = containerId !== undefined;
  return {
    name: container.name,
    state,
    lastState: {},
    ready,
    restartCount,
    image: created ? fullImageName(image) : image,
    imageID: created ? imageId(image) : '',
    ...(created ? { containerID: `containerd://${containerId}` } : {}),
    started: state.running !== undefined,
  };
};
