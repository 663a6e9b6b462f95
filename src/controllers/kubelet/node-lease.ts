/**
 * controllers/kubelet/node-lease — the Lease by which a kubelet says that it is there.
 *
 * Upstream: kubernetes/component-helpers apimachinery/lease/controller.go. A kubelet renews it
 * every 10 s; here it keeps the time at which the node came, because nothing reads it.
 * Reads: Node.  Writes: Lease, which goes with its Node.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import { EPOCH_MS } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, watch } from '../../sim/controller.ts';

const NAMESPACE = 'kube-node-lease';

/** metav1.MicroTime. */
const microTime = (atMs: number): string =>
  `${new Date(EPOCH_MS + atMs).toISOString().slice(0, -1)}000Z`;

/** Requests are names of nodes. */
export function nodeLeases(
  clock: Clock,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  return {
    name: 'node-lease',
    watches: [
      watch<Kinds, 'Node'>('Node', ({ key, value, previous }) =>
        previous === undefined && value !== undefined ? [key] : [],
      ),
    ],
    reconcile(name) {
      const node = store.get('Node', name);
      const key = `coordination.k8s.io/Lease:${NAMESPACE}/${name}`;
      if (node === undefined || store.get('Unknown', key) !== undefined) return done;
      const { uid = '' } = node.metadata;
      kubernetes.create({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: {
          name,
          namespace: NAMESPACE,
          ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
        },
        spec: {
          holderIdentity: name,
          leaseDurationSeconds: 40,
          renewTime: microTime(clock.now()),
        },
      });
      return done;
    },
  };
}
