/**
 * controllers/load-balancer/networking/interface-reads — what the controller asks EC2 about network
 * interfaces: by id, by address, and those of instances.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/networking/node_info_provider.go,
 * pod_eni_info_resolver.go.
 */
import type { Ec2 } from '../../../cloud/ec2/operations.ts';
import type { NetworkInterface } from '../../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import { must } from '../deploy/deploy-error.ts';

/** An interface as far as the controller reads it. */
export type FoundInterface = Pick<
  NetworkInterface,
  | 'networkInterfaceId'
  | 'groups'
  | 'privateIpAddresses'
  | 'ipv4Prefixes'
  | 'ipv6Addresses'
  | 'ipv6Prefixes'
> & {
  readonly attachment?:
    | Pick<NonNullable<NetworkInterface['attachment']>, 'deviceIndex'>
    | undefined;
};

export interface InterfaceReads {
  byIds(ids: readonly string[]): Promise<readonly FoundInterface[]>;
  byAddresses(
    family: 'ipv4' | 'ipv6',
    addresses: readonly string[],
  ): Promise<readonly FoundInterface[]>;
  /** By instance id; without those EC2 does not have. */
  ofInstances(
    instanceIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly FoundInterface[]>>;
}

/** DescribeNetworkInterfaces takes 200 values of filters; one is the VPC's. */
const ADDRESSES_MAX = 199;

const ADDRESS_FILTER = {
  ipv4: 'addresses.private-ip-address',
  ipv6: 'ipv6-addresses.ipv6-address',
} as const;

/** The reads, asked of EC2. */
export const interfaceReads = (store: TwinStore, ec2: Ec2, vpcId: string): InterfaceReads => ({
  async byIds(networkInterfaceIds) {
    return must(await ec2.describeNetworkInterfaces({ networkInterfaceIds }));
  },
  async byAddresses(family, addresses) {
    const found: FoundInterface[] = [];
    for (let i = 0; i < addresses.length; i += ADDRESSES_MAX) {
      const filters = [
        { name: 'vpc-id', values: [vpcId] },
        { name: ADDRESS_FILTER[family], values: addresses.slice(i, i + ADDRESSES_MAX) },
      ];
      found.push(...must(await ec2.describeNetworkInterfaces({ filters })));
    }
    return found;
  },
  async ofInstances(instanceIds) {
    const instances = must(await ec2.describeInstances({ instanceIds }));
    // DescribeInstances tells the interfaces too; the store has them beside the instance.
    return new Map(
      instances.map(({ instanceId }) => [
        instanceId,
        store.lookup('ec2/network-interface', 'instance', instanceId),
      ]),
    );
  },
});
