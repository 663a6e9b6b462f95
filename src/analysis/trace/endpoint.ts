/**
 * analysis/trace/endpoint — the two ends of a trace as things that exist: where a packet starts and
 * what it is sent to.
 */
import type { Vantage } from '../../datapath/dns/answer.ts';
import type { AskedRequest } from '../../datapath/elb/http-request.ts';
import type { Verdict } from '../../datapath/trace.ts';
import type { Origin } from '../../datapath/walk/flow.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Ip, IpFamily } from '../../net/index.ts';

export interface Source {
  readonly label: string;
  readonly origin: Origin;
  readonly vantage: Vantage;
  /** Addresses it sends from, one a family at most. */
  readonly addresses: readonly Ip[];
  /** It was named by an address, which it then sends from. */
  readonly isAddressGiven?: boolean | undefined;
  /** It is the API server, which looks up the endpoints of a Service itself. */
  readonly isControlPlane?: boolean | undefined;
  /** What was chosen where the text left a choice. */
  readonly note?: string | undefined;
}

interface TargetSaid {
  readonly label: string;
  readonly note?: string | undefined;
}

/** Where a port is asked for; undefined where the protocol has none. */
interface PortAsked {
  readonly port?: number | undefined;
}

export type Target =
  | (TargetSaid & PortAsked & { readonly kind: 'address'; readonly address: Ip })
  | (TargetSaid &
      PortAsked & {
        readonly kind: 'name';
        readonly host: string;
        /** Where it follows from the target: an Ingress has hosts and paths. */
        readonly request?: AskedRequest | undefined;
        /** What that is, for who did not say what to ask for. */
        readonly requestNote?: string | undefined;
      })
  /** A Service whose endpoints the sender knows: it takes any of them. */
  | (TargetSaid & {
      readonly kind: 'endpoints';
      readonly ends: readonly { readonly address: Ip; readonly port: number }[];
      /** The Service's. */
      readonly port: number;
      /** Why there is none. */
      readonly failure?: Verdict | undefined;
    });

/** What the ends are looked up in, and what an end without a namespace is in. */
export interface EndpointContext {
  readonly store: TwinStore;
  readonly namespace: string;
  readonly region: string;
  /** The interfaces that have an address; of several VPCs where those overlap. */
  readonly interfacesAt: (address: Ip) => readonly NetworkInterface[];
  /** False for ICMP: no port is asked for. */
  readonly needsPort: boolean;
  /** `pod/NS/NAME` of a pod that sends. */
  readonly sender?: string | undefined;
  /** Of the flow, where both are possible. */
  readonly family?: IpFamily | undefined;
  /** Who sends is the API server. */
  readonly isFromControlPlane?: boolean | undefined;
  /** Who sends is no pod and no node: a Service's own address means nothing to it. */
  readonly isFromOutside?: boolean | undefined;
}

/** Stands for a client anywhere on the internet (RFC 5737 and RFC 3849 documentation addresses). */
export const INTERNET_ADDRESS = { 4: '198.51.100.7', 6: '2001:db8:ffff::7' } as const;
/** Stands for a server anywhere on the internet. */
export const INTERNET_SERVER = { 4: '203.0.113.80', 6: '2001:db8:ffff::80' } as const;
