/**
 * datapath/dns/aws-names — what the names of AWS mean, seen from a VPC and from outside: interface
 * endpoints, the cluster's API endpoint, instances, databases, the services' own public names.
 *
 * Source: VPC User Guide, "DNS attributes for your VPC", "Private DNS names for endpoint services";
 * EKS User Guide, cluster-endpoint; EC2 User Guide, "EC2 instance hostnames". Route 53's private
 * zones and load balancers' names come from elsewhere, as a `NameSource`.
 */

import { internalDomain } from '../../cloud/region.ts';
import { GATEWAY_SERVICE_BLOCKS } from '../../cloud/regions.data.ts';
import { DATABASE_TAG } from '../../model/ec2/database.ts';
import type { VpcEndpoint } from '../../model/ec2/gateways.ts';
import type { NetworkInterfaceId, VpcId } from '../../model/ec2/ids.ts';
import { type NetworkInterface, primaryAddress } from '../../model/ec2/network-interface.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { EksCluster } from '../../model/eks/cluster.ts';
import { endpointHost } from '../../model/eks/endpoint-host.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { contains, formatIp, type Ip, parseCidr, parseIp } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import type { DnsRecord, Rcode } from './answer.ts';
import {
  gatewayServiceOf,
  matchesServiceName,
  privateDnsNames,
  regionInName,
} from './aws-service-names.ts';
import { FollowedIndex } from './followed-index.ts';
import { blockFor, standIn, standInV6 } from './public-address.ts';

/** What a name holds; `undefined` elsewhere means: this source does not know the name. */
export interface SourceAnswer {
  readonly rcode?: Rcode | undefined;
  /** Addresses of either family; the caller takes those of the type asked for. */
  readonly addresses: readonly string[];
  /** Records of other sorts, as they are. */
  readonly records?: readonly DnsRecord[] | undefined;
  /** What answered: `private DNS of vpce-0a…`. */
  readonly source: string;
  readonly evidence: readonly Element[];
  readonly notes: readonly string[];
}

/** Where names come from that are kept elsewhere: Route 53's zones, load balancers. */
export interface NameSource {
  /** @param vpcId  undefined: asked from the internet; @param name  lower case, whole */
  find(vpcId: string | undefined, name: string, type: string): SourceAnswer | undefined;
}

const ENDPOINT_NAME =
  /^(?:\*\.)?(vpce-[0-9a-f]+)-\w+(?:-([a-z-]+\d[a-z]))?\..+\.vpce\.amazonaws\.com\.$/;

/** Public addresses of an EKS endpoint: two load balancer addresses. */
const ENDPOINT_ADDRESSES = 2;

const answer = (
  source: string,
  addresses: readonly string[],
  evidence: readonly Element[],
  notes: readonly string[] = [],
): SourceAnswer => ({ source, addresses, evidence, notes });

const STAND_IN = 'a stand-in: the real address of a public name is not part of the twin';

export class AwsNames {
  readonly #store: TwinStore;
  readonly #databases = new FollowedIndex('ec2/network-interface', ({ tags }) => {
    const identifier = tags[DATABASE_TAG];
    return identifier === undefined ? [] : [identifier.toLowerCase()];
  });
  readonly #byPublicAddress = new FollowedIndex('ec2/network-interface', (eni) =>
    eni.privateIpAddresses.flatMap(({ public: it }) => (it === undefined ? [] : [it.publicIp])),
  );

  constructor(store: TwinStore) {
    this.#store = store;
  }

  /** What only a VPC's own resolver knows. */
  inVpc(vpc: Vpc, region: string | undefined, name: string): SourceAnswer | undefined {
    return (
      this.#privateDns(vpc, name) ??
      this.#clusterInside(vpc, name) ??
      this.#instance(vpc, region, name) ??
      this.#publicHost(vpc, name)
    );
  }

  /** What every resolver of the world knows. */
  everywhere(name: string): SourceAnswer | undefined {
    return (
      this.#endpointName(name) ??
      this.#clusterOutside(name) ??
      this.#database(name) ??
      this.#publicHost(undefined, name) ??
      this.#service(name)
    );
  }

  /** The name the VPC's resolver gives an address: `ip-10-0-3-10.us-west-2.compute.internal.` */
  hostNameOf(vpc: Vpc, region: string | undefined, ip: Ip): string | undefined {
    if (typeof ip !== 'number' || region === undefined || !isOf(vpc, ip)) return undefined;
    return `ip-${formatIp(ip).replaceAll('.', '-')}.${internalDomain(region)}.`;
  }

  #interfaces(ids: readonly NetworkInterfaceId[]): readonly NetworkInterface[] {
    return ids.flatMap((id) => this.#store.get('ec2/network-interface', id) ?? []);
  }

  #endpoints(): readonly VpcEndpoint[] {
    return this.#store.list('ec2/vpc-endpoint').filter(({ type }) => type === 'Interface');
  }

  #ofEndpoint(endpoint: VpcEndpoint, zone: string | undefined, what: string): SourceAnswer {
    const interfaces = this.#interfaces(endpoint.networkInterfaceIds).filter(
      ({ availabilityZone }) => zone === undefined || availabilityZone === zone,
    );
    const field = what === 'private DNS' ? 'privateDnsEnabled true' : undefined;
    const addresses = interfaces.flatMap((eni) => [primaryAddress(eni), ...eni.ipv6Addresses]);
    return answer(`${what} of ${endpoint.vpcEndpointId}`, addresses, [
      { kind: 'vpc-endpoint', object: endpoint.vpcEndpointId, field },
      ...interfaces.map(interfaceElement),
    ]);
  }

  /** An endpoint whose private DNS takes the name over in its VPC. */
  #privateDns(vpc: Vpc, name: string): SourceAnswer | undefined {
    if (!vpc.enableDnsHostnames) return undefined;
    for (const endpoint of this.#endpoints()) {
      if (endpoint.vpcId !== vpc.vpcId || !endpoint.privateDnsEnabled) continue;
      if (privateDnsNames(endpoint.serviceName).some((it) => matchesServiceName(it, name)))
        return this.#ofEndpoint(endpoint, undefined, 'private DNS');
    }
    return undefined;
  }

  /** `vpce-0a…-x1y2z3[-us-west-2a].sts.us-west-2.vpce.amazonaws.com`. */
  #endpointName(name: string): SourceAnswer | undefined {
    const match = ENDPOINT_NAME.exec(name);
    if (match === null) return undefined;
    const endpoint = this.#store.get('ec2/vpc-endpoint', match[1]!);
    if (endpoint === undefined) return undefined;
    return this.#ofEndpoint(endpoint, match[2], 'name');
  }

  #cluster(name: string): EksCluster | undefined {
    return this.#store
      .list('eks/cluster')
      .find((cluster) => name === `${endpointHost(cluster).toLowerCase()}.`);
  }

  /** Private access puts the name into a zone of the VPC that only its resolver sees. */
  #clusterInside(vpc: Vpc, name: string): SourceAnswer | undefined {
    const cluster = this.#cluster(name);
    if (cluster?.vpcId !== vpc.vpcId || !cluster.endpointPrivateAccess) return undefined;
    return vpc.enableDnsHostnames ? this.#controlPlane(cluster, 'private endpoint') : undefined;
  }

  #controlPlane(cluster: EksCluster, what: string): SourceAnswer {
    const interfaces = this.#interfaces(cluster.networkInterfaceIds);
    const isV6 = cluster.ipFamily === 'ipv6';
    const addresses = interfaces.flatMap((eni) => [
      ...(isV6 ? eni.ipv6Addresses : []),
      primaryAddress(eni),
    ]);
    const field = 'endpointPrivateAccess true';
    return answer(`${what} of cluster ${cluster.name}`, addresses, [
      { kind: 'cluster', object: cluster.name, field },
      ...interfaces.map(interfaceElement),
    ]);
  }

  /** Public access: addresses of load balancers; private only: the private ones, for everybody. */
  #clusterOutside(name: string): SourceAnswer | undefined {
    const cluster = this.#cluster(name);
    if (cluster === undefined) return undefined;
    if (!cluster.endpointPublicAccess) return this.#controlPlane(cluster, 'private endpoint');
    const names = Array.from({ length: ENDPOINT_ADDRESSES }, (_, i) => `${i + 1}.${name}`);
    const addresses = names.flatMap((it) => standIn(it) ?? []);
    const v6 = cluster.ipFamily === 'ipv6' ? names.map(standInV6) : [];
    return answer(
      `public endpoint of cluster ${cluster.name}`,
      [...new Set([...addresses, ...v6])],
      [{ kind: 'cluster', object: cluster.name, field: 'endpointPublicAccess true' }],
      [STAND_IN],
    );
  }

  /** `ip-10-0-3-10.us-west-2.compute.internal`, `i-0ab….us-west-2.compute.internal`. */
  #instance(vpc: Vpc, region: string | undefined, name: string): SourceAnswer | undefined {
    if (region === undefined || !name.endsWith(`.${internalDomain(region)}.`)) return undefined;
    const host = name.slice(0, -internalDomain(region).length - 2);
    const evidence: Element[] = [
      { kind: 'vpc', object: vpc.vpcId, field: 'enableDnsSupport true' },
    ];
    if (/^ip(-\d{1,3}){4}$/.test(host)) {
      const ip = parseIp(host.slice(3).replaceAll('-', '.'));
      if (ip === undefined || !isOf(vpc, ip)) return undefined;
      return answer('private hostname', [formatIp(ip)], evidence);
    }
    const instance = host.startsWith('i-') ? this.#store.get('ec2/instance', host) : undefined;
    if (instance === undefined || instance.vpcId !== vpc.vpcId) return undefined;
    const addresses = [instance.privateIpAddress, instance.ipv6Address].filter(
      (it): it is string => it !== undefined,
    );
    return answer('private hostname', addresses, evidence, [
      'resource names answer only where the subnet enables them, which is not part of the twin',
    ]);
  }

  /** `ec2-52-1-2-3.us-west-2.compute.amazonaws.com`: the private address inside the VPC. */
  #publicHost(vpc: Vpc | undefined, name: string): SourceAnswer | undefined {
    const match =
      /^ec2((?:-\d{1,3}){4})\.(?:[a-z0-9-]+\.compute|compute-1)\.amazonaws\.com\.$/.exec(name);
    if (match === null) return undefined;
    const publicIp = match[1]!.slice(1).replaceAll('-', '.');
    for (const eni of this.#byPublicAddress.find(this.#store, publicIp)) {
      if (vpc !== undefined && eni.vpcId !== vpc.vpcId) continue;
      const held = eni.privateIpAddresses.find((it) => it.public?.publicIp === publicIp)!;
      const address = vpc === undefined ? publicIp : held.address;
      return answer('public hostname', [address], [interfaceElement(eni)]);
    }
    return vpc !== undefined || parseIp(publicIp) === undefined
      ? undefined
      : answer('public hostname', [publicIp], []);
  }

  /** `orders.c1x2y3.us-west-2.rds.amazonaws.com`: a private address, told to everybody. */
  #database(name: string): SourceAnswer | undefined {
    const match = /^([a-z0-9-]+)\.(?:[a-z0-9-]+\.)+rds\.amazonaws\.com(\.cn)?\.$/.exec(name);
    if (match === null) return undefined;
    const [eni] = this.#databases.find(this.#store, match[1]!);
    if (eni !== undefined) {
      return answer(`database ${match[1]}`, [primaryAddress(eni)], [interfaceElement(eni)]);
    }
    return {
      ...answer(
        `database ${match[1]}`,
        [],
        [],
        [
          `no interface is tagged ${DATABASE_TAG}=${match[1]}, so the database's address is not known`,
        ],
      ),
      rcode: 'NOT-SIMULATED',
    };
  }

  /** A public name of an AWS service; S3's and DynamoDB's within their managed prefix list. */
  #service(name: string): SourceAnswer | undefined {
    if (!/\.(amazonaws\.com(\.cn)?|api\.aws|on\.aws)\.$/.test(name)) return undefined;
    if (/\.elb\.|\.elb\b/.test(name)) {
      const note = 'no load balancer of the twin has this name';
      return { ...answer('load balancer', [], [], [note]), rcode: 'NOT-SIMULATED' };
    }
    const gateway = gatewayServiceOf(name);
    const region = regionInName(name) ?? 'us-east-1';
    const list = gateway === undefined ? undefined : this.#prefixList(name, region, gateway);
    if (gateway !== undefined && list !== undefined) {
      const address = standIn(name, list.blocks);
      return answer(
        `public name of ${gateway}`,
        address === undefined ? [] : [address],
        list.id === undefined
          ? []
          : [{ kind: 'prefix-list', object: list.id, rule: list.blocks[0] }],
        [`a stand-in within the prefix list of ${gateway} in ${region}`],
      );
    }
    const v4 = standIn(name);
    const v6 = /\.(api|on)\.aws\.$/.test(name) ? [standInV6(name)] : [];
    return answer('public name of AWS', [...(v4 === undefined ? [] : [v4]), ...v6], [], [STAND_IN]);
  }

  #prefixList(
    name: string,
    region: string,
    service: string,
  ): { readonly id?: string; readonly blocks: readonly string[] } | undefined {
    const held = this.#store
      .list('ec2/prefix-list')
      .find(({ prefixListName }) => prefixListName === `com.amazonaws.${region}.${service}`);
    const blocks = held?.entries.map(({ cidr }) => cidr) ?? [];
    const block = blockFor(name, blocks);
    if (held !== undefined && block !== undefined)
      return { id: held.prefixListId, blocks: [block] };
    const known =
      GATEWAY_SERVICE_BLOCKS[`${region} ${service}`] ?? GATEWAY_SERVICE_BLOCKS[`* ${service}`];
    return known === undefined ? undefined : { blocks: known.blocks };
  }
}

const interfaceElement = (eni: NetworkInterface): Element => ({
  kind: 'network-interface',
  object: eni.networkInterfaceId,
});

const isOf = ({ cidrBlocks }: Vpc, ip: Ip): boolean =>
  cidrBlocks.some(({ cidrBlock }) => {
    const cidr = parseCidr(cidrBlock);
    return cidr !== undefined && contains(cidr, ip);
  });

/** The region of a VPC, from the zone of one of its subnets. */
export function regionOfVpc(store: TwinStore, vpcId: VpcId): string | undefined {
  const [subnet] = store.lookup('ec2/subnet', 'vpc', vpcId);
  const fromZone = /^([a-z]+(?:-[a-z]+)+-\d+)/.exec(subnet?.availabilityZone ?? '')?.[1];
  if (fromZone !== undefined) return fromZone;
  const cluster = store.list('eks/cluster').find((it) => it.vpcId === vpcId);
  return cluster?.arn.split(':')[3];
}
