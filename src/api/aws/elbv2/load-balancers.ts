/** api/aws/elbv2/load-balancers — Application and Network Load Balancers and their settings. */
import type {
  ElasticLoadBalancingV2,
  SubnetMapping as SdkSubnetMapping,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { SubnetMapping } from '../../../cloud/elbv2/operations.ts';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { LoadBalancer } from '../../../model/elbv2/load-balancer.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { page, pairsOf, recordOf } from './requests.ts';

interface Places {
  readonly Subnets?: readonly string[] | undefined;
  readonly SubnetMappings?: readonly SdkSubnetMapping[] | undefined;
}

const mappingsOf = ({ Subnets, SubnetMappings }: Places): readonly SubnetMapping[] => [
  ...(Subnets ?? []).map((subnetId) => ({ subnetId })),
  ...(SubnetMappings ?? []).map((it) => ({
    subnetId: it.SubnetId ?? '',
    allocationId: it.AllocationId,
    privateIpv4Address: it.PrivateIPv4Address,
    ipv6Address: it.IPv6Address,
    sourceNatIpv6Prefix: it.SourceNatIpv6Prefix,
  })),
];

const described = (call: AwsCall) => (it: LoadBalancer) => shown(call, 'elbv2/load-balancer', it);
const zonesOf = (call: AwsCall, it: LoadBalancer) => described(call)(it).AvailabilityZones;

export const loadBalancers: Handlers<ElasticLoadBalancingV2> = {
  CreateLoadBalancer(input, call) {
    if (input.Type === 'gateway') {
      return awsError(
        'UnsupportedOperation',
        'A Gateway Load Balancer is not implemented by ekstwin.',
      );
    }
    if (input.Subnets !== undefined && input.SubnetMappings !== undefined) {
      return awsError(
        'ValidationError',
        'You can specify either subnets or subnet mappings, but not both',
      );
    }
    const made = call.cloud.elbv2.createLoadBalancer({
      name: input.Name!,
      type: input.Type,
      scheme: input.Scheme,
      ipAddressType: input.IpAddressType,
      subnetMappings: mappingsOf(input),
      securityGroups: input.SecurityGroups,
      customerOwnedIpv4Pool: input.CustomerOwnedIpv4Pool,
      ipv4IpamPoolId: input.IpamPools?.Ipv4IpamPoolId,
      enablePrefixForIpv6SourceNat: input.EnablePrefixForIpv6SourceNat,
      tags: input.Tags && recordOf(input.Tags),
    });
    return isAwsError(made) ? made : { LoadBalancers: [described(call)(made)] };
  },

  DescribeLoadBalancers(input, call) {
    if (input.LoadBalancerArns !== undefined && input.Names !== undefined) {
      return awsError(
        'ValidationError',
        'Load balancer names and load balancer ARNs cannot be specified at the same time',
      );
    }
    const found = call.cloud.elbv2.describeLoadBalancers({
      loadBalancerArns: input.LoadBalancerArns,
      names: input.Names,
    });
    const part = page(call, input, found, described(call));
    return isAwsError(part) ? part : { LoadBalancers: part.items, NextMarker: part.NextMarker };
  },

  DeleteLoadBalancer(input, { cloud }) {
    const gone = cloud.elbv2.deleteLoadBalancer({ loadBalancerArn: input.LoadBalancerArn! });
    return isAwsError(gone) ? gone : {};
  },

  SetIpAddressType(input, { cloud }) {
    const changed = cloud.elbv2.setIpAddressType({
      loadBalancerArn: input.LoadBalancerArn!,
      ipAddressType: input.IpAddressType!,
    });
    return isAwsError(changed) ? changed : { IpAddressType: changed.ipAddressType };
  },

  SetSubnets(input, call) {
    const changed = call.cloud.elbv2.setSubnets({
      loadBalancerArn: input.LoadBalancerArn!,
      subnetMappings: mappingsOf(input),
      enablePrefixForIpv6SourceNat: input.EnablePrefixForIpv6SourceNat,
    });
    if (isAwsError(changed)) return changed;
    return {
      AvailabilityZones: zonesOf(call, changed),
      IpAddressType: changed.ipAddressType,
      EnablePrefixForIpv6SourceNat: changed.enablePrefixForIpv6SourceNat,
    };
  },

  SetSecurityGroups(input, { cloud }) {
    const enforced = input.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic;
    const changed = cloud.elbv2.setSecurityGroups({
      loadBalancerArn: input.LoadBalancerArn!,
      securityGroups: input.SecurityGroups ?? [],
      enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: enforced,
    });
    if (isAwsError(changed)) return changed;
    return {
      SecurityGroupIds: [...changed.securityGroups],
      EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic:
        changed.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic,
    };
  },

  DescribeLoadBalancerAttributes(input, { cloud }) {
    const loadBalancerArn = input.LoadBalancerArn!;
    const attributes = cloud.elbv2.describeLoadBalancerAttributes({ loadBalancerArn });
    return isAwsError(attributes) ? attributes : { Attributes: pairsOf(attributes) };
  },

  ModifyLoadBalancerAttributes(input, { cloud }) {
    const attributes = cloud.elbv2.modifyLoadBalancerAttributes({
      loadBalancerArn: input.LoadBalancerArn!,
      attributes: recordOf(input.Attributes),
    });
    return isAwsError(attributes) ? attributes : { Attributes: pairsOf(attributes) };
  },

  ModifyIpPools(input, { cloud }) {
    const isRemoved = input.RemoveIpamPools?.includes('ipv4') === true;
    const ipv4IpamPoolId = isRemoved ? undefined : input.IpamPools?.Ipv4IpamPoolId;
    const loadBalancerArn = input.LoadBalancerArn!;
    const done = cloud.elbv2.modifyIpPools({ loadBalancerArn, ipv4IpamPoolId });
    if (isAwsError(done)) return done;
    return { IpamPools: ipv4IpamPoolId === undefined ? {} : { Ipv4IpamPoolId: ipv4IpamPoolId } };
  },

  DescribeCapacityReservation: (input, { cloud }) => reservation(cloud, input.LoadBalancerArn!),

  ModifyCapacityReservation(input, { cloud }) {
    const loadBalancerArn = input.LoadBalancerArn!;
    const done = cloud.elbv2.modifyCapacityReservation({
      loadBalancerArn,
      minimumCapacityUnits:
        input.ResetCapacityReservation === true
          ? undefined
          : input.MinimumLoadBalancerCapacity?.CapacityUnits,
    });
    return isAwsError(done) ? done : reservation(cloud, loadBalancerArn);
  },
};

function reservation(cloud: AwsCall['cloud'], loadBalancerArn: string) {
  const found = cloud.elbv2.describeCapacityReservation({ loadBalancerArn });
  if (isAwsError(found)) return found;
  const { minimumCapacityUnits: CapacityUnits } = found;
  return CapacityUnits === undefined ? {} : { MinimumLoadBalancerCapacity: { CapacityUnits } };
}
