/**
 * cloud/ec2/elastic-ip — what ties an Elastic IP and a private address together, and how the tie
 * ends. The address is written in two nouns: the ElasticIp and the interface.
 */
import type { ElasticIp } from '../../model/ec2/gateways.ts';
import type {
  NetworkInterface,
  PrivateAddress,
  PublicAddress,
} from '../../model/ec2/network-interface.ts';
import { publicDnsName, type Region } from '../region.ts';

/** Takes the Elastic IP behind a public address off; a lent address has none. */
export function freeAddressOf({ store }: Region, { allocationId }: PublicAddress): void {
  const elastic = allocationId && store.get('ec2/elastic-ip', allocationId);
  if (elastic) store.put('ec2/elastic-ip', elastic.allocationId, unassociated(elastic));
}

const unassociated = (elastic: ElasticIp): ElasticIp => ({
  ...elastic,
  associationId: undefined,
  networkInterfaceId: undefined,
  privateIpAddress: undefined,
});

/** Ends an association on both sides. */
export function disassociate(region: Region, elastic: ElasticIp): void {
  const { store } = region;
  const eni = store.get('ec2/network-interface', elastic.networkInterfaceId ?? '');
  if (eni !== undefined) {
    store.put(
      'ec2/network-interface',
      eni.networkInterfaceId,
      withPublic(eni, elastic.privateIpAddress!, undefined),
    );
  }
  store.put('ec2/elastic-ip', elastic.allocationId, unassociated(elastic));
}

/** Begins an association on both sides; ends the one the private address had. */
export function associate(
  region: Region,
  elastic: ElasticIp,
  eni: NetworkInterface,
  privateIpAddress: string,
): string {
  const { store, ids } = region;
  const before = eni.privateIpAddresses.find((it) => it.address === privateIpAddress)?.public;
  if (before !== undefined) freeAddressOf(region, before);
  const associationId = ids.next('eipassoc');
  const { networkInterfaceId } = eni;
  store.put('ec2/elastic-ip', elastic.allocationId, {
    ...elastic,
    associationId,
    networkInterfaceId,
    privateIpAddress,
  });
  store.put(
    'ec2/network-interface',
    networkInterfaceId,
    withPublic(eni, privateIpAddress, {
      publicIp: elastic.publicIp,
      publicDnsName: publicDnsName(region.name, elastic.publicIp),
      allocationId: elastic.allocationId,
      associationId,
    }),
  );
  return associationId;
}

/** The interface with another public address, or none, on one of its private addresses. */
export function withPublic(
  eni: NetworkInterface,
  address: string,
  publicAddress: PublicAddress | undefined,
): NetworkInterface {
  const privateIpAddresses = eni.privateIpAddresses.map((it): PrivateAddress => {
    if (it.address !== address) return it;
    const { public: _before, ...rest } = it;
    return publicAddress === undefined ? rest : { ...rest, public: publicAddress };
  });
  return { ...eni, privateIpAddresses };
}
