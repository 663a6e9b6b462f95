/**
 * cloud/ec2/vpc-actions — VPCs and their address blocks. A new VPC comes with a main route table,
 * a default network ACL and a default security group, as EC2's does.
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { Vpc, VpcCidrAssociation } from '../../model/ec2/vpc.ts';
import { cidrTextContainsCidr, formatCidr } from '../../net/index.ts';
import type { Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import { defaultNetworkAcl } from './network-acl-actions.ts';
import { hasDependencies, noCidrAssociation, noVpc } from './not-found.ts';
import type { Ec2Operations } from './operations.ts';
import { addLocalRoute, newRouteTable, removeLocalRoute } from './route-table-actions.ts';
import { defaultSecurityGroup } from './security-group-actions.ts';
import { secondaryBlock, vpcBlock } from './vpc-cidr.ts';
import type { VpcOperations } from './vpc-operations.ts';

/** Source: Amazon VPC quotas, "IPv6 CIDR blocks per VPC". */
const IPV6_BLOCKS_MAX = 5;

const DESCRIBED_VPC: Described<'ec2/vpc'> = {
  kind: 'ec2/vpc',
  missing: noVpc,
  filters: {
    'vpc-id': (vpc) => vpc.vpcId,
    cidr: (vpc) => vpc.cidrBlock,
    cidrBlock: (vpc) => vpc.cidrBlock,
    'cidr-block-association.association-id': (vpc) => vpc.cidrBlocks.map((it) => it.associationId),
    'cidr-block-association.cidr-block': (vpc) => vpc.cidrBlocks.map((it) => it.cidrBlock),
    'cidr-block-association.state': () => 'associated',
    'ipv6-cidr-block-association.association-id': (vpc) =>
      vpc.ipv6CidrBlocks.map((it) => it.associationId),
    'ipv6-cidr-block-association.ipv6-cidr-block': (vpc) =>
      vpc.ipv6CidrBlocks.map((it) => it.cidrBlock),
    'ipv6-cidr-block-association.state': (vpc) => vpc.ipv6CidrBlocks.map(() => 'associated'),
    'ipv6-cidr-block-association.ipv6-pool': (vpc) => vpc.ipv6CidrBlocks.map(() => 'Amazon'),
    'dhcp-options-id': (vpc) => vpc.dhcpOptionsId,
    'is-default': (vpc) => vpc.isDefault,
    isDefault: (vpc) => vpc.isDefault,
    'owner-id': (vpc) => vpc.ownerId,
    state: () => 'available',
  },
};

type VpcActions = Pick<
  VpcOperations & Ec2Operations,
  | 'createVpc'
  | 'deleteVpc'
  | 'modifyVpcAttribute'
  | 'associateVpcCidrBlock'
  | 'disassociateVpcCidrBlock'
  | 'describeVpcs'
>;

export const vpcActions = (region: Region): VpcActions => ({
  createVpc({ cidrBlock, amazonProvidedIpv6CidrBlock, tags }) {
    const cidr = vpcBlock(cidrBlock);
    if (isAwsError(cidr)) return cidr;
    const { ids, store } = region;
    const vpc: Vpc = {
      vpcId: ids.next('vpc'),
      ownerId: region.accountId,
      cidrBlock: formatCidr(cidr),
      cidrBlocks: [{ associationId: ids.next('vpc-cidr-assoc'), cidrBlock: formatCidr(cidr) }],
      ipv6CidrBlocks: amazonProvidedIpv6CidrBlock === true ? [ipv6Association(region)] : [],
      enableDnsSupport: true,
      enableDnsHostnames: false,
      isDefault: false,
      dhcpOptionsId: dhcpOptionsId(region),
      tags: tags ?? {},
    };
    store.put('ec2/vpc', vpc.vpcId, vpc);
    newRouteTable(region, vpc, { main: true, tags: {} });
    defaultNetworkAcl(region, vpc);
    defaultSecurityGroup(region, vpc);
    return vpc;
  },

  deleteVpc({ vpcId }) {
    const vpc = region.store.get('ec2/vpc', vpcId);
    if (vpc === undefined) return noVpc(vpcId);
    if (hasDependents(region, vpc)) return hasDependencies('vpc', vpcId);
    deleteOwnObjects(region, vpc);
    region.store.delete('ec2/vpc', vpcId);
    return true;
  },

  modifyVpcAttribute({
    vpcId,
    enableDnsSupport,
    enableDnsHostnames,
    enableNetworkAddressUsageMetrics: metrics,
  }) {
    const vpc = region.store.get('ec2/vpc', vpcId);
    if (vpc === undefined) return noVpc(vpcId);
    const support = enableDnsSupport ?? vpc.enableDnsSupport;
    region.store.put('ec2/vpc', vpcId, {
      ...vpc,
      enableDnsSupport: support,
      enableDnsHostnames: enableDnsHostnames ?? vpc.enableDnsHostnames,
      ...(metrics === undefined ? {} : { enableNetworkAddressUsageMetrics: metrics }),
    });
    return true;
  },

  associateVpcCidrBlock: (input) => associateBlock(region, input),
  disassociateVpcCidrBlock: ({ associationId }) => disassociateBlock(region, associationId),
  describeVpcs: ({ vpcIds, filters }) => describe(region, DESCRIBED_VPC, vpcIds, filters),
});

const ipv6Association = ({ ids }: Region): VpcCidrAssociation => ({
  associationId: ids.next('vpc-cidr-assoc'),
  cidrBlock: ids.ipv6Block(),
});

/** One DHCP option set per region and account, as AWS makes one; its id follows from both. */
const dhcpOptionsId = (region: Region): string => {
  const first = region.store.entries('ec2/vpc')[Symbol.iterator]().next();
  return first.done === true ? region.ids.next('dopt') : first.value.value.dhcpOptionsId;
};

type AssociateInput = Parameters<VpcOperations['associateVpcCidrBlock']>[0];

function associateBlock(region: Region, input: AssociateInput): VpcCidrAssociation | AwsError {
  const vpc = region.store.get('ec2/vpc', input.vpcId);
  if (vpc === undefined) return noVpc(input.vpcId);
  if (input.amazonProvidedIpv6CidrBlock === true) {
    if (vpc.ipv6CidrBlocks.length >= IPV6_BLOCKS_MAX) return tooManyBlocks(vpc, IPV6_BLOCKS_MAX);
    const added = ipv6Association(region);
    region.store.put('ec2/vpc', vpc.vpcId, {
      ...vpc,
      ipv6CidrBlocks: [...vpc.ipv6CidrBlocks, added],
    });
    addLocalRoute(region, vpc.vpcId, { kind: 'ipv6', cidr: added.cidrBlock });
    return added;
  }
  if (input.cidrBlock === undefined)
    return awsError('MissingParameter', 'The request must contain the parameter CidrBlock');
  const cidr = secondaryBlock(vpc, input.cidrBlock);
  if (isAwsError(cidr)) return cidr;
  const { cidrBlocksPerVpc } = region.quotas;
  if (vpc.cidrBlocks.length >= cidrBlocksPerVpc) return tooManyBlocks(vpc, cidrBlocksPerVpc);
  const added = { associationId: region.ids.next('vpc-cidr-assoc'), cidrBlock: formatCidr(cidr) };
  region.store.put('ec2/vpc', vpc.vpcId, { ...vpc, cidrBlocks: [...vpc.cidrBlocks, added] });
  addLocalRoute(region, vpc.vpcId, { kind: 'ipv4', cidr: added.cidrBlock });
  return added;
}

function disassociateBlock(region: Region, associationId: string): VpcCidrAssociation | AwsError {
  for (const vpc of region.store.list('ec2/vpc')) {
    const all = [...vpc.cidrBlocks, ...vpc.ipv6CidrBlocks];
    const association = all.find((it) => it.associationId === associationId);
    if (association === undefined) continue;
    const { cidrBlock } = association;
    if (association === vpc.cidrBlocks[0]) {
      return awsError(
        'OperationNotPermitted',
        `The vpc CIDR block with association ID ${associationId} may not be disassociated. It is ` +
          'the primary IPv4 CIDR block of the VPC',
      );
    }
    if (subnetUses(region, vpc, cidrBlock)) {
      return awsError(
        'InvalidCidrBlock.InUse',
        `The vpc ${vpc.vpcId} currently has a subnet within CIDR block ${cidrBlock}`,
      );
    }
    const others = (it: VpcCidrAssociation) => it.associationId !== associationId;
    region.store.put('ec2/vpc', vpc.vpcId, {
      ...vpc,
      cidrBlocks: vpc.cidrBlocks.filter(others),
      ipv6CidrBlocks: vpc.ipv6CidrBlocks.filter(others),
    });
    removeLocalRoute(region, vpc.vpcId, cidrBlock);
    return association;
  }
  return noCidrAssociation(associationId);
}

const subnetUses = (region: Region, vpc: Vpc, cidrBlock: string): boolean =>
  region.store
    .lookup('ec2/subnet', 'vpc', vpc.vpcId)
    .some(
      (subnet) =>
        cidrTextContainsCidr(cidrBlock, subnet.cidrBlock) ||
        cidrTextContainsCidr(cidrBlock, subnet.ipv6CidrBlock?.cidrBlock ?? ''),
    );

const tooManyBlocks = (vpc: Vpc, max: number): AwsError =>
  awsError(
    'CidrLimitExceeded',
    `This network '${vpc.vpcId}' has met its maximum number of allowed CIDRs: ${max}`,
  );

/** What keeps a VPC from being deleted: all but the objects it came with. */
function hasDependents({ store }: Region, { vpcId }: Vpc): boolean {
  const inVpc = (noun: { readonly vpcId?: string | undefined }) => noun.vpcId === vpcId;
  if (store.lookupKeys('ec2/subnet', 'vpc', vpcId).size > 0) return true;
  if (store.lookup('ec2/security-group', 'vpc', vpcId).some((it) => it.groupName !== 'default'))
    return true;
  const tables = store.lookup('ec2/route-table', 'vpc', vpcId);
  if (tables.some(({ associations }) => !associations.some(({ main }) => main))) return true;
  if (store.list('ec2/network-acl').some((it) => inVpc(it) && !it.isDefault)) return true;
  const peered = store
    .list('ec2/vpc-peering-connection')
    .some(
      ({ status, requesterVpcId, accepterVpcId }) =>
        (status === 'active' || status === 'pending-acceptance') &&
        (requesterVpcId === vpcId || accepterVpcId === vpcId),
    );
  return (
    peered ||
    store.list('ec2/internet-gateway').some(inVpc) ||
    store.list('ec2/egress-only-internet-gateway').some(inVpc) ||
    store.list('ec2/vpn-gateway').some(inVpc) ||
    store.list('ec2/vpc-endpoint').some(inVpc)
  );
}

/** Deletes the main route table, the default network ACL and the default security group. */
function deleteOwnObjects({ store }: Region, { vpcId }: Vpc): void {
  for (const table of store.lookup('ec2/route-table', 'vpc', vpcId))
    store.delete('ec2/route-table', table.routeTableId);
  for (const group of store.lookup('ec2/security-group', 'vpc', vpcId))
    store.delete('ec2/security-group', group.groupId);
  for (const acl of store.list('ec2/network-acl'))
    if (acl.vpcId === vpcId) store.delete('ec2/network-acl', acl.networkAclId);
}
