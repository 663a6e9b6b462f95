/**
 * controllers/kubelet/node-lease — the Lease by which a kubelet says that it is there.
 *
 * Upstream: kubernetes/component-helpers apimachinery/lease/controller.go: a kubelet renews it
 * every 10 s. Nothing in a twin reads it, so it keeps the time at which the node came, until
 * somebody is served who might: see {@link renewNodeLeases}.
 * Reads: Node, ec2/instance.  Writes: Lease, which goes with its Node.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { Node } from '../../model/kubernetes/core.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import { EPOCH_MS } from '../../model/time.ts';
import type { Clock, Timer } from '../../sim/clock.ts';
import { type Controller, done, watch } from '../../sim/controller.ts';
import type { StoreEvent } from '../../sim/store.ts';

const NAMESPACE = 'kube-node-lease';
const KEY_PREFIX = `coordination.k8s.io/Lease:${NAMESPACE}/`;
const RENEW_MS = 10_000;
/** A large cluster's leases are renewed some at a time, so that nobody waits for them. */
const AT_ONCE = 500;
const NEXT_MS = 1_000;

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
      if (node === undefined || store.get('Unknown', KEY_PREFIX + name) !== undefined) return done;
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

/** A kubelet whose instance does not run renews nothing; of other nodes nothing is known. */
function isAlive(store: TwinStore, node: Node): boolean {
  const id = instanceIdOf(node);
  const state = id === undefined ? undefined : store.get('ec2/instance', id)?.state;
  return state === undefined || state === 'running';
}

/** Says for a kubelet that it is there; everything else of the lease is shared with what was. */
function renew(store: TwinStore, nodeName: string, renewTime: string): void {
  const node = store.get('Node', nodeName);
  const lease = store.get('Unknown', KEY_PREFIX + nodeName);
  if (node === undefined || lease === undefined || !isAlive(store, node)) return;
  const spec = { ...(lease.spec as object), renewTime };
  store.put('Unknown', KEY_PREFIX + nodeName, { ...lease, spec });
}

/** Renews the leases of all nodes whose kubelets are alive, now and every 10 s, until stopped. */
export function renewNodeLeases(clock: Clock, store: TwinStore): { stop(): void } {
  let due: string[] = [];
  let timer: Timer | undefined;
  const turn = (): void => {
    if (due.length === 0) due = store.list('Node').map(({ metadata }) => metadata.name);
    const now = microTime(clock.now());
    for (const name of due.splice(0, AT_ONCE)) renew(store, name, now);
    timer = clock.after(due.length === 0 ? RENEW_MS : NEXT_MS, turn, { background: true });
  };
  turn();
  return { stop: () => timer?.cancel() };
}

/**
 * Is it a renewal, and nothing else? It need not be kept: whoever goes on renews at once. What an
 * API client writes never shares its metadata.
 */
export const isRenewal = ({ kind, key, value, previous }: StoreEvent<Kinds>): boolean =>
  kind === 'Unknown' &&
  key.startsWith(KEY_PREFIX) &&
  value !== undefined &&
  previous !== undefined &&
  (value as KubernetesObject).metadata === (previous as KubernetesObject).metadata;
