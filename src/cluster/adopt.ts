/**
 * cluster/adopt — takes objects of a real cluster's export as they are: uids, status and times
 * stay,
 * their ClusterIPs and node ports count as taken.
 */
import type { Note } from '../model/input-error.ts';
import type { Service } from '../model/kubernetes/core.ts';
import { type KubernetesObject, keyOf, type ObjectMeta } from '../model/kubernetes/meta.ts';
import { resourceOf, storeKeyOf, storeKindOf } from '../model/kubernetes/resources.ts';
import type { Cluster } from './cluster.ts';

/** Stores the objects; says which of them nothing reads. */
export function adoptObjects(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
): readonly Note[] {
  const notes: Note[] = [];
  for (const given of objects) {
    const object = exported(cluster, given);
    const kind = storeKindOf(object);
    const key = storeKeyOf(object);
    if (kind === 'Service') {
      const before = cluster.store.get('Service', key);
      if (before !== undefined) cluster.addresses.release(before);
      cluster.addresses.reserve(object as Service);
    }
    if (resourceOf(object) === undefined) notes.push(keptAsItCame(object));
    cluster.store.put(kind, key, object as never);
  }
  return notes;
}

/** What to say about an object of a kind nobody reads. */
export const keptAsItCame = ({ apiVersion, kind, metadata }: KubernetesObject): Note => ({
  where: `${kind} ${keyOf({ metadata })}`,
  text: `${apiVersion} ${kind} is kept as it came; nothing in the twin reads it`,
});

/** Without what only a client sees, and with what every stored object has. */
function exported(cluster: Cluster, object: KubernetesObject): KubernetesObject {
  const {
    resourceVersion: _,
    managedFields: __,
    selfLink: ___,
    ...metadata
  } = object.metadata as ObjectMeta & { managedFields?: unknown; selfLink?: unknown };
  return {
    ...object,
    metadata: {
      ...metadata,
      uid: metadata.uid ?? cluster.uid(),
      creationTimestamp: metadata.creationTimestamp ?? cluster.now(),
    },
  };
}
