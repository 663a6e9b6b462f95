/**
 * api/aws/ec2/security-group-permissions — rules as clients write them: grouped into permissions,
 * or flat, one at a time, as the oldest clients do.
 */
import type { IpPermission, SecurityGroupRuleRequest } from '@aws-sdk/client-ec2';
import { invalidValue, missingParameter, noSecurityGroup } from '../../../cloud/ec2/not-found.ts';
import type { RuleInput } from '../../../cloud/ec2/vpc-operations.ts';
import { type AwsError, isAwsError } from '../../../model/aws-error.ts';
import type { PrefixListId, SecurityGroupId, VpcId } from '../../../model/ec2/ids.ts';
import type { RulePeer } from '../../../model/ec2/security-group.ts';
import type { AwsCall } from '../operation.ts';

interface Named {
  readonly GroupId?: string | undefined;
  readonly GroupName?: string | undefined;
}

/** The group a request means, by id, or by its name in the default VPC. */
export function groupIdOf({ store }: AwsCall, { GroupId, GroupName }: Named): string | AwsError {
  if (GroupId !== undefined) return GroupId;
  if (GroupName === undefined) return missingParameter('groupName or groupId');
  const vpc = store.list('ec2/vpc').find(({ isDefault }) => isDefault);
  const group =
    vpc &&
    store
      .lookup('ec2/security-group', 'vpc', vpc.vpcId)
      .find(({ groupName }) => groupName === GroupName);
  return group?.groupId ?? noSecurityGroup(GroupName);
}

interface Described {
  readonly peer: RulePeer;
  readonly description: string | undefined;
}

/** The peers of one permission, each a rule of its own. */
function peersOf(call: AwsCall, permission: IpPermission): readonly Described[] | AwsError {
  const { IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [], PrefixListIds = [] } = permission;
  const peers: Described[] = [
    ...IpRanges.map(({ CidrIp = '', Description }) => ({
      peer: { kind: 'ipv4', cidr: CidrIp } as const,
      description: Description,
    })),
    ...Ipv6Ranges.map(({ CidrIpv6 = '', Description }) => ({
      peer: { kind: 'ipv6', cidr: CidrIpv6 } as const,
      description: Description,
    })),
    ...PrefixListIds.map(({ PrefixListId: id = '', Description }) => ({
      peer: { kind: 'prefix-list', prefixListId: id as PrefixListId } as const,
      description: Description,
    })),
  ];
  for (const pair of UserIdGroupPairs) {
    const groupId = groupIdOf(call, pair);
    if (isAwsError(groupId)) return groupId;
    const vpcId = pair.VpcId === undefined ? {} : { vpcId: pair.VpcId as VpcId };
    const peer = { kind: 'group', groupId: groupId as SecurityGroupId, ...vpcId } as const;
    peers.push({ peer, description: pair.Description });
  }
  return peers;
}

/** What Authorize and Revoke requests have beside permissions: one rule, flat. */
export interface RulesInput {
  readonly IpPermissions?: readonly IpPermission[] | undefined;
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
  readonly SourceSecurityGroupName?: string | undefined;
}

/** Every rule a request names. */
export function rulesOf(call: AwsCall, input: RulesInput): readonly RuleInput[] | AwsError {
  const rules: RuleInput[] = [];
  for (const permission of [...(input.IpPermissions ?? []), ...flat(input)]) {
    if (permission.IpProtocol === undefined) return missingParameter('ipProtocol');
    const peers = peersOf(call, permission);
    if (isAwsError(peers)) return peers;
    for (const { peer, description } of peers) {
      rules.push({
        protocol: permission.IpProtocol,
        fromPort: permission.FromPort,
        toPort: permission.ToPort,
        peer,
        description,
      });
    }
  }
  return rules;
}

function flat(input: RulesInput): readonly IpPermission[] {
  const { IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupName } = input;
  if (CidrIp === undefined && SourceSecurityGroupName === undefined) return [];
  return [
    {
      // A group given flat means all of its traffic.
      IpProtocol: IpProtocol ?? (CidrIp === undefined ? '-1' : undefined),
      FromPort,
      ToPort,
      IpRanges: CidrIp === undefined ? [] : [{ CidrIp }],
      UserIdGroupPairs:
        SourceSecurityGroupName === undefined ? [] : [{ GroupName: SourceSecurityGroupName }],
    },
  ];
}

/** A rule as ModifySecurityGroupRules writes it: one peer, whole. */
export function ruleOf(request: SecurityGroupRuleRequest | undefined): RuleInput | AwsError {
  if (request?.IpProtocol === undefined) return missingParameter('ipProtocol');
  const { CidrIpv4, CidrIpv6, PrefixListId: list, ReferencedGroupId } = request;
  const peers: RulePeer[] = [];
  if (CidrIpv4 !== undefined) peers.push({ kind: 'ipv4', cidr: CidrIpv4 });
  if (CidrIpv6 !== undefined) peers.push({ kind: 'ipv6', cidr: CidrIpv6 });
  if (list !== undefined) peers.push({ kind: 'prefix-list', prefixListId: list as PrefixListId });
  if (ReferencedGroupId !== undefined)
    peers.push({ kind: 'group', groupId: ReferencedGroupId as SecurityGroupId });
  const [peer] = peers;
  if (peer === undefined || peers.length > 1) {
    return invalidValue(
      'Exactly one of CidrIpv4, CidrIpv6, PrefixListId or ReferencedGroupId must be specified.',
    );
  }
  return {
    protocol: request.IpProtocol,
    fromPort: request.FromPort,
    toPort: request.ToPort,
    peer,
    description: request.Description,
  };
}
