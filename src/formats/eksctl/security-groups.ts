/**
 * formats/eksctl/security-groups — the groups of the cluster's stack, and of node groups' stacks.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/cfn/builder/cluster.go:126 addResourcesForSecurityGroups,
 * nodegroup.go:195, managed_launch_template.go:52, security groups in spec eks-defaults §4.
 */
import type { RuleInput } from '../../cloud/ec2/vpc-operations.ts';
import type { RulePeer } from '../../model/ec2/security-group.ts';
import type { Path } from '../source.ts';
import type { Builder } from './builder.ts';
import type { NodeGroupSpec } from './cluster-config.ts';
import { isOlder } from './refuse.ts';

/** The groups of a cluster's stack. */
export interface ClusterGroups {
  /** On the control plane's interfaces, beside the cluster security group. */
  readonly controlPlane: readonly string[];
  /** The one eksctl made; undefined when the config brought its own. */
  readonly madeControlPlane: string | undefined;
  readonly sharedNode: string;
}

const ALL = '-1';
const NODE_PORTS = { protocol: 'tcp', fromPort: 1025, toPort: 65535 } as const;
const HTTPS = { protocol: 'tcp', fromPort: 443, toPort: 443 } as const;
const SSH = { protocol: 'tcp', fromPort: 22, toPort: 22 } as const;

const groupPeer = (groupId: string): RulePeer =>
  ({ kind: 'group', groupId }) as unknown as RulePeer;

const blockPeer = (cidr: string): RulePeer => ({
  kind: cidr.includes(':') ? 'ipv6' : 'ipv4',
  cidr,
});

interface NewGroup {
  readonly logicalId: string;
  readonly description: string;
  readonly vpcId: string;
  readonly stack: string;
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly path: Path;
}

function createGroup(builder: Builder, input: NewGroup): string {
  const { logicalId, stack } = input;
  return builder.must(
    builder.cloud.ec2.createSecurityGroup({
      groupName: input.name ?? builder.physicalName(logicalId, stack),
      description: input.description,
      vpcId: input.vpcId,
      tags: { ...builder.tags(logicalId, stack), ...input.tags },
    }),
    input.path,
  ).groupId;
}

function allowIngress(
  builder: Builder,
  groupId: string,
  rules: readonly RuleInput[],
  path: Path,
): void {
  if (rules.length === 0) return;
  const { ec2 } = builder.cloud;
  builder.must(ec2.authorizeSecurityGroupIngress({ groupId, rules }), path);
}

/** Makes the cluster stack's groups, or takes the config's own. */
export function createClusterGroups(builder: Builder, vpcId: string): ClusterGroups {
  const vpc = builder.spec.vpc ?? {};
  const stack = builder.clusterStack;
  const path = ['vpc'];
  const own = vpc.securityGroup ?? '';
  const given = vpc.controlPlaneSecurityGroupIDs ?? (own === '' ? [] : [own]);
  let made: string | undefined;
  if (given.length === 0) {
    made = createGroup(builder, {
      logicalId: 'ControlPlaneSecurityGroup',
      description: 'Communication between the control plane and worker nodegroups',
      vpcId,
      stack,
      path,
    });
    const remote = builder.spec.remoteNetworkConfig;
    const networks = [...(remote?.remoteNodeNetworks ?? []), ...(remote?.remotePodNetworks ?? [])];
    const blocks = [
      ...(vpc.extraCIDRs ?? []),
      ...(vpc.extraIPv6CIDRs ?? []),
      ...networks.flatMap(({ cidrs }) => cidrs ?? []),
    ];
    const rules = blocks.map((cidr, i) => ({
      ...HTTPS,
      peer: blockPeer(cidr),
      description: `Allow Extra CIDR ${i} (${cidr}) to communicate to controlplane`,
    }));
    allowIngress(builder, made, rules, path);
  }
  let sharedNode = vpc.sharedNodeSecurityGroup ?? '';
  if (sharedNode === '') {
    const discovery = builder.spec.metadata?.tags?.['karpenter.sh/discovery'];
    sharedNode = createGroup(builder, {
      logicalId: 'ClusterSharedNodeSecurityGroup',
      description: 'Communication between all nodes in the cluster',
      vpcId,
      stack,
      tags: discovery === undefined ? {} : { 'karpenter.sh/discovery': discovery },
      path,
    });
    const description = 'Allow nodes to communicate with each other (all ports)';
    const self = { protocol: ALL, peer: groupPeer(sharedNode), description };
    allowIngress(builder, sharedNode, [self], path);
  }
  return {
    controlPlane: made === undefined ? given : [made],
    madeControlPlane: made,
    sharedNode,
  };
}

/** Lets managed and self-managed nodes talk: cluster group and shared group trust each other. */
export function joinClusterGroup(builder: Builder, shared: string, cluster: string): void {
  if (builder.spec.vpc?.manageSharedNodeSecurityGroupRules === false) return;
  const path = ['vpc'];
  allowIngress(
    builder,
    shared,
    [
      {
        protocol: ALL,
        peer: groupPeer(cluster),
        description: 'Allow managed and unmanaged nodes to communicate with each other (all ports)',
      },
    ],
    path,
  );
  allowIngress(
    builder,
    cluster,
    [
      {
        protocol: ALL,
        peer: groupPeer(shared),
        description: 'Allow unmanaged nodes to communicate with control plane (all ports)',
      },
    ],
    path,
  );
}

/** Where a node group's groups are made. */
export interface NodeGroupPlace {
  readonly vpcId: string;
  readonly vpcCidr: string;
  readonly path: Path;
}

/** ssh.allow, or a key without a word about it (defaults.go setSSHDefaults). */
const allowsSsh = ({ ssh }: NodeGroupSpec): boolean =>
  ssh?.allow ??
  [ssh?.publicKey, ssh?.publicKeyName, ssh?.publicKeyPath].some((key) => key !== undefined);

function sshRules(group: NodeGroupSpec, vpcCidr: string, what: string): RuleInput[] {
  const sources = group.ssh?.sourceSecurityGroupIds ?? [];
  if (sources.length > 0) return sources.map((id) => ({ ...SSH, peer: groupPeer(id) }));
  const description = `Allow SSH access to ${what} group ${group.name}`;
  if (group.privateNetworking === true) {
    return [
      {
        ...SSH,
        peer: blockPeer(vpcCidr),
        description: `${description} (private, only inside VPC)`,
      },
    ];
  }
  return ['0.0.0.0/0', '::/0'].map((cidr) => ({ ...SSH, peer: blockPeer(cidr), description }));
}

/** The EFA group talks to itself only; since 1.33 EKS does this itself. */
function efaGroups(builder: Builder, group: NodeGroupSpec, place: NodeGroupPlace): string[] {
  const version = builder.spec.metadata?.version ?? '1.34';
  if (group.efaEnabled !== true || !isOlder(version, [1, 33])) return [];
  const { ec2 } = builder.cloud;
  const stack = builder.nodeGroupStack(group.name!);
  const path = [...place.path, 'efaEnabled'];
  const groupId = createGroup(builder, {
    logicalId: 'EFASG',
    description: 'EFA-enabled security group',
    vpcId: place.vpcId,
    stack,
    path,
  });
  const self = [{ protocol: ALL, peer: groupPeer(groupId) }];
  allowIngress(builder, groupId, self, path);
  builder.must(ec2.authorizeSecurityGroupEgress({ groupId, rules: self }), path);
  dropAllowAll(builder, groupId, path);
  return [groupId];
}

/** A separate egress rule in a template takes CloudFormation's allow-all away (aws-cdk#987). */
function dropAllowAll(builder: Builder, groupId: string, path: Path): void {
  const { ec2 } = builder.cloud;
  const group = builder.must(ec2.describeSecurityGroups({ groupIds: [groupId] }), path)[0];
  const open = (group?.rules ?? []).filter(
    ({ direction, protocol, peer }) =>
      direction === 'egress' &&
      protocol === ALL &&
      (peer.kind === 'ipv4' || peer.kind === 'ipv6') &&
      (peer.cidr === '0.0.0.0/0' || peer.cidr === '::/0'),
  );
  if (open.length === 0) return;
  const ruleIds = open.map(({ ruleId }) => ruleId);
  builder.must(ec2.revokeSecurityGroupEgress({ groupId, ruleIds }), path);
}

/** Groups of a managed group's instances: the cluster's, then the config's, SSH, EFA. */
export function managedGroups(
  builder: Builder,
  group: NodeGroupSpec,
  place: NodeGroupPlace,
  clusterGroup: string,
): string[] {
  const groups = [clusterGroup, ...(group.securityGroups?.attachIDs ?? [])];
  if (allowsSsh(group)) {
    const stack = builder.nodeGroupStack(group.name!);
    const path = [...place.path, 'ssh'];
    const groupId = createGroup(builder, {
      logicalId: 'SSH',
      name: `${stack}-remoteAccess`,
      description: 'Allow SSH access',
      vpcId: place.vpcId,
      stack,
      path,
    });
    allowIngress(builder, groupId, sshRules(group, place.vpcCidr, 'managed worker nodes in'), path);
    groups.push(groupId);
  }
  return [...groups, ...efaGroups(builder, group, place)];
}

/** The rules between a self-managed group's own security group and the control plane's. */
function joinControlPlane(
  builder: Builder,
  local: string,
  clusterGroups: ClusterGroups,
  path: Path,
): void {
  const { ec2 } = builder.cloud;
  const controlPlane = clusterGroups.controlPlane[0];
  if (controlPlane === undefined) return;
  const from = groupPeer(controlPlane);
  allowIngress(
    builder,
    local,
    [
      { ...NODE_PORTS, peer: from },
      { ...HTTPS, peer: from },
    ],
    path,
  );
  const to = groupPeer(local);
  builder.must(
    ec2.authorizeSecurityGroupEgress({
      groupId: controlPlane,
      rules: [
        { ...NODE_PORTS, peer: to },
        { ...HTTPS, peer: to },
      ],
    }),
    path,
  );
  allowIngress(builder, controlPlane, [{ ...HTTPS, peer: to }], path);
  if (clusterGroups.madeControlPlane !== undefined) dropAllowAll(builder, controlPlane, path);
}

/** Groups of a self-managed group's instances, upstream's order; the cluster's is not there. */
export function selfManagedGroups(
  builder: Builder,
  group: NodeGroupSpec,
  place: NodeGroupPlace,
  clusterGroups: ClusterGroups,
): string[] {
  const settings = group.securityGroups ?? {};
  const groups = [...(settings.attachIDs ?? [])];
  if (settings.withShared !== false) groups.push(clusterGroups.sharedNode);
  if (settings.withLocal !== false) {
    const stack = builder.nodeGroupStack(group.name!);
    const local = createGroup(builder, {
      logicalId: 'SG',
      description: `Communication between the control plane and worker nodes in group ${group.name}`,
      vpcId: place.vpcId,
      stack,
      tags: { [`kubernetes.io/cluster/${builder.name}`]: 'owned' },
      path: place.path,
    });
    joinControlPlane(builder, local, clusterGroups, place.path);
    if (allowsSsh(group)) {
      const rules = sshRules(group, place.vpcCidr, 'worker nodes in');
      allowIngress(builder, local, rules, [...place.path, 'ssh']);
    }
    groups.push(local);
  }
  return [...groups, ...efaGroups(builder, group, place)];
}
