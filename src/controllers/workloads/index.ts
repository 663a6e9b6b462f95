/**
 * controllers/workloads — the built-in controllers of kube-controller-manager that make, count and
 * remove pods, and the node controllers that go with them.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { Clock } from '../../sim/clock.ts';
import type { Controller } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { cloudNodeLifecycleController, podGcController } from './cloud-node-lifecycle.ts';
import { cronJobController } from './cron-job.ts';
import { daemonSetController } from './daemon-set.ts';
import { deploymentController } from './deployment.ts';
import { disruptionController } from './disruption.ts';
import { jobController } from './job.ts';
import { nodeLifecycleController } from './node-lifecycle.ts';
import { replicaSetController } from './replica-set.ts';
import { statefulSetController } from './stateful-set.ts';
import { taintEvictionController } from './taint-eviction.ts';

/** Every controller of this folder; run each with a ControllerRun. */
export function workloadControllers(
  clock: Clock,
  random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): readonly Controller<Kinds>[] {
  const factories = [
    deploymentController,
    replicaSetController,
    statefulSetController,
    daemonSetController,
    jobController,
    cronJobController,
    nodeLifecycleController,
    taintEvictionController,
    cloudNodeLifecycleController,
    podGcController,
    disruptionController,
  ];
  return factories.map((make) => make(clock, random, store, kubernetes));
}
