/**
 * api/aws/ec2/absent — kinds of things that a twin never has any of, so that describing them is
 * answered truthfully: with none. What makes such a thing is refused as not implemented.
 */
import type { EC2, Filter as SdkFilter } from '@aws-sdk/client-ec2';
import { type AwsError, awsError } from '../../../model/aws-error.ts';
import type { Handlers } from '../operation.ts';

interface Asked {
  readonly Filters?: readonly SdkFilter[] | undefined;
}

/** Nothing, or what is wrong with asking for one by id. */
const none =
  <Answer extends object>(answer: Answer, idsMember: string, code: string, noun: string) =>
  (input: Asked): Answer | AwsError => {
    const ids = (input as Readonly<Record<string, unknown>>)[idsMember];
    const id = Array.isArray(ids) ? (ids[0] as string | undefined) : undefined;
    return id === undefined ? answer : awsError(code, `The ${noun} '${id}' does not exist`);
  };

export const absent: Handlers<EC2> = {
  DescribeCustomerGateways: none(
    { CustomerGateways: [] },
    'CustomerGatewayIds',
    'InvalidCustomerGatewayID.NotFound',
    'customerGateway ID',
  ),
  DescribeVpnConnections: none(
    { VpnConnections: [] },
    'VpnConnectionIds',
    'InvalidVpnConnectionID.NotFound',
    'vpnConnection ID',
  ),
  DescribeCarrierGateways: none(
    { CarrierGateways: [] },
    'CarrierGatewayIds',
    'InvalidCarrierGatewayID.NotFound',
    'carrierGateway ID',
  ),
  DescribeLocalGateways: none(
    { LocalGateways: [] },
    'LocalGatewayIds',
    'InvalidLocalGatewayID.NotFound',
    'localGateway ID',
  ),
  DescribeCoipPools: none(
    { CoipPools: [] },
    'PoolIds',
    'InvalidPoolID.NotFound',
    'customer-owned IP pool ID',
  ),
  DescribeIpamPools: none(
    { IpamPools: [] },
    'IpamPoolIds',
    'InvalidIpamPoolId.NotFound',
    'ipam pool ID',
  ),
  DescribeNetworkInsightsPaths: none(
    { NetworkInsightsPaths: [] },
    'NetworkInsightsPathIds',
    'InvalidNetworkInsightsPathId.NotFound',
    'network insights path ID',
  ),
  DescribePlacementGroups: none(
    { PlacementGroups: [] },
    'GroupNames',
    'InvalidPlacementGroup.Unknown',
    'placement group',
  ),
  DescribeVpcEndpointConnections: () => ({ VpcEndpointConnections: [] }),
};
