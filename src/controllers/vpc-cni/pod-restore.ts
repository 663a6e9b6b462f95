/**
 * controllers/vpc-cni/pod-restore — what an ipamd that starts takes over: the checkpoint on the
 * node's disk, or, on a node that was imported with its pods running, those pods.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/datastore/data_store.go:340-470 and
 * normalizeCheckpointDataByPodVethExistence: an allocation whose host link is gone is dropped.
 *
 * Reads: the disk, the node's pods and sandboxes.
 */

import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import {
  CHECKPOINT_VERSION,
  type Checkpoint,
  type CheckpointAllocation,
  checkpointPath,
  type NodeDisk,
} from './checkpoint.ts';
import { isDatastoreError } from './datastore-error.ts';
import { newEgress } from './egress-plugin.ts';
import type { Ipam } from './ipam.ts';
import { podEniOf } from './pod-eni-annotation.ts';
import { pooledInterface } from './pod-network.ts';

export const NETWORK_NAME = 'aws-cni';

/** The container id a pod without a sandbox gets: what an import cannot know. */
export const importedContainerId = (pod: Pod): string => `imported-${pod.metadata.uid ?? ''}`;

/** Drops the allocations of pods that left while ipamd was away. */
export function withoutStale(store: TwinStore, checkpoint: Checkpoint): Checkpoint {
  const allocations = checkpoint.allocations.filter(({ metadata, containerID }) => {
    const key = `${metadata.k8sPodNamespace ?? ''}/${metadata.k8sPodName ?? ''}`;
    const sandbox = store.get('node/pod-sandbox', key);
    return sandbox?.containerId === containerID;
  });
  return { version: checkpoint.version, allocations };
}

const holdsAddress = (pod: Pod): boolean =>
  pod.spec.hostNetwork !== true &&
  pod.status?.podIP !== undefined &&
  pod.status.phase !== 'Succeeded' &&
  pod.status.phase !== 'Failed' &&
  podEniOf(pod) === undefined;

/** The node's running pods as a checkpoint. */
export function checkpointFromPods(store: TwinStore, nodeName: string): Checkpoint {
  const allocations: CheckpointAllocation[] = [];
  for (const pod of store.lookup('Pod', 'node', nodeName)) {
    if (!holdsAddress(pod)) continue;
    const sandbox = store.get('node/pod-sandbox', keyOf(pod));
    const ip = pod.status!.podIP!;
    allocations.push({
      networkName: NETWORK_NAME,
      containerID: sandbox?.containerId ?? importedContainerId(pod),
      ifName: 'eth0',
      ...(ip.includes(':') ? { ipv6: ip } : { ipv4: ip }),
      allocationTimestamp: 0,
      metadata: { k8sPodNamespace: pod.metadata.namespace, k8sPodName: pod.metadata.name },
    });
  }
  return { version: CHECKPOINT_VERSION, allocations };
}

export interface RestoreParts {
  readonly ipam: Ipam;
  readonly store: TwinStore;
  readonly disk: NodeDisk;
  readonly nodeName: string;
}

/**
 * Reads every card's checkpoint into its datastore, and writes the sandboxes an import lacks.
 *
 * @returns the allocations no ENI has an address for, or why the file cannot be read
 */
export function restoreStores(parts: RestoreParts): readonly CheckpointAllocation[] | string {
  const { ipam, store, disk, nodeName } = parts;
  const dropped: CheckpointAllocation[] = [];
  for (const datastore of ipam.stores.values()) {
    const path = checkpointPath(ipam.env.backingStore, datastore.networkCard);
    const stored = disk.read(path);
    if (stored === undefined && datastore.networkCard > 0) continue;
    const checkpoint =
      stored === undefined ? checkpointFromPods(store, nodeName) : withoutStale(store, stored);
    const result = datastore.restore(checkpoint);
    if (isDatastoreError(result)) return result.message;
    dropped.push(...result);
    disk.write(path, () => datastore.checkpoint());
  }
  writeImportedSandboxes(parts);
  return dropped;
}

/** An imported pod has its links too: they follow from its name and its address's ENI. */
function writeImportedSandboxes({ ipam, store, nodeName }: RestoreParts): void {
  for (const datastore of ipam.stores.values()) {
    for (const { eni, address } of datastore.assignments()) {
      const { k8sPodNamespace: namespace = '', k8sPodName: podName = '' } = address.metadata;
      const key = `${namespace}/${podName}`;
      const pod = store.get('Pod', key);
      if (pod === undefined || store.get('node/pod-sandbox', key) !== undefined) continue;
      const containerId = address.owner!.containerId;
      const request = { containerId, ifName: 'eth0', namespace, podName };
      const placed = {
        ip: address.ip,
        eniId: eni.id,
        deviceNumber: eni.deviceNumber,
        networkCard: datastore.networkCard,
        routeTableId: eni.routeTableId,
        index: 0,
      };
      const egress = newEgress(store, nodeName, request);
      store.put('node/pod-sandbox', key, {
        namespace,
        podName,
        podUid: pod.metadata.uid ?? '',
        nodeName,
        containerId,
        interfaces: [pooledInterface(request, ipam.env.vethPrefix, placed)],
        ...(egress === undefined ? {} : { egress }),
        createdAtMs: ipam.clock.now(),
      });
    }
  }
}
