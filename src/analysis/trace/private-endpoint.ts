/**
 * analysis/trace/private-endpoint — the internet asked for the API server of a cluster whose
 * endpoint is private only: its name gives everybody the private addresses, and nobody outside the
 * VPC gets there.
 *
 * Source: EKS user guide, "Cluster API server endpoint" (private access only).
 */
import type { Verdict } from '../../datapath/trace.ts';
import { primaryAddress } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { formatIp, type Packet } from '../../net/index.ts';

const CODE = 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS';

/** The verdict with its remedy, where the packet was for a private endpoint from outside. */
export function withPrivateEndpoint(store: TwinStore, sent: Packet, verdict: Verdict): Verdict {
  if (verdict.code !== CODE) return verdict;
  const address = formatIp(sent.destination);
  const cluster = store.list('eks/cluster').find((one) =>
    one.networkInterfaceIds.some((id) => {
      const eni = store.get('ec2/network-interface', id);
      if (eni === undefined) return false;
      return primaryAddress(eni) === address || eni.ipv6Addresses.includes(address);
    }),
  );
  if (cluster === undefined || cluster.endpointPublicAccess) return verdict;
  const { name, vpcId } = cluster;
  return {
    ...verdict,
    text: `${verdict.text}; cluster ${name} has no public endpoint`,
    remedy: {
      text:
        `turn the public endpoint of cluster ${name} on, or come from inside ${vpcId} ` +
        '(a host there, or a VPN into it)',
      command:
        `aws eks update-cluster-config --name ${name} ` +
        '--resources-vpc-config endpointPublicAccess=true',
    },
  };
}
