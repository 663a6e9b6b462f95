/**
 * model/elbv2/load-balancer — an Application or a Network Load Balancer, and the Classic ones that
 * the in-tree controller still makes.
 *
 * Source: Elastic Load Balancing API 2015-12-01 (LoadBalancer) and 2012-06-01 (classic).
 */
import type { NetworkInterfaceId, SecurityGroupId, SubnetId, VpcId } from '../ec2/ids.ts';
import type { Tags } from '../ec2/tags.ts';

export type LoadBalancerType = 'application' | 'network';
export type Scheme = 'internet-facing' | 'internal';
export type LoadBalancerAddressType = 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4';

/** Where a load balancer stands in one zone: its subnet and its interface there. */
export interface LoadBalancerZone {
  readonly zoneName: string;
  readonly subnetId: SubnetId;
  /** AWS's own interface in the subnet (`ELB app/…`, `ELB net/…`); it takes the subnet's address. */
  readonly networkInterfaceId: NetworkInterfaceId;
  /** What was asked for in the subnet mapping, where anything was. */
  readonly allocationId?: string | undefined;
  readonly privateIpv4Address?: string | undefined;
  readonly ipv6Address?: string | undefined;
  readonly sourceNatIpv6Prefix?: string | undefined;
}

export interface LoadBalancer {
  readonly loadBalancerArn: string;
  readonly loadBalancerName: string;
  readonly type: LoadBalancerType;
  readonly scheme: Scheme;
  readonly ipAddressType: LoadBalancerAddressType;
  readonly vpcId: VpcId;
  /** `k8s-default-web-0123456789-1234567890.us-west-2.elb.amazonaws.com`. */
  readonly dnsName: string;
  /** The region's zone of ELB names, for alias records. */
  readonly canonicalHostedZoneId: string;
  readonly zones: readonly LoadBalancerZone[];
  /** Empty for a network load balancer made without: it can never get any. */
  readonly securityGroups: readonly SecurityGroupId[];
  /** `on`: inbound rules also hold for traffic through PrivateLink. */
  readonly enforceSecurityGroupInboundRulesOnPrivateLinkTraffic?: 'on' | 'off' | undefined;
  /** All of the type's attributes, defaults included: `load_balancing.cross_zone.enabled`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** A network load balancer's: `on` for UDP to IPv6 targets. */
  readonly enablePrefixForIpv6SourceNat?: 'on' | 'off' | undefined;
  readonly customerOwnedIpv4Pool?: string | undefined;
  readonly ipv4IpamPoolId?: string | undefined;
  /** `CapacityUnits` reserved at least. */
  readonly minimumCapacityUnits?: number | undefined;
  readonly state: 'provisioning' | 'active' | 'active_impaired' | 'failed';
  readonly createdAtMs: number;
  readonly tags: Tags;
}

/** A Classic Load Balancer, as far as the in-tree controller makes one. */
export interface ClassicLoadBalancer {
  readonly loadBalancerName: string;
  readonly scheme: Scheme;
  readonly vpcId: VpcId;
  readonly dnsName: string;
  readonly canonicalHostedZoneId: string;
  readonly zones: readonly LoadBalancerZone[];
  readonly securityGroups: readonly SecurityGroupId[];
  readonly listeners: readonly {
    readonly protocol: 'TCP' | 'SSL' | 'HTTP' | 'HTTPS';
    readonly loadBalancerPort: number;
    readonly instanceProtocol: 'TCP' | 'SSL' | 'HTTP' | 'HTTPS';
    readonly instancePort: number;
    readonly sslCertificateId?: string | undefined;
    /** `ELBSecurityPolicy-TLS-1-2-2017-01`, where one was set. */
    readonly sslPolicy?: string | undefined;
  }[];
  /** `TCP:31234`, `HTTP:10256/healthz`. */
  readonly healthCheck: {
    readonly target: string;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
  };
  /** Each with what its health check last saw. */
  readonly instances: readonly {
    readonly instanceId: string;
    readonly state: 'InService' | 'OutOfService';
    /** `ELB`, `Instance`; absent in service. */
    readonly reasonCode?: string | undefined;
    readonly description?: string | undefined;
  }[];
  readonly crossZone: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  /** Backend ports that get a PROXY header. */
  readonly proxyProtocolPorts: readonly number[];
  readonly createdAtMs: number;
  readonly tags: Tags;
}
