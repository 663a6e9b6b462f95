/**
 * controllers/kubelet/pod-sandbox — a pod's sandbox: CNI ADD until it succeeds, CNI DEL once.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/kubelet.go SyncPod (network readiness),
 * kuberuntime_sandbox.go, and containerd's text around a plugin's failure.
 */
import {
  type CniFailure,
  type CniRequest,
  type CniSuccess,
  IPAMD_DOWN,
} from '../../model/linux/cni.ts';
import { podEvent } from './images.ts';
import { NETWORK_NOT_READY, parkOnPlugin } from './node-network.ts';
import { goesOn, type PodWork } from './pod-work.ts';
import { between, hexId, type Surroundings } from './surroundings.ts';

/** pod_workers.go backOffPeriod, and backOffOnTransientErrorPeriod; each plus up to half. */
const FAILED_AGAIN_MS = [10_000, 15_000] as const;
const NOT_READY_AGAIN_MS = [1_000, 1_500] as const;

const cniRequest = (work: PodWork): CniRequest => ({
  containerId: work.containerId,
  ifName: 'eth0',
  namespace: work.pod.metadata.namespace ?? 'default',
  podName: work.pod.metadata.name,
});

const addFailed = (containerId: string, message: string): string =>
  'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for ' +
  `sandbox "${containerId}": plugin type="aws-cni" name="aws-cni" failed (add): ${message}`;

/** A sandbox that a twin opened again finds on the node; ADD with its id yields its address. */
const foundContainerId = ({ store }: Surroundings, work: PodWork): string | undefined => {
  const found = store.get('node/pod-sandbox', work.key);
  return found?.podUid === work.uid && found.nodeName === work.node.name
    ? found.containerId
    : undefined;
};

/**
 * Makes the sandbox. `onBlocked` is called at the first failure, to show the pod as
 * ContainerCreating.
 *
 * @returns false when the pod stopped first
 */
export const setUpSandbox = async (
  surroundings: Surroundings,
  work: PodWork,
  onBlocked: () => void,
): Promise<boolean> => {
  const { random, cniOf } = surroundings;
  const { node, pod } = work;
  let blocked = false;
  const block = (): void => {
    if (!blocked) onBlocked();
    blocked = true;
  };
  work.containerId = foundContainerId(surroundings, work) ?? hexId(random);
  for (;;) {
    if (pod.spec.hostNetwork !== true && !node.networkReady) {
      const text = `network is not ready: ${NETWORK_NOT_READY}`;
      podEvent(surroundings, work, 'Warning', 'NetworkNotReady', text);
      block();
      await parkOnPlugin(surroundings, work, between(random, ...NOT_READY_AGAIN_MS));
      if (!goesOn(work)) return false;
      continue;
    }
    if (pod.spec.hostNetwork === true) {
      work.podIps = node.hostIps;
      return true;
    }
    const cni = cniOf(node.name);
    const answer: CniSuccess | CniFailure =
      cni === undefined
        ? { kind: 'cni-failure', message: IPAMD_DOWN }
        : await cni.add(cniRequest(work));
    if (answer.kind === 'cni-success') {
      work.networked = true;
      work.podIps = podAddresses(answer);
      return goesOn(work);
    }
    if (!goesOn(work)) return false;
    const text = addFailed(work.containerId, answer.message);
    podEvent(surroundings, work, 'Warning', 'FailedCreatePodSandBox', text);
    block();
    await parkOnPlugin(surroundings, work, between(random, ...FAILED_AGAIN_MS));
    if (!goesOn(work)) return false;
    work.containerId = hexId(random);
  }
};

/** The addresses of eth0; further interfaces are the pod's own business. */
const podAddresses = ({ interfaces }: CniSuccess): string[] =>
  interfaces
    .filter(({ name }) => name === interfaces[0]?.name)
    .map(({ address }) => address.replace(/\/\d+$/, ''));

/** CNI DEL, tried until it succeeds. A node without plugin owes nothing to anyone. */
export const tearDownSandbox = async (surroundings: Surroundings, work: PodWork): Promise<void> => {
  const { clock, random, cniOf } = surroundings;
  while (work.networked && work.node.alive) {
    const cni = cniOf(work.node.name);
    const failure = await cni?.del(cniRequest(work));
    if (failure === undefined) {
      work.networked = false;
      return;
    }
    const text =
      `error killing pod: failed to "KillPodSandbox" for "${work.uid}" with ` +
      'KillPodSandboxError: "rpc error: code = Unknown desc = failed to destroy network for ' +
      `sandbox \\"${work.containerId}\\": plugin type=\\"aws-cni\\" name=\\"aws-cni\\" failed ` +
      `(delete): ${failure.message}"`;
    podEvent(surroundings, work, 'Warning', 'FailedKillPod', text);
    const signal = clock.signal();
    work.node.parked.add(signal);
    await signal.waitAtMost(between(random, ...FAILED_AGAIN_MS), { background: true });
    work.node.parked.delete(signal);
  }
};
