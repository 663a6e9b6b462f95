/**
 * datapath/walk/flow — what is asked of a walk and what it answers: one packet from one place, the
 * reply, and where chance decides, every branch.
 */
import type { NamespaceId } from '../../model/linux/namespace.ts';
import type { Packet } from '../../net/index.ts';
import type { AskedRequest, HttpRequest } from '../elb/http-request.ts';
import type { Disposition, Hop, Remedy } from '../trace.ts';
import type { OutsidePlace } from '../vpc/outcome.ts';

/** Where a packet starts. */
export type Origin =
  /** A process in a pod or on a node. */
  | { readonly kind: 'namespace'; readonly id: NamespaceId; readonly label: string }
  /** What is behind an ENI that no node of the cluster has: an instance, a database. */
  | {
      readonly kind: 'interface';
      readonly networkInterfaceId: string;
      readonly label: string;
      /** A Network Load Balancer's that passes on the packets of its clients as they are. */
      readonly passesOn?: boolean | undefined;
    }
  /** Beyond AWS: the internet, or a network behind a VPN. */
  | { readonly kind: 'outside'; readonly place: OutsidePlace; readonly label: string };

/** A packet and where it starts. */
export interface Flow {
  readonly origin: Origin;
  readonly packet: Packet;
  /** What is asked once the connection stands; where it is not known a plain GET. */
  readonly request?: AskedRequest | undefined;
}

/** An HTTP request through a load balancer. */
export interface HttpExchange {
  /** As the target gets it, X-Forwarded headers and all; as the client sent it where none does. */
  readonly request: HttpRequest;
  /** Absent where the target's own answer comes back: what a container says is not simulated. */
  readonly response?:
    | {
        readonly status: number;
        readonly by: string;
        /** Where a redirect leads. */
        readonly location?: string | undefined;
        /** Of a fixed response. */
        readonly body?: string | undefined;
        readonly contentType?: string | undefined;
      }
    | undefined;
}

/** Who got the packet in the end. */
export type Receiver =
  | {
      readonly kind: 'namespace';
      readonly id: NamespaceId;
      /** `container nginx`, `kubelet`; undefined where nothing is declared. */
      readonly process?: string | undefined;
    }
  | { readonly kind: 'interface'; readonly networkInterfaceId: string; readonly label: string }
  | {
      readonly kind: 'control-plane';
      readonly clusterName: string;
      /** Absent at the public endpoint. */
      readonly networkInterfaceId?: string | undefined;
    }
  | {
      readonly kind: 'aws-service';
      readonly service: string;
      readonly via: string;
      readonly networkInterfaceId?: string | undefined;
    }
  | { readonly kind: 'outside'; readonly place: string; readonly via: string };

/** One way the packet may go, forward and back. */
export interface Branch {
  /** 1 where nothing was left to chance. */
  readonly probability: number;
  /** What was taken at each place of chance, in order. */
  readonly choices: readonly string[];
  readonly disposition: Disposition;
  /** The verdict in one sentence. */
  readonly text: string;
  readonly code?: string | undefined;
  readonly remedy?: Remedy | undefined;
  readonly forward: readonly Hop[];
  /** Absent where nothing was there to answer. */
  readonly return?: readonly Hop[] | undefined;
  readonly receiver?: Receiver | undefined;
  /** The packet as it was sent, and as the receiver saw it: what NAT made of it. */
  readonly sent: Packet;
  readonly arrived?: Packet | undefined;
  readonly http?: HttpExchange | undefined;
  /** What was assumed on the way and should not be overlooked. */
  readonly notes?: readonly string[] | undefined;
}
