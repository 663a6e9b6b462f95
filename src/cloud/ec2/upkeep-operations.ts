/**
 * cloud/ec2/upkeep-operations — the EC2 verbs by which a network is kept once it is built: rules
 * rewritten, endpoints and lists changed, propagation ended, instances stopped, flows recorded.
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { DhcpOptions } from '../../model/ec2/dhcp-options.ts';
import type { FlowLog } from '../../model/ec2/flow-log.ts';
import type { PrefixList, TransitGatewayAttachment } from '../../model/ec2/gateways.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import type { InterfacePermission } from '../../model/ec2/network-interface.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../model/ec2/security-group.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { Filter } from './operations.ts';
import type { DescribeInput, RuleInput } from './vpc-operations.ts';

/** A rule and the group it is in, as DescribeSecurityGroupRules tells of it. */
export interface DescribedRule {
  readonly group: SecurityGroup;
  readonly rule: SecurityGroupRule;
  readonly tags: Tags;
}

/** A description for a rule, told by what it says or by its id. */
export type RuleDescription = { readonly description: string | undefined } & (
  | { readonly rule: RuleInput }
  | { readonly ruleId: string }
);

interface RuleActions {
  /** All or none; a rule keeps its id, direction and tags. */
  modifySecurityGroupRules(input: {
    readonly groupId: string;
    readonly rules: readonly { readonly ruleId: string; readonly rule: RuleInput }[];
  }): true | AwsError;
  updateSecurityGroupRuleDescriptions(input: {
    readonly groupId: string;
    readonly direction: SecurityGroupRule['direction'];
    readonly descriptions: readonly RuleDescription[];
  }): true | AwsError;
  describeSecurityGroupRules(input: DescribeInput): readonly DescribedRule[] | AwsError;
  /** Groups of peered VPCs whose rules name one of these. */
  describeSecurityGroupReferences(input: { readonly groupIds: readonly string[] }):
    | readonly {
        readonly groupId: string;
        readonly referencingVpcId: string;
        readonly vpcPeeringConnectionId: string;
      }[]
    | AwsError;
  /** Rules of the VPC's groups that name a group no peering leads to any more. */
  describeStaleSecurityGroups(input: {
    readonly vpcId: string;
  }):
    | readonly { readonly group: SecurityGroup; readonly stale: readonly SecurityGroupRule[] }[]
    | AwsError;
  getSecurityGroupsForVpc(input: {
    readonly vpcId: string;
    readonly filters?: readonly Filter[] | undefined;
  }): readonly SecurityGroup[] | AwsError;
}

interface InstanceUpkeep {
  /** Each with the state it had before. */
  stopInstances(input: { readonly instanceIds: readonly string[] }): readonly Instance[] | AwsError;
  startInstances(input: {
    readonly instanceIds: readonly string[];
  }): readonly Instance[] | AwsError;
  rebootInstances(input: { readonly instanceIds: readonly string[] }): true | AwsError;
  /** One attribute a call, as EC2 has it. */
  modifyInstanceAttribute(input: {
    readonly instanceId: string;
    readonly groups?: readonly string[] | undefined;
    readonly sourceDestCheck?: boolean | undefined;
    readonly instanceType?: string | undefined;
  }): true | AwsError;
  modifyInstanceMetadataOptions(input: {
    readonly instanceId: string;
    readonly httpTokens?: Instance['httpTokens'] | undefined;
    readonly httpPutResponseHopLimit?: number | undefined;
  }): Instance | AwsError;
}

interface DhcpActions {
  createDhcpOptions(input: {
    readonly configurations: DhcpOptions['configurations'];
    readonly tags?: Tags | undefined;
  }): DhcpOptions | AwsError;
  /** `default` = none of anybody's: what instances then are told is not simulated. */
  associateDhcpOptions(input: {
    readonly dhcpOptionsId: string;
    readonly vpcId: string;
  }): true | AwsError;
  deleteDhcpOptions(input: { readonly dhcpOptionsId: string }): true | AwsError;
  describeDhcpOptions(input: DescribeInput): readonly DhcpOptions[] | AwsError;
}

/** What CreateFlowLogs and DeleteFlowLogs could not do, one by one. */
export interface Unsuccessful {
  readonly resourceId: string;
  readonly error: AwsError;
}

interface FlowLogActions {
  createFlowLogs(input: {
    readonly resourceType: string;
    readonly resourceIds: readonly string[];
    readonly trafficType?: FlowLog['trafficType'] | undefined;
    readonly destinationType?: FlowLog['destinationType'] | undefined;
    readonly destination?: string | undefined;
    readonly logGroupName?: string | undefined;
    readonly deliverLogsPermissionArn?: string | undefined;
    readonly maxAggregationIntervalSeconds?: number | undefined;
    readonly logFormat?: string | undefined;
    readonly tags?: Tags | undefined;
  }):
    | {
        readonly flowLogIds: readonly string[];
        readonly unsuccessful: readonly Unsuccessful[];
      }
    | AwsError;
  deleteFlowLogs(input: { readonly flowLogIds: readonly string[] }): readonly Unsuccessful[];
  describeFlowLogs(input: DescribeInput): readonly FlowLog[] | AwsError;
}

interface LinkUpkeep {
  modifyVpcEndpoint(input: {
    readonly vpcEndpointId: string;
    readonly addRouteTableIds?: readonly string[] | undefined;
    readonly removeRouteTableIds?: readonly string[] | undefined;
    readonly addSubnetIds?: readonly string[] | undefined;
    readonly removeSubnetIds?: readonly string[] | undefined;
    readonly addGroups?: readonly string[] | undefined;
    readonly removeGroups?: readonly string[] | undefined;
    readonly privateDnsEnabled?: boolean | undefined;
    readonly policyDocument?: string | undefined;
    readonly resetPolicy?: boolean | undefined;
  }): true | AwsError;
  modifyManagedPrefixList(input: {
    readonly prefixListId: string;
    readonly currentVersion?: number | undefined;
    readonly prefixListName?: string | undefined;
    readonly maxEntries?: number | undefined;
    readonly addEntries?: PrefixList['entries'] | undefined;
    readonly removeCidrs?: readonly string[] | undefined;
  }): PrefixList | AwsError;
  disableVgwRoutePropagation(input: {
    readonly routeTableId: string;
    readonly gatewayId: string;
  }): true | AwsError;
  deleteTransitGatewayRouteTable(input: {
    readonly transitGatewayRouteTableId: string;
  }): true | AwsError;
  disassociateTransitGatewayRouteTable(input: {
    readonly transitGatewayRouteTableId: string;
    readonly attachmentId: string;
  }): TransitGatewayAttachment | AwsError;
  disableTransitGatewayRouteTablePropagation(input: {
    readonly transitGatewayRouteTableId: string;
    readonly attachmentId: string;
  }): true | AwsError;
  deleteTransitGatewayRoute(input: {
    readonly transitGatewayRouteTableId: string;
    readonly destinationCidrBlock: string;
  }): true | AwsError;
  /** `permissionId` as CreateNetworkInterfacePermission gave it. */
  deleteNetworkInterfacePermission(input: { readonly permissionId: string }): true | AwsError;
  describeNetworkInterfacePermissions(
    input: DescribeInput,
  ): readonly (InterfacePermission & { readonly networkInterfaceId: string })[] | AwsError;
}

export interface UpkeepOperations
  extends RuleActions,
    InstanceUpkeep,
    DhcpActions,
    FlowLogActions,
    LinkUpkeep {}
