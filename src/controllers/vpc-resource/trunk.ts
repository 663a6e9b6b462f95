/**
 * controllers/vpc-resource/trunk — one node's trunk: which VLAN ids and branches are in use, and
 * which branches wait for their deletion.
 *
 * Upstream: aws/amazon-vpc-resource-controller-k8s@b8d425119 pkg/provider/branch/trunk/trunk.go.
 * Kept in memory; a restart builds it from pods' annotations and EC2.
 */
import type { PodEni } from '../../model/kubernetes/pod-eni.ts';
import type { Millis } from '../../sim/clock.ts';

/** VLAN 0 is not assignable; 1 to 120 are. */
export const MAX_VLAN_ID = 120;

/** A branch as the annotation has it; the fields are written in this order, the id last. */
export interface BranchEni extends PodEni {
  readonly associationID: string;
}

export interface DeletedBranch {
  readonly branch: BranchEni;
  readonly deletedAtMs: Millis;
  tries: number;
}

export class Trunk {
  readonly trunkId: string;
  readonly nodeName: string;
  readonly instanceId: string;
  /** Branches the instance type carries. */
  readonly limit: number;
  readonly startedAtMs: Millis;
  /** By pod key. */
  readonly branches = new Map<string, BranchEni>();
  /** Oldest first. */
  readonly deleteQueue: DeletedBranch[] = [];
  /** Branches being made: they count, and have a VLAN id. */
  pending = 0;
  readonly #vlans = new Set<number>();

  constructor(facts: Pick<Trunk, 'trunkId' | 'nodeName' | 'instanceId' | 'limit' | 'startedAtMs'>) {
    this.trunkId = facts.trunkId;
    this.nodeName = facts.nodeName;
    this.instanceId = facts.instanceId;
    this.limit = facts.limit;
    this.startedAtMs = facts.startedAtMs;
  }

  /** Branches that rest before deletion count too (trunk.go:725). */
  canCreateMore(): boolean {
    return this.branches.size + this.pending + this.deleteQueue.length < this.limit;
  }

  /** The lowest free VLAN id, taken; undefined when all are used. */
  takeVlan(): number | undefined {
    for (let id = 1; id <= MAX_VLAN_ID; id++) {
      if (this.#vlans.has(id)) continue;
      this.#vlans.add(id);
      return id;
    }
    return undefined;
  }

  markVlan(id: number): void {
    this.#vlans.add(id);
  }

  freeVlan(id: number): void {
    this.#vlans.delete(id);
  }

  /** The pod left: its branch rests, then goes. */
  release(podKey: string, nowMs: Millis): boolean {
    const branch = this.branches.get(podKey);
    if (branch === undefined) return false;
    this.branches.delete(podKey);
    this.deleteQueue.push({ branch, deletedAtMs: nowMs, tries: 0 });
    return true;
  }

  /** A branch no pod got: first in the queue, with nothing to wait for. */
  discard(branch: BranchEni): void {
    this.deleteQueue.unshift({ branch, deletedAtMs: Number.NEGATIVE_INFINITY, tries: 0 });
  }
}

/** The annotation's text. */
export const annotationOf = (branch: BranchEni): string => JSON.stringify([branch]);

/** A branch as an earlier run of the controller wrote it; undefined when it cannot be read. */
export function branchOfAnnotation(text: string | undefined): BranchEni | undefined {
  if (text === undefined) return undefined;
  try {
    const [first] = JSON.parse(text) as readonly BranchEni[];
    return first !== undefined && typeof first.vlanId === 'number' ? first : undefined;
  } catch {
    return undefined;
  }
}
