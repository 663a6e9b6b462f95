/**
 * controllers/scheduler/cluster-cache — nodes and the pods placed on them, kept from store events.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/backend/cache/cache.go. Updates name an object and
 * carry what it is now, so an event told twice or late changes nothing twice.
 */

import { isPodTerminal } from '../../model/kubernetes/condition.ts';
import type { Node, Pod } from '../../model/kubernetes/core.ts';
import { countPod, type NodeState, nodeState, ResourceTable, setNode } from './node-state.ts';
import { type PodClass, PodClasses } from './pod-class.ts';
import { TallyBook } from './tally.ts';

interface Placement {
  readonly podClass: PodClass;
  readonly node: NodeState;
  terminating: boolean;
  labels: Pod['metadata']['labels'];
}

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';

export class ClusterCache {
  readonly table = new ResourceTable();
  readonly classes: PodClasses;
  readonly tallies: TallyBook;
  /** Counts changes that may make a pod fit that did not: nodes came or changed, pods went. */
  relief = 0;
  /** Counts placements, which may satisfy somebody's affinity. */
  placed = 0;
  /** Pods by priority, to know at once that nothing is worth preempting. */
  readonly #priorities = new Map<number, number>();
  readonly #byName = new Map<string, NodeState>();
  readonly #states: (NodeState | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #placements = new Map<string, Placement>();
  readonly #leaving = new Map<NodeState, Map<PodClass, number>>();
  #order: NodeState[] | undefined;

  /** @param classCreated  told of every class with pod affinity of its own */
  constructor(classCreated: (podClass: PodClass) => void) {
    this.classes = new PodClasses((podClass) => {
      this.tallies.addClass(podClass);
      classCreated(podClass);
    });
    this.tallies = new TallyBook(
      () => this.#byName.values(),
      () => this.classes.values(),
      (node, podClass) => this.#leaving.get(node)?.get(podClass) ?? 0,
    );
  }

  node(name: string): NodeState | undefined {
    const state = this.#byName.get(name);
    return state?.node === undefined ? undefined : state;
  }

  at(index: number): NodeState {
    return this.#states[index]!;
  }

  /** Indexes ever given out; arrays by node index need this length. */
  get capacity(): number {
    return this.#states.length;
  }

  /** The nodes, one zone after the other in turn (backend/cache/node_tree.go list). */
  get order(): readonly NodeState[] {
    if (this.#order !== undefined) return this.#order;
    const zones = new Map<string, NodeState[]>();
    for (const state of this.#byName.values()) {
      if (state.node === undefined) continue;
      const labels = state.node.metadata.labels;
      const zone = `${labels?.[REGION] ?? ''}:${labels?.[ZONE] ?? ''}`;
      const nodes = zones.get(zone);
      if (nodes === undefined) zones.set(zone, [state]);
      else nodes.push(state);
    }
    const order: NodeState[] = [];
    const lists = [...zones.values()];
    const longest = Math.max(0, ...lists.map((list) => list.length));
    for (let i = 0; i < longest; i++) {
      for (const list of lists) if (i < list.length) order.push(list[i]!);
    }
    this.#order = order;
    return order;
  }

  /** True when some placed pod has a lower priority. */
  hasPriorityBelow(priority: number): boolean {
    for (const other of this.#priorities.keys()) if (other < priority) return true;
    return false;
  }

  /** What the store holds of a node now. */
  setNode(name: string, node: Node | undefined): void {
    const known = this.#byName.get(name);
    if (node === undefined && known === undefined) return;
    const state = known ?? this.#addState(name);
    if (node !== undefined && isSameNode(state.node, node)) {
      state.node = node;
      return;
    }
    setNode(state, node, this.table);
    this.tallies.moveNode(state);
    this.#order = undefined;
    this.#relieve(state);
    if (node === undefined) this.#dropEmpty(state);
  }

  /** What the store holds of a pod now. */
  setPod(key: string, pod: Pod | undefined): void {
    const before = this.#placements.get(key);
    const nodeName = pod?.spec.nodeName;
    if (pod === undefined || nodeName === undefined || nodeName === '' || isPodTerminal(pod)) {
      if (before !== undefined) this.#remove(key, before);
      return;
    }
    const terminating = pod.metadata.deletionTimestamp !== undefined;
    if (before !== undefined) {
      if (before.node.name === nodeName && before.labels === pod.metadata.labels) {
        if (terminating && !before.terminating) this.#leave(before);
        return;
      }
      this.#remove(key, before);
    }
    this.place(key, this.classes.of(pod), nodeName, pod.metadata.labels, terminating);
  }

  /** Counts a pod on a node. */
  place(
    key: string,
    podClass: PodClass,
    nodeName: string,
    labels: Placement['labels'],
    terminating = false,
  ): void {
    const node = this.#byName.get(nodeName) ?? this.#addState(nodeName);
    this.#placements.set(key, { podClass, node, terminating, labels });
    this.placed++;
    this.count(node, podClass, 1, terminating);
    if (terminating) this.#countLeaving(node, podClass, 1);
  }

  /** Counts one pod more or less; dry runs use it in pairs. */
  count(node: NodeState, podClass: PodClass, sign: 1 | -1, terminating = false): void {
    countPod(node, podClass, sign, this.table);
    podClass.placed += sign;
    this.tallies.countPod(node, podClass, sign, terminating);
    const { priority } = podClass;
    const pods = (this.#priorities.get(priority) ?? 0) + sign;
    if (pods === 0) this.#priorities.delete(priority);
    else this.#priorities.set(priority, pods);
  }

  classOfPlaced(key: string): PodClass | undefined {
    return this.#placements.get(key)?.podClass;
  }

  #remove(key: string, { podClass, node, terminating }: Placement): void {
    this.#placements.delete(key);
    this.count(node, podClass, -1, terminating);
    if (terminating) this.#countLeaving(node, podClass, -1);
    this.#relieve(node);
    if (node.node === undefined) this.#dropEmpty(node);
  }

  #leave(placement: Placement): void {
    placement.terminating = true;
    this.#countLeaving(placement.node, placement.podClass, 1);
    this.tallies.countLeaving(placement.node, placement.podClass);
    this.#relieve(placement.node);
  }

  #countLeaving(node: NodeState, podClass: PodClass, sign: 1 | -1): void {
    const classes = this.#leaving.get(node) ?? new Map<PodClass, number>();
    this.#leaving.set(node, classes);
    const count = (classes.get(podClass) ?? 0) + sign;
    if (count === 0) classes.delete(podClass);
    else classes.set(podClass, count);
    if (classes.size === 0) this.#leaving.delete(node);
  }

  #relieve(node: NodeState): void {
    this.relief++;
    node.relief++;
  }

  #addState(name: string): NodeState {
    const index = this.#free.pop() ?? this.#states.length;
    const state = nodeState(index, name);
    this.#states[index] = state;
    this.#byName.set(name, state);
    // The index may have been another node's: its domains are not this one's.
    this.tallies.moveNode(state);
    return state;
  }

  #dropEmpty(state: NodeState): void {
    if (state.classes.size > 0) return;
    this.#byName.delete(state.name);
    this.#states[state.index] = undefined;
    this.#free.push(state.index);
  }
}

/** True when nothing a scheduler reads changed: a heartbeat, an image list. */
function isSameNode(before: Node | undefined, after: Node): boolean {
  if (before === undefined) return false;
  return (
    before.metadata.labels === after.metadata.labels &&
    before.spec.taints === after.spec.taints &&
    before.spec.unschedulable === after.spec.unschedulable &&
    isSameList(before.status?.allocatable, after.status?.allocatable)
  );
}

type Amounts = NonNullable<Node['status']>['allocatable'];

function isSameList(before: Amounts = {}, after: Amounts = {}): boolean {
  if (before === after) return true;
  const names = Object.keys(before);
  if (names.length !== Object.keys(after).length) return false;
  return names.every((name) => before[name] === after[name]);
}
