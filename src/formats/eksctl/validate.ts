/**
 * formats/eksctl/validate — what eksctl refuses before it calls AWS, in its words and its order.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/apis/eksctl.io/v1alpha5/validation.go:217
 * ValidateClusterConfig.
 */
import type { Note } from '../../model/input-error.ts';
import { nearestWords } from '../../model/nearest.ts';
import { parseCidr4 } from '../../net/index.ts';
import { type Path, pathText } from '../source.ts';
import type { ClusterConfig, ClusterSpec, NodeGroupSpec } from './cluster-config.ts';
import { isIpv6, isWindows } from './cluster-config.ts';
import { isOlder, type Refuse, refuser } from './refuse.ts';
import { validateManagedNodeGroup, validateNodeGroup } from './validate-node-group.ts';
import { validateVpc } from './validate-vpc.ts';

/** vpc-cni before this gives pods no IPv6 address (minimumVPCCNIVersionForIPv6). */
const CNI_FOR_IPV6 = [1, 10, 0] as const;

function validateMetadata(spec: ClusterSpec, refuse: Refuse): void {
  const name = spec.metadata?.name;
  if (name === undefined || name === '') {
    refuse(['metadata'], 'metadata.name must be set', 'Add metadata: {name: my-cluster}.');
  }
  if (!/^[a-zA-Z][-a-zA-Z0-9]*$/.test(name)) {
    refuse(
      ['metadata', 'name'],
      `validation for ${name} failed, name must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
      'Use letters, digits and dashes, a letter first.',
    );
  }
  if (spec.metadata?.region === undefined || spec.metadata.region === '') {
    refuse(['metadata'], 'metadata.region must be set', 'Add metadata: {region: us-west-2}.');
  }
}

function validateIpv6Addons(spec: ClusterSpec, refuse: Refuse): void {
  const addons = spec.addons ?? [];
  const has = (name: string): boolean => addons.some((addon) => addon.name?.toLowerCase() === name);
  if (spec.autoModeConfig?.enabled === true) return;
  if (!has('coredns')) {
    refuse(
      spec.addons === undefined ? ['kubernetesNetworkConfig', 'ipFamily'] : ['addons'],
      'the default core addons must be defined for IPv6; missing addon(s): coredns; either define them or use EKS Auto Mode',
      'List the add-ons vpc-cni, coredns and kube-proxy under addons.',
    );
  }
  const cni = addons.findIndex((addon) => addon.name === 'vpc-cni');
  if (cni < 0) return;
  const agent = has('eks-pod-identity-agent');
  if (!agent && spec.iam?.withOIDC !== true) {
    refuse(
      ['kubernetesNetworkConfig', 'ipFamily'],
      'either pod identity or oidc needs to be enabled if IPv6 is set; set either one or use EKS Auto Mode',
      'Add iam: {withOIDC: true}.',
    );
  }
  const addon = addons[cni]!;
  const identities = addon.podIdentityAssociations?.length ?? 0;
  const applied = spec.addonsConfig?.autoApplyPodIdentityAssociations === true;
  if (agent && !applied && addon.useDefaultPodIdentityAssociations !== true && identities === 0) {
    refuse(
      ['addons', cni],
      'Set one of: addonsConfig.autoApplyPodIdentityAssociations, useDefaultPodIdentityAssociations on the vpc-cni addon, apply a custom pod identity on the vpc-cni addon',
      'Add useDefaultPodIdentityAssociations: true to the vpc-cni add-on.',
    );
  }
  const version = addon.version ?? 'latest';
  if (version !== 'latest' && version !== '' && isOlder(version, CNI_FOR_IPV6)) {
    refuse(
      ['addons', cni, 'version'],
      'vpc-cni version must be at least version 1.10.0 for IPv6',
      'Leave version out, or set it to latest.',
    );
  }
}

function validateNetworkConfig(spec: ClusterSpec, refuse: Refuse): void {
  const network = spec.kubernetesNetworkConfig;
  const at: Path = ['kubernetesNetworkConfig'];
  if (network === undefined) return;
  const service = network.serviceIPv4CIDR;
  if (service !== undefined && service !== '') {
    if (isIpv6(spec)) {
      refuse(
        [...at, 'serviceIPv4CIDR'],
        'service IPv4 CIDR is not supported with IPv6',
        'Remove serviceIPv4CIDR; EKS chooses the IPv6 service range.',
      );
    }
    if (parseCidr4(service) === undefined) {
      refuse(
        [...at, 'serviceIPv4CIDR'],
        `invalid IPv4 CIDR for kubernetesNetworkConfig.serviceIPv4CIDR: invalid CIDR address: ${service}`,
        'Write a block such as 172.20.0.0/16.',
      );
    }
  }
  const family = network.ipFamily ?? '';
  if (!['', 'ipv4', 'ipv6'].includes(family.toLowerCase())) {
    refuse(
      [...at, 'ipFamily'],
      `invalid value "${family}" for ipFamily; allowed are IPv4 and IPv6`,
      'Write ipFamily: IPv4 or ipFamily: IPv6.',
    );
  }
  if (!isIpv6(spec)) return;
  validateIpv6Addons(spec, refuse);
  const version = spec.metadata?.version;
  if (version !== undefined && isOlder(version, [1, 21])) {
    refuse(['metadata', 'version'], 'cluster version must be >= 1.21', 'Raise metadata.version.');
  }
}

/** validation.go:94 validateRemoteNetworkingConfig, what concerns networks. */
function validateRemoteNetworks(spec: ClusterSpec, refuse: Refuse): void {
  const remote = spec.remoteNetworkConfig;
  const at: Path = ['remoteNetworkConfig'];
  if (remote === undefined) return;
  if (isIpv6(spec)) {
    refuse(
      at,
      'remoteNetworkConfig is not supported on EKS cluster configured with IPv6 address family',
      'Remove remoteNetworkConfig, or use ipFamily: IPv4.',
    );
  }
  if (spec.accessConfig?.authenticationMode === 'CONFIG_MAP') {
    refuse(
      at,
      'remoteNetworkConfig requires authenticationMode to be either "API_AND_CONFIG_MAP" or "API"',
      'Set accessConfig.authenticationMode: API.',
    );
  }
  for (const kind of ['Node', 'Pod'] as const) {
    const field = `remote${kind}Networks` as const;
    if ((remote[field]?.length ?? 0) > 1) {
      refuse(
        [...at, field],
        `only one remote${kind}Network is allowed in remoteNetworkConfig.${field}`,
        'Put all blocks into one item: cidrs: [...].',
      );
    }
  }
  const gateway = remote.vpcGatewayID;
  if (gateway === undefined) return;
  if (spec.vpc?.id !== undefined) {
    refuse(
      [...at, 'vpcGatewayID'],
      'remoteNetworkConfig.vpcGatewayID is not supported when using pre-existing VPC',
      'Attach the gateway to the VPC yourself and remove vpcGatewayID.',
    );
  }
  if (!/^(tgw|vgw)-/.test(gateway)) {
    refuse(
      [...at, 'vpcGatewayID'],
      `invalid value "${gateway}" provided for remoteNetworkConfig.vpcGatewayID; only transit gateway (tgw-*) or virtual private gateway (vgw-*) IDs are supported`,
      'Give the id of a transit gateway or a virtual private gateway.',
    );
  }
}

function validateGroups(config: ClusterConfig, refuse: Refuse): void {
  const { spec } = config;
  const seen = new Map<string, string>();
  const each = (groups: readonly NodeGroupSpec[], field: string): void => {
    for (const [i, group] of groups.entries()) {
      const path: Path = [field, i];
      if (group.name === undefined || group.name === '') {
        refuse(path, `${pathText(path)}.name must be set`, 'Add a name: to the node group.');
      }
      const before = seen.get(group.name);
      if (before !== undefined) {
        refuse(
          [...path, 'name'],
          `${pathText(path)}.name "${group.name}" is not unique`,
          `Rename it; ${before} has the same name.`,
        );
      }
      seen.set(group.name, pathText(path));
      if (spec.privateCluster?.enabled === true && group.privateNetworking !== true) {
        refuse(
          path,
          `${pathText(path)}.privateNetworking must be enabled for a fully-private cluster`,
          'Add privateNetworking: true to the node group.',
        );
      }
    }
  };
  each(spec.nodeGroups ?? [], 'nodeGroups');
  each(spec.managedNodeGroups ?? [], 'managedNodeGroups');
  for (const [i, group] of (spec.nodeGroups ?? []).entries()) {
    if (isIpv6(spec)) {
      refuse(
        ['nodeGroups', i],
        'unmanaged nodegroups are not supported with IPv6 clusters',
        'Move the group under managedNodeGroups.',
      );
    }
    validateNodeGroup(group, ['nodeGroups', i], refuse);
  }
  for (const [i, group] of (spec.managedNodeGroups ?? []).entries()) {
    validateManagedNodeGroup(group, ['managedNodeGroups', i], refuse);
  }
}

/** Windows nodes have neither IPv6 nor security groups for pods (EKS guide, windows-support). */
function validateWindows(spec: ClusterSpec, refuse: Refuse): void {
  for (const field of ['nodeGroups', 'managedNodeGroups'] as const) {
    const at = (spec[field] ?? []).findIndex(isWindows);
    if (at < 0) continue;
    const path: Path = [field, at, 'amiFamily'];
    if (isIpv6(spec)) {
      refuse(
        path,
        'Windows nodes are not supported in a cluster with the IPv6 address family',
        'Use ipFamily: IPv4, or a Linux amiFamily.',
      );
    }
    const cni = (spec.addons ?? []).find((addon) => addon.name === 'vpc-cni');
    if (/ENABLE_POD_ENI["']?\s*:\s*["']?true/.test(cni?.configurationValues ?? '')) {
      refuse(
        path,
        'security groups for pods (ENABLE_POD_ENI) are not supported on Windows nodes',
        'Set ENABLE_POD_ENI to "false" in the vpc-cni configurationValues, or use Linux nodes.',
      );
    }
  }
}

/** validation.go:1856 FargateProfile.Validate; pkg/fargate checks the rest at AWS. */
function validateFargate(spec: ClusterSpec, refuse: Refuse): void {
  for (const [i, profile] of (spec.fargateProfiles ?? []).entries()) {
    const path: Path = ['fargateProfiles', i];
    const { name = '', selectors = [] } = profile;
    if (name === '') {
      refuse(path, 'invalid Fargate profile: empty name', 'Add a name: to the profile.');
    }
    const invalid = `invalid Fargate profile "${name}"`;
    if (name.startsWith('eks-')) {
      refuse(
        [...path, 'name'],
        `${invalid}: name should NOT start with "eks-"`,
        'AWS keeps that prefix for itself; choose another name.',
      );
    }
    if (selectors.length === 0) {
      refuse(path, `${invalid}: no profile selector`, 'Add selectors: [{namespace: default}].');
    }
    const empty = selectors.findIndex(({ namespace = '' }) => namespace === '');
    if (empty >= 0) {
      refuse(
        [...path, 'selectors', empty],
        `${invalid}: invalid profile selector at index #${empty}: empty namespace`,
        'Give the selector a namespace.',
      );
    }
  }
}

const LOG_TYPES = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'];

function validateLogging(spec: ClusterSpec, refuse: Refuse): void {
  const enabled = spec.cloudWatch?.clusterLogging?.enableTypes ?? [];
  for (const [i, type] of enabled.entries()) {
    if (['*', 'all', ...LOG_TYPES].includes(type)) continue;
    refuse(
      ['cloudWatch', 'clusterLogging', 'enableTypes', i],
      `log type "${type}" (cloudWatch.clusterLogging.enableTypes[${i}]) is unknown`,
      `Did you mean "${nearestWords(type, LOG_TYPES, 1)[0] ?? 'all'}"? Known: ${LOG_TYPES.join(', ')}.`,
    );
  }
}

function validateAccess(spec: ClusterSpec, refuse: Refuse): void {
  const mode = spec.accessConfig?.authenticationMode;
  if (mode === undefined || ['API', 'API_AND_CONFIG_MAP', 'CONFIG_MAP'].includes(mode)) return;
  refuse(
    ['accessConfig', 'authenticationMode'],
    `invalid value "${mode}" for accessConfig.authenticationMode`,
    'Use API, API_AND_CONFIG_MAP or CONFIG_MAP.',
  );
}

/** Fields that are read and decide nothing here, with why. */
const DECLARED: readonly (readonly [field: keyof ClusterSpec, text: string])[] = [
  ['iam', 'iam is read and not simulated: the twin has no permissions'],
  ['iamIdentityMappings', 'iamIdentityMappings is read and not simulated'],
  ['identityProviders', 'identityProviders is read and not simulated'],
  ['secretsEncryption', 'secretsEncryption is read and not simulated'],
  ['gitops', 'gitops is read and not simulated'],
  ['capabilities', 'capabilities is read and not simulated'],
  ['karpenter', 'karpenter is read and not simulated: no nodes beyond the node groups'],
  ['remoteNetworkConfig', 'remote networks are declared; hybrid nodes are not simulated'],
  ['accessConfig', 'accessConfig is kept on the cluster; access is not simulated'],
];

function declare(config: ClusterConfig, notes: Note[]): void {
  const { spec } = config;
  for (const [field, text] of DECLARED) {
    if (spec[field] !== undefined) notes.push({ where: config.where([field]), text });
  }
  if (spec.autoModeConfig?.enabled === true) {
    notes.push({
      where: config.where(['autoModeConfig']),
      text: 'EKS Auto Mode is declared, not simulated: only nodes of node groups are launched',
    });
  }
  for (const field of ['nodeGroups', 'managedNodeGroups'] as const) {
    for (const [i, group] of (spec[field] ?? []).entries()) {
      if (!isWindows(group)) continue;
      notes.push({
        where: config.where([field, i, 'amiFamily']),
        text: `${group.name}: Windows nodes are declared, not simulated; none are launched`,
      });
    }
  }
}

/**
 * Refuses what eksctl refuses, and notes what the twin only declares.
 *
 * @throws InputError with eksctl's text at the field
 */
export function validateClusterConfig(config: ClusterConfig, notes: Note[]): void {
  const refuse: Refuse = refuser(config);
  const { spec } = config;
  validateMetadata(spec, refuse);
  validateNetworkConfig(spec, refuse);
  validateRemoteNetworks(spec, refuse);
  validateGroups(config, refuse);
  validateWindows(spec, refuse);
  validateLogging(spec, refuse);
  const zones = spec.availabilityZones ?? [];
  if (zones.length === 1) {
    refuse(
      ['availabilityZones'],
      `only 1 zone(s) specified [${zones.join(' ')}], 2 are required (can be non-unique)`,
      'List two zones or more, or remove availabilityZones.',
    );
  }
  if (spec.outpost !== undefined) {
    refuse(
      ['outpost'],
      'a control plane on AWS Outposts is not supported by ekstwin',
      'Remove outpost to build the cluster in the region.',
    );
  }
  validateVpc(spec, refuse);
  validateAccess(spec, refuse);
  validateFargate(spec, refuse);
  declare(config, notes);
}
