/**
 * formats/aws/aws-documents — tells aws CLI output by its top-level member and reads its nouns.
 */

import { awsKeyOf } from '../../cloud/adoption.ts';
import type { SecurityGroupRule } from '../../model/ec2/security-group.ts';
import type { SubnetCidrReservation } from '../../model/ec2/subnet.ts';
import type { Note } from '../../model/input-error.ts';
import type { AwsKinds } from '../../model/kinds.ts';
import { isRecord, type SourceDocument } from '../source.ts';
import { type AwsJson, AwsReader } from './aws-json.ts';
import {
  type Companions,
  companionMember,
  noCompanions,
  readCompanion,
} from './companion-documents.ts';
import { interfacesFromInstance } from './instance.ts';
import { FORMATS } from './nouns.ts';
import { ruleFromAws } from './security-group-rule.ts';

/** What the aws documents of an input hold. */
export interface AwsExport {
  readonly nouns: { readonly [Kind in keyof AwsKinds]: Map<string, AwsKinds[Kind]> };
  readonly reservations: Map<string, SubnetCidrReservation[]>;
  /** Rules by group, from describe-security-group-rules. */
  readonly rules: Map<string, SecurityGroupRule[]>;
  /** What other documents tell more of some nouns. */
  readonly companions: Companions;
  readonly notes: Note[];
}

const KIND_OF_MEMBER = new Map<string, keyof AwsKinds>(
  Object.values(FORMATS).map(({ kind, member }) => [member, kind]),
);

/** Other documents that tell of a noun, but less of it: what is known already stays. */
const LESSER_MEMBERS: Readonly<Record<string, keyof AwsKinds>> = {
  CertificateSummaryList: 'acm/certificate',
  HostedZone: 'route53/hosted-zone',
};

/** True where a member holds nouns of ours, and not something else by the same name. */
function holdsNouns(json: AwsJson, member: string): boolean {
  const kind = KIND_OF_MEMBER.get(member);
  if (kind === undefined) return Object.hasOwn(LESSER_MEMBERS, member);
  const { items } = FORMATS[kind];
  const value = json[member];
  if (items === undefined) return true;
  return Array.isArray(value) && value.every((it) => isRecord(it) && items in it);
}

/** Documents people export along that hold nothing we read; named so that they are no riddle. */
const IGNORED_MEMBERS: Readonly<Record<string, string>> = {
  Tags: 'describe-tags repeats what the other documents hold',
  clusters: 'list-clusters holds names only',
  nodegroups: 'list-nodegroups holds names only; export describe-nodegroup',
  addons: 'list-addons holds names only; export describe-addon',
  fargateProfileNames: 'list-fargate-profiles holds names only; export describe-fargate-profile',
  LoadBalancerAttributes: 'attributes of Classic Load Balancers are not read',
  InstanceStates: 'health of instances behind Classic Load Balancers is not read',
  AutoScalingGroups: 'self-managed groups are told by their instances',
  LaunchTemplates: 'launch templates are not read',
  VpnConnections: 'what lies beyond a VPN is not simulated',
  CustomerGateways: 'what lies beyond a VPN is not simulated',
  InstanceTypes: 'ekstwin has its own table of instance types',
  AvailabilityZones: 'zones are told by the subnets',
};

const memberOf = (value: unknown): string | undefined =>
  isRecord(value)
    ? (Object.keys(value).find(
        (it) =>
          holdsNouns(value, it) ||
          it in IGNORED_MEMBERS ||
          it === 'Reservations' ||
          it === 'SecurityGroupRules' ||
          it === 'SubnetIpv4CidrReservations',
      ) ?? companionMember(value))
    : undefined;

/** True for one aws CLI document, or a list of them. */
export const isAwsDocument = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0 && value.every((item) => isAwsDocument(item) && !Array.isArray(item))
    : isRecord(value) && !('apiVersion' in value) && memberOf(value) !== undefined;

export function emptyExport(): AwsExport {
  const nouns = Object.fromEntries(Object.keys(FORMATS).map((kind) => [kind, new Map()]));
  return {
    nouns: nouns as unknown as AwsExport['nouns'],
    reservations: new Map(),
    rules: new Map(),
    companions: noCompanions(),
    notes: [],
  };
}

/** Reads one document into `into`. Throws InputError at file:line for a member that is wrong. */
export function readAwsDocument(document: SourceDocument, into: AwsExport): void {
  const { value } = document;
  if (Array.isArray(value)) {
    value.forEach((item, i) => {
      const where = document.where([i]);
      readAwsDocument({ file: document.file, value: item, where: () => where }, into);
    });
    return;
  }
  const json = value as AwsJson;
  const member = memberOf(json)!;
  const ignored = IGNORED_MEMBERS[member];
  if (ignored !== undefined) {
    into.notes.push({ where: document.where([member]), text: `${member}: ${ignored}` });
    return;
  }
  const where = document.where([member]);
  const root = new AwsReader(json, where);
  const isCompanion = readCompanion(json, document.file, where, into.companions, into.notes);
  if (isCompanion && !holdsNouns(json, member)) return;
  if (member === 'SubnetIpv4CidrReservations') {
    readReservations(root, into);
    return;
  }
  if (member === 'SecurityGroupRules') {
    readRules(root, into);
    return;
  }
  if (member === 'Reservations') {
    for (const it of root.list('Reservations')) readInstances(it.list('Instances'), into);
    return;
  }
  const kind = KIND_OF_MEMBER.get(member);
  const reads = Array.isArray(json[member]) ? root.list(member) : [root.object(member)!];
  if (kind === undefined) addAll(LESSER_MEMBERS[member]!, reads, into, true);
  else addAll(kind, owned(kind, root, reads, document.file, where, into), into);
}

/** Items with their owner, where it stands beside the list or in the file's name. */
function owned(
  kind: keyof AwsKinds,
  root: AwsReader,
  reads: readonly AwsReader[],
  file: string,
  where: string,
  into: AwsExport,
): readonly AwsReader[] {
  const { of, member } = FORMATS[kind];
  if (of === undefined) return reads;
  const owner = root.optionalText(of.member) ?? of.pattern.exec(file)?.[0];
  if (owner !== undefined)
    return reads.map((it) => new AwsReader({ [of.member]: owner, ...it.json }, where));
  const hint = `put the id into the file's name, or beside the list as ${of.member}`;
  into.notes.push({ where, text: `${member}: AWS does not print whose these are; ${hint}` });
  return [];
}

/** Instances, and their interfaces where describe-network-interfaces does not tell of them. */
function readInstances(reads: readonly AwsReader[], into: AwsExport): void {
  addAll('ec2/instance', reads, into);
  const known = into.nouns['ec2/network-interface'];
  for (const eni of reads.flatMap(interfacesFromInstance)) {
    if (!known.has(eni.networkInterfaceId)) known.set(eni.networkInterfaceId, eni);
  }
}

function addAll(
  kind: keyof AwsKinds,
  reads: readonly AwsReader[],
  into: AwsExport,
  keepsKnown = false,
): void {
  const nouns = into.nouns[kind] as Map<string, unknown>;
  for (const read of reads) {
    if (FORMATS[kind].isNoun?.(read) === false) continue;
    const noun = FORMATS[kind].fromAws(read);
    const key = awsKeyOf(kind, noun);
    const held = nouns.get(key);
    if (keepsKnown && held !== undefined) continue;
    nouns.set(
      key,
      kind === PEERED ? bothSides(held as Attachment | undefined, noun as Attachment) : noun,
    );
  }
}

const PEERED = 'ec2/transit-gateway-attachment';
type Attachment = AwsKinds[typeof PEERED];

/** Both ends of a transit gateway peering have one id; each account tells its own side. */
function bothSides(held: Attachment | undefined, told: Attachment): Attachment {
  if (held === undefined || held.transitGatewayId === told.transitGatewayId) return told;
  return { ...held, peer: { associatedRouteTableId: told.associatedRouteTableId } };
}

function readRules(root: AwsReader, into: AwsExport): void {
  for (const read of root.list('SecurityGroupRules')) {
    const groupId = read.text('GroupId');
    const rules = into.rules.get(groupId) ?? [];
    rules.push(ruleFromAws(read));
    into.rules.set(groupId, rules);
  }
}

function readReservations(root: AwsReader, into: AwsExport): void {
  for (const read of root.list('SubnetIpv4CidrReservations')) {
    const subnetId = read.text('SubnetId');
    const reservation: SubnetCidrReservation = {
      reservationId: read.text('SubnetCidrReservationId'),
      cidr: read.text('Cidr'),
      type: read.optionalText('ReservationType') === 'explicit' ? 'explicit' : 'prefix',
      description: read.optionalText('Description'),
    };
    into.reservations.set(subnetId, [...(into.reservations.get(subnetId) ?? []), reservation]);
  }
}
