/**
 * datapath/linux/outcome — where a packet is after one network namespace had it.
 */
import type { Link } from '../../model/linux/namespace.ts';
import type { Ip, Packet } from '../../net/index.ts';
import type { Verdict } from '../trace.ts';
import type { Part } from './conntrack.ts';

/** What is sent back to the source of a packet that goes no further. */
export type Answer = 'reset' | 'icmp-unreachable' | 'icmp-too-big';

export interface Stopped {
  readonly kind: 'stopped';
  /** As it was when it stopped. */
  readonly packet: Packet;
  readonly verdict: Verdict;
  /** undefined: silence. */
  readonly answer?: Answer | undefined;
  /** With `icmp-too-big`: what would have fitted. */
  readonly mtu?: number | undefined;
}

export type Outcome =
  /** For an address of this namespace; `listening` says who takes it. */
  | { readonly kind: 'local'; readonly packet: Packet; readonly part: Part }
  /** Leaves by a link; an ICMP error's `part` is about the packet as the next one knows it. */
  | {
      readonly kind: 'out';
      readonly packet: Packet;
      readonly part: Part;
      readonly link: Link;
      readonly nextHop: Ip;
    }
  | Stopped;
