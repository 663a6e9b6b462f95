/**
 * formats/eksctl/validate-vpc — what eksctl refuses in `vpc`, `privateCluster` and `localZones`.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/apis/eksctl.io/v1alpha5/validation.go:534
 * ValidateVPCConfig, endpoint_service.go, pkg/vpc/vpc.go:40.
 */
import { parseCidr } from '../../net/index.ts';
import type { Path } from '../source.ts';
import { type ClusterSpec, type ClusterVpc, hasSubnets, isIpv6 } from './cluster-config.ts';
import type { Refuse } from './refuse.ts';

const ADDITIONAL_ENDPOINTS = ['cloudformation', 'autoscaling', 'logs'];

function validatePrivateCluster(spec: ClusterSpec, refuse: Refuse): void {
  const cluster = spec.privateCluster;
  if (cluster?.enabled !== true) return;
  const at: Path = ['privateCluster'];
  const privateSubnets = Object.keys(spec.vpc?.subnets?.private ?? {});
  if (spec.vpc?.id !== undefined && privateSubnets.length === 0) {
    refuse(
      ['vpc'],
      'vpc.subnets.private must be specified in a fully-private cluster when a pre-existing VPC is supplied',
      'List the private subnets under vpc.subnets.private.',
    );
  }
  const services = cluster.additionalEndpointServices ?? [];
  const servicesAt: Path = [...at, 'additionalEndpointServices'];
  if (services.length > 0 && cluster.skipEndpointCreation === true) {
    refuse(
      servicesAt,
      'privateCluster.additionalEndpointServices cannot be set when privateCluster.skipEndpointCreation is true',
      'Remove one of the two.',
    );
  }
  const invalid = 'invalid value in privateCluster.additionalEndpointServices';
  for (const [i, service] of services.entries()) {
    if (!ADDITIONAL_ENDPOINTS.includes(service)) {
      refuse(
        [...servicesAt, i],
        `${invalid}: unsupported endpoint service "${service}"`,
        `Supported: ${ADDITIONAL_ENDPOINTS.join(', ')}.`,
      );
    }
    if (services.indexOf(service) !== i) {
      refuse(
        [...servicesAt, i],
        `${invalid}: found duplicate endpoint service: "${service}"`,
        'List it once.',
      );
    }
  }
  if ((spec.localZones?.length ?? 0) > 0) {
    refuse(
      ['localZones'],
      'localZones cannot be used in a fully-private cluster',
      'Remove localZones.',
    );
  }
}

function validateEndpoints(spec: ClusterSpec, refuse: Refuse): void {
  const endpoints = spec.vpc?.clusterEndpoints;
  if (endpoints === undefined || spec.privateCluster?.enabled === true) return;
  if (endpoints.publicAccess === true || endpoints.privateAccess === true) return;
  refuse(
    ['vpc', 'clusterEndpoints'],
    'Kubernetes API access must have one of public or private clusterEndpoints enabled',
    'Set publicAccess: true or privateAccess: true (a field left out is false here).',
  );
}

function validateBlocks(spec: ClusterSpec, vpc: ClusterVpc, refuse: Refuse): void {
  for (const field of ['extraCIDRs', 'publicAccessCIDRs', 'extraIPv6CIDRs'] as const) {
    const blocks = vpc[field] ?? [];
    if (field === 'extraIPv6CIDRs' && blocks.length > 0 && !isIpv6(spec)) {
      refuse(
        ['vpc', field],
        'cannot specify vpc.extraIPv6CIDRs with an IPv4 cluster',
        'Remove extraIPv6CIDRs, or set ipFamily: IPv6.',
      );
    }
    const bad = blocks.findIndex((block) => parseCidr(block) === undefined);
    if (bad >= 0) {
      refuse(
        ['vpc', field, bad],
        `invalid CIDR address: ${blocks[bad]}`,
        'Write a block such as 203.0.113.0/24.',
      );
    }
  }
  if (vpc.cidr === undefined) return;
  const block = parseCidr(vpc.cidr);
  if (block === undefined) {
    refuse(['vpc', 'cidr'], `invalid CIDR address: ${vpc.cidr}`, 'Write e.g. 192.168.0.0/16.');
  }
  if (hasSubnets(spec)) return;
  if (block.bits < 16 || block.bits > 24) {
    refuse(
      ['vpc', 'cidr'],
      'VPC CIDR prefix must be between /16 and /24',
      'eksctl splits the VPC into subnets itself; choose a block between /16 and /24.',
    );
  }
}

function validateGroups(vpc: ClusterVpc, refuse: Refuse): void {
  if (vpc.securityGroup !== undefined && (vpc.controlPlaneSecurityGroupIDs?.length ?? 0) > 0) {
    refuse(
      ['vpc', 'securityGroup'],
      'only one of vpc.securityGroup and vpc.controlPlaneSecurityGroupIDs can be specified',
      'Keep controlPlaneSecurityGroupIDs.',
    );
  }
  const shared = vpc.sharedNodeSecurityGroup ?? '';
  if (shared === '' && vpc.manageSharedNodeSecurityGroupRules === false) {
    refuse(
      ['vpc', 'manageSharedNodeSecurityGroupRules'],
      'vpc.manageSharedNodeSecurityGroupRules must be enabled when using eksctl-managed security groups',
      'Remove the field, or name your own vpc.sharedNodeSecurityGroup.',
    );
  }
}

/** validation.go:646 validateControlPlaneOnPrivateSubnets. */
function validateControlPlaneSubnets(spec: ClusterSpec, vpc: ClusterVpc, refuse: Refuse): void {
  if (vpc.controlPlaneOnPrivateSubnets !== true) return;
  const at: Path = ['vpc', 'controlPlaneOnPrivateSubnets'];
  const problem = 'vpc.controlPlaneOnPrivateSubnets requires';
  if ((vpc.controlPlaneSubnetIDs?.length ?? 0) > 0) {
    refuse(
      at,
      'only one of vpc.controlPlaneSubnetIDs and vpc.controlPlaneOnPrivateSubnets can be specified',
      'Keep one of the two.',
    );
  }
  if (vpc.subnets === undefined) {
    const zones = spec.availabilityZones ?? [];
    const distinct = new Set(zones).size;
    if (zones.length === 0 || distinct >= 2) return;
    refuse(
      at,
      `${problem} at least 2 distinct availability zones, got ${distinct} ([${zones.join(' ')}])`,
      'List two different zones.',
    );
  }
  const subnets = Object.entries(vpc.subnets.private ?? {});
  if (subnets.length < 2) {
    refuse(
      at,
      `${problem} at least 2 private subnets, got ${subnets.length}`,
      'List two private subnets under vpc.subnets.private.',
    );
  }
  const zones = [...new Set(subnets.map(([key, { az }]) => az ?? key))].sort();
  if (zones.length >= 2) return;
  refuse(
    at,
    `${problem} private subnets in at least 2 availability zones, got 1 ([${zones.join(' ')}])`,
    'Add a private subnet in another zone.',
  );
}

function validateIpv6(spec: ClusterSpec, vpc: ClusterVpc, refuse: Refuse): void {
  const { ipv6Cidr, ipv6Pool } = vpc;
  if (!isIpv6(spec)) {
    if (ipv6Cidr === undefined && ipv6Pool === undefined) return;
    refuse(
      ['vpc', ipv6Cidr === undefined ? 'ipv6Pool' : 'ipv6Cidr'],
      'Ipv6Cidr and Ipv6CidrPool are only supported when IPFamily is set to IPv6',
      'Set kubernetesNetworkConfig.ipFamily: IPv6.',
    );
  }
  if (vpc.autoAllocateIPv6 === true) {
    refuse(
      ['vpc', 'autoAllocateIPv6'],
      'auto allocate ipv6 is not supported with IPv6',
      'Remove it: an IPv6 cluster always gets an IPv6 block.',
    );
  }
  if ((ipv6Cidr === undefined) !== (ipv6Pool === undefined)) {
    refuse(
      ['vpc'],
      'Ipv6Cidr and Ipv6Pool must both be configured to use a custom IPv6 CIDR and address pool',
      'Give both vpc.ipv6Cidr and vpc.ipv6Pool, or neither.',
    );
  }
  if (ipv6Cidr !== undefined && vpc.id !== undefined) {
    refuse(
      ['vpc', 'ipv6Cidr'],
      'cannot provide VPC.IPv6Cidr when using a pre-existing VPC.ID',
      'Remove vpc.ipv6Cidr.',
    );
  }
  if (vpc.nat !== undefined) {
    refuse(['vpc', 'nat'], 'setting NAT is not supported with IPv6', 'Remove vpc.nat.');
  }
  if ((spec.localZones?.length ?? 0) > 0) {
    refuse(['localZones'], 'localZones are not supported with IPv6', 'Remove localZones.');
  }
}

const NAT_MODES = ['HighlyAvailable', 'Single', 'Disable'];

function validateNatAndNames(spec: ClusterSpec, vpc: ClusterVpc, refuse: Refuse): void {
  const nat = vpc.nat?.gateway;
  if (nat !== undefined && !NAT_MODES.includes(nat)) {
    refuse(
      ['vpc', 'nat', 'gateway'],
      `${nat} is not a valid NAT gateway mode`,
      `Use one of ${NAT_MODES.join(', ')}.`,
    );
  }
  if (vpc.hostnameType !== undefined && vpc.hostnameType !== '') {
    if (hasSubnets(spec)) {
      refuse(
        ['vpc', 'hostnameType'],
        'vpc.hostnameType is not supported with a pre-existing VPC',
        'Remove it; the subnets have their own setting.',
      );
    }
    if (!['ip-name', 'resource-name'].includes(vpc.hostnameType)) {
      refuse(
        ['vpc', 'hostnameType'],
        `invalid value "${vpc.hostnameType}" for vpc.hostnameType; supported values are [ip-name resource-name]`,
        'Use ip-name or resource-name.',
      );
    }
  }
  if ((spec.localZones?.length ?? 0) === 0) return;
  if (vpc.id !== undefined) {
    refuse(
      ['localZones'],
      'localZones are not supported with a pre-existing VPC',
      'Remove localZones; give the local zone subnets to the node groups.',
    );
  }
  if (nat === 'HighlyAvailable') {
    refuse(
      ['vpc', 'nat', 'gateway'],
      'HighlyAvailable NAT gateway is not supported for localZones',
      'Use gateway: Single.',
    );
  }
}

/** Refuses what eksctl refuses of the cluster's network. */
export function validateVpc(spec: ClusterSpec, refuse: Refuse): void {
  validatePrivateCluster(spec, refuse);
  const vpc = spec.vpc ?? {};
  validateEndpoints(spec, refuse);
  validateBlocks(spec, vpc, refuse);
  validateGroups(vpc, refuse);
  validateControlPlaneSubnets(spec, vpc, refuse);
  validateIpv6(spec, vpc, refuse);
  validateNatAndNames(spec, vpc, refuse);
}
