/**
 * controllers/eks-control-plane/bookkeeping — what a new EKS cluster holds and nothing in the twin's
 * network reads: RBAC, API services, leases, webhooks' configurations, aws-auth. Written once each;
 * what a user deletes or edits stays so.
 *
 * Reads: EksCluster, Addon, NodeGroup.  Writes: Kubernetes objects.
 */
import { isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import type { EksCluster } from '../../model/eks/cluster.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { storeKeyOf, storeKindOf } from '../../model/kubernetes/resources.ts';
import { type Controller, done, watch } from '../../sim/controller.ts';
import { ACCESS_OBJECTS } from './access-objects.ts';
import { addonsOf } from './addon-context.ts';
import { controlPlaneObjects } from './control-plane-objects.ts';
import { corednsBudget } from './coredns.ts';

/** Requests are keys of clusters. */
export function bookkeeping(store: TwinStore, kubernetes: Kubernetes): Controller<Kinds> {
  const written = new Set<string>();
  const write = (object: KubernetesObject): void => {
    const name = `${storeKindOf(object)} ${storeKeyOf(object)}`;
    if (written.has(name)) return;
    written.add(name);
    if (store.get(storeKindOf(object), storeKeyOf(object)) !== undefined) return;
    const created = kubernetes.create(object);
    if (isApiStatus(created)) throw new Error(`${name} is refused: ${created.message}`);
    if (object.status !== undefined) kubernetes.updateStatus({ ...created, status: object.status });
  };
  const clusters = (): string[] => [...store.entries('eks/cluster')].map(({ key }) => key);
  return {
    name: 'eks-bookkeeping',
    watches: [
      watch<Kinds, 'eks/cluster'>('eks/cluster', ({ key }) => [key]),
      watch<Kinds, 'eks/addon'>('eks/addon', clusters),
      watch<Kinds, 'eks/nodegroup'>('eks/nodegroup', clusters),
    ],
    reconcile(request) {
      const cluster = store.get('eks/cluster', request);
      if (cluster === undefined) return done;
      for (const object of objectsOf(store, cluster)) write(object);
      return done;
    },
  };
}

const objectsOf = (store: TwinStore, cluster: EksCluster): readonly KubernetesObject[] => [
  ...ACCESS_OBJECTS,
  ...controlPlaneObjects(store, cluster),
  ...(addonsOf(store, cluster).includes('coredns') ? [corednsBudget] : []),
];
