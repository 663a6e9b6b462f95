/**
 * controllers/scheduler/topology — the values of a node label (zone, hostname) as small numbers, so
 * that counts per domain are arrays.
 */
import type { NodeState } from './node-state.ts';

/** What no domain is: the node lacks the label. */
export const NO_DOMAIN = -1;

export interface Topology {
  /** The label: `topology.kubernetes.io/zone`. */
  readonly key: string;
  /** Domain by node index; `NO_DOMAIN` without the label. */
  readonly domainOf: number[];
  readonly ids: Map<string, number>;
}

export const topologyOf = (key: string): Topology => ({ key, domainOf: [], ids: new Map() });

/** Reads the node's domain anew. */
export function placeNode(topology: Topology, { index, node }: NodeState): void {
  const value = node?.metadata.labels?.[topology.key];
  if (value === undefined) {
    topology.domainOf[index] = NO_DOMAIN;
    return;
  }
  let id = topology.ids.get(value);
  if (id === undefined) {
    id = topology.ids.size;
    topology.ids.set(value, id);
  }
  topology.domainOf[index] = id;
}
