/**
 * controllers/vpc-cni/introspection — what ipamd answers at 127.0.0.1:61679.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/introspect.go; container and interface ids
 * are left out of /v1/enis since 1.23.
 */
import type { CidrPool } from './cidr-pool.ts';
import type { Datastore, DatastoreEni } from './datastore.ts';
import { poolStats } from './datastore-view.ts';
import { chosenEniConfig } from './eni-config.ts';
import type { Ipam } from './ipam.ts';

type Json = Readonly<Record<string, unknown>>;

/** The page's JSON value; undefined = 404, or introspection is off. */
export function introspect(ipam: Ipam, path: string): Json | undefined {
  if (!ipam.env.introspection) return undefined;
  switch (path) {
    case '/v1/enis':
      return Object.fromEntries(
        [...ipam.stores].map(([card, store]) => [String(card), cardPage(ipam, store)]),
      );
    case '/v1/eni-configs': {
      const chosen = chosenEniConfig(ipam.env, ipam.node(), ipam.eniConfig);
      if ('problem' in chosen) return { error: chosen.problem };
      return { subnet: chosen.subnet, securityGroups: chosen.securityGroups };
    }
    case '/v1/networkutils-env-settings':
      return networkSettings(ipam);
    case '/v1/ipamd-env-settings':
      return ipamdSettings(ipam);
    default:
      return undefined;
  }
}

function cardPage(ipam: Ipam, store: Datastore): Json {
  const stats = poolStats(store, ipam.env.ipv6 ? 6 : 4);
  return {
    TotalIPs: stats.totalIps,
    AssignedIPs: stats.assignedIps,
    ENIs: Object.fromEntries([...store.enis.values()].map((eni) => [eni.id, eniPage(eni)])),
  };
}

const eniPage = (eni: DatastoreEni): Json => ({
  ID: eni.id,
  IsPrimary: eni.isPrimary,
  IsTrunk: eni.isTrunk,
  IsEFA: eni.isEfa,
  DeviceNumber: eni.deviceNumber,
  RouteTableID: eni.routeTableId,
  SubnetID: eni.subnetId,
  IsExcludedForPodIPs: eni.excluded,
  AvailableIPv4Cidrs: poolPages(eni.ipv4),
  IPv6Cidrs: poolPages(eni.ipv6),
});

const poolPages = (pools: ReadonlyMap<string, CidrPool>): Json =>
  Object.fromEntries([...pools.values()].map((pool) => [pool.cidr, poolPage(pool)]));

const poolPage = (pool: CidrPool): Json => ({
  Cidr: pool.cidr,
  IsPrefix: pool.isPrefix,
  AddressFamily: pool.block.family === 6 ? '6' : '4',
  IPAddresses: Object.fromEntries(
    [...pool.addresses.values()].map((address) => [
      address.ip,
      {
        Address: address.ip,
        IPAMMetadata: {
          k8sPodNamespace: address.metadata.k8sPodNamespace ?? '',
          k8sPodName: address.metadata.k8sPodName ?? '',
        },
        IsAssigned: address.owner !== undefined,
      },
    ]),
  ),
});

const networkSettings = ({ env }: Ipam): Json => ({
  AWS_VPC_K8S_CNI_EXTERNALSNAT: env.externalSnat,
  AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: env.excludeSnatCidrs,
  AWS_VPC_K8S_CNI_RANDOMIZESNAT: env.randomizeSnat,
  AWS_VPC_CNI_NODE_PORT_SUPPORT: env.nodePortSupport,
  AWS_VPC_K8S_CNI_CONNMARK: env.connmark,
  AWS_VPC_ENI_MTU: env.eniMtu,
  POD_MTU: env.podMtu,
  AWS_VPC_K8S_CNI_VETHPREFIX: env.vethPrefix,
});

const ipamdSettings = ({ env }: Ipam): Json => ({
  WARM_PREFIX_TARGET: env.warmPrefixTarget,
  WARM_ENI_TARGET: env.warmEniTarget,
  WARM_IP_TARGET: env.warmIpTarget,
  MINIMUM_IP_TARGET: env.minimumIpTarget,
  AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: env.customNetworking,
  ENABLE_PREFIX_DELEGATION: env.prefixDelegation,
  ENABLE_POD_ENI: env.podEni,
  ENABLE_SUBNET_DISCOVERY: env.subnetDiscovery,
  MAX_ENI: env.maxEni ?? -1,
});
