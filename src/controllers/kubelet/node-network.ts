/**
 * controllers/kubelet/node-network — when a node's network works, and how pods wait for it.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/kubelet.go updateRuntimeUp (runtime state is read
 * every 5 s) and pod_workers.go completeWork (a failed sync is tried again after 10 s, after 1 s
 * when only the network is missing, each plus up to half). Waiting pods do not poll: they keep
 * upstream's grid, but in the background until the plugin says that something changed.
 */
import type { Cni } from '../../model/linux/cni.ts';
import type { Millis, Signal } from '../../sim/clock.ts';
import { goesOn, type NodeState, type PodWork } from './pod-work.ts';
import { between, type Surroundings } from './surroundings.ts';

/** What containerd says, and the kubelet repeats in the node's Ready condition. */
export const NETWORK_NOT_READY =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady ' +
  'message:Network plugin returns error: cni plugin not initialized';

/** kubelet.go: the interval of updateRuntimeUp. */
const RUNTIME_CHECK_MS = 5_000;

/** How often a node without a network looks whether a plugin appeared, when nobody tells it. */
const PLUGIN_POLL_MS = 10_000;

/** Wakes every pod that waits for the node's plugin. */
export const wakeParked = (node: NodeState): void => {
  for (const signal of node.parked) signal.notify();
};

/**
 * Waits until the node's plugin has written its configuration, then calls `onReady` once, at the
 * kubelet's next look at the runtime. Call again whenever a plugin starts on the node.
 */
export const awaitNetwork = (
  surroundings: Surroundings,
  node: NodeState,
  onReady: () => void,
): void => {
  const { clock, random, cniOf } = surroundings;
  const waitsStill = (): boolean => node.alive && !node.networkReady;
  clock.spawn(async () => {
    let cni: Cni | undefined = cniOf(node.name);
    while (waitsStill() && cni !== undefined && !cni.isReady()) {
      await cni.changed();
      if (cniOf(node.name) !== cni) return;
      cni = cniOf(node.name);
    }
    if (!waitsStill()) return;
    if (cni === undefined) {
      const look = (): void => {
        if (waitsStill()) awaitNetwork(surroundings, node, onReady);
      };
      clock.after(PLUGIN_POLL_MS, look, { background: true });
      return;
    }
    await clock.sleep(between(random, 0, RUNTIME_CHECK_MS));
    if (!waitsStill()) return;
    node.networkReady = true;
    onReady();
    wakeParked(node);
  });
};

/** One wait on the plugin's behalf for all parked pods of the node. */
const watchPlugin = ({ clock, cniOf }: Surroundings, node: NodeState): void => {
  const cni = cniOf(node.name);
  if (cni === undefined || node.watched === cni) return;
  node.watched = cni;
  clock.spawn(async () => {
    await cni.changed();
    if (node.watched !== cni) return;
    node.watched = undefined;
    wakeParked(node);
  });
};

/** Waits `forMs` for the node's plugin to change; see `parkAmong`. */
export const parkOnPlugin = (
  surroundings: Surroundings,
  work: PodWork,
  forMs: Millis,
): Promise<void> => {
  const parked = parkAmong(surroundings, work, work.node.parked, forMs);
  watchPlugin(surroundings, work.node);
  return parked;
};

/**
 * Waits `forMs` in the background; when the waiting are told meanwhile that something changed, the
 * rest of the wait is foreground. Ends early when the pod is to stop.
 */
export const parkAmong = async (
  { clock }: Surroundings,
  work: PodWork,
  waiting: Set<Signal>,
  forMs: Millis,
): Promise<void> => {
  const until = clock.now() + forMs;
  const signal = clock.signal();
  work.wake = signal;
  waiting.add(signal);
  const how = await signal.waitAtMost(forMs, { background: true });
  waiting.delete(signal);
  if (how === 'notified' && goesOn(work) && clock.now() < until) {
    await signal.waitAtMost(until - clock.now());
  }
  work.wake = undefined;
};

/** Waits `forMs`, less when the pod is to stop. */
export const rest = async (
  { clock }: Surroundings,
  work: PodWork,
  forMs: Millis,
  background = false,
): Promise<void> => {
  const signal = clock.signal();
  work.wake = signal;
  await signal.waitAtMost(forMs, { background });
  work.wake = undefined;
};
