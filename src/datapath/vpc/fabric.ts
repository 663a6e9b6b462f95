/**
 * datapath/vpc/fabric — AWS's network as packets find it: who has which address, and what every
 * subnet's routes and filters are. One per store; it follows the store's changes.
 *
 * Reads: the store's EC2 nouns. Writes nothing.
 */
import type { TransitGatewayAttachment } from '../../model/ec2/gateways.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Ip } from '../../net/index.ts';
import { InterfaceAddresses } from './interface-addresses.ts';
import { VpcSession } from './session.ts';
import { TOPOLOGY_KINDS, Topology } from './topology.ts';

/** An interface that has an address, and by which of its addresses. */
export interface AddressOwner {
  readonly networkInterface: NetworkInterface;
  readonly as: 'address' | 'prefix' | 'public';
  /** The private address a public one stands for; else the address itself. */
  readonly privateAddress: Ip;
}

export class VpcFabric {
  readonly store: TwinStore;
  readonly addresses: InterfaceAddresses;
  #topology: Topology | undefined;

  constructor(store: TwinStore) {
    this.store = store;
    this.addresses = new InterfaceAddresses(store);
    const forget = (): void => {
      this.#topology = undefined;
    };
    for (const kind of TOPOLOGY_KINDS) store.subscribe(kind, forget);
  }

  /** VPCs, subnets and their attachments as they are now. */
  get topology(): Topology {
    this.#topology ??= new Topology(this.store);
    return this.#topology;
  }

  /** Whether security groups beyond the attachment may not refer to groups before it. */
  isReferringOff(
    transitGatewayId: string,
    { allowsGroupReferences }: TransitGatewayAttachment,
  ): boolean {
    const gateway = this.store.get('ec2/transit-gateway', transitGatewayId);
    return gateway?.allowsGroupReferences !== true || allowsGroupReferences === false;
  }

  /** One flow and its answers: what security groups and NAT gateways remember is the session's. */
  session(): VpcSession {
    return new VpcSession(this);
  }

  /** Whose address this is; several where VPCs overlap. Public addresses count too. */
  ownersOf(ip: Ip): readonly AddressOwner[] {
    const owners: AddressOwner[] = this.addresses.everywhere(ip).map((holder) => ({
      networkInterface: holder.eni,
      as: holder.addresses.includes(ip) ? 'address' : 'prefix',
      privateAddress: ip,
    }));
    const open = this.addresses.byPublic(ip);
    if (open === undefined) return owners;
    const { holder, privateAddress } = open;
    return [...owners, { networkInterface: holder.eni, as: 'public', privateAddress }];
  }
}
