/**
 * load-balancer/service/client-rules — parts of the rules that let clients in to a network load
 * balancer.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_managed_sg.go,
 * pkg/gateway/model/model_build_security_group.go.
 */
import type { IpPermission } from '../stack/security-group-spec.ts';

/** By its text: no block of IPv4 has a colon. */
export const isIpv6 = (cidr: string): boolean => cidr.includes(':');

/** A rule's source. */
export const sourceOf = (cidr: string): Pick<IpPermission, 'ipRanges' | 'ipv6Ranges'> =>
  isIpv6(cidr) ? { ipv6Ranges: [{ cidrIPv6: cidr }] } : { ipRanges: [{ cidrIP: cidr }] };

/** "Fragmentation needed" and "packet too big": type and code stand where ports stand. */
export const pathMtuOf = (cidr: string) =>
  isIpv6(cidr)
    ? { ipProtocol: 'icmpv6', fromPort: 2, toPort: 0 }
    : { ipProtocol: 'icmp', fromPort: 3, toPort: 4 };
