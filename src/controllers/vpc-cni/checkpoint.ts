/**
 * controllers/vpc-cni/checkpoint — the datastore's allocations as they survive a restart of
 * aws-node, in upstream's file format (`/var/run/aws-node/ipam.json`).
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/datastore/checkpoint.go and
 * data_store.go:340-470. The cooldown of released addresses is not in it: a restart forgets it.
 */
import type { IpamMetadata } from './address.ts';

export const CHECKPOINT_VERSION = 'vpc-cni-ipam/1';

export interface CheckpointAllocation {
  readonly networkName: string;
  readonly containerID: string;
  readonly ifName: string;
  readonly ipv4?: string | undefined;
  readonly ipv6?: string | undefined;
  /** Nanoseconds. */
  readonly allocationTimestamp: number;
  readonly metadata: IpamMetadata;
}

export interface Checkpoint {
  readonly version: string;
  readonly allocations: readonly CheckpointAllocation[];
}

/** The part of a node's disk that outlives the aws-node pod. A write may fail, with a text. */
export interface NodeDisk {
  read(path: string): Checkpoint | undefined;
  /**
   * undefined = written and renamed into place. The content is asked for when it is needed: a
   * file is written at every pod, and read once in a node's life, if at all.
   */
  write(path: string, content: () => Checkpoint): string | undefined;
}

/**
 * A disk in memory that never fails. Give each node one, and keep it over restarts of aws-node. It
 * may put off asking for the content, because a stopped ipamd's datastore changes no more.
 */
export function createNodeDisk(): NodeDisk {
  const files = new Map<string, () => Checkpoint>();
  return {
    read: (path) => files.get(path)?.(),
    write: (path, content) => {
      files.set(path, content);
      return undefined;
    },
  };
}

/** `ipam.json`, and `ipam-nic-1.json` for the second card's datastore. */
export function checkpointPath(backingStore: string, networkCard: number): string {
  if (networkCard === 0) return backingStore;
  const dot = backingStore.lastIndexOf('.');
  return dot < 0
    ? `${backingStore}-nic-${networkCard}`
    : `${backingStore.slice(0, dot)}-nic-${networkCard}${backingStore.slice(dot)}`;
}
