/** conformance/awsapi/interfaces — EC2's actions on interfaces, instances and security groups. */
import type { RuleInput } from '../../src/cloud/ec2/vpc-operations.ts';
import { awsError, isAwsError } from '../../src/model/aws-error.ts';
import type { InstanceType } from '../../src/model/ec2/instance-type.ts';
import type { InterfaceType } from '../../src/model/ec2/network-interface.ts';
import type { RulePeer, SecurityGroupRule } from '../../src/model/ec2/security-group.ts';
import { defaultSubnet, defaultVpc } from './default-vpc.ts';
import {
  asJson,
  describing,
  done,
  type Handlers,
  MissingMember,
  one,
  page,
  Request,
} from './wire.ts';

/** `PrivateIpAddresses: [{Primary, PrivateIpAddress}]`, primary and others apart. */
function namedAddresses(request: Request) {
  const all = request.list('PrivateIpAddresses');
  const primary = all.find((it) => it.flag('Primary') === true)?.optional('PrivateIpAddress');
  const others = all
    .filter((it) => it.flag('Primary') !== true)
    .map((it) => it.text('PrivateIpAddress'));
  return { primary: request.optional('PrivateIpAddress') ?? primary, others };
}

const interfaces: Handlers = {
  CreateNetworkInterface: (request, backend) => {
    const { primary, others } = namedAddresses(request);
    const made = backend.cloud.ec2.createNetworkInterface({
      subnetId: request.text('SubnetId'),
      description: request.optional('Description'),
      groups: request.texts('Groups'),
      interfaceType: request.optional('InterfaceType') as InterfaceType | undefined,
      privateIpAddress: primary,
      secondaryPrivateIpAddresses: others,
      secondaryPrivateIpAddressCount: request.number('SecondaryPrivateIpAddressCount'),
      ipv4PrefixCount: request.number('Ipv4PrefixCount'),
      ipv4Prefixes: request.list('Ipv4Prefixes').map((it) => it.text('Ipv4Prefix')),
      ipv6AddressCount: request.number('Ipv6AddressCount'),
      ipv6Addresses: request.list('Ipv6Addresses').map((it) => it.text('Ipv6Address')),
      ipv6PrefixCount: request.number('Ipv6PrefixCount'),
      ipv6Prefixes: request.list('Ipv6Prefixes').map((it) => it.text('Ipv6Prefix')),
      tags: request.tags(),
    });
    return one(backend, 'NetworkInterface', 'ec2/network-interface', made);
  },
  DeleteNetworkInterface: (request, { cloud }) => {
    const networkInterfaceId = request.text('NetworkInterfaceId');
    return done(cloud.ec2.deleteNetworkInterface({ networkInterfaceId }));
  },
  DescribeNetworkInterfaces: describing(
    'ec2/network-interface',
    'NetworkInterfaceIds',
    (ec2, { ids: networkInterfaceIds, filters }) =>
      ec2.describeNetworkInterfaces({ networkInterfaceIds, filters }),
  ),
  AttachNetworkInterface: (request, { cloud }) => {
    const made = cloud.ec2.attachNetworkInterface({
      networkInterfaceId: request.text('NetworkInterfaceId'),
      instanceId: request.text('InstanceId'),
      deviceIndex: Number(request.text('DeviceIndex')),
      networkCardIndex: request.number('NetworkCardIndex'),
    });
    if (isAwsError(made)) return made;
    return { AttachmentId: made.attachmentId, NetworkCardIndex: made.networkCardIndex };
  },
  DetachNetworkInterface: (request, { cloud }) =>
    done(cloud.ec2.detachNetworkInterface({ attachmentId: request.text('AttachmentId') })),
  ModifyNetworkInterfaceAttribute: (request, { cloud }) => {
    const attachment = request.object('Attachment');
    return done(
      cloud.ec2.modifyNetworkInterfaceAttribute({
        networkInterfaceId: request.text('NetworkInterfaceId'),
        groups: request.texts('Groups'),
        sourceDestCheck: request.flag('SourceDestCheck'),
        description: request.optional('Description'),
        attachment: attachment && {
          attachmentId: attachment.text('AttachmentId'),
          deleteOnTermination: attachment.flag('DeleteOnTermination') ?? false,
        },
      }),
    );
  },
  AssignPrivateIpAddresses: (request, { cloud }) => {
    const made = cloud.ec2.assignPrivateIpAddresses({
      networkInterfaceId: request.text('NetworkInterfaceId'),
      privateIpAddresses: request.texts('PrivateIpAddresses'),
      secondaryPrivateIpAddressCount: request.number('SecondaryPrivateIpAddressCount'),
      ipv4Prefixes: request.texts('Ipv4Prefixes'),
      ipv4PrefixCount: request.number('Ipv4PrefixCount'),
      allowReassignment: request.flag('AllowReassignment'),
    });
    if (isAwsError(made)) return made;
    return {
      NetworkInterfaceId: made.networkInterfaceId,
      AssignedPrivateIpAddresses: made.privateIpAddresses.map((PrivateIpAddress) => ({
        PrivateIpAddress,
      })),
      AssignedIpv4Prefixes: made.ipv4Prefixes.map((Ipv4Prefix) => ({ Ipv4Prefix })),
    };
  },
  UnassignPrivateIpAddresses: (request, { cloud }) =>
    done(
      cloud.ec2.unassignPrivateIpAddresses({
        networkInterfaceId: request.text('NetworkInterfaceId'),
        privateIpAddresses: request.texts('PrivateIpAddresses'),
        ipv4Prefixes: request.texts('Ipv4Prefixes'),
      }),
    ),
  AssignIpv6Addresses: (request, { cloud }) => {
    const made = cloud.ec2.assignIpv6Addresses({
      networkInterfaceId: request.text('NetworkInterfaceId'),
      ipv6AddressCount: request.number('Ipv6AddressCount'),
      ipv6Addresses: request.texts('Ipv6Addresses'),
      ipv6PrefixCount: request.number('Ipv6PrefixCount'),
      ipv6Prefixes: request.texts('Ipv6Prefixes'),
    });
    if (isAwsError(made)) return made;
    return {
      NetworkInterfaceId: made.networkInterfaceId,
      AssignedIpv6Addresses: made.ipv6Addresses,
      AssignedIpv6Prefixes: made.ipv6Prefixes,
    };
  },
  UnassignIpv6Addresses: (request, { cloud }) => {
    const networkInterfaceId = request.text('NetworkInterfaceId');
    const ipv6Addresses = request.texts('Ipv6Addresses') ?? [];
    const ipv6Prefixes = request.texts('Ipv6Prefixes') ?? [];
    const gone = cloud.ec2.unassignIpv6Addresses({
      networkInterfaceId,
      ipv6Addresses,
      ipv6Prefixes,
    });
    if (isAwsError(gone)) return gone;
    return {
      NetworkInterfaceId: networkInterfaceId,
      UnassignedIpv6Addresses: ipv6Addresses,
      UnassignedIpv6Prefixes: ipv6Prefixes,
    };
  },
  AssociateTrunkInterface: (request, { cloud }) => {
    const input = {
      trunkInterfaceId: request.text('TrunkInterfaceId'),
      branchInterfaceId: request.text('BranchInterfaceId'),
      vlanId: request.number('VlanId') ?? 0,
    };
    const made = cloud.ec2.associateTrunkInterface(input);
    if (isAwsError(made)) return made;
    const InterfaceAssociation = {
      AssociationId: made.associationId,
      TrunkInterfaceId: input.trunkInterfaceId,
      BranchInterfaceId: input.branchInterfaceId,
      InterfaceProtocol: 'VLAN',
      VlanId: input.vlanId,
    };
    return { InterfaceAssociation };
  },
  DisassociateTrunkInterface: (request, { cloud }) =>
    done(cloud.ec2.disassociateTrunkInterface({ associationId: request.text('AssociationId') })),
};

/** The settings of RunInstances' interface at device 0, or of the instance itself. */
function primaryOf(request: Request): Request {
  const listed = request.list('NetworkInterfaces');
  return listed.find((it) => (it.number('DeviceIndex') ?? 0) === 0) ?? request;
}

const instances: Handlers = {
  RunInstances: (request, backend) => {
    const primary = primaryOf(request);
    const zone = request.object('Placement')?.optional('AvailabilityZone');
    const subnetId =
      primary.optional('SubnetId') ??
      request.optional('SubnetId') ??
      defaultSubnet(backend, zone)?.subnetId;
    if (subnetId === undefined)
      return awsError('VPCIdNotSpecified', 'No default VPC for this user.');
    const metadata = request.object('MetadataOptions');
    const made = backend.cloud.ec2.runInstances({
      imageId: request.text('ImageId'),
      instanceType: request.optional('InstanceType') ?? 'm1.small',
      minCount: Number(request.text('MinCount')),
      maxCount: Number(request.text('MaxCount')),
      subnetId,
      securityGroupIds: primary.texts('Groups') ?? request.texts('SecurityGroupIds'),
      privateIpAddress: primary.optional('PrivateIpAddress'),
      associatePublicIpAddress: primary.flag('AssociatePublicIpAddress'),
      httpTokens: metadata?.optional('HttpTokens') === 'required' ? 'required' : undefined,
      httpPutResponseHopLimit: metadata?.number('HttpPutResponseHopLimit'),
      tags: request.tags(),
    });
    if (isAwsError(made)) return made;
    const Instances = made.map((it) => asJson(backend, 'ec2/instance', it));
    return { ReservationId: 'r-0', OwnerId: backend.cloud.accountId, Instances };
  },
  TerminateInstances: (request, { cloud }) => {
    const gone = cloud.ec2.terminateInstances({ instanceIds: request.texts('InstanceIds') ?? [] });
    if (isAwsError(gone)) return gone;
    const TerminatingInstances = gone.map(({ instanceId }) => ({
      InstanceId: instanceId,
      CurrentState: { Code: 32, Name: 'shutting-down' },
      PreviousState: { Code: 16, Name: 'running' },
    }));
    return { TerminatingInstances };
  },
  DescribeInstances: (request, backend) => {
    const found = backend.cloud.ec2.describeInstances({
      instanceIds: request.texts('InstanceIds'),
      filters: request.filters(),
    });
    const answer = page(request, backend, 'ec2/instance', found);
    if (isAwsError(answer)) return answer;
    const Reservations = (answer.Reservations as object[]).map((it) => ({ Instances: [it] }));
    return { ...answer, Reservations };
  },
  DescribeInstanceTypes: (request, { cloud }) => {
    const found = cloud.ec2.describeInstanceTypes({
      instanceTypes: request.texts('InstanceTypes') ?? [],
    });
    return isAwsError(found) ? found : { InstanceTypes: found.map(typeJson) };
  },
};

const typeJson = (type: InstanceType) => ({
  InstanceType: type.name,
  BareMetal: type.bareMetal,
  Hypervisor: type.hypervisor === 'unknown' ? undefined : type.hypervisor,
  VCpuInfo: { DefaultVCpus: type.vcpus },
  MemoryInfo: { SizeInMiB: type.memoryMib },
  NetworkInfo: {
    MaximumNetworkInterfaces: type.networkCards.reduce((sum, card) => sum + card.maxInterfaces, 0),
    Ipv4AddressesPerInterface: type.ipv4PerEni,
    MaximumNetworkCards: type.networkCards.length,
    DefaultNetworkCardIndex: type.defaultNetworkCardIndex,
    NetworkCards: type.networkCards.map((card) => ({
      NetworkCardIndex: card.networkCardIndex,
      MaximumNetworkInterfaces: card.maxInterfaces,
    })),
  },
});

/** Peers of one IpPermission, each with its description. */
function peersOf(permission: Request): { peer: RulePeer; description: string | undefined }[] {
  const read = (list: string, member: string, peer: (text: string) => RulePeer) =>
    permission.list(list).map((it) => ({
      peer: peer(it.text(member)),
      description: it.optional('Description'),
    }));
  return [
    ...read('IpRanges', 'CidrIp', (cidr) => ({ kind: 'ipv4', cidr })),
    ...read('Ipv6Ranges', 'CidrIpv6', (cidr) => ({ kind: 'ipv6', cidr })),
    ...read('UserIdGroupPairs', 'GroupId', (id) => ({ kind: 'group', groupId: id as never })),
    ...read('PrefixListIds', 'PrefixListId', (id) => ({
      kind: 'prefix-list',
      prefixListId: id as never,
    })),
  ];
}

/** `IpPermissions`, or the one rule written flat. */
function rulesOf(request: Request): readonly RuleInput[] {
  const CidrIp = request.optional('CidrIp');
  const flat =
    CidrIp === undefined ? [] : [new Request({ ...request.json, IpRanges: [{ CidrIp }] })];
  return [...request.list('IpPermissions'), ...flat].flatMap((permission) =>
    peersOf(permission).map(({ peer, description }) => ({
      protocol: permission.text('IpProtocol'),
      fromPort: permission.number('FromPort'),
      toPort: permission.number('ToPort'),
      peer,
      description,
    })),
  );
}

const ruleJson = (groupId: string, ownerId: string, rule: SecurityGroupRule) => {
  const { peer } = rule;
  return {
    SecurityGroupRuleId: rule.ruleId,
    GroupId: groupId,
    GroupOwnerId: ownerId,
    IsEgress: rule.direction === 'egress',
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    Description: rule.description,
    ...(peer.kind === 'ipv4' ? { CidrIpv4: peer.cidr } : {}),
    ...(peer.kind === 'ipv6' ? { CidrIpv6: peer.cidr } : {}),
    ...(peer.kind === 'prefix-list' ? { PrefixListId: peer.prefixListId } : {}),
    ...(peer.kind === 'group'
      ? { ReferencedGroupInfo: { GroupId: peer.groupId, UserId: ownerId } }
      : {}),
    Tags: Object.entries(rule.tags).map(([Key, Value]) => ({ Key, Value })),
  };
};

type Authorize = 'authorizeSecurityGroupIngress' | 'authorizeSecurityGroupEgress';
type Revoke = 'revokeSecurityGroupIngress' | 'revokeSecurityGroupEgress';

const authorize =
  (action: Authorize): Handlers[string] =>
  (request, { cloud }) => {
    const groupId = request.text('GroupId');
    if (rulesOf(request).length === 0) throw new MissingMember('ipPermissions');
    const added = cloud.ec2[action]({ groupId, rules: rulesOf(request), tags: request.tags() });
    if (isAwsError(added)) return added;
    const SecurityGroupRules = added.map((rule) => ruleJson(groupId, cloud.accountId, rule));
    return { Return: true, SecurityGroupRules };
  };

const revoke =
  (action: Revoke): Handlers[string] =>
  (request, { cloud }) => {
    const groupId = request.text('GroupId');
    const ruleIds = request.texts('SecurityGroupRuleIds');
    if (ruleIds === undefined && rulesOf(request).length === 0)
      throw new MissingMember('ipPermissions');
    const gone = cloud.ec2[action]({ groupId, rules: rulesOf(request), ruleIds });
    if (isAwsError(gone)) return gone;
    const RevokedSecurityGroupRules = gone.map((rule) => ruleJson(groupId, cloud.accountId, rule));
    return { Return: true, RevokedSecurityGroupRules };
  };

const securityGroups: Handlers = {
  CreateSecurityGroup: (request, backend) => {
    const made = backend.cloud.ec2.createSecurityGroup({
      groupName: request.text('GroupName'),
      description: request.text('Description'),
      vpcId: request.optional('VpcId') ?? defaultVpc(backend)?.vpcId ?? request.text('VpcId'),
      tags: request.tags(),
    });
    if (isAwsError(made)) return made;
    const { GroupId, Tags } = asJson(backend, 'ec2/security-group', made);
    return { GroupId, Tags };
  },
  DeleteSecurityGroup: (request, { cloud }) =>
    done(cloud.ec2.deleteSecurityGroup({ groupId: request.text('GroupId') })),
  DescribeSecurityGroups: (request, backend) => {
    const names = request.texts('GroupNames');
    const named = names === undefined ? [] : [{ name: 'group-name', values: names }];
    return page(
      request,
      backend,
      'ec2/security-group',
      backend.cloud.ec2.describeSecurityGroups({
        groupIds: request.texts('GroupIds'),
        filters: [...request.filters(), ...named],
      }),
    );
  },
  DescribeSecurityGroupRules: (request, { cloud }) => {
    const found = cloud.ec2.describeSecurityGroups({
      filters: request.filters().filter(({ name }) => name === 'group-id'),
    });
    if (isAwsError(found)) return found;
    const ids = request.texts('SecurityGroupRuleIds');
    const SecurityGroupRules = found
      .flatMap((group) => group.rules.map((rule) => ruleJson(group.groupId, group.ownerId, rule)))
      .filter((rule) => ids === undefined || ids.includes(rule.SecurityGroupRuleId));
    return { SecurityGroupRules };
  },
  AuthorizeSecurityGroupIngress: authorize('authorizeSecurityGroupIngress'),
  AuthorizeSecurityGroupEgress: authorize('authorizeSecurityGroupEgress'),
  RevokeSecurityGroupIngress: revoke('revokeSecurityGroupIngress'),
  RevokeSecurityGroupEgress: revoke('revokeSecurityGroupEgress'),
};

export const interfaceHandlers: Handlers = {
  ...interfaces,
  ...instances,
  ...securityGroups,
};
