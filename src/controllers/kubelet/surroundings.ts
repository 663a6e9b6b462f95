/**
 * controllers/kubelet — what a kubelet has around it: the API, the network plugin, the registry.
 * The twin wires these; a kubelet knows nothing of who answers.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type { Cni } from '../../model/linux/cni.ts';
import type { Reach } from '../../model/linux/reach.ts';
import { timestamp } from '../../model/time.ts';
import type { Clock, Millis } from '../../sim/clock.ts';
import type { Random } from '../../sim/random.ts';
import type { ProgramSlot } from './programs/container-programs.ts';

/**
 * Told when the containers of a host-network DaemonSet pod of kube-system start and stop on a
 * node. The twin picks out aws-node and runs the node's ipamd with the container's environment.
 */
export interface PodHooks {
  started(pod: Pod, nodeName: string): void;
  stopped(pod: Pod, nodeName: string): void;
}

/** What a registry answers to a pull. */
export type PullOutcome =
  | { readonly kind: 'pulled'; readonly tookMs: Millis }
  /** `message` is containerd's text, as it appears in the event `Failed`. */
  | { readonly kind: 'refused'; readonly message: string; readonly tookMs?: Millis };

/** Asked for every pull of an image on a node; undefined = the registry has it and gives it. */
export type PullImage = (image: string, nodeName: string) => PullOutcome | undefined;

/** The plugin of a node; undefined while no plugin runs there. */
export type CniOf = (nodeName: string) => Cni | undefined;

export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: TwinStore;
  readonly kubernetes: Kubernetes;
  readonly cniOf: CniOf;
  readonly hooks: PodHooks;
  readonly images?: PullImage | undefined;
  readonly reach?: Reach | undefined;
  /** Who runs containers' commands; absent = nobody ever. */
  readonly programs?: ProgramSlot | undefined;
}

/** Uniform in [fromMs, toMs). */
export const between = (random: Random, fromMs: Millis, toMs: Millis): Millis =>
  fromMs + Math.floor(random.next() * (toMs - fromMs));

/** 64 hexadecimal digits: the id of a sandbox or a container. Joined: a sum is kept in parts. */
export const hexId = (random: Random): string =>
  Array.from({ length: 8 }, () => random.int(4_294_967_296).toString(16).padStart(8, '0')).join('');

let stampedSecond = Number.NaN;
let stamp = '';

/** The present as Kubernetes writes it; made once per second, because thousands of pods ask. */
export const timestampNow = (clock: Clock): string => {
  const second = Math.floor(clock.now() / 1_000);
  if (second !== stampedSecond) {
    stampedSecond = second;
    stamp = timestamp(clock.now());
  }
  return stamp;
};
