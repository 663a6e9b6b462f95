/**
 * datapath/walk/balanced — a connection that a load balancer's node has taken, and the words all of
 * what becomes of it is told with.
 */
import type { Packet } from '../../net/index.ts';
import type { BalancerNode } from '../elb/balancers.ts';
import type { ReadyListener } from '../elb/ready-listener.ts';
import type { Element, Verdict } from '../trace.ts';
import type { Exchange, Taken } from './exchange.ts';
import type { Flow } from './flow.ts';

/** A connection that a load balancer's node has taken. */
export interface Balanced {
  readonly exchange: Exchange;
  readonly flow: Flow;
  /** As the load balancer sees it. */
  readonly packet: Packet;
  readonly node: BalancerNode;
  readonly listener: ReadyListener;
  /** Load balancers that the client came through before this one. */
  readonly before: number;
}

/** Says what stops it at the load balancer, and that. */
export function refusedBy(
  { there }: Exchange,
  kind: string,
  verdict: Verdict,
  {
    says,
    decisive = [],
    considered,
  }: {
    readonly says: Taken['says'];
    readonly decisive?: readonly Element[] | undefined;
    readonly considered?: readonly Element[] | undefined;
  },
): Taken {
  const { text, code } = verdict;
  there.step({
    layer: 'load-balancer',
    kind,
    action: says === undefined ? 'drop' : 'deny',
    text,
    evidence: { decisive, considered, code },
  });
  return { verdict, says };
}
