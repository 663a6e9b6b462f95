/**
 * datapath/elb/balancer-names — what the name of a load balancer stands for: the addresses of its
 * nodes, public ones of one that faces the internet (for askers inside the VPC too), private ones
 * of an internal one (for everybody, wherever they ask from).
 *
 * Source: Elastic Load Balancing, "How Elastic Load Balancing works" (request routing), "IP address
 * type"; `ZONE.NAME` is one zone's node.
 */
import { type NetworkInterface, primaryAddress } from '../../model/ec2/network-interface.ts';
import type { LoadBalancerZone } from '../../model/elbv2/load-balancer.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { NameSource, SourceAnswer } from '../dns/aws-names.ts';
import type { Element } from '../trace.ts';
import type { Balancers } from './balancers.ts';
import type { ReadyBalancer } from './ready-balancer.ts';
import { zonesInService } from './zones-in-service.ts';

const ELB_NAME =
  /\.elb\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\.$|\.[a-z0-9-]+\.elb\.amazonaws\.com(\.cn)?\.$/;
const PREFIX = /^(dualstack|ipv6)\./;

export class BalancerNames implements NameSource {
  readonly #store: TwinStore;
  readonly #balancers: Balancers;

  constructor(store: TwinStore, balancers: Balancers) {
    this.#store = store;
    this.#balancers = balancers;
  }

  find(_: string | undefined, name: string): SourceAnswer | undefined {
    if (!ELB_NAME.test(name)) return undefined;
    const host = name.slice(0, -1).replace(PREFIX, '');
    const whole = this.#named(host);
    if (whole !== undefined) return this.#answer(whole, undefined);
    const at = host.indexOf('.');
    const balancer = this.#named(host.slice(at + 1));
    const zone = balancer?.zones.find(({ zoneName }) => zoneName === host.slice(0, at));
    return zone === undefined ? undefined : this.#answer(balancer!, zone);
  }

  #named(host: string): ReadyBalancer | undefined {
    const store = this.#store;
    const [balancer] = store.lookup('elbv2/load-balancer', 'dns-name', host);
    const [classic] = store.lookup('elbv2/classic-load-balancer', 'dns-name', host);
    const key = balancer?.loadBalancerArn ?? classic?.loadBalancerName;
    return key === undefined ? undefined : this.#balancers.balancer(key);
  }

  #answer(balancer: ReadyBalancer, zone: LoadBalancerZone | undefined): SourceAnswer {
    const { label, element, isActive } = balancer;
    const source = `name of ${label}`;
    if (!isActive) {
      const notes = [`${label} is not active yet: its name has no address`];
      return { source, addresses: [], rcode: 'NXDOMAIN', evidence: [element], notes };
    }
    const { zones, leftOut, evidence } =
      zone === undefined
        ? zonesInService(this.#balancers, balancer)
        : { zones: [zone], leftOut: [], evidence: [] };
    const enis = zones.flatMap(
      ({ networkInterfaceId }) =>
        this.#store.get('ec2/network-interface', networkInterfaceId) ?? [],
    );
    return {
      source,
      addresses: enis.flatMap((eni) => addressesOf(balancer, eni)),
      evidence: [element, ...enis.map(interfaceElement), ...evidence],
      notes: leftOut.map(
        ({ zoneName, group }) =>
          `${label} leaves ${zoneName} out of its name: no healthy target of ${group.name} there`,
      ),
    };
  }
}

function addressesOf({ scheme }: ReadyBalancer, eni: NetworkInterface): readonly string[] {
  const own = primaryAddress(eni);
  const open = eni.privateIpAddresses[0]?.public?.publicIp;
  // Without public IPv4 the name's A records are the private addresses.
  const v4 = scheme === 'internet-facing' ? (open ?? own) : own;
  return [v4, ...eni.ipv6Addresses];
}

const interfaceElement = ({ networkInterfaceId }: NetworkInterface): Element => ({
  kind: 'network-interface',
  object: networkInterfaceId,
});
