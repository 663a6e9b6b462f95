/** formats/aws/load-balancer — `aws elbv2 describe-load-balancers`. */
import { attributesOfNewBalancer } from '../../cloud/elbv2/load-balancer-attributes.ts';
import type { NetworkInterfaceId } from '../../model/ec2/ids.ts';
import type {
  LoadBalancer,
  LoadBalancerType,
  LoadBalancerZone,
  Scheme,
} from '../../model/elbv2/load-balancer.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { type AwsJson, type AwsReader, eksTime, type NounFormat, present } from './aws-json.ts';

/** The interface in a zone before the documents' interfaces have been looked through. */
export const UNKNOWN_INTERFACE = '' as NetworkInterfaceId;

/** Addresses are shown where somebody asked for them. */
const addressesToAws = (zone: LoadBalancerZone, store: TwinStore): readonly AwsJson[] => {
  const elastic = store.get('ec2/elastic-ip', zone.allocationId ?? '');
  const address = present({
    IpAddress: elastic?.publicIp,
    AllocationId: zone.allocationId,
    PrivateIPv4Address: zone.privateIpv4Address,
    IPv6Address: zone.ipv6Address,
  });
  return Object.keys(address).length === 0 ? [] : [address];
};

const zoneToAws = (zone: LoadBalancerZone, store: TwinStore): AwsJson =>
  present({
    ZoneName: zone.zoneName,
    SubnetId: zone.subnetId,
    LoadBalancerAddresses: addressesToAws(zone, store),
    SourceNatIpv6Prefixes:
      zone.sourceNatIpv6Prefix === undefined ? undefined : [zone.sourceNatIpv6Prefix],
  });

function zoneFromAws(read: AwsReader): LoadBalancerZone {
  const address = read.list('LoadBalancerAddresses')[0];
  return present({
    zoneName: read.text('ZoneName'),
    subnetId: read.text('SubnetId'),
    networkInterfaceId: UNKNOWN_INTERFACE,
    allocationId: address?.optionalText('AllocationId'),
    privateIpv4Address: address?.optionalText('PrivateIPv4Address'),
    ipv6Address: address?.optionalText('IPv6Address'),
    sourceNatIpv6Prefix: read.texts('SourceNatIpv6Prefixes')[0],
  }) as unknown as LoadBalancerZone;
}

export const loadBalancer: NounFormat<'elbv2/load-balancer'> = {
  kind: 'elbv2/load-balancer',
  member: 'LoadBalancers',
  items: 'LoadBalancerArn',
  file: 'describe-load-balancers.json',
  toAws: (it, store) =>
    present({
      LoadBalancerArn: it.loadBalancerArn,
      DNSName: it.dnsName,
      CanonicalHostedZoneId: it.canonicalHostedZoneId,
      CreatedTime: eksTime(it.createdAtMs),
      LoadBalancerName: it.loadBalancerName,
      Scheme: it.scheme,
      VpcId: it.vpcId,
      State: { Code: it.state },
      Type: it.type,
      AvailabilityZones: it.zones.map((zone) => zoneToAws(zone, store)),
      SecurityGroups: it.securityGroups.length === 0 ? undefined : it.securityGroups,
      IpAddressType: it.ipAddressType,
      CustomerOwnedIpv4Pool: it.customerOwnedIpv4Pool,
      EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic:
        it.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic,
      EnablePrefixForIpv6SourceNat: it.enablePrefixForIpv6SourceNat,
      IpamPools:
        it.ipv4IpamPoolId === undefined ? undefined : { Ipv4IpamPoolId: it.ipv4IpamPoolId },
    }),
  fromAws: (read): LoadBalancer => {
    const type = read.text('Type') as LoadBalancerType;
    const scheme = (read.optionalText('Scheme') ?? 'internal') as Scheme;
    return {
      loadBalancerArn: read.text('LoadBalancerArn'),
      loadBalancerName: read.text('LoadBalancerName'),
      type,
      scheme,
      ipAddressType: (read.optionalText('IpAddressType') ??
        'ipv4') as LoadBalancer['ipAddressType'],
      vpcId: read.id('VpcId'),
      dnsName: read.text('DNSName'),
      canonicalHostedZoneId: read.optionalText('CanonicalHostedZoneId') ?? '',
      zones: read.list('AvailabilityZones').map(zoneFromAws),
      securityGroups: read.texts('SecurityGroups') as unknown as LoadBalancer['securityGroups'],
      enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: read.optionalText(
        'EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic',
      ) as 'on' | 'off' | undefined,
      attributes: attributesOfNewBalancer(type, scheme),
      enablePrefixForIpv6SourceNat: read.optionalText('EnablePrefixForIpv6SourceNat') as
        | 'on'
        | 'off'
        | undefined,
      customerOwnedIpv4Pool: read.optionalText('CustomerOwnedIpv4Pool'),
      ipv4IpamPoolId: read.object('IpamPools')?.optionalText('Ipv4IpamPoolId'),
      state: (read.object('State')?.optionalText('Code') ?? 'active') as LoadBalancer['state'],
      createdAtMs: read.time('CreatedTime'),
      tags: {},
    };
  },
  /** A Gateway Load Balancer is none of ours. */
  isNoun: (read) => read.optionalText('Type') !== 'gateway',
};
