/**
 * analysis/capacity/carried-pods — how many pods new nodes of given settings would carry in given
 * subnets: all nodes start, then fill their pools one after the other, then pods come in
 * turns until no node takes one more.
 *
 * When a subnet runs short the warm targets are not met any more, but pods still get what there is.
 */
import { poolSettings } from '../../controllers/vpc-cni/ipam.ts';
import { BLOCK_SIZE } from '../../net/index.ts';
import type { CniEnvironment } from './cni-environment.ts';
import { hasTrunk, usesPrefixes } from './demand.ts';
import {
  limitsOf,
  type NodeGrowth,
  provideAddress,
  refill,
  type SubnetRooms,
} from './node-growth.ts';
import { type NodeLoad, podSubnetOf, type SubnetCapacity } from './node-load.ts';
import { type SubnetRoom, takeAddresses } from './subnet-room.ts';

/** Of a subnet that is yet to be made, as large as needed. */
const PLENTY = 1_000_000;

function roomsFor(subnets: readonly SubnetCapacity[]): SubnetRooms {
  const rooms = new Map<string, SubnetRoom>();
  for (const { subnetId, addresses, blocks } of subnets) {
    const loose = Math.max(0, addresses - blocks * BLOCK_SIZE);
    rooms.set(subnetId, { subnetId, loose, blocks, reservedBlocks: 0 });
  }
  return (subnetId) => {
    let room = rooms.get(subnetId);
    if (room === undefined) {
      room = { subnetId, loose: PLENTY, blocks: PLENTY, reservedBlocks: 0 };
      rooms.set(subnetId, room);
    }
    return room;
  };
}

/** A node that has just started: its primary ENI, and the trunk where there will be one. */
function freshNode(load: NodeLoad, { env }: CniEnvironment): NodeGrowth {
  const { type, maxPods } = load;
  const targets = poolSettings({
    env,
    prefixDelegation: usesPrefixes(type, env),
    type,
    networkCard: 0,
    unmanagedEnis: 0,
    maxPods,
  });
  const custom = env.customNetworking;
  const limits = limitsOf(targets);
  const trunk = hasTrunk(type, env) ? 1 : 0;
  return {
    nodeName: '',
    typeName: type.name,
    targets,
    limits,
    enis: custom ? [] : [{ subnetId: load.subnetId, room: limits.blocksPerEni }],
    newEnis: Math.max(0, targets.maxEnis - 1 - trunk),
    blocks: 0,
    assigned: 0,
    eniSubnets: [custom ? podSubnetOf(load) : load.subnetId],
    branchSubnet: undefined,
  };
}

/** Pods that get an address, over all nodes. Loads' present pods are among them. */
export function carriedPods(
  loads: readonly NodeLoad[],
  environment: CniEnvironment,
  subnets: readonly SubnetCapacity[],
): number {
  const rooms = roomsFor(subnets);
  let open: { readonly growth: NodeGrowth; slots: number }[] = [];
  for (const load of loads) {
    const growth = freshNode(load, environment);
    const room = rooms(load.subnetId);
    const own = hasTrunk(load.type, environment.env) && !growth.targets.customNetworking ? 2 : 1;
    if (room === undefined || !takeAddresses(room, own)) continue;
    open.push({ growth, slots: load.maxPods - load.hostNetworkPods });
  }
  for (const { growth } of open) refill(growth, rooms);
  let carried = 0;
  while (open.length > 0) {
    open = open.filter((node) => {
      if (node.slots <= 0 || provideAddress(node.growth, rooms) !== undefined) return false;
      node.slots--;
      carried++;
      return true;
    });
  }
  return carried;
}
