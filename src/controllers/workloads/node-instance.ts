/**
 * controllers/workloads/node-instance — the instance behind a node, for the controllers that follow
 * its state.  Reads: Node, ec2/instance.
 */
import type { InstanceState } from '../../model/ec2/instance.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { Node } from '../../model/kubernetes/core.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import { type Watch, watch } from '../../sim/controller.ts';

/** Undefined for nodes whose instance we know nothing of: imported ones, Fargate. */
export function instanceState(store: TwinStore, node: Node): InstanceState | undefined {
  const id = instanceIdOf(node);
  return id === undefined ? undefined : store.get('ec2/instance', id)?.state;
}

/** Requests the nodes of an instance whose state changed. */
export const nodesOfInstances = (store: TwinStore): Watch<Kinds> =>
  watch<Kinds, 'ec2/instance'>('ec2/instance', ({ key, value, previous }) =>
    value?.state === previous?.state
      ? []
      : store.lookup('Node', 'instance', key).map(({ metadata }) => metadata.name),
  );
