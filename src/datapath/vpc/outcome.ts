/**
 * datapath/vpc/outcome — where a packet is when AWS's network has done with it, and the places
 * outside from which one may come.
 */
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Packet } from '../../net/index.ts';
import type { Verdict } from '../trace.ts';

export type VpcOutcome =
  /** At an interface, past its security groups: an instance's, a branch, Fargate's, RDS's … */
  | {
      readonly kind: 'interface';
      readonly networkInterface: NetworkInterface;
      readonly packet: Packet;
    }
  /** At an interface EKS keeps for a control plane: beyond it is the API server. */
  | {
      readonly kind: 'control-plane';
      readonly clusterName: string;
      readonly networkInterface: NetworkInterface;
      readonly packet: Packet;
    }
  /**
   * At a service of AWS inside the VPC: by a gateway endpoint, an interface endpoint, or one of
   * the link-local addresses (`imds`, `resolver`, `time-sync`).
   */
  | {
      readonly kind: 'aws-service';
      /** `com.amazonaws.us-west-2.s3`, or `imds`, `resolver`, `time-sync`. */
      readonly service: string;
      /** The endpoint's id, or the interface the packet left where the address is link-local. */
      readonly via: string;
      /** The interface of an interface endpoint. */
      readonly networkInterface?: NetworkInterface | undefined;
      readonly packet: Packet;
    }
  /** Gone out of AWS, or to a VPC that no document tells of. */
  | {
      readonly kind: 'outside';
      readonly place: 'internet' | 'vpn' | 'direct-connect' | 'vpc';
      /** The gateway, connection or attachment it left by. */
      readonly via: string;
      /** The VPC (or transit gateway) it left last. */
      readonly vpcId: string;
      readonly packet: Packet;
    }
  | { readonly kind: 'stopped'; readonly verdict: Verdict };

/** Where a packet from outside comes in. */
export type OutsidePlace =
  | { readonly kind: 'internet' }
  /** By a VPN gateway, or a transit gateway's VPN or Direct Connect attachment. */
  | { readonly kind: 'vpn'; readonly via: string }
  /** At a VPC's own router, as from a peer that no document tells of. */
  | { readonly kind: 'vpc'; readonly vpcId: string }
  /** Back from a service through its gateway endpoint. */
  | { readonly kind: 'vpc-endpoint'; readonly vpcEndpointId: string };
