import { describe, expect, test } from 'vitest';
import { InputError } from '../../model/input-error.ts';
import { documentsOf } from '../documents.ts';
import { readClusterConfig } from './read-cluster-config.ts';

const HEAD = 'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n';
const META = 'metadata: {name: c, region: us-west-2}\n';
const read = (text: string) =>
  readClusterConfig(documentsOf({ path: 'c.yaml', text: HEAD + text })[0]!);
const refusal = (text: string): InputError => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('was not refused');
};

describe('a ClusterConfig is decoded as strictly as eksctl does', () => {
  test('a mistyped field is refused with eksctl’s sentence, its place and the right name', () => {
    const error = refusal(`${META}managedNodeGroups:\n  - name: a\n    desiredCapacty: 3\n`);
    expect(error.where).toBe('c.yaml:6:5');
    expect(error.problem).toBe(
      'loading config file "c.yaml": error unmarshaling JSON: while decoding JSON: json: unknown field "desiredCapacty"',
    );
    expect(error.hint).toBe('Did you mean "desiredCapacity"?');
  });

  test('a field of the other kind of node group is unknown', () => {
    expect(
      refusal(`${META}nodeGroups:\n  - {name: a, instanceTypes: [m5.large]}\n`).problem,
    ).toMatch(/unknown field "instanceTypes"$/);
  });

  test('a text where a number belongs is refused with Go’s words', () => {
    expect(refusal(`${META}managedNodeGroups:\n  - {name: a, minSize: "2"}\n`).problem).toMatch(
      /cannot unmarshal string into Go struct field ManagedNodeGroup\.managedNodeGroups\.minSize of type int$/,
    );
  });

  test('a version without quotes reads as the text of the number', () => {
    expect(
      read('metadata: {name: c, region: us-west-2, version: 1.33}\n').spec.metadata?.version,
    ).toBe('1.33');
  });

  test('both ways to write taints of a self-managed group mean the same', () => {
    const taints = (text: string) =>
      read(`${META}nodeGroups:\n  - name: a\n    taints: ${text}\n`).spec.nodeGroups![0]!.taints;
    expect(taints('{db: "true:NoSchedule", own: NoExecute}')).toEqual([
      { key: 'db', value: 'true', effect: 'NoSchedule' },
      { key: 'own', effect: 'NoExecute' },
    ]);
    expect(taints('[{key: db, value: "true", effect: NoSchedule}]')).toEqual([
      { key: 'db', value: 'true', effect: 'NoSchedule' },
    ]);
  });
});

/** What eksctl answers to a config with this in it. */
const REFUSED: readonly (readonly [text: string, problem: RegExp, line: number])[] = [
  ['metadata: {name: c}\n', /^metadata.region must be set$/, 3],
  [
    `${META}availabilityZones: [us-west-2a]\n`,
    /^only 1 zone\(s\) specified \[us-west-2a\], 2 are required \(can be non-unique\)$/,
    4,
  ],
  [
    `${META}vpc: {clusterEndpoints: {publicAccess: false}}\n`,
    /^Kubernetes API access must have one of public or private clusterEndpoints enabled$/,
    4,
  ],
  [`${META}vpc: {cidr: 10.0.0.0/8}\n`, /^VPC CIDR prefix must be between \/16 and \/24$/, 4],
  [`${META}vpc: {nat: {gateway: Double}}\n`, /^Double is not a valid NAT gateway mode$/, 4],
  [
    `${META}privateCluster: {enabled: true}\nmanagedNodeGroups: [{name: a}]\n`,
    /^managedNodeGroups\[0\]\.privateNetworking must be enabled for a fully-private cluster$/,
    5,
  ],
  [
    `${META}privateCluster: {enabled: true, additionalEndpointServices: [s3]}\n`,
    /unsupported endpoint service "s3"$/,
    4,
  ],
  [`${META}kubernetesNetworkConfig: {ipFamily: IPv6}\n`, /missing addon\(s\): coredns/, 4],
  [
    `${META}kubernetesNetworkConfig: {ipFamily: v6}\n`,
    /^invalid value "v6" for ipFamily; allowed are IPv4 and IPv6$/,
    4,
  ],
  [
    `${META}kubernetesNetworkConfig: {ipFamily: IPv6}\naddons: [{name: coredns}]\nnodeGroups: [{name: a}]\n`,
    /^unmanaged nodegroups are not supported with IPv6 clusters$/,
    6,
  ],
  [
    `${META}kubernetesNetworkConfig: {ipFamily: IPv6}\naddons: [{name: coredns}]\nvpc: {nat: {gateway: Single}}\n`,
    /^setting NAT is not supported with IPv6$/,
    6,
  ],
  [
    `${META}vpc: {extraIPv6CIDRs: ["2001:db8::/64"]}\n`,
    /^cannot specify vpc.extraIPv6CIDRs with an IPv4 cluster$/,
    4,
  ],
  [
    `${META}vpc: {securityGroup: sg-1, controlPlaneSecurityGroupIDs: [sg-2]}\n`,
    /^only one of vpc.securityGroup and/,
    4,
  ],
  [
    `${META}vpc: {manageSharedNodeSecurityGroupRules: false}\n`,
    /must be enabled when using eksctl-managed security groups$/,
    4,
  ],
  [
    `${META}managedNodeGroups: [{name: a, subnets: [s], availabilityZones: [us-west-2a]}]\n`,
    /^only one of managedNodeGroups\[0\]\.subnets or managedNodeGroups\[0\]\.availabilityZones should be set$/,
    4,
  ],
  [
    `${META}managedNodeGroups: [{name: a, securityGroups: {withLocal: true}}]\n`,
    /not supported for managed nodegroups \(managedNodeGroups\[0\]\.securityGroups\)$/,
    4,
  ],
  [
    `${META}managedNodeGroups: [{name: a, instanceType: m5.lage}]\n`,
    /^unknown instance type "m5.lage"$/,
    4,
  ],
  [
    `${META}managedNodeGroups: [{name: a, instanceSelector: {vCPUs: 2}}]\n`,
    /^instanceSelector asks EC2/,
    4,
  ],
  [
    `${META}managedNodeGroups: [{name: a, desiredCapacity: 5, maxSize: 3}]\n`,
    /^cannot use --nodes-max=3 and --nodes=5 at the same time$/,
    4,
  ],
  [
    `${META}managedNodeGroups: [{name: a, amiFamily: AmazonLinux3}]\n`,
    /^AMI Family AmazonLinux3 is not supported - use one of: AmazonLinux2023,/,
    4,
  ],
  [
    `${META}managedNodeGroups: [{name: a, taints: [{key: k, effect: NoScedule}]}]\n`,
    /^invalid taint effect: NoScedule$/,
    4,
  ],
  [
    `${META}managedNodeGroups: [{name: a, labels: {kubernetes.io/role: x}}]\n`,
    /reserved prefixes \[kubernetes.io\/, k8s.io\/\]: \[kubernetes.io\/role\]$/,
    4,
  ],
  [
    `${META}managedNodeGroups: [{name: a}, {name: a}]\n`,
    /^managedNodeGroups\[1\]\.name "a" is not unique$/,
    4,
  ],
  [
    `${META}fargateProfiles: [{name: eks-x, selectors: [{namespace: a}]}]\n`,
    /name should NOT start with "eks-"$/,
    4,
  ],
  [
    `${META}kubernetesNetworkConfig: {ipFamily: IPv6}\niam: {withOIDC: true}\naddons: [{name: coredns}, {name: vpc-cni}]\nmanagedNodeGroups: [{name: w, amiFamily: WindowsServer2022FullContainer}]\n`,
    /^Windows nodes are not supported in a cluster with the IPv6/,
    7,
  ],
  [
    `${META}addons: [{name: vpc-cni, configurationValues: '{"env":{"ENABLE_POD_ENI":"true"}}'}]\nmanagedNodeGroups: [{name: w, amiFamily: WindowsServer2022FullContainer}]\n`,
    /security groups for pods \(ENABLE_POD_ENI\) are not supported on Windows/,
    5,
  ],
  [
    `${META}managedNodeGroups: [{name: a, launchTemplate: {id: lt-1}, instanceType: m5.large}]\n`,
    /^cannot set instanceType, ami, .* when a launch template is supplied$/,
    4,
  ],
];

describe('what eksctl refuses is refused in its words, at the field', () => {
  test.each(REFUSED)('%s', (text, problem, line) => {
    const error = refusal(text);
    expect(error.problem).toMatch(problem);
    expect(error.where).toMatch(new RegExp(`^c\\.yaml:${line}:\\d+$`));
    expect(error.hint).not.toBe('');
  });
});

test('what is read and not simulated is noted with its place', () => {
  const { notes } = read(`${META}iam: {withOIDC: true}\nautoModeConfig: {enabled: true}\n`);
  expect(notes.map(({ where }) => where)).toEqual(['c.yaml:4:1', 'c.yaml:5:1']);
  expect(notes[1]!.text).toMatch(/Auto Mode is declared, not simulated/);
});
