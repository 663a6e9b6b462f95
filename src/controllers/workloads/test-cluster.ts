/**
 * controllers/workloads/test-cluster — a cluster for tests: the real API server and controllers
 * over virtual time, and a kubelet in ten lines that runs what is bound.
 */
import { createKubernetes } from '../../cluster/create-kubernetes.ts';
import { type ApiStatus, isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { Node, Pod } from '../../model/kubernetes/core.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { timestamp } from '../../model/time.ts';
import { type Controller, ControllerRun, done } from '../../sim/controller.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { workloadControllers } from './index.ts';

export interface TestCluster {
  readonly clock: Simulation;
  readonly store: TwinStore;
  readonly kubernetes: Kubernetes;
  create<Object extends KubernetesObject>(object: Object): Object;
  addNode(name: string, spec?: Node['spec'], labels?: Record<string, string>): void;
  pods(prefix: string): Pod[];
  messages(about: string): string[];
  /** Stops the workload controllers. */
  stop(): void;
}

/** What the tests' kubelet makes of a pod: `Running`, or how its containers end. */
export type Fate = 'Running' | 'Succeeded' | 'Failed';

/**
 * A cluster whose pods are placed at once on the first node (or the one they are pinned to) and are
 * ready `startMs` later.
 */
export function testCluster(
  fateOf: (pod: Pod) => Fate = () => 'Running',
  startMs = 1_000,
): TestCluster {
  const clock = new Simulation(7);
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const { random } = clock;
  const kubernetes = createKubernetes({
    store,
    clock,
    random,
    serviceCidrs: { ipv4: '10.100.0.0/16' },
  });
  const runs = workloadControllers(clock, random, store, kubernetes).map(
    (controller) => new ControllerRun(clock, store, controller),
  );
  new ControllerRun(clock, store, kubelet(clock, store, kubernetes, fateOf, startMs));
  return {
    clock,
    store,
    kubernetes,
    create: (object) => accepted(kubernetes.create(object)),
    addNode(name, spec = {}, labels = {}) {
      const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec };
      accepted(kubernetes.create(node));
      setReady(kubernetes, store, clock, name, 'True');
    },
    pods: (prefix) => store.list('Pod').filter((pod) => pod.metadata.name.startsWith(prefix)),
    messages: (about) =>
      store
        .list('Event')
        .filter((it) => it.involvedObject.name === about)
        .map((it) => it.message),
    stop() {
      for (const run of runs) run.stop();
    },
  };
}

/** Sets a node's Ready condition, as its kubelet would. */
export function setReady(
  kubernetes: Kubernetes,
  store: TwinStore,
  clock: Simulation,
  name: string,
  status: 'True' | 'False',
): void {
  const node = store.get('Node', name)!;
  const ready = { type: 'Ready', status, lastTransitionTime: timestamp(clock.now()) };
  kubernetes.updateStatus({ ...node, status: { ...node.status, conditions: [ready] } });
}

function accepted<Object>(result: Object | ApiStatus): Object {
  if (isApiStatus(result)) throw new Error(result.message);
  return result;
}

function kubelet(
  clock: Simulation,
  store: TwinStore,
  kubernetes: Kubernetes,
  fateOf: (pod: Pod) => Fate,
  startMs: number,
): Controller<Kinds> {
  const run = (key: string): void => {
    const pod = store.get('Pod', key);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    const phase = fateOf(pod);
    const status = phase === 'Running' ? ('True' as const) : ('False' as const);
    const ready = { type: 'Ready', status, lastTransitionTime: timestamp(clock.now()) };
    kubernetes.updateStatus({ ...pod, status: { ...pod.status, phase, conditions: [ready] } });
  };
  return {
    name: 'kubelet',
    watches: [{ kind: 'Pod', requestsFor: ({ key }) => [key] }],
    reconcile(key) {
      const pod = store.get('Pod', key);
      if (pod === undefined) return done;
      if (pod.metadata.deletionTimestamp !== undefined) {
        clock.after(startMs, () => void kubernetes.delete('Pod', key, { gracePeriodSeconds: 0 }));
      } else if (pod.spec.nodeName === undefined) {
        const terms =
          pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
        const named = terms?.nodeSelectorTerms[0]?.matchFields?.[0]?.values?.[0];
        const node = named ?? store.list('Node')[0]?.metadata.name;
        if (node !== undefined) kubernetes.bind(key, node);
      } else if (pod.status?.phase === 'Pending') clock.after(startMs, () => run(key));
      return done;
    },
  };
}
