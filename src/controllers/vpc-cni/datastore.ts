/**
 * controllers/vpc-cni/datastore — which addresses a node holds on one network card, and which pod
 * has which.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/datastore/data_store.go, with its quirks (a
 * forced removal of an ENI with pods counts its blocks off twice). Where upstream says "first" it
 * takes Go's map order, which is random; here first is the order things were added.
 *
 * Reads: the clock. Writes: the checkpoint, before an assignment counts.
 */
import { cidrTextContains, contains, firstAddress, parseIp } from '../../net/index.ts';
import type { Clock, Millis } from '../../sim/clock.ts';
import { type IpamKey, type IpamMetadata, ipamKeyText, type PodAddress } from './address.ts';
import { CHECKPOINT_VERSION, type Checkpoint, type CheckpointAllocation } from './checkpoint.ts';
import { CidrPool } from './cidr-pool.ts';
import {
  ADD_TO_UNKNOWN_ENI,
  type DatastoreError,
  DUPLICATED_ENI,
  datastoreError,
  ENI_IN_USE,
  IP_ALREADY_IN_STORE,
  IP_IN_USE,
  IPV6_NEEDS_PREFIXES,
  NO_ADDRESS,
  UNKNOWN_ENI,
  UNKNOWN_IP,
  UNKNOWN_POD,
} from './datastore-error.ts';

export interface NewEni {
  readonly deviceNumber: number;
  readonly isPrimary: boolean;
  readonly isTrunk: boolean;
  readonly isEfa: boolean;
  /** 254 for the primary ENI. */
  readonly routeTableId: number;
  readonly subnetId: string;
}

export interface DatastoreEni extends NewEni {
  readonly id: string;
  createdAtMs: Millis;
  isTrunk: boolean;
  readonly ipv4: Map<string, CidrPool>;
  readonly ipv6: Map<string, CidrPool>;
  /** Its subnet is tagged out of pod addressing: no new pods, not counted. */
  excluded: boolean;
}

/** Where an address is. */
export interface Placed {
  readonly eni: DatastoreEni;
  readonly pool: CidrPool;
  readonly address: PodAddress;
}

export interface Assignment {
  readonly ip: string;
  readonly eniId: string;
  readonly deviceNumber: number;
  readonly routeTableId: number;
}

export interface Released extends Assignment {
  /** Interfaces the pod had, over all cards. */
  readonly interfaces: number;
}

export interface DatastoreOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly prefixDelegation: boolean;
  readonly networkCard: number;
  readonly cooldownMs: Millis;
  /** Writes the checkpoint; undefined = written, else why not. */
  readonly writeCheckpoint: (content: () => Checkpoint) => string | undefined;
}

/** The key an allocation got when it was read from the runtime, before checkpoints existed. */
const migratedKey = (key: IpamKey): IpamKey => ({
  networkName: '_migrated-from-cri',
  containerId: key.containerId,
  ifName: 'unknown',
});

export class Datastore {
  readonly networkCard: number;
  readonly cooldownMs: Millis;
  readonly enis = new Map<string, DatastoreEni>();
  prefixDelegation: boolean;
  /** Upstream's running counters; `stats` counts afresh. */
  total = 0;
  assigned = 0;
  allocatedPrefixes = 0;
  /** ENIs and addresses that were removed with pods on them. */
  forcedEnis = 0;
  forcedAddresses = 0;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #writeCheckpoint: DatastoreOptions['writeCheckpoint'];
  readonly #byKey = new Map<string, Placed>();
  readonly #content = (): Checkpoint => this.checkpoint();

  constructor(options: DatastoreOptions) {
    this.#clock = options.clock;
    this.prefixDelegation = options.prefixDelegation;
    this.networkCard = options.networkCard;
    this.cooldownMs = options.cooldownMs;
    this.#writeCheckpoint = options.writeCheckpoint;
  }

  now(): Millis {
    return this.#clock.now();
  }

  addEni(id: string, eni: NewEni): undefined | DatastoreError {
    if (this.enis.has(id)) return datastoreError(DUPLICATED_ENI);
    this.enis.set(id, {
      ...eni,
      id,
      createdAtMs: this.now(),
      ipv4: new Map(),
      ipv6: new Map(),
      excluded: false,
    });
    return undefined;
  }

  addCidr(eniId: string, cidr: string, isPrefix: boolean): undefined | DatastoreError {
    const eni = this.enis.get(eniId);
    if (eni === undefined) return datastoreError(ADD_TO_UNKNOWN_ENI);
    const pools = cidr.includes(':') ? eni.ipv6 : eni.ipv4;
    if (pools.has(cidr)) return datastoreError(IP_ALREADY_IN_STORE);
    const pool = new CidrPool(cidr, isPrefix);
    pools.set(cidr, pool);
    this.total += pool.size;
    if (isPrefix) this.allocatedPrefixes++;
    return undefined;
  }

  /** Drops a block; with `force` its pods lose their addresses. */
  deleteCidr(eniId: string, cidr: string, force: boolean): undefined | DatastoreError {
    const eni = this.enis.get(eniId);
    if (eni === undefined) return datastoreError(UNKNOWN_ENI);
    const pools = cidr.includes(':') ? eni.ipv6 : eni.ipv4;
    const pool = pools.get(cidr);
    if (pool === undefined) return datastoreError(UNKNOWN_IP);
    if (pool.assigned > 0) {
      if (!force) return datastoreError(IP_IN_USE);
      this.forcedAddresses += pool.assigned;
      this.#releaseAll(pool);
      this.#writeCheckpoint(this.#content);
    }
    this.#countOff(pool);
    pools.delete(cidr);
    return undefined;
  }

  /** Drops an empty block of an excluded ENI; upstream leaves its counters as they are. */
  dropEmptyCidr(eniId: string, cidr: string): void {
    const eni = this.enis.get(eniId);
    if (eni === undefined || !eni.excluded) return;
    const pools = cidr.includes(':') ? eni.ipv6 : eni.ipv4;
    if (pools.get(cidr)?.assigned === 0) pools.delete(cidr);
  }

  /** Forgets an ENI; with `force` its pods lose their addresses. */
  removeEni(eniId: string, force: boolean): undefined | DatastoreError {
    const eni = this.enis.get(eniId);
    if (eni === undefined) return datastoreError(UNKNOWN_ENI);
    let inUse = 0;
    for (const pool of eni.ipv4.values()) inUse += pool.assigned;
    if (inUse > 0) {
      if (!force) return datastoreError(ENI_IN_USE);
      this.forcedEnis++;
      this.forcedAddresses += inUse;
      for (const pool of eni.ipv4.values()) {
        this.#releaseAll(pool);
        this.#countOff(pool);
      }
      this.#writeCheckpoint(this.#content);
    }
    // Upstream counts the blocks off here again after a forced release (data_store.go:1430).
    for (const pool of eni.ipv4.values()) this.#countOff(pool);
    for (const pool of eni.ipv6.values()) this.#releaseAll(pool);
    this.enis.delete(eniId);
    return undefined;
  }

  setExcluded(eniId: string, excluded: boolean): undefined | DatastoreError {
    const eni = this.enis.get(eniId);
    if (eni === undefined) return datastoreError(UNKNOWN_ENI);
    eni.excluded = excluded;
    return undefined;
  }

  /** An address for the key: the one it has, else the first free one of the right kind. */
  assign(key: IpamKey, metadata: IpamMetadata, family: 4 | 6): Assignment | DatastoreError {
    if (family === 6 && !this.prefixDelegation) return datastoreError(IPV6_NEEDS_PREFIXES);
    const held = this.#byKey.get(ipamKeyText(key));
    if (held !== undefined) return assignmentOf(held);
    const now = this.now();
    for (const eni of this.enis.values()) {
      if (eni.excluded) continue;
      for (const pool of (family === 6 ? eni.ipv6 : eni.ipv4).values()) {
        if (pool.isPrefix !== this.prefixDelegation) continue;
        const address = pool.takeUnused(now, this.cooldownMs);
        if (address === undefined) continue;
        const placed = { eni, pool, address };
        this.#own(placed, key, metadata, now);
        const failure = this.#writeCheckpoint(this.#content);
        if (failure === undefined) return assignmentOf(placed);
        this.#release(placed);
        pool.forget(address);
        return datastoreError(failure);
      }
    }
    return datastoreError(NO_ADDRESS);
  }

  /** Releases the key's address into its cooldown. */
  unassign(key: IpamKey): Released | DatastoreError {
    const placed =
      this.#byKey.get(ipamKeyText(key)) ?? this.#byKey.get(ipamKeyText(migratedKey(key)));
    if (placed === undefined) return datastoreError(UNKNOWN_POD);
    const { address } = placed;
    const before = { owner: address.owner!, metadata: address.metadata };
    this.#release(placed);
    const failure = this.#writeCheckpoint(this.#content);
    if (failure !== undefined) {
      this.#own(placed, before.owner, before.metadata, address.assignedAtMs);
      return datastoreError(failure);
    }
    address.unassignedAtMs = this.now();
    return { ...assignmentOf(placed), interfaces: before.metadata.interfacesCount || 1 };
  }

  /** Where the key's address is. */
  find(key: IpamKey): Placed | undefined {
    return this.#byKey.get(ipamKeyText(key));
  }

  /** Every assigned address, in the order it was assigned. */
  assignments(): Iterable<Placed> {
    return this.#byKey.values();
  }

  /** The allocations as they are written to disk. */
  checkpoint(): Checkpoint {
    const allocations: CheckpointAllocation[] = [];
    for (const { pool, address } of this.#byKey.values()) {
      const owner = address.owner!;
      allocations.push({
        networkName: owner.networkName,
        containerID: owner.containerId,
        ifName: owner.ifName,
        ...(pool.block.family === 6 ? { ipv6: address.ip } : { ipv4: address.ip }),
        allocationTimestamp: address.assignedAtMs * 1_000_000,
        metadata: address.metadata,
      });
    }
    return { version: CHECKPOINT_VERSION, allocations };
  }

  /**
   * Takes over what an earlier process allocated. An allocation outside every block is dropped, as
   * upstream does; its pod keeps an address nobody counts.
   *
   * @returns the allocations that were dropped, or an error for another file format
   */
  restore(checkpoint: Checkpoint): readonly CheckpointAllocation[] | DatastoreError {
    if (checkpoint.version !== CHECKPOINT_VERSION)
      return datastoreError(
        `failed to unmarshal checkpoint: unexpected checkpoint version ${checkpoint.version}`,
      );
    const dropped: CheckpointAllocation[] = [];
    for (const allocation of checkpoint.allocations)
      if (!this.#restoreOne(allocation)) dropped.push(allocation);
    return dropped;
  }

  #restoreOne(allocation: CheckpointAllocation): boolean {
    const text = allocation.ipv4 ?? allocation.ipv6 ?? '';
    const ip = parseIp(text);
    if (ip === undefined) return false;
    for (const eni of this.enis.values()) {
      for (const pool of (typeof ip === 'number' ? eni.ipv4 : eni.ipv6).values()) {
        if (!contains(pool.block, ip)) continue;
        const first = firstAddress(pool.block);
        const offset = Number(BigInt(ip) - BigInt(first));
        const address = pool.take(text, offset);
        if (address.owner !== undefined) return false;
        const key = {
          networkName: allocation.networkName,
          containerId: allocation.containerID,
          ifName: allocation.ifName,
        };
        const atMs = allocation.allocationTimestamp / 1_000_000;
        this.#own({ eni, pool, address }, key, allocation.metadata, atMs);
        return true;
      }
    }
    return false;
  }

  /** The ENI a pod address lies on, whoever holds it. */
  eniOfAddress(ip: string): DatastoreEni | undefined {
    for (const eni of this.enis.values())
      for (const pool of (ip.includes(':') ? eni.ipv6 : eni.ipv4).values())
        if (cidrTextContains(pool.cidr, ip)) return eni;
    return undefined;
  }

  #own(placed: Placed, key: IpamKey, metadata: IpamMetadata, atMs: Millis): void {
    placed.address.owner = key;
    placed.address.metadata = metadata;
    placed.address.assignedAtMs = atMs;
    placed.pool.assigned++;
    this.assigned++;
    this.#byKey.set(ipamKeyText(key), placed);
  }

  #release(placed: Placed): void {
    const { address, pool } = placed;
    if (address.owner === undefined) return;
    this.#byKey.delete(ipamKeyText(address.owner));
    address.owner = undefined;
    address.metadata = {};
    pool.assigned--;
    this.assigned--;
  }

  #releaseAll(pool: CidrPool): void {
    for (const address of pool.addresses.values()) {
      if (address.owner === undefined) continue;
      const placed = this.#byKey.get(ipamKeyText(address.owner));
      if (placed !== undefined) this.#release(placed);
    }
  }

  #countOff(pool: CidrPool): void {
    this.total -= pool.size;
    if (pool.isPrefix) this.allocatedPrefixes--;
  }
}

const assignmentOf = ({ eni, address }: Placed): Assignment => ({
  ip: address.ip,
  eniId: eni.id,
  deviceNumber: eni.deviceNumber,
  routeTableId: eni.routeTableId,
});
