/**
 * controllers/kubelet/node-registration — from a running instance to a Ready node.
 *
 * Upstream: kubernetes/kubernetes pkg/kubelet/kubelet_node_status.go (registration, events).
 * Reads: Instance, NodeGroup, EksCluster, Subnet.  Writes: Node.
 */
import { isApiStatus } from '../../cluster/kubernetes.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import type { NodeGroup } from '../../model/eks/cluster.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Node } from '../../model/kubernetes/core.ts';
import { timestamp } from '../../model/time.ts';
import { NOT_READY_TAINT, nodeObject, readyCondition } from './node-object.ts';
import type { Surroundings } from './surroundings.ts';

/** Boot of the instance to the registration of its node, as observed on AL2023. */
export const BOOT_MS = [25_000, 45_000] as const;

/** The node group an instance was launched for, found by its tags. */
export const groupOf = (store: TwinStore, { tags }: Instance): NodeGroup | undefined => {
  const groupName = tags['eks:nodegroup-name'] ?? tags['alpha.eksctl.io/nodegroup-name'];
  if (groupName === undefined) return undefined;
  const clusterName = tags['eks:cluster-name'];
  return store.list('eks/nodegroup').find((group) => {
    if (group.nodegroupName !== groupName) return false;
    if (clusterName !== undefined) return group.clusterName === clusterName;
    return tags[`kubernetes.io/cluster/${group.clusterName}`] === 'owned';
  });
};

const ipFamilyOf = (store: TwinStore, { clusterName }: NodeGroup): 'ipv4' | 'ipv6' =>
  store.list('eks/cluster').find(({ name }) => name === clusterName)?.ipFamily ?? 'ipv4';

const nodeEvent = (
  { kubernetes }: Surroundings,
  node: Node,
  reason: string,
  message: string,
): void =>
  kubernetes.recordEvent(node, {
    type: 'Normal',
    reason,
    message,
    component: 'kubelet',
    host: node.metadata.name,
  });

const statusIsNow = (name: string, reason: string): string =>
  `Node ${name} status is now: ${reason}`;

/** Registers the instance's node; the node, or undefined when it may not be registered. */
export const registerNode = (surroundings: Surroundings, instance: Instance): Node | undefined => {
  const { clock, kubernetes, store } = surroundings;
  const group = groupOf(store, instance);
  if (group === undefined) return undefined;
  const object = nodeObject({
    instance,
    group,
    subnet: store.get('ec2/subnet', instance.subnetId),
    ipFamily: ipFamilyOf(store, group),
    at: timestamp(clock.now()),
  });
  const created = kubernetes.create(object);
  if (isApiStatus(created)) return undefined;
  const withStatus =
    created.status === undefined
      ? kubernetes.updateStatus({ ...created, status: object.status })
      : created;
  const node = isApiStatus(withStatus) ? created : withStatus;
  const { name } = node.metadata;
  nodeEvent(surroundings, node, 'Starting', 'Starting kubelet.');
  for (const reason of [
    'NodeHasSufficientMemory',
    'NodeHasNoDiskPressure',
    'NodeHasSufficientPID',
  ]) {
    nodeEvent(surroundings, node, reason, statusIsNow(name, reason));
  }
  const enforced = 'Updated Node Allocatable limit across pods';
  nodeEvent(surroundings, node, 'NodeAllocatableEnforced', enforced);
  return node;
};

/** Writes Ready True, and takes the taint of a new node off. */
export const markReady = (surroundings: Surroundings, name: string): void => {
  const { clock, kubernetes, store } = surroundings;
  const before = store.get('Node', name);
  if (before === undefined) return;
  const at = timestamp(clock.now());
  const conditions = (before.status?.conditions ?? []).map((condition) =>
    condition.type === 'Ready' ? readyCondition(true, at) : condition,
  );
  kubernetes.updateStatus({ ...before, status: { ...before.status, conditions } });
  const node = store.get('Node', name) ?? before;
  const taints = (node.spec.taints ?? []).filter(
    ({ key, effect }) => key !== NOT_READY_TAINT || effect !== 'NoSchedule',
  );
  if (taints.length !== (node.spec.taints ?? []).length) {
    kubernetes.update({ ...node, spec: { ...node.spec, taints } });
  }
  nodeEvent(surroundings, node, 'NodeReady', statusIsNow(name, 'NodeReady'));
};
