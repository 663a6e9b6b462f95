/**
 * datapath/vpc/passage — one packet on its way through AWS's network: what it looks like now, who
 * sent it, and the words every part of the way writes its steps with.
 */

import { formatRewrite, type Packet } from '../../net/index.ts';
import type { Recorder } from '../recorder.ts';
import type { Disposition, Element, Layer, Remedy, Step } from '../trace.ts';
import type { VpcFabric } from './fabric.ts';
import type { FlowMemory } from './flow-memory.ts';
import type { Holder } from './interface-addresses.ts';
import type { VpcOutcome } from './outcome.ts';
import type { SubnetPlace, VpcPlace } from './topology.ts';

/** Where the packet goes next; anything else is an end. */
export type Next =
  | VpcOutcome
  /** At the router of a subnet, sent by something in it. */
  | { readonly kind: 'route'; readonly from: SubnetPlace }
  /** To whoever has the destination address in the VPC; `from` is the subnet it comes from. */
  | { readonly kind: 'local'; readonly vpc: VpcPlace; readonly from: SubnetPlace | undefined }
  /** At an interface. */
  | { readonly kind: 'arrive'; readonly holder: Holder }
  /** At a transit gateway, by one of its attachments. */
  | { readonly kind: 'transit'; readonly attachmentId: string; readonly transitGatewayId: string };

export interface Passage {
  readonly fabric: VpcFabric;
  readonly memory: FlowMemory;
  readonly recorder: Recorder;
  packet: Packet;
  /** The interface that sent the packet, as long as the source is still its own address. */
  sender: Holder | undefined;
  /** Whether security groups may still refer to the sender's groups. */
  isSenderKnown: boolean;
  /** The packet answers one that a security group or a gateway remembers. */
  isReply: boolean;
  /** Availability zone it was last seen in. */
  zone: string;
}

/** One step with its evidence. */
export function note(
  passage: Passage,
  layer: Layer,
  kind: string,
  action: Step['action'],
  text: string,
  decisive: readonly Element[] = [],
): void {
  passage.recorder.step({ layer, kind, action, text, evidence: { decisive } });
}

/** What a stop says beside its text. */
export interface Stop {
  readonly layer: Layer;
  readonly kind: string;
  readonly disposition: Disposition;
  readonly text: string;
  readonly code?: string | undefined;
  readonly decisive?: readonly Element[] | undefined;
  readonly considered?: readonly Element[] | undefined;
  readonly remedy?: Remedy | undefined;
}

/** Records the step that stops the packet and ends its way. */
export function stop({ recorder }: Passage, it: Stop): VpcOutcome {
  const { layer, kind, disposition, text, code, remedy } = it;
  const action = disposition.startsWith('denied') ? 'deny' : 'drop';
  const evidence = { decisive: it.decisive ?? [], considered: it.considered, code };
  recorder.step({ layer, kind, action, text, evidence });
  return { kind: 'stopped', verdict: { disposition, text, code, remedy } };
}

/** Gives the packet another header, and says so. */
export function rewrite(
  passage: Passage,
  kind: string,
  after: Packet,
  decisive: readonly Element[],
): void {
  const before = passage.packet;
  passage.packet = after;
  passage.recorder.step({
    layer: 'vpc',
    kind,
    action: 'rewrite',
    text: formatRewrite(before, after),
    evidence: { decisive },
    rewritten: { before, after },
  });
}

/** The element of a gateway, endpoint, peering or interface, by its id. */
export const gatewayElement = (object: string, field?: string): Element => ({
  kind: 'gateway',
  object,
  field,
});
