/**
 * formats/eksctl/validate-node-group — what eksctl refuses in one node group, in its words.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/apis/eksctl.io/v1alpha5/validation.go:838
 * validateNodeGroupBase, :1056 ValidateNodeGroup, :1415 ValidateManagedNodeGroup.
 */
import { instanceType, nearestInstanceTypes } from '../../model/ec2/instance-type.ts';
import { nearestWords } from '../../model/nearest.ts';
import { type Path, pathText } from '../source.ts';
import { AMI_FAMILIES, amiFamilyOf } from './ami-family.ts';
import type { NodeGroupSpec } from './cluster-config.ts';
import type { Refuse } from './refuse.ts';
import { validateLabels, validateTaint } from './validate-node-labels.ts';

function validateTypes(group: NodeGroupSpec, path: Path, refuse: Refuse): void {
  const given: (readonly [string, Path])[] = [];
  if (group.instanceType !== undefined && group.instanceType !== 'mixed') {
    given.push([group.instanceType, [...path, 'instanceType']]);
  }
  for (const [i, type] of (group.instanceTypes ?? []).entries()) {
    given.push([type, [...path, 'instanceTypes', i]]);
  }
  for (const [i, type] of (group.instancesDistribution?.instanceTypes ?? []).entries()) {
    given.push([type, [...path, 'instancesDistribution', 'instanceTypes', i]]);
  }
  for (const [type, at] of given) {
    if (instanceType(type) !== undefined) continue;
    const near = nearestInstanceTypes(type);
    refuse(
      at,
      `unknown instance type "${type}"`,
      near.length === 0
        ? 'Name a type as EC2 does, e.g. m5.large.'
        : `Did you mean ${near.join(', ')}?`,
    );
  }
}

function validateSizes(group: NodeGroupSpec, path: Path, refuse: Refuse): void {
  const { minSize, desiredCapacity, maxSize } = group;
  const min = minSize ?? desiredCapacity ?? 2;
  if (minSize !== undefined && desiredCapacity !== undefined && desiredCapacity < minSize) {
    refuse(
      [...path, 'minSize'],
      `cannot use --nodes-min=${minSize} and --nodes=${desiredCapacity} at the same time`,
      'desiredCapacity must not be below minSize.',
    );
  }
  if (maxSize === undefined) return;
  if (desiredCapacity !== undefined && desiredCapacity > maxSize) {
    refuse(
      [...path, 'maxSize'],
      `cannot use --nodes-max=${maxSize} and --nodes=${desiredCapacity} at the same time`,
      'desiredCapacity must not be above maxSize.',
    );
  }
  if (maxSize >= min) return;
  refuse(
    [...path, 'maxSize'],
    `cannot use --nodes-min=${min} and --nodes-max=${maxSize} at the same time`,
    'maxSize must not be below minSize (2 when nothing is said).',
  );
}

function validatePlaces(group: NodeGroupSpec, path: Path, refuse: Refuse): void {
  const at = pathText(path);
  const zones = group.availabilityZones?.length ?? 0;
  const subnets = group.subnets?.length ?? 0;
  if (zones > 0 && subnets > 0) {
    refuse(
      [...path, 'subnets'],
      `only one of ${at}.subnets or ${at}.availabilityZones should be set`,
      'Keep subnets.',
    );
  }
  if (group.efaEnabled === true && (zones > 1 || subnets > 1)) {
    refuse(
      [...path, 'efaEnabled'],
      `${at}.efaEnabled nodegroups must have only one subnet or one availability zone`,
      'Name one availability zone.',
    );
  }
  if (zones > 0 && (group.localZones?.length ?? 0) > 0) {
    refuse(
      [...path, 'localZones'],
      'cannot specify both localZones and availabilityZones',
      'Keep one of the two.',
    );
  }
}

function validateBase(group: NodeGroupSpec, path: Path, refuse: Refuse): void {
  const at = pathText(path);
  if (/[^a-zA-Z0-9-]/.test(group.name ?? '')) {
    refuse(
      [...path, 'name'],
      `validation for ${group.name} failed, name must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
      'Use letters, digits and dashes.',
    );
  }
  if ((group.maxPodsPerNode ?? 0) < 0) {
    refuse(
      [...path, 'maxPodsPerNode'],
      `${at}.maxPodsPerNode cannot be negative`,
      'Give a number of pods, or leave it out.',
    );
  }
  validatePlaces(group, path, refuse);
  const family = group.amiFamily ?? '';
  if (family !== '' && amiFamilyOf(family) === undefined) {
    refuse(
      [...path, 'amiFamily'],
      `AMI Family ${family} is not supported - use one of: ${AMI_FAMILIES.join(', ')}`,
      `Did you mean "${nearestWords(family, AMI_FAMILIES, 1)[0] ?? 'AmazonLinux2023'}"?`,
    );
  }
  const { publicKey, publicKeyName, publicKeyPath } = group.ssh ?? {};
  if ([publicKey, publicKeyName, publicKeyPath].filter((key) => key !== undefined).length > 1) {
    refuse(
      [...path, 'ssh'],
      'only one of publicKeyName, publicKeyPath or publicKey can be specified for SSH per node-group',
      'Keep one key.',
    );
  }
  if (group.ssh?.enableSsm === false) {
    refuse(
      [...path, 'ssh', 'enableSsm'],
      'SSM agent is now built into EKS AMIs and cannot be disabled',
      'Remove enableSsm.',
    );
  }
  if (group.ami !== undefined && group.amiFamily === undefined) {
    refuse(
      [...path, 'ami'],
      'when using a custom AMI, amiFamily needs to be explicitly set via config file or via --node-ami-family flag',
      'Add amiFamily: AmazonLinux2023, or what the AMI is built from.',
    );
  }
  for (const [i, taint] of (group.taints ?? []).entries()) {
    validateTaint(taint, [...path, 'taints', i], refuse);
  }
  validateLabels(group, path, refuse);
  validateTypes(group, path, refuse);
  validateSizes(group, path, refuse);
  const selector = group.instanceSelector ?? {};
  if (Object.keys(selector).length > 0) {
    refuse(
      [...path, 'instanceSelector'],
      'instanceSelector asks EC2 which instance types it offers; ekstwin has no EC2 to ask',
      'Run eksctl create cluster --dry-run, and paste the instanceTypes it chose.',
    );
  }
}

/** Kubelet fields eksctl keeps for itself (validation.go validateNodeGroupKubeletExtraConfig). */
const KEPT_KUBELET_FIELDS = [
  'kind',
  'apiVersion',
  'address',
  'clusterDomain',
  'authentication',
  'authorization',
  'serverTLSBootstrap',
];

/** Refuses what eksctl refuses of a self-managed node group. */
export function validateNodeGroup(group: NodeGroupSpec, path: Path, refuse: Refuse): void {
  validateBase(group, path, refuse);
  const at = pathText(path);
  const family = amiFamilyOf(group.amiFamily ?? 'AmazonLinux2023') ?? '';
  const bottlerocket = family.startsWith('Bottlerocket');
  if (group.bottlerocket !== undefined && !bottlerocket) {
    refuse(
      [...path, 'bottlerocket'],
      `bottlerocket config can only be used with amiFamily "Bottlerocket" or "BottlerocketFips" but found "${family}" (path=${at}.bottlerocket)`,
      'Set amiFamily: Bottlerocket.',
    );
  }
  const bootsItself = bottlerocket || family === 'AmazonLinux2023' || family.startsWith('Windows');
  if (group.ami !== undefined && group.overrideBootstrapCommand === undefined && !bootsItself) {
    refuse(
      [...path, 'ami'],
      `${at}.overrideBootstrapCommand is required when using a custom AMI based on ${family} (${at}.ami)`,
      'Add overrideBootstrapCommand.',
    );
  }
  const kubelet = group.kubeletExtraConfig;
  if (kubelet !== undefined && (bottlerocket || family.startsWith('Windows'))) {
    refuse(
      [...path, 'kubeletExtraConfig'],
      `kubeletExtraConfig is not supported for ${family} nodegroups (path=${at}.kubeletExtraConfig)`,
      'Remove it.',
    );
  }
  for (const field of Object.keys(kubelet ?? {})) {
    if (!KEPT_KUBELET_FIELDS.includes(field)) continue;
    refuse(
      [...path, 'kubeletExtraConfig', field],
      `cannot override "${field}" in kubelet config, as it's critical to eksctl functionality`,
      'Remove the field.',
    );
  }
  const distribution = group.instancesDistribution;
  if (distribution === undefined) return;
  if (group.instanceType !== undefined && group.instanceType !== 'mixed') {
    refuse(
      [...path, 'instanceType'],
      'instanceType should be "mixed" or unset when using the instances distribution feature',
      'Remove instanceType.',
    );
  }
  const types = distribution.instanceTypes ?? [];
  if (types.length === 0 || new Set(types).size > 20) {
    refuse(
      [...path, 'instancesDistribution'],
      types.length === 0
        ? 'at least two instance types have to be specified for mixed nodegroups'
        : 'mixed nodegroups should have between 1 and 20 different instance types',
      'List the types under instancesDistribution.instanceTypes.',
    );
  }
}

/** What a launch template says instead; validation.go:1523. */
const LAUNCH_TEMPLATE_CONFLICT =
  'cannot set instanceType, ami, ssh.allow, ssh.enableSSM, ssh.sourceSecurityGroupIds, securityGroups, volumeSize, instanceName, instancePrefix, maxPodsPerNode, disableIMDSv1, disablePodIMDS, preBootstrapCommands, overrideBootstrapCommand, placement in managedNodeGroup when a launch template is supplied';

function validateLaunchTemplate(group: NodeGroupSpec, path: Path, refuse: Refuse): void {
  const template = group.launchTemplate!;
  const at = [...path, 'launchTemplate'];
  if (template.id === undefined || template.id === '') {
    refuse(
      at,
      `launchTemplate.id is required if launchTemplate is set (${pathText(at)})`,
      'Add launchTemplate: {id: lt-…}.',
    );
  }
  const version = template.version;
  if (version !== undefined && !/^[1-9]\d*$/.test(version)) {
    refuse(
      [...at, 'version'],
      /^-?\d+$/.test(version)
        ? `launchTemplate.version must be >= 1 (${pathText(at)}.version)`
        : `invalid launch template version: strconv.ParseInt: parsing "${version}": invalid syntax`,
      'Give the number of a version.',
    );
  }
  const field = (
    [
      'instanceType',
      'ami',
      'volumeSize',
      'instanceName',
      'instancePrefix',
      'maxPodsPerNode',
      'preBootstrapCommands',
      'overrideBootstrapCommand',
      'placement',
    ] as const
  ).find((name) => group[name] !== undefined);
  const conflict: string | undefined =
    field ??
    (group.ssh?.allow === true || (group.ssh?.sourceSecurityGroupIds?.length ?? 0) > 0
      ? 'ssh'
      : (group.securityGroups?.attachIDs?.length ?? 0) > 0
        ? 'securityGroups'
        : group.disableIMDSv1 === false
          ? 'disableIMDSv1'
          : group.disablePodIMDS === true
            ? 'disablePodIMDS'
            : undefined);
  if (conflict === undefined) return;
  refuse([...path, conflict], LAUNCH_TEMPLATE_CONFLICT, `Move ${conflict} into the template.`);
}

function validateCustomAmi(group: NodeGroupSpec, path: Path, refuse: Refuse): void {
  const at = pathText(path);
  const family = amiFamilyOf(group.amiFamily ?? '') ?? '';
  if (!group.ami!.startsWith('ami-')) {
    refuse([...path, 'ami'], `invalid AMI "${group.ami}" (${at}.ami)`, 'Give the AMI’s id: ami-….');
  }
  const bootsItself = family === 'AmazonLinux2023' || family.startsWith('Bottlerocket');
  if (group.overrideBootstrapCommand === undefined && !bootsItself) {
    refuse(
      [...path, 'ami'],
      `${at}.overrideBootstrapCommand is required when using a custom AMI based on ${family} (${at}.ami)`,
      'Add overrideBootstrapCommand.',
    );
  }
  for (const field of ['maxPodsPerNode', 'releaseVersion'] as const) {
    if (group[field] === undefined) continue;
    refuse(
      [...path, field],
      `${at}.${field} is not supported when using a custom AMI (${at}.ami)`,
      `Remove ${field}.`,
    );
  }
}

/** Refuses what eksctl refuses of a managed node group. */
export function validateManagedNodeGroup(group: NodeGroupSpec, path: Path, refuse: Refuse): void {
  validateBase(group, path, refuse);
  const at = pathText(path);
  if (group.outpostARN !== undefined) {
    refuse(
      [...path, 'outpostARN'],
      'Outposts is not supported for managed nodegroups',
      'Remove outpostARN.',
    );
  }
  const groups = group.securityGroups;
  if (groups?.withLocal === true || groups?.withShared === true) {
    refuse(
      [...path, 'securityGroups'],
      `securityGroups.withLocal and securityGroups.withShared are not supported for managed nodegroups (${at}.securityGroups)`,
      'Remove withLocal and withShared; attachIDs is supported.',
    );
  }
  if (group.instanceType !== undefined && (group.instanceTypes?.length ?? 0) > 0) {
    refuse(
      [...path, 'instanceType'],
      `only one of instanceType or instanceTypes can be specified (${at})`,
      'Keep instanceTypes.',
    );
  }
  const update = group.updateConfig;
  if (update?.maxUnavailable !== undefined && update.maxUnavailablePercentage !== undefined) {
    refuse(
      [...path, 'updateConfig'],
      `cannot use maxUnavailable=${update.maxUnavailable} and maxUnavailablePercentage=${update.maxUnavailablePercentage} at the same time`,
      'Keep one of the two.',
    );
  }
  const maxSize = group.maxSize ?? group.desiredCapacity ?? group.minSize ?? 2;
  if (update?.maxUnavailable !== undefined && update.maxUnavailable > maxSize) {
    refuse(
      [...path, 'updateConfig', 'maxUnavailable'],
      `maxUnavailable=${update.maxUnavailable} cannot be greater than maxSize=${maxSize}`,
      'Lower maxUnavailable.',
    );
  }
  if (group.launchTemplate !== undefined) validateLaunchTemplate(group, path, refuse);
  else if (group.ami !== undefined) validateCustomAmi(group, path, refuse);
  else if (
    group.overrideBootstrapCommand !== undefined &&
    (amiFamilyOf(group.amiFamily ?? '') ?? 'AmazonLinux2023') !== 'AmazonLinux2023'
  ) {
    refuse(
      [...path, 'overrideBootstrapCommand'],
      `${at}.overrideBootstrapCommand can only be set when a custom AMI (${at}.ami) is specified`,
      'Add ami: and amiFamily:, or remove overrideBootstrapCommand.',
    );
  }
}
