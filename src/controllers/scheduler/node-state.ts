/**
 * controllers/scheduler/node-state — what the scheduler knows of one node: what it offers and what
 * the pods on it have taken. Kept from store events, never counted anew.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/framework/types.go NodeInfo.
 */
import type { Node } from '../../model/kubernetes/core.ts';
import { milliOf } from '../../model/kubernetes/quantity.ts';
import type { PodClass } from './pod-class.ts';

/** Positions of a resource in every node's arrays. */
export class ResourceTable {
  readonly #positions = new Map<string, number>(
    [PODS, 'cpu', 'memory', 'ephemeral-storage'].map((name, i) => [name, i]),
  );
  readonly names: string[] = [...this.#positions.keys()];

  #stamp = 0;

  /** A number never given before: two nodes that share an index never share a version. */
  stamp(): number {
    return ++this.#stamp;
  }

  positionOf(name: string): number {
    let position = this.#positions.get(name);
    if (position === undefined) {
      position = this.names.length;
      this.names.push(name);
      this.#positions.set(name, position);
    }
    return position;
  }
}

const PODS = 'pods';
export const POD_POSITION = 0;
export const CPU_POSITION = 1;
export const MEMORY_POSITION = 2;

/** scheduler/util/pod_resources.go:24 DefaultMilliCPURequest, DefaultMemoryRequest. */
const DEFAULT_CPU_MILLI = 100;
const DEFAULT_MEMORY_MILLI = 200 * 1024 * 1024 * 1000;

export interface NodeState {
  readonly index: number;
  readonly name: string;
  /** Undefined while pods are bound to a node that is not there. */
  node: Node | undefined;
  /** Another number whenever what static filters read changed. */
  version: number;
  /** Another number whenever what the pods take changed. */
  usage: number;
  /** Counts changes that may make room. */
  relief: number;
  /** Milli-units by resource position. */
  allocatable: number[];
  readonly used: number[];
  /** As `used`, with a default where nothing is requested: scores read this. */
  scoredCpu: number;
  scoredMemory: number;
  readonly classes: Map<PodClass, number>;
  /** Claims by `protocol/port`, then by host address. */
  readonly ports: Map<string, Map<string, number>>;
}

export const nodeState = (index: number, name: string): NodeState => ({
  index,
  name,
  node: undefined,
  version: 0,
  usage: 0,
  relief: 0,
  allocatable: [],
  used: [0, 0, 0, 0],
  scoredCpu: 0,
  scoredMemory: 0,
  classes: new Map(),
  ports: new Map(),
});

/** What the node offers now. */
export function setNode(state: NodeState, node: Node | undefined, table: ResourceTable): void {
  state.node = node;
  state.version = table.stamp();
  state.usage = table.stamp();
  state.allocatable = [];
  const offered = node?.status?.allocatable ?? {};
  for (const name in offered) state.allocatable[table.positionOf(name)] = milliOf(offered[name]);
}

/** Adds (`sign` 1) or takes away (-1) one pod of a class. */
export function countPod(
  state: NodeState,
  podClass: PodClass,
  sign: 1 | -1,
  table: ResourceTable,
): void {
  const count = (state.classes.get(podClass) ?? 0) + sign;
  if (count === 0) state.classes.delete(podClass);
  else state.classes.set(podClass, count);
  state.usage = table.stamp();
  state.used[POD_POSITION]! += sign * 1000;
  for (const [name, amount] of podClass.requests) {
    const position = table.positionOf(name);
    state.used[position] = (state.used[position] ?? 0) + sign * amount;
  }
  state.scoredCpu += sign * scoredCpuOf(podClass);
  state.scoredMemory += sign * scoredMemoryOf(podClass);
  for (const { protocol, hostPort, hostIp } of podClass.ports) {
    const key = `${protocol}/${hostPort}`;
    const claims = state.ports.get(key) ?? new Map<string, number>();
    state.ports.set(key, claims);
    const left = (claims.get(hostIp) ?? 0) + sign;
    if (left === 0) claims.delete(hostIp);
    else claims.set(hostIp, left);
  }
}

/** Milli-cores a score counts for a pod of the class. */
export const scoredCpuOf = ({ requests }: PodClass): number =>
  requests.get('cpu') ?? DEFAULT_CPU_MILLI;

/** Thousandths of bytes a score counts for a pod of the class. */
export const scoredMemoryOf = ({ requests }: PodClass): number =>
  requests.get('memory') ?? DEFAULT_MEMORY_MILLI;

/** True when every host port of the class is free (nodeports.go fitsPorts). */
export function arePortsFree(state: NodeState, podClass: PodClass): boolean {
  for (const { protocol, hostPort, hostIp } of podClass.ports) {
    const claims = state.ports.get(`${protocol}/${hostPort}`);
    if (claims === undefined || claims.size === 0) continue;
    if (hostIp === '0.0.0.0' || claims.has(hostIp) || claims.has('0.0.0.0')) return false;
  }
  return true;
}
