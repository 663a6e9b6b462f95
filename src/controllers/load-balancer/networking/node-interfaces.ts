/**
 * controllers/load-balancer/networking/node-interfaces — the interface a node's traffic comes in by:
 * the primary one of its instance, believed for ten minutes.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/networking/node_eni_info_resolver.go.
 */
import type { Node } from '../../../model/kubernetes/core.ts';
import type { Clock } from '../../../sim/clock.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import { ExpiringMap } from '../expiring-map.ts';
import type { FoundInterface, InterfaceReads } from './interface-reads.ts';
import { computeTypeOf, instanceIdOfNode } from './node-instance.ts';

const TTL_MS = 600_000;

export class NodeInterfaces {
  readonly #reads: InterfaceReads;
  readonly #known: ExpiringMap<FoundInterface>;

  constructor(clock: Clock, reads: InterfaceReads) {
    this.#reads = reads;
    this.#known = new ExpiringMap(clock, TTL_MS);
  }

  /** The interface of every node, by name. */
  async resolve(nodes: readonly Node[]): Promise<ReadonlyMap<string, FoundInterface>> {
    const found = new Map<string, FoundInterface>();
    const asked: Node[] = [];
    for (const node of nodes) {
      const known = this.#known.get(cacheKeyOf(node));
      if (known === undefined) asked.push(node);
      else found.set(node.metadata.name, known);
    }
    for (const [node, eni] of await this.#lookUp(asked)) {
      this.#known.set(cacheKeyOf(node), eni);
      found.set(node.metadata.name, eni);
    }
    const lost = asked.filter(({ metadata }) => !found.has(metadata.name));
    if (lost.length === 0) return found;
    const names = lost.map(({ metadata }) => `/${metadata.name}`).join(' ');
    throw new DeployError(`cannot resolve node ENI for nodes: [${names}]`);
  }

  async #lookUp(nodes: readonly Node[]): Promise<readonly (readonly [Node, FoundInterface])[]> {
    const machines = nodes.filter((node) => computeTypeOf(node) !== 'hybrid');
    const instanceIds = new Map(machines.map((node) => [node, instanceIdOfNode(node)]));
    if (instanceIds.size === 0) return [];
    const interfaces = await this.#reads.ofInstances([...new Set(instanceIds.values())].sort());
    return [...instanceIds].flatMap(([node, instanceId]) => {
      const its = interfaces.get(instanceId);
      if (its === undefined) return [];
      const primary = its.find(({ attachment }) => attachment?.deviceIndex === 0);
      if (primary !== undefined) return [[node, primary] as const];
      throw new DeployError('[this should never happen] no primary ENI found');
    });
  }
}

const cacheKeyOf = ({ metadata }: Node): string => `${metadata.name} ${metadata.uid}`;
