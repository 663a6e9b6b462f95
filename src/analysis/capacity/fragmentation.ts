/**
 * analysis/capacity/fragmentation — which /28 blocks of a subnet are whole, because a prefix needs
 * a whole one: a subnet can have hundreds of free addresses and no free prefix.
 *
 * The blocks at both ends hold AWS's five reserved addresses and can never be a prefix.
 */
import { RESERVED_PER_SUBNET, type Subnet } from '../../model/ec2/subnet.ts';
import {
  AddressMap,
  addressAt,
  BLOCK_SIZE,
  type Cidr4,
  formatIpv4,
  parseCidr4,
} from '../../net/index.ts';

/** One character per /28. */
export const BLOCK_MARKS = {
  free: '.',
  partlyUsed: '+',
  full: '#',
  prefix: 'P',
  reserved: 'r',
} as const;

export interface Fragmentation {
  /** Wholly free /28 blocks, ascending. */
  readonly freeBlocks: readonly string[];
  /** Free blocks that EC2 would pick by itself: outside every explicit reservation. */
  readonly pickableBlocks: number;
  readonly totalBlocks: number;
  /** Blocks that a single address keeps from being a prefix. */
  readonly spoiltByOne: number;
  /** Longest run of neighbouring free addresses. */
  readonly largestFreeRun: number;
  /** Rows of up to 64 blocks, each with the address it starts at. */
  readonly map: readonly { readonly from: string; readonly blocks: string }[];
}

const BLOCKS_PER_ROW = 64;

/** A map with the five reserved addresses and the subnet's CIDR reservations entered. */
export function emptySubnetMap(subnet: Subnet, block: Cidr4): AddressMap {
  const map = new AddressMap(block);
  for (const address of reservedAddresses(map)) map.take(address);
  for (const reservation of subnet.cidrReservations) {
    const range = parseCidr4(reservation.cidr);
    if (range !== undefined) map.withhold(range);
  }
  return map;
}

/** The first four addresses and the last. */
function reservedAddresses({ cidr, size }: AddressMap): number[] {
  const front = Array.from({ length: RESERVED_PER_SUBNET - 1 }, (_, i) => addressAt(cidr, i));
  return [...front, addressAt(cidr, size - 1)];
}

/**
 * The state of every /28.
 *
 * @param prefixes  first addresses of the /28s that are delegated
 */
export function fragmentation(
  subnet: Subnet,
  map: AddressMap,
  prefixes: ReadonlySet<number>,
): Fragmentation {
  const totalBlocks = map.size / BLOCK_SIZE;
  const reserved = new Set(reservedAddresses(map));
  let text = '';
  let spoiltByOne = 0;
  for (let index = 0; index < totalBlocks; index++) {
    const first = addressAt(map.cidr, index * BLOCK_SIZE);
    let taken = 0;
    let reservedHere = 0;
    for (let ip = first; ip < first + BLOCK_SIZE; ip++) {
      if (map.isFree(ip)) continue;
      taken++;
      if (reserved.has(ip)) reservedHere++;
    }
    text += markOf(taken, reservedHere, prefixes.has(first));
    if (taken === 1 && reservedHere === 0) spoiltByOne++;
  }
  return {
    freeBlocks: map.freeBlocks().map((first) => `${formatIpv4(first)}/28`),
    pickableBlocks: pickableBlocks(subnet, map),
    totalBlocks,
    spoiltByOne,
    largestFreeRun: map.freeRunMax(),
    map: rowsOf(text, map),
  };
}

function markOf(taken: number, reservedHere: number, isPrefix: boolean): string {
  if (isPrefix) return BLOCK_MARKS.prefix;
  if (taken === 0) return BLOCK_MARKS.free;
  if (taken === BLOCK_SIZE) return BLOCK_MARKS.full;
  return taken === reservedHere ? BLOCK_MARKS.reserved : BLOCK_MARKS.partlyUsed;
}

function rowsOf(text: string, map: AddressMap): Fragmentation['map'] {
  const rows: { from: string; blocks: string }[] = [];
  for (let at = 0; at < text.length; at += BLOCKS_PER_ROW) {
    const from = formatIpv4(addressAt(map.cidr, at * BLOCK_SIZE));
    rows.push({ from, blocks: text.slice(at, at + BLOCKS_PER_ROW) });
  }
  return rows;
}

/** Blocks EC2 delegates without being told which: reservations of type prefix, then the rest. */
export function pickableBlocks(subnet: Subnet, map: AddressMap): number {
  let count = map.assignableBlockCount();
  for (const { cidr, type } of subnet.cidrReservations) {
    const range = parseCidr4(cidr);
    if (type === 'prefix' && range !== undefined) count += map.freeBlocksIn(range).length;
  }
  return count;
}
