/**
 * datapath/policy/passed-flows — which answers belong to what already passed. A pod's own end of a
 * flow tells: the kernel tracks the connection whatever NAT made of the other end.
 */
import type { Pod } from '../../model/kubernetes/core.ts';
import type { Packet } from '../../net/index.ts';
import type { Direction } from './compiled-policy.ts';

const OTHER: Readonly<Record<Direction, Direction>> = { egress: 'ingress', ingress: 'egress' };

export class PassedFlows {
  readonly #passed = new Set<string>();

  /** True when the packet answers one that passed at this pod. */
  isAnswer(pod: Pod, direction: Direction, packet: Packet): boolean {
    return this.#passed.has(keyOf(pod, OTHER[direction], direction, packet));
  }

  pass(pod: Pod, direction: Direction, packet: Packet): void {
    this.#passed.add(keyOf(pod, direction, direction, packet));
  }
}

function keyOf({ metadata }: Pod, passed: Direction, now: Direction, packet: Packet): string {
  const own =
    now === 'egress'
      ? `${packet.source}:${packet.sourcePort}`
      : `${packet.destination}:${packet.destinationPort}`;
  return `${passed}|${metadata.namespace}/${metadata.name}|${packet.protocol}|${own}`;
}
