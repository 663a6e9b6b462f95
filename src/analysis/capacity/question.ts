/**
 * analysis/capacity/question — what every capacity answer is made from: the store, and what the
 * node's own ipamd says.
 */

import type { NodePools } from '../../model/eks/pool-state.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';

export interface CapacitySource {
  readonly store: TwinStore;
  /** ipamd's state by node name; a node it does not know is read from its ENIs instead. */
  readonly nodePools: NodePools;
}

/** True while the pod holds what it asked for: CPU, a pod slot and, not on the host, an address. */
export const holdsResources = (pod: Pod): boolean =>
  pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed';
