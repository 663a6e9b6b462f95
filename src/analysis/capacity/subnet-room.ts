/**
 * analysis/capacity/subnet-room — a subnet's free addresses as counts that can be drawn down:
 * single addresses and whole /28 blocks.
 *
 * EC2 picks single addresses anywhere; here they come from blocks that are no longer whole first,
 * which is the best case for prefixes.
 */
import { BLOCK_SIZE } from '../../net/index.ts';
import { pickableBlocks } from './fragmentation.ts';
import type { SubnetLedger } from './subnet-usage.ts';

export interface SubnetRoom {
  readonly subnetId: string;
  /** Free addresses outside whole blocks and outside reservations. */
  loose: number;
  /** Whole free blocks outside reservations. */
  blocks: number;
  /** Whole free blocks inside reservations of type prefix. */
  reservedBlocks: number;
}

/** The room of a subnet now. */
export function roomOf({ subnet, map }: SubnetLedger): SubnetRoom {
  const blocks = map.assignableBlockCount();
  return {
    subnetId: subnet.subnetId,
    loose: map.assignableCount() - blocks * BLOCK_SIZE,
    blocks,
    reservedBlocks: pickableBlocks(subnet, map) - blocks,
  };
}

/** Addresses EC2 would give out one by one. */
export const addressesLeft = (room: SubnetRoom): number => room.loose + room.blocks * BLOCK_SIZE;

/** Prefixes EC2 would give out. */
export const blocksLeft = (room: SubnetRoom): number => room.blocks + room.reservedBlocks;

/** Takes `count` single addresses, all or none, as EC2's calls do. */
export function takeAddresses(room: SubnetRoom, count: number): boolean {
  if (addressesLeft(room) < count) return false;
  const broken = Math.ceil(Math.max(0, count - room.loose) / BLOCK_SIZE);
  room.blocks -= broken;
  room.loose += broken * BLOCK_SIZE - count;
  return true;
}

/** Takes `count` prefixes, all or none; from reservations first. */
export function takeBlocks(room: SubnetRoom, count: number): boolean {
  if (blocksLeft(room) < count) return false;
  const fromReservations = Math.min(count, room.reservedBlocks);
  room.reservedBlocks -= fromReservations;
  room.blocks -= count - fromReservations;
  return true;
}

/**
 * Takes what a new ENI needs, all or none: its primary address and its blocks.
 *
 * @param blockSize  1 or 16
 */
export function takeEni(room: SubnetRoom, blocks: number, blockSize: number): boolean {
  if (blockSize === 1) return takeAddresses(room, 1 + blocks);
  const before = { ...room };
  if (takeAddresses(room, 1) && takeBlocks(room, blocks)) return true;
  Object.assign(room, before);
  return false;
}
