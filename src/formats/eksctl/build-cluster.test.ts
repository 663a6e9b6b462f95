import { describe, expect, test } from 'vitest';
import { createCloud } from '../../cloud/cloud.ts';
import { InputError, type Note } from '../../model/input-error.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import { seeded } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { adoptExports } from '../adopt-exports.ts';
import { exportTwin } from '../export-folder.ts';
import { readInputs } from '../read-inputs.ts';
import type { SourceFile } from '../source.ts';
import { applyClusterConfig } from './build-cluster.ts';

const HEAD = 'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n';

function build(text: string, region?: string, seed = 1) {
  const { clusterConfigs } = readInputs([{ path: 'c.yaml', text }]);
  const [config] = clusterConfigs;
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const cloud = createCloud({
    store,
    clock: new Simulation(seed),
    random: seeded(seed),
    region: region ?? config!.spec.metadata!.region!,
    accountId: '111122223333',
    addressChoice: 'random',
  });
  const notes: Note[] = [];
  const cluster = applyClusterConfig(config!, cloud, seeded(seed), notes);
  return { store, cloud, notes, cluster };
}

const refusal = (text: string): InputError => {
  try {
    build(text);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('was not refused');
};

const cidrs = (store: TwinStore, open: boolean): string[] =>
  store
    .list('ec2/subnet')
    .filter((subnet) => subnet.mapPublicIpOnLaunch === open)
    .map(({ availabilityZone, cidrBlock }) => `${availabilityZone} ${cidrBlock}`)
    .sort();

const THREE_ZONES = `${HEAD}metadata: {name: c, region: us-west-2}
availabilityZones: [us-west-2a, us-west-2b, us-west-2c]
`;

describe('the VPC eksctl makes', () => {
  test('three zones: three public and three private /19, one NAT gateway, a table per zone', () => {
    const { store } = build(THREE_ZONES);
    expect(cidrs(store, true)).toEqual([
      'us-west-2a 192.168.0.0/19',
      'us-west-2b 192.168.32.0/19',
      'us-west-2c 192.168.64.0/19',
    ]);
    expect(cidrs(store, false)).toEqual([
      'us-west-2a 192.168.96.0/19',
      'us-west-2b 192.168.128.0/19',
      'us-west-2c 192.168.160.0/19',
    ]);
    const [nat] = store.list('ec2/nat-gateway');
    expect(store.count('ec2/nat-gateway')).toBe(1);
    expect(store.get('ec2/subnet', nat!.subnetId)!.availabilityZone).toBe('us-west-2a');
    // One public table, three private ones and the main one nobody uses.
    expect(store.count('ec2/route-table')).toBe(5);
    const outward = store
      .list('ec2/route-table')
      .flatMap(({ routes }) => routes)
      .filter(({ target }) => target.kind === 'nat-gateway');
    expect(outward).toHaveLength(3);
    const open = store.list('ec2/subnet').filter((subnet) => subnet.mapPublicIpOnLaunch);
    expect(open.every(({ tags }) => tags['kubernetes.io/role/elb'] === '1')).toBe(true);
    expect(open[0]!.tags.Name).toMatch(/^eksctl-c-cluster\/SubnetPublicUSWEST2/);
  });

  test('HighlyAvailable is a NAT gateway per zone; Disable is none', () => {
    const ha = build(`${THREE_ZONES}vpc: {nat: {gateway: HighlyAvailable}}\n`);
    expect(ha.store.count('ec2/nat-gateway')).toBe(3);
    const none = build(`${THREE_ZONES}vpc: {nat: {gateway: Disable}}\n`);
    expect(none.store.count('ec2/nat-gateway')).toBe(0);
  });

  test('no zones named: three of the region, two in us-east-1, the same for the same seed', () => {
    const zones = (region: string, seed: number) =>
      cidrs(build(`${HEAD}metadata: {name: c, region: ${region}}\n`, region, seed).store, true);
    expect(zones('us-west-2', 7)).toHaveLength(3);
    expect(zones('us-east-1', 7)).toHaveLength(2);
    expect(zones('us-west-2', 7)).toEqual(zones('us-west-2', 7));
  });

  test('a fully private cluster has no way out but endpoints', () => {
    const { store, cluster } = build(
      `${THREE_ZONES}privateCluster: {enabled: true, additionalEndpointServices: [autoscaling]}\n`,
    );
    expect(store.count('ec2/internet-gateway')).toBe(0);
    expect(store.count('ec2/nat-gateway')).toBe(0);
    expect(cidrs(store, true)).toEqual([]);
    const names = store.list('ec2/vpc-endpoint').map(({ serviceName }) => serviceName);
    expect(names.map((name) => name.replace('com.amazonaws.us-west-2.', '')).sort()).toEqual([
      'autoscaling',
      'ec2',
      'ecr.api',
      'ecr.dkr',
      's3',
      'sts',
    ]);
    expect([cluster.endpointPublicAccess, cluster.endpointPrivateAccess]).toEqual([false, true]);
  });

  test('an IPv6 cluster has a /64 per subnet and an egress-only gateway', () => {
    const { store, cluster } = build(
      `${THREE_ZONES}kubernetesNetworkConfig: {ipFamily: IPv6}\niam: {withOIDC: true}\naddons: [{name: vpc-cni}, {name: coredns}, {name: kube-proxy}]\nmanagedNodeGroups: [{name: a}]\n`,
    );
    expect(cluster.ipFamily).toBe('ipv6');
    expect(store.count('ec2/egress-only-internet-gateway')).toBe(1);
    const subnets = store.list('ec2/subnet');
    expect(subnets).toHaveLength(6);
    expect(subnets.every((s) => s.ipv6CidrBlock?.cidrBlock.endsWith('/64'))).toBe(true);
    expect(subnets.every((s) => s.assignIpv6AddressOnCreation)).toBe(true);
  });
});

describe('security groups', () => {
  const group = (store: TwinStore, part: string) =>
    store.list('ec2/security-group').find(({ groupName }) => groupName.includes(part))!;

  test('nodes trust each other through the shared group and the cluster group', () => {
    const { store, cluster } = build(THREE_ZONES);
    const shared = group(store, 'ClusterSharedNodeSecurityGroup');
    const peers = shared.rules
      .filter(({ direction }) => direction === 'ingress')
      .map(({ peer }) => (peer.kind === 'group' ? peer.groupId : ''));
    expect(peers).toEqual([shared.groupId, cluster.clusterSecurityGroupId]);
    expect(cluster.securityGroupIds).toEqual([group(store, 'ControlPlaneSecurityGroup').groupId]);
  });

  test('managed nodes have the cluster group; self-managed ones the shared and their own', () => {
    const { store, cluster } = build(
      `${THREE_ZONES}managedNodeGroups: [{name: m}]\nnodeGroups: [{name: s}]\n`,
    );
    const groups = (name: string) => store.get('eks/nodegroup', `c/${name}`)!.securityGroupIds;
    expect(groups('m')).toEqual([cluster.clusterSecurityGroupId]);
    expect(groups('s')).toEqual([
      group(store, 'ClusterSharedNodeSecurityGroup').groupId,
      group(store, 'nodegroup-s-SG').groupId,
    ]);
    expect(group(store, 'nodegroup-s-SG').tags['kubernetes.io/cluster/c']).toBe('owned');
  });

  test('a self-managed group takes the control plane group’s allow-all egress away', () => {
    const { store } = build(`${THREE_ZONES}nodeGroups: [{name: s}]\n`);
    const egress = group(store, 'ControlPlaneSecurityGroup').rules.filter(
      ({ direction }) => direction === 'egress',
    );
    expect(egress.map(({ fromPort, toPort }) => `${fromPort}-${toPort}`).sort()).toEqual([
      '1025-65535',
      '443-443',
    ]);
  });
});

describe('node groups', () => {
  test('two m5.large in public subnets when nothing is said', () => {
    const { store } = build(`${THREE_ZONES}managedNodeGroups: [{name: m}]\n`);
    const group = store.get('eks/nodegroup', 'c/m')!;
    expect([group.minSize, group.desiredSize, group.maxSize]).toEqual([2, 2, 2]);
    expect(group.instanceTypes).toEqual(['m5.large']);
    expect(group.subnetIds.every((id) => store.get('ec2/subnet', id)!.mapPublicIpOnLaunch)).toBe(
      true,
    );
    expect(group.labels['alpha.eksctl.io/nodegroup-name']).toBe('m');
    expect(group.enforcedMaxPods?.maxPods).toBe(29);
  });

  test('prefix delegation in the vpc-cni add-on raises max pods, as JSON and as YAML', () => {
    for (const values of [
      `'{"env":{"ENABLE_PREFIX_DELEGATION":"true"}}'`,
      '|-\n      env:\n        ENABLE_PREFIX_DELEGATION: "true"',
    ]) {
      const { store } = build(
        `${THREE_ZONES}addons:\n  - name: vpc-cni\n    configurationValues: ${values}\nmanagedNodeGroups: [{name: m}]\n`,
      );
      expect(store.get('eks/nodegroup', 'c/m')!.enforcedMaxPods?.maxPods).toBe(110);
    }
  });

  test('zones, names and ids choose subnets; a zone without one is refused', () => {
    const one = build(
      `${THREE_ZONES}managedNodeGroups: [{name: m, privateNetworking: true, availabilityZones: [us-west-2b]}]\n`,
    );
    const { subnetIds } = one.store.get('eks/nodegroup', 'c/m')!;
    expect(one.store.get('ec2/subnet', subnetIds[0]!)!.cidrBlock).toBe('192.168.128.0/19');
    expect(
      refusal(`${THREE_ZONES}managedNodeGroups: [{name: m, availabilityZones: [us-west-2d]}]\n`)
        .problem,
    ).toMatch(
      /^could not find public subnets for zones \["us-west-2d"\].*mapping does not have subnet/,
    );
  });

  test('default add-ons come unasked, and not twice', () => {
    const { store } = build(`${THREE_ZONES}addons: [{name: coredns, version: latest}]\n`);
    expect(
      store
        .list('eks/addon')
        .map(({ addonName }) => addonName)
        .sort(),
    ).toEqual(['coredns', 'kube-proxy', 'metrics-server', 'vpc-cni']);
  });

  test('configurationValues that is neither JSON nor YAML is refused at its line', () => {
    const error = refusal(
      `${THREE_ZONES}addons:\n  - name: vpc-cni\n    configurationValues: '{"env":'\n`,
    );
    expect(error.where).toBe('c.yaml:7:5');
  });

  test('Windows nodes are declared and none is launched', () => {
    const { store, notes } = build(
      `${THREE_ZONES}managedNodeGroups: [{name: w, amiFamily: WindowsServer2022FullContainer}]\n`,
    );
    expect(store.get('eks/nodegroup', 'c/w')!.desiredSize).toBe(0);
    expect(notes.some(({ text }) => /Windows nodes are declared/.test(text))).toBe(true);
  });
});

describe('a VPC that exists', () => {
  /** A VPC of eksctl's as aws prints it, and its subnets by cidr. */
  function exportsOfVpc() {
    const { store } = build(THREE_ZONES);
    const cluster = store.list('eks/cluster')[0]!;
    const files = exportTwin(store, { region: 'us-west-2', accountId: '1', atMs: 0 }).filter(
      ({ path }) => /vpcs|subnets|route-tables|security-groups|gateways/.test(path),
    );
    const id = (cidr: string) =>
      store.list('ec2/subnet').find(({ cidrBlock }) => cidrBlock === cidr)!.subnetId;
    return { files, id, vpcId: cluster.vpcId };
  }
  const within = (files: readonly SourceFile[], text: string) => {
    const inputs = readInputs([...files, { path: 'c.yaml', text }]);
    const store: TwinStore = new Store<Kinds>();
    declareIndexes(store);
    const cloud = createCloud({
      store,
      clock: new Simulation(1),
      random: seeded(1),
      region: 'us-west-2',
      accountId: '1',
      addressChoice: 'random',
    });
    adoptExports(inputs.aws, inputs.objects, cloud, []);
    applyClusterConfig(inputs.clusterConfigs[0]!, cloud, seeded(1), []);
    return store;
  };
  const config = (vpcId: string, subnets: string, rest = ''): string =>
    `${HEAD}metadata: {name: d, region: us-west-2}\nvpc:\n  id: ${vpcId}\n  subnets:\n${subnets}\n${rest}`;

  test('subnets are found by id, by cidr and by zone, and no VPC is made', () => {
    const { files, id, vpcId } = exportsOfVpc();
    const store = within(
      files,
      config(
        vpcId,
        `    private:\n      one: {id: ${id('192.168.96.0/19')}}\n      two: {cidr: 192.168.128.0/19}\n      us-west-2c: {}`,
        'managedNodeGroups: [{name: m, privateNetworking: true, subnets: [two]}]\n',
      ),
    );
    expect(store.count('ec2/vpc')).toBe(1);
    expect(store.get('eks/nodegroup', 'd/m')!.subnetIds).toEqual([id('192.168.128.0/19')]);
    expect(store.get('eks/cluster', 'd')!.subnetIds).toEqual([
      id('192.168.96.0/19'),
      id('192.168.128.0/19'),
      expect.stringMatching(/^subnet-/),
    ]);
  });

  test('a private subnet under public, a wrong cidr and a single subnet are refused', () => {
    const { files, id, vpcId } = exportsOfVpc();
    const told = (subnets: string): string => {
      try {
        within(files, config(vpcId, subnets));
      } catch (error) {
        if (error instanceof InputError) return error.problem;
      }
      throw new Error('was not refused');
    };
    const one = id('192.168.96.0/19');
    expect(told(`    public: {a: {id: ${one}}, us-west-2b: {cidr: 192.168.128.0/19}}`)).toMatch(
      /^found mis-configured or non-public subnets/,
    );
    expect(told(`    private: {a: {id: ${one}, cidr: 10.0.0.0/24}}`)).toMatch(
      /^mismatch found between local and remote VPC config: subnet CIDR "10.0.0.0\/24"/,
    );
    expect(told(`    private: {a: {id: ${one}}}`)).toMatch(/^insufficient number of subnets/);
  });
});

test('the same config and seed build the same network', () => {
  const text = `${THREE_ZONES}managedNodeGroups: [{name: m}]\nnodeGroups: [{name: s}]\n`;
  const dump = () => JSON.stringify(build(text).store.list('ec2/security-group'));
  expect(dump()).toBe(dump());
});
