/** controllers/vpc-cni/node-view — the Node object as ipamd reads it. Reads: `Node`. */

import type { TwinStore } from '../../model/kinds.ts';
import type { Node } from '../../model/kubernetes/core.ts';
import type { NodeView } from './ipam.ts';

const EMPTY: NodeView = { taints: [], labels: {}, annotations: {}, podCapacity: undefined };

/** A view that follows the object: one look at the store each time it is asked. */
export function nodeViewOf(store: TwinStore, nodeName: string): () => NodeView {
  let node: Node | undefined;
  let view = EMPTY;
  return () => {
    const stored = store.get('Node', nodeName);
    if (stored === node) return view;
    node = stored;
    const pods = Number(stored?.status?.capacity?.pods ?? Number.NaN);
    view = {
      taints: stored?.spec.taints ?? [],
      labels: stored?.metadata.labels ?? {},
      annotations: stored?.metadata.annotations ?? {},
      podCapacity: Number.isInteger(pods) && pods > 0 ? pods : undefined,
    };
    return view;
  };
}
