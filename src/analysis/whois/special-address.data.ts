/**
 * analysis/whois/special-address.data — addresses that mean the same in every VPC and on every
 * node, narrowest block first.
 *
 * Sources: VPC User Guide "DNS attributes", EC2 User Guide "Instance metadata" and "Time sync", EKS
 * User Guide "Pod Identity", kubernetes.io "NodeLocal DNSCache", amazon-vpc-cni-k8s@b52188387.
 */

export interface SpecialAddress {
  readonly cidr: string;
  readonly what: string;
}

export const SPECIAL_ADDRESSES: readonly SpecialAddress[] = [
  { cidr: '169.254.169.254/32', what: 'the instance metadata service (IMDS) of the instance' },
  { cidr: 'fd00:ec2::254/128', what: 'the instance metadata service (IMDS) of the instance' },
  { cidr: '169.254.169.253/32', what: "the VPC's DNS resolver, as every instance reaches it" },
  { cidr: 'fd00:ec2::253/128', what: "the VPC's DNS resolver, as every instance reaches it" },
  { cidr: '169.254.169.123/32', what: 'the Amazon Time Sync Service' },
  { cidr: 'fd00:ec2::123/128', what: 'the Amazon Time Sync Service' },
  { cidr: '169.254.169.250/32', what: 'KMS for Windows activation' },
  { cidr: '169.254.170.23/32', what: 'the EKS Pod Identity agent of the node' },
  { cidr: 'fd00:ec2::23/128', what: 'the EKS Pod Identity agent of the node' },
  { cidr: '169.254.170.2/32', what: 'the ECS credentials endpoint; nothing answers on EKS' },
  { cidr: '169.254.20.10/32', what: 'NodeLocal DNSCache of the node, where it is installed' },
  { cidr: '169.254.1.1/32', what: "every pod's gateway: its own node, by a permanent neighbour" },
  {
    cidr: '169.254.172.0/22',
    what: "the egress plugin's range: IPv4 of pods in an IPv6 cluster, known to their node only",
  },
  {
    cidr: 'fd00::ac:0/118',
    what: "the egress plugin's range: IPv6 of pods in an IPv4 cluster, known to their node only",
  },
  { cidr: 'fe80:ec2::1/128', what: "the VPC's router, for IPv6" },
  { cidr: '127.0.0.0/8', what: 'loopback: whoever asks' },
  { cidr: '::1/128', what: 'loopback: whoever asks' },
  { cidr: '169.254.0.0/16', what: 'link-local: nobody outside the link has it' },
  { cidr: 'fe80::/10', what: 'link-local: nobody outside the link has it' },
];
