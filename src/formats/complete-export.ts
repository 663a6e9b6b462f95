/**
 * formats/complete-export — lays over the nouns of aws documents what other documents and the
 * export's own mark say of them, and fills in what they imply of one another.
 */
import type { NetworkInterface } from '../model/ec2/network-interface.ts';
import type { NodeGroup } from '../model/eks/cluster.ts';
import type { AwsKinds } from '../model/kinds.ts';
import type { AwsExport } from './aws/aws-documents.ts';
import { layBalancerCompanions } from './aws/balancer-companions.ts';
import { completeBalancers } from './aws/balancer-completion.ts';
import { findDatabases } from './aws/database-interfaces.ts';
import type { ExportMark } from './export-folder.ts';

/** True for a noun that no AWS document shows and the mark holds in full: a self-managed group. */
const isWhole = (kind: keyof AwsKinds, extra: object): boolean =>
  kind === 'eks/nodegroup' && 'nodegroupName' in extra;

function layMark({ nouns }: AwsExport, mark: ExportMark | undefined): void {
  for (const [kind, extras] of Object.entries(mark?.beyondAws ?? {})) {
    const byKey = nouns[kind as keyof AwsKinds] as Map<string, object> | undefined;
    if (byKey === undefined) continue;
    for (const [key, extra] of Object.entries(extras as Record<string, object>)) {
      const noun = byKey.get(key);
      // A few members make no noun: its document is missing, which adoption says where it matters.
      if (noun === undefined && !isWhole(kind as keyof AwsKinds, extra)) continue;
      byKey.set(key, { ...noun, ...extra });
    }
  }
}

function layReservations({ nouns, reservations }: AwsExport): void {
  for (const [subnetId, cidrReservations] of reservations) {
    const subnet = nouns['ec2/subnet'].get(subnetId);
    if (subnet !== undefined) nouns['ec2/subnet'].set(subnetId, { ...subnet, cidrReservations });
  }
}

/** describe-security-group-rules knows the ids, so it wins where it tells of a group. */
function layRules({ nouns, rules }: AwsExport): void {
  for (const [groupId, own] of rules) {
    const group = nouns['ec2/security-group'].get(groupId);
    if (group !== undefined) nouns['ec2/security-group'].set(groupId, { ...group, rules: own });
  }
}

/** Lays what one sort of companion document tells over the nouns it tells of. */
function layOver<Noun extends object>(
  nouns: Map<string, Noun>,
  told: ReadonlyMap<string, Partial<Noun>>,
): void {
  for (const [id, more] of told) {
    const noun = nouns.get(id);
    if (noun !== undefined) nouns.set(id, { ...noun, ...more });
  }
}

const as = <Member extends string, Value>(
  member: Member,
  told: ReadonlyMap<string, Value>,
): ReadonlyMap<string, { readonly [It in Member]: Value }> =>
  new Map([...told].map(([id, value]) => [id, { [member]: value } as { [It in Member]: Value }]));

function layCompanions({ nouns, companions }: AwsExport): void {
  const tables = nouns['ec2/transit-gateway-route-table'];
  layOver(tables, as('routes', companions.transitRoutes));
  layOver(tables, as('propagations', companions.propagations));
  layOver(nouns['ec2/transit-gateway-attachment'], companions.attachments);
  layOver(nouns['ec2/prefix-list'], as('entries', companions.listEntries));
  layOver(nouns['ec2/vpc'], companions.vpcAttributes);
}

/** AWS names the attachment in the description of the interfaces it makes for one. */
function findAttachmentInterfaces({ nouns }: AwsExport): void {
  const attachments = nouns['ec2/transit-gateway-attachment'];
  for (const { interfaceType, description, networkInterfaceId } of nouns[
    'ec2/network-interface'
  ].values()) {
    if (interfaceType !== 'transit_gateway') continue;
    const attachment = attachments.get(/tgw-attach-[0-9a-z]+/.exec(description)?.[0] ?? '');
    if (attachment === undefined) continue;
    const { attachmentId, networkInterfaceIds } = attachment;
    if (networkInterfaceIds.includes(networkInterfaceId)) continue;
    attachments.set(attachmentId, {
      ...attachment,
      networkInterfaceIds: [...networkInterfaceIds, networkInterfaceId],
    });
  }
}

/** The control plane's interfaces are those EKS describes as `Amazon EKS <name>`. */
function findControlPlane({ nouns }: AwsExport): void {
  for (const [name, cluster] of nouns['eks/cluster']) {
    if (cluster.networkInterfaceIds.length > 0) continue;
    const networkInterfaceIds = [...nouns['ec2/network-interface'].values()]
      .filter(({ description }) => description === `Amazon EKS ${name}`)
      .map((eni) => eni.networkInterfaceId);
    nouns['eks/cluster'].set(name, { ...cluster, networkInterfaceIds });
  }
}

/** The groups a node group's instances have; the cluster's own when it has no instance yet. */
function groupsOf({ nouns }: AwsExport, group: NodeGroup): NodeGroup['securityGroupIds'] {
  const mine = [...nouns['ec2/instance'].values()].find(
    ({ tags }) =>
      tags['eks:cluster-name'] === group.clusterName &&
      tags['eks:nodegroup-name'] === group.nodegroupName,
  );
  const isPrimary = ({ attachment }: NetworkInterface): boolean =>
    attachment?.instanceId === mine?.instanceId && attachment?.deviceIndex === 0;
  const primary =
    mine === undefined ? undefined : [...nouns['ec2/network-interface'].values()].find(isPrimary);
  const cluster = nouns['eks/cluster'].get(group.clusterName);
  return primary?.groups ?? (cluster === undefined ? [] : [cluster.clusterSecurityGroupId]);
}

function findNodeGroupGroups(read: AwsExport): void {
  const groups = read.nouns['eks/nodegroup'];
  for (const [key, group] of groups) {
    if (group.securityGroupIds.length > 0) continue;
    groups.set(key, { ...group, securityGroupIds: groupsOf(read, group) });
  }
}

/** Completes what was read, in place, and returns it. */
export function completeExport(read: AwsExport, mark: ExportMark | undefined): AwsExport {
  layRules(read);
  layReservations(read);
  layCompanions(read);
  layBalancerCompanions(read);
  layMark(read, mark);
  findAttachmentInterfaces(read);
  findControlPlane(read);
  findDatabases(read);
  findNodeGroupGroups(read);
  completeBalancers(read);
  return read;
}
