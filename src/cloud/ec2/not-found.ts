/**
 * cloud/ec2/not-found — "does not exist", per noun, in EC2's codes and words.
 *
 * Codes: EC2 API reference, error codes. Texts: getmoto/moto@0af643a5 moto/ec2/exceptions.py and
 * public reports; the CNI reads the interface's id out of the quotes.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';

type Missing = (id: string) => AwsError;

const missing =
  (code: string, noun: string): Missing =>
  (id) =>
    awsError(`${code}.NotFound`, `The ${noun} '${id}' does not exist`);

export const noVpc = missing('InvalidVpcID', 'vpc ID');
export const noSubnet = missing('InvalidSubnetID', 'subnet ID');
export const noNetworkInterface = missing('InvalidNetworkInterfaceID', 'networkInterface ID');
export const noAttachment = missing('InvalidAttachmentID', 'attachment ID');
export const noInstance = missing('InvalidInstanceID', 'instance ID');
export const noSecurityGroup = missing('InvalidGroup', 'security group');
export const noSecurityGroupRule = missing('InvalidSecurityGroupRuleId', 'security group rule ID');
export const noRouteTable = missing('InvalidRouteTableID', 'routeTable ID');
export const noNetworkAcl = missing('InvalidNetworkAclID', 'networkAcl ID');
export const noAssociation = missing('InvalidAssociationID', 'association ID');
export const noInternetGateway = missing('InvalidInternetGatewayID', 'internetGateway ID');
/** What a route's GatewayId is answered with, whatever its prefix (hashicorp/terraform#4987). */
export const noGateway = missing('InvalidGatewayID', 'gateway ID');
export const noEgressOnlyInternetGateway = missing(
  'InvalidEgressOnlyInternetGatewayId',
  'egressOnlyInternetGateway ID',
);
export const noAllocation = missing('InvalidAllocationID', 'allocation ID');
/** What a route is answered with. */
export const noNatGatewayForRoute = missing('InvalidNatGatewayID', 'natGateway ID');
export const noNatGateway: Missing = (id) =>
  awsError('NatGatewayNotFound', `NatGateway ${id} was not found`);
export const noPeering = missing('InvalidVpcPeeringConnectionID', 'vpcPeeringConnection ID');
export const noTransitGateway: Missing = (id) =>
  awsError(
    'InvalidTransitGatewayID.NotFound',
    `Transit Gateway ${id} was deleted or does not exist.`,
  );
export const noTransitGatewayAttachment: Missing = (id) =>
  awsError(
    'InvalidTransitGatewayAttachmentID.NotFound',
    `Transit Gateway Attachment ${id} was deleted or does not exist.`,
  );
export const noTransitGatewayRouteTable: Missing = (id) =>
  awsError(
    'InvalidRouteTableID.NotFound',
    `Transit Gateway Route Table ${id} was deleted or does not exist.`,
  );
export const noVpnGateway = missing('InvalidVpnGatewayID', 'vpnGateway ID');
export const noVpcEndpoint = missing('InvalidVpcEndpointId', 'Vpc Endpoint Id');
export const noPrefixList = missing('InvalidPrefixListID', 'prefix list ID');
export const noDhcpOptions = missing('InvalidDhcpOptionID', 'dhcpOption ID');
/** getmoto/moto@0af643a5 moto/ec2/exceptions.py. */
export const noFlowLog: Missing = (id) =>
  awsError(
    'InvalidFlowLogId.NotFound',
    `These flow log ids in the input list are not found: [TotalCount: 1] ${id}`,
  );
export const noCidrAssociation = missing(
  'InvalidVpcCidrBlockAssociationID',
  'vpc CIDR block association ID',
);
export const noReservation = missing(
  'InvalidSubnetCidrReservationID',
  'subnet CIDR reservation ID',
);

/** `The subnet 'subnet-…' has dependencies and cannot be deleted.` (aws/aws-cdk#14456). */
export const hasDependencies = (noun: string, id: string): AwsError =>
  awsError('DependencyViolation', `The ${noun} '${id}' has dependencies and cannot be deleted.`);

export const invalidValue = (message: string): AwsError =>
  awsError('InvalidParameterValue', message);

export const missingParameter = (name: string): AwsError =>
  awsError('MissingParameter', `The request must contain the parameter ${name}`);
