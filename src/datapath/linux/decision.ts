/**
 * datapath/linux/decision — which rules of a packet filter led to what happened to a packet.
 */
import type { Element, Layer, Verdict } from '../trace.ts';

/** Which rules led to an answer, outermost jump first. */
export interface Decision {
  readonly layer: Layer;
  /** The chain that holds the last rule. */
  readonly chain: string;
  /** That rule's comment: kube-proxy names the Service there. */
  readonly comment?: string | undefined;
  readonly decisive: readonly Element[];
  /** How the packet ends, where the chain knows better than its name tells. */
  readonly verdict?: Verdict | undefined;
}

/** A number on a packet or a connection, and the rules that put it there. */
export interface Mark {
  readonly value: number;
  readonly setBy: readonly Element[];
}

export const NO_MARK: Mark = { value: 0, setBy: [] };
