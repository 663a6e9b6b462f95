/**
 * controllers/kubelet — what a kubelet keeps in memory: its nodes and the pods it works on. Lost
 * and rebuilt from the store when a twin is opened again.
 */
import type { Pod } from '../../model/kubernetes/core.ts';
import { controllerOf } from '../../model/kubernetes/meta.ts';
import type { Cni } from '../../model/linux/cni.ts';
import type { Millis, Signal } from '../../sim/clock.ts';
import type { RunningProgram } from './programs/container-programs.ts';

/** One node as its kubelet sees it. */
export interface NodeState {
  readonly name: string;
  /** InternalIP addresses, the family of the cluster first. */
  readonly hostIps: readonly string[];
  /** False once the instance stopped: nothing of this kubelet runs on. */
  alive: boolean;
  /** The container runtime found a CNI configuration. It stays when the plugin restarts. */
  networkReady: boolean;
  /** Image → when it is (or will be) on the node. */
  readonly images: Map<string, Millis>;
  /** Pods whose sandbox failed and that wait for the plugin to change. */
  readonly parked: Set<Signal>;
  /** Pods whose image could not be pulled and that wait to try again. */
  readonly unpulled: Set<Signal>;
  /** The pods it works on. */
  readonly works: Set<PodWork>;
  /** Called when the containers of a pod have all ended for good. */
  readonly onPodOver: (work: PodWork) => void;
  /** The plugin whose `changed` is being awaited for `parked`. */
  watched: Cni | undefined;
}

/** What a kubelet knows of containers whose commands are run. */
interface ProgramWork {
  /** Commands under way, by container. */
  readonly running: Map<string, RunningProgram>;
  /** What the next start of a container that ended waits, by container. */
  readonly backOffs: Map<string, Millis>;
  /** Ephemeral containers that were taken up. */
  readonly ephemeral: Set<string>;
}

/** Made when it is first asked for. */
export const programsOf = (work: PodWork): ProgramWork => {
  work.programs ??= { running: new Map(), backOffs: new Map(), ephemeral: new Set() };
  return work.programs;
};

export interface PodWork {
  readonly key: string;
  readonly uid: string;
  readonly node: NodeState;
  /** As bound; a pod's spec does not change afterwards in what matters here. */
  readonly pod: Pod;
  /** A task of this pod is under way; it looks at the marks below after every wait. */
  busy: boolean;
  /** The pod was deleted: containers are to stop. */
  stopping: boolean;
  /** The object itself is gone, or is another pod of the same name. */
  gone: boolean;
  containerId: string;
  /** Its pod addresses; empty before CNI ADD. */
  podIps: readonly string[];
  /** CNI ADD succeeded and DEL is owed. */
  networked: boolean;
  /** Containers run. */
  running: boolean;
  /** Readiness probes have passed. */
  probed: boolean;
  /** The hook `started` was called and `stopped` is owed. */
  hooked: boolean;
  /** What the pod's task waits on, when its wait may be cut short. */
  wake: Signal | undefined;
  /** What it does about commands and ephemeral containers; most pods have neither. */
  programs: ProgramWork | undefined;
  /** When the pod ends is for its commands to say. */
  runsItself: boolean;
}

export const newWork = (key: string, pod: Pod, node: NodeState): PodWork => ({
  key,
  uid: pod.metadata.uid ?? '',
  node,
  pod,
  busy: false,
  stopping: false,
  gone: false,
  containerId: '',
  podIps: [],
  networked: false,
  running: false,
  probed: false,
  hooked: false,
  wake: undefined,
  programs: undefined,
  runsItself: false,
});

/** Whether the pod's task should go on with starting or running containers. */
export const goesOn = (work: PodWork): boolean => !work.stopping && !work.gone && work.node.alive;

/** Whether the twin wants to hear of the pod: a system DaemonSet's, on the host network. */
export const isHostAgent = (pod: Pod): boolean =>
  pod.spec.hostNetwork === true &&
  pod.metadata.namespace === 'kube-system' &&
  controllerOf(pod)?.kind === 'DaemonSet';
