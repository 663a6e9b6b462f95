/** controllers/eks-control-plane/service-address — the fixed addresses in a cluster's service block. */
import type { EksCluster } from '../../model/eks/cluster.ts';
import { addressAt, formatIp, parseCidr } from '../../net/index.ts';

/** The address `host` steps into the service block (1 = `kubernetes`, 10 = `kube-dns`). */
export const serviceAddress = (cluster: EksCluster, host: number): string | undefined => {
  const block = cluster.ipFamily === 'ipv6' ? cluster.serviceIpv6Cidr : cluster.serviceIpv4Cidr;
  const cidr = block === undefined ? undefined : parseCidr(block);
  if (cidr === undefined) return undefined;
  return formatIp(addressAt(cidr, host));
};
