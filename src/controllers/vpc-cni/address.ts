/**
 * controllers/vpc-cni/address — one pod address of the datastore, and whom it belongs to.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/datastore/data_store.go:60-240.
 */
import type { Millis } from '../../sim/clock.ts';

/** What an address is assigned to; the same key always gets the same address. */
export interface IpamKey {
  readonly networkName: string;
  readonly containerId: string;
  readonly ifName: string;
}

/** Which pod the key was for; kept in the checkpoint. */
export interface IpamMetadata {
  readonly k8sPodNamespace?: string | undefined;
  readonly k8sPodName?: string | undefined;
  /** Interfaces of the pod, counted over all cards; absent = 1. */
  readonly interfacesCount?: number | undefined;
}

export interface PodAddress {
  /** `10.0.1.7` or `2001:db8::7`. */
  readonly ip: string;
  /** Places above the block's network address. */
  readonly offset: number;
  owner: IpamKey | undefined;
  metadata: IpamMetadata;
  assignedAtMs: Millis;
  /** When it was released; undefined = never used before, or not cooling any more. */
  unassignedAtMs: Millis | undefined;
}

/** The map key of an IPAM key. */
export const ipamKeyText = (key: IpamKey): string =>
  `${key.networkName}\u0000${key.containerId}\u0000${key.ifName}`;

/** Free but not to be handed out yet: released at most `periodMs` ago. */
export const isCooling = (address: PodAddress, nowMs: Millis, periodMs: Millis): boolean =>
  address.owner === undefined &&
  address.unassignedAtMs !== undefined &&
  nowMs - address.unassignedAtMs <= periodMs;
