/** cloud/ec2/network-acl-actions — network ACLs, their entries, and which subnet has which. */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { NetworkAclId } from '../../model/ec2/ids.ts';
import type { NetworkAcl, NetworkAclEntry } from '../../model/ec2/network-acl.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import { canonicalCidrText } from '../../net/index.ts';
import type { Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import { hasDependencies, invalidValue, noAssociation, noNetworkAcl, noVpc } from './not-found.ts';
import type { NetworkAclEntryInput, VpcOperations } from './vpc-operations.ts';

/** The entry shown as `*`, last of each family and direction. */
const LAST_RULE = 32_767;
const LAST_RULE_IPV6 = 32_768;
const RULE_NUMBER_MAX = 32_766;

const DESCRIBED_NETWORK_ACL: Described<'ec2/network-acl'> = {
  kind: 'ec2/network-acl',
  missing: noNetworkAcl,
  filters: {
    'network-acl-id': (acl) => acl.networkAclId,
    'vpc-id': (acl) => acl.vpcId,
    default: (acl) => acl.isDefault,
    'owner-id': (acl) => acl.ownerId,
    'association.association-id': (acl) => acl.associations.map((it) => it.associationId),
    'association.network-acl-id': (acl) => acl.networkAclId,
    'association.subnet-id': (acl) => acl.associations.map((it) => it.subnetId),
    'entry.cidr': (acl) => acl.entries.map((it) => it.cidrBlock),
    'entry.ipv6-cidr': (acl) => acl.entries.map((it) => it.ipv6CidrBlock),
    'entry.egress': (acl) => acl.entries.map((it) => it.egress),
    'entry.protocol': (acl) => acl.entries.map((it) => it.protocol),
    'entry.rule-action': (acl) => acl.entries.map((it) => it.action),
    'entry.rule-number': (acl) => acl.entries.map((it) => it.ruleNumber),
    'entry.icmp.code': (acl) => acl.entries.map((it) => it.icmp?.code),
    'entry.icmp.type': (acl) => acl.entries.map((it) => it.icmp?.type),
    'entry.port-range.from': (acl) => acl.entries.map((it) => it.portRange?.from),
    'entry.port-range.to': (acl) => acl.entries.map((it) => it.portRange?.to),
  },
};

type NetworkAclActions = Pick<
  VpcOperations,
  | 'createNetworkAcl'
  | 'createNetworkAclEntry'
  | 'replaceNetworkAclEntry'
  | 'deleteNetworkAclEntry'
  | 'replaceNetworkAclAssociation'
  | 'deleteNetworkAcl'
  | 'describeNetworkAcls'
>;

export const networkAclActions = (region: Region): NetworkAclActions => ({
  createNetworkAcl({ vpcId, tags }) {
    const vpc = region.store.get('ec2/vpc', vpcId);
    if (vpc === undefined) return noVpc(vpcId);
    return newNetworkAcl(region, vpc, false, tags ?? {});
  },
  createNetworkAclEntry: (input) => putEntry(region, input, 'create'),
  replaceNetworkAclEntry: (input) => putEntry(region, input, 'replace'),
  deleteNetworkAclEntry({ networkAclId, ruleNumber, egress }) {
    const acl = region.store.get('ec2/network-acl', networkAclId);
    if (acl === undefined) return noNetworkAcl(networkAclId);
    const rest = acl.entries.filter((it) => it.ruleNumber !== ruleNumber || it.egress !== egress);
    if (rest.length === acl.entries.length || ruleNumber > RULE_NUMBER_MAX)
      return noEntry(ruleNumber);
    region.store.put('ec2/network-acl', networkAclId, { ...acl, entries: rest });
    return true;
  },
  replaceNetworkAclAssociation: ({ associationId, networkAclId }) =>
    replaceAssociation(region, associationId, networkAclId),
  deleteNetworkAcl({ networkAclId }) {
    const acl = region.store.get('ec2/network-acl', networkAclId);
    if (acl === undefined) return noNetworkAcl(networkAclId);
    if (acl.isDefault) return invalidValue(`cannot delete default network ACL ${networkAclId}`);
    if (acl.associations.length > 0) return hasDependencies('networkAcl', networkAclId);
    region.store.delete('ec2/network-acl', networkAclId);
    return true;
  },
  describeNetworkAcls: ({ ids, filters }) => describe(region, DESCRIBED_NETWORK_ACL, ids, filters),
});

/** The network ACL a VPC comes with: allows everything both ways. */
export const defaultNetworkAcl = (region: Region, vpc: Vpc): NetworkAcl =>
  newNetworkAcl(region, vpc, true, {});

function newNetworkAcl(
  region: Region,
  vpc: Vpc,
  isDefault: boolean,
  tags: NetworkAcl['tags'],
): NetworkAcl {
  const hasIpv6 = vpc.ipv6CidrBlocks.length > 0;
  const entries: NetworkAclEntry[] = [];
  for (const egress of [true, false]) {
    const any = { egress, protocol: -1 } as const;
    const v4 = { ...any, cidrBlock: '0.0.0.0/0' };
    const v6 = { ...any, ipv6CidrBlock: '::/0' };
    if (isDefault) entries.push({ ...v4, ruleNumber: 100, action: 'allow' });
    if (isDefault && hasIpv6) entries.push({ ...v6, ruleNumber: 101, action: 'allow' });
    entries.push({ ...v4, ruleNumber: LAST_RULE, action: 'deny' });
    if (hasIpv6) entries.push({ ...v6, ruleNumber: LAST_RULE_IPV6, action: 'deny' });
  }
  const acl: NetworkAcl = {
    networkAclId: region.ids.next<NetworkAclId>('acl'),
    vpcId: vpc.vpcId,
    ownerId: region.accountId,
    isDefault,
    entries,
    associations: [],
    tags,
  };
  region.store.put('ec2/network-acl', acl.networkAclId, acl);
  return acl;
}

/** Gives a new subnet its VPC's default network ACL. */
export function associateWithDefaultAcl(region: Region, { vpcId, subnetId }: Subnet): void {
  const acl = region.store.list('ec2/network-acl').find((it) => it.vpcId === vpcId && it.isDefault);
  // An adopted VPC may have come without one.
  if (acl === undefined) return;
  region.store.put('ec2/network-acl', acl.networkAclId, {
    ...acl,
    associations: [...acl.associations, { associationId: region.ids.next('aclassoc'), subnetId }],
  });
}

/** Forgets a subnet that is being deleted. */
export function dropAclAssociation(region: Region, { subnetId }: Subnet): void {
  for (const acl of region.store.list('ec2/network-acl')) {
    const rest = acl.associations.filter((it) => it.subnetId !== subnetId);
    if (rest.length < acl.associations.length)
      region.store.put('ec2/network-acl', acl.networkAclId, { ...acl, associations: rest });
  }
}

function putEntry(
  region: Region,
  { networkAclId, ...given }: NetworkAclEntryInput,
  how: 'create' | 'replace',
): true | AwsError {
  const acl = region.store.get('ec2/network-acl', networkAclId);
  if (acl === undefined) return noNetworkAcl(networkAclId);
  const entry = soundEntry(given);
  if ('code' in entry) return entry;
  const same = (it: NetworkAclEntry) =>
    it.ruleNumber === entry.ruleNumber && it.egress === entry.egress;
  const exists = acl.entries.some(same);
  if (how === 'create' && exists) {
    return awsError(
      'NetworkAclEntryAlreadyExists',
      `The network acl entry identified by ${entry.ruleNumber} already exists.`,
    );
  }
  if (how === 'replace' && !exists) return noEntry(entry.ruleNumber);
  const entries = [...acl.entries.filter((it) => !same(it)), entry].sort(
    (a, b) => Number(b.egress) - Number(a.egress) || a.ruleNumber - b.ruleNumber,
  );
  region.store.put('ec2/network-acl', networkAclId, { ...acl, entries });
  return true;
}

/** The entry with its block canonical, or what is wrong with it. */
function soundEntry(entry: NetworkAclEntry): NetworkAclEntry | AwsError {
  const { ruleNumber, cidrBlock, ipv6CidrBlock, protocol, portRange } = entry;
  if (ruleNumber < 1 || ruleNumber > RULE_NUMBER_MAX) {
    return invalidValue(
      `Value (${ruleNumber}) for parameter ruleNumber is invalid. Must be between 1 and 32766.`,
    );
  }
  const text = cidrBlock ?? ipv6CidrBlock;
  const cidr = text === undefined ? undefined : canonicalCidrText(text);
  if (cidr === undefined) return invalidValue(`CIDR block ${text ?? ''} is malformed`);
  if ((protocol === 6 || protocol === 17) && portRange === undefined)
    return awsError('MissingParameter', 'The request must contain the parameter PortRange');
  if (portRange !== undefined && portRange.from > portRange.to)
    return invalidValue(`Invalid port range (${portRange.from}:${portRange.to})`);
  return cidrBlock === undefined
    ? { ...entry, ipv6CidrBlock: cidr }
    : { ...entry, cidrBlock: cidr };
}

const noEntry = (ruleNumber: number): AwsError =>
  awsError(
    'InvalidNetworkAclEntry.NotFound',
    `The network acl entry identified by ${ruleNumber} does not exist.`,
  );

function replaceAssociation(
  region: Region,
  associationId: string,
  networkAclId: string,
): { readonly associationId: string } | AwsError {
  const target = region.store.get('ec2/network-acl', networkAclId);
  if (target === undefined) return noNetworkAcl(networkAclId);
  const holds = (acl: NetworkAcl) =>
    acl.associations.find((it) => it.associationId === associationId);
  const source = region.store.list('ec2/network-acl').find((acl) => holds(acl) !== undefined);
  if (source === undefined) return noAssociation(associationId);
  if (source.vpcId !== target.vpcId) {
    return invalidValue(
      `network ACL ${networkAclId} and association ${associationId} belong to different networks`,
    );
  }
  const { subnetId } = holds(source)!;
  region.store.put('ec2/network-acl', source.networkAclId, {
    ...source,
    associations: source.associations.filter((it) => it.associationId !== associationId),
  });
  const now = region.store.get('ec2/network-acl', networkAclId)!;
  const association = { associationId: region.ids.next('aclassoc'), subnetId };
  region.store.put('ec2/network-acl', networkAclId, {
    ...now,
    associations: [...now.associations, association],
  });
  return { associationId: association.associationId };
}
