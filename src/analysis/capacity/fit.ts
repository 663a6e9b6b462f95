/**
 * analysis/capacity/fit — how many more pods of a shape fit on the cluster, and what stops the
 * next one.
 *
 * Pods are placed in thought, one per node and round as a spreading scheduler does; after each the
 * node's ipamd draws on its subnets, which other nodes draw on too. A node the scheduler would
 * still choose but that gets no address is where a pod sticks in ContainerCreating: the scheduler
 * cannot see addresses.
 */
import { podStateWhen, type Stop } from './evidence.ts';
import {
  type NodeGrowth,
  provideAddress,
  provideBranch,
  type SubnetRooms,
  startGrowth,
} from './node-growth.ts';
import type { NodeLedger } from './node-ledger.ts';
import type { PodShape } from './pod-shape.ts';
import type { CapacitySource } from './question.ts';
import { type SchedulerLimit, schedulerLimit } from './scheduler-limit.ts';
import { roomOf, type SubnetRoom } from './subnet-room.ts';
import type { SubnetLedger } from './subnet-usage.ts';

export interface NodeFit {
  readonly nodeName: string;
  readonly fits: number;
  /** What stops the next pod here. */
  readonly stop: Stop;
}

export interface Fit {
  readonly subject: string;
  /** More pods that would run. */
  readonly fits: number;
  /** More pods the scheduler would bind; more than `fits` when addresses run out first. */
  readonly schedulable: number;
  /** Pods that start before the first one sticks without an address; absent when none does. */
  readonly startBeforeFirstStuck?: number | undefined;
  /** What stops the next pod; absent when there are no nodes. */
  readonly next?: (Stop & { readonly nodeName: string }) | undefined;
  /** What a user sees of that pod. */
  readonly nextState?: 'Pending' | 'ContainerCreating' | undefined;
  readonly nodes: readonly NodeFit[];
  readonly caveats: readonly string[];
}

/** Rooms that are drawn down together; each question starts with fresh ones. */
function subnetRooms(ledgers: readonly SubnetLedger[]): SubnetRooms {
  const byId = new Map<string, SubnetLedger>();
  for (const ledger of ledgers) byId.set(ledger.subnet.subnetId, ledger);
  const rooms = new Map<string, SubnetRoom>();
  return (subnetId) => {
    const known = rooms.get(subnetId);
    if (known !== undefined) return known;
    const ledger = byId.get(subnetId);
    if (ledger === undefined) return undefined;
    const room = roomOf(ledger);
    rooms.set(subnetId, room);
    return room;
  };
}

interface Candidate {
  readonly growth: NodeGrowth;
  readonly limit: SchedulerLimit;
  placed: number;
  stop: Stop | undefined;
}

const provide = (growth: NodeGrowth, shape: PodShape, rooms: SubnetRooms): Stop | undefined => {
  if (shape.addressFrom === 'host') return undefined;
  return shape.addressFrom === 'pool'
    ? provideAddress(growth, rooms)
    : provideBranch(growth, rooms);
};

const candidateOf = (source: CapacitySource, ledger: NodeLedger, shape: PodShape): Candidate => ({
  growth: startGrowth(source, ledger),
  limit: schedulerLimit(ledger, shape),
  placed: 0,
  stop: undefined,
});

/** Places one more pod on the node; false when the node is done. */
function placeOne(candidate: Candidate, shape: PodShape, rooms: SubnetRooms): boolean {
  if (candidate.placed >= candidate.limit.pods) {
    candidate.stop = candidate.limit.stop;
    return false;
  }
  candidate.stop = provide(candidate.growth, shape, rooms);
  if (candidate.stop !== undefined) return false;
  candidate.placed++;
  return true;
}

/** Fills the cluster in thought. */
export function fitOf(
  source: CapacitySource,
  nodes: readonly NodeLedger[],
  subnets: readonly SubnetLedger[],
  shape: PodShape,
): Fit {
  const rooms = subnetRooms(subnets);
  const candidates = nodes.map((ledger) => candidateOf(source, ledger, shape));
  let fits = 0;
  let startBeforeFirstStuck: number | undefined;
  let firstStuck: Candidate | undefined;
  for (let open = candidates; open.length > 0; ) {
    open = open.filter((candidate) => {
      if (placeOne(candidate, shape, rooms)) {
        fits++;
        return true;
      }
      if (firstStuck === undefined && candidate.placed < candidate.limit.pods) {
        firstStuck = candidate;
        startBeforeFirstStuck = fits;
      }
      return false;
    });
  }
  const last = firstStuck ?? mostCommon(candidates);
  return {
    subject: shape.subject,
    fits,
    schedulable: candidates.reduce((total, { limit }) => total + limit.pods, 0),
    startBeforeFirstStuck,
    next: last?.stop === undefined ? undefined : { ...last.stop, nodeName: last.growth.nodeName },
    nextState: last?.stop === undefined ? undefined : podStateWhen(last.stop.kind),
    nodes: candidates.map(({ growth, placed, stop, limit }) => ({
      nodeName: growth.nodeName,
      fits: placed,
      stop: stop ?? limit.stop,
    })),
    caveats: shape.caveats,
  };
}

/** The first candidate stopped by what stops most of them. */
function mostCommon(candidates: readonly Candidate[]): Candidate | undefined {
  const counts = new Map<string, number>();
  for (const { stop } of candidates)
    if (stop !== undefined) counts.set(stop.kind, (counts.get(stop.kind) ?? 0) + 1);
  const countOf = (candidate: Candidate): number => counts.get(candidate.stop?.kind ?? '') ?? 0;
  return candidates.reduce<Candidate | undefined>(
    (best, it) => (best === undefined || countOf(it) > countOf(best) ? it : best),
    undefined,
  );
}

/** One node on its own: how many more pods it takes, if no other node takes any. */
export function nextPodOn(
  source: CapacitySource,
  ledger: NodeLedger,
  subnets: readonly SubnetLedger[],
  shape: PodShape,
): NodeFit {
  const rooms = subnetRooms(subnets);
  const candidate = candidateOf(source, ledger, shape);
  while (placeOne(candidate, shape, rooms));
  return {
    nodeName: ledger.nodeName,
    fits: candidate.placed,
    stop: candidate.stop ?? candidate.limit.stop,
  };
}
