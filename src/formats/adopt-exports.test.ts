import { describe, expect, test } from 'vitest';
import { createCloud } from '../cloud/cloud.ts';
import type { Note } from '../model/input-error.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../model/kinds.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { storeKeyOf, storeKindOf } from '../model/kubernetes/resources.ts';
import { seeded } from '../sim/random.ts';
import { Simulation } from '../sim/simulation.ts';
import { Store } from '../sim/store.ts';
import { adoptExports } from './adopt-exports.ts';
import { applyClusterConfig } from './eksctl/build-cluster.ts';
import { exportTwin } from './export-folder.ts';
import { mermaid } from './mermaid.ts';
import { readInputs } from './read-inputs.ts';

const META = { region: 'us-west-2', accountId: '111122223333', atMs: 60_000 };

function world() {
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const cloud = createCloud({
    store,
    clock: new Simulation(1),
    random: seeded(1),
    region: META.region,
    accountId: META.accountId,
    addressChoice: 'random',
  });
  return { store, cloud };
}

const CONFIG = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: c, region: us-west-2}
vpc: {nat: {gateway: HighlyAvailable}}
addons:
  - name: vpc-cni
    configurationValues: '{"env":{"ENABLE_PREFIX_DELEGATION":"true"}}'
managedNodeGroups: [{name: m, taints: [{key: a, value: b, effect: NoSchedule}]}]
nodeGroups: [{name: s, maxPodsPerNode: 20}]
fargateProfiles: [{name: f, selectors: [{namespace: batch, labels: {on: fargate}}]}]
`;

/** A cluster with nodes, prefixes, a reservation, an endpoint, peering and a transit gateway. */
function busyWorld() {
  const { store, cloud } = world();
  const { clusterConfigs } = readInputs([{ path: 'c.yaml', text: CONFIG }]);
  applyClusterConfig(clusterConfigs[0]!, cloud, seeded(1), []);
  const { ec2 } = cloud;
  const group = store.get('eks/nodegroup', 'c/m')!;
  const subnetId = group.subnetIds[0]!;
  const ok = <T>(result: T): T => {
    expect(result).not.toMatchObject({ kind: 'aws-error' });
    return result;
  };
  ok(
    ec2.runInstances({
      imageId: 'ami-1',
      instanceType: 'm5.large',
      minCount: 2,
      maxCount: 2,
      subnetId,
      securityGroupIds: group.securityGroupIds,
      tags: { 'eks:cluster-name': 'c', 'eks:nodegroup-name': 'm' },
    }),
  );
  const eni = store.lookup('ec2/network-interface', 'subnet', subnetId)[0]!;
  const { networkInterfaceId } = eni;
  ok(ec2.assignPrivateIpAddresses({ networkInterfaceId, ipv4PrefixCount: 2 }));
  ok(ec2.assignPrivateIpAddresses({ networkInterfaceId, secondaryPrivateIpAddressCount: 2 }));
  const cidr = store.get('ec2/subnet', subnetId)!.cidrBlock.replace(/0\/\d+$/, '128/25');
  ok(ec2.createSubnetCidrReservation({ subnetId, cidr, type: 'prefix', description: 'pods' }));
  const other = ok(ec2.createVpc({ cidrBlock: '10.9.0.0/16', tags: { Name: 'other' } }));
  if (!('vpcId' in other)) throw new Error('no VPC');
  const vpcId = store.get('eks/cluster', 'c')!.vpcId;
  ok(ec2.createVpcPeeringConnection({ vpcId, peerVpcId: other.vpcId }));
  const gateway = ok(ec2.createTransitGateway({}));
  if (!('transitGatewayId' in gateway)) throw new Error('no gateway');
  const { transitGatewayId } = gateway;
  ok(ec2.createTransitGatewayVpcAttachment({ transitGatewayId, vpcId, subnetIds: [subnetId] }));
  ok(ec2.createVpnGateway({ remoteCidrs: ['172.30.0.0/16'] }));
  const subnetIds = [subnetId];
  ok(
    ec2.createVpcEndpoint({
      vpcId,
      serviceName: 'com.amazonaws.us-west-2.ec2',
      type: 'Interface',
      subnetIds,
    }),
  );
  ok(ec2.createDbInstance({ identifier: 'db', subnetIds, port: 5432 }));
  const acl = store.list('ec2/network-acl')[0]!;
  ok(
    ec2.createNetworkAclEntry({
      networkAclId: acl.networkAclId,
      ruleNumber: 50,
      egress: false,
      protocol: 6,
      action: 'deny',
      cidrBlock: '203.0.113.0/24',
      portRange: { from: 22, to: 22 },
    }),
  );
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-0', namespace: 'default', uid: 'u-1' },
    spec: { nodeName: 'n', containers: [] },
    status: { phase: 'Running', podIP: '192.168.250.250' },
  } as unknown as KubernetesObject;
  store.put('Pod', 'default/web-0', pod as never);
  return { store, cloud };
}

function adopted(files: readonly { readonly path: string; readonly text: string }[]) {
  const { store, cloud } = world();
  const notes: Note[] = [];
  const inputs = readInputs(files);
  adoptExports(inputs.aws, inputs.objects, cloud, notes);
  for (const { object } of inputs.objects) {
    store.put(storeKindOf(object), storeKeyOf(object), object as never);
  }
  return { store, notes, inputs };
}

describe('an export is what it was made of', () => {
  test('export, import and export again gives the same bytes', () => {
    const files = exportTwin(busyWorld().store, META);
    const again = exportTwin(adopted(files).store, META);
    expect(again.map(({ path }) => path)).toEqual(files.map(({ path }) => path));
    for (const [i, { path, text }] of files.entries()) expect(again[i]!.text, path).toBe(text);
  });

  test('every noun comes back, with what AWS does not print', () => {
    const { store } = busyWorld();
    const back = adopted(exportTwin(store, META)).store;
    for (const kind of [
      'eks/nodegroup',
      'eks/cluster',
      'ec2/subnet',
      'ec2/network-interface',
    ] as const) {
      for (const { key, value } of store.entries(kind)) {
        expect(JSON.parse(JSON.stringify(back.get(kind, key))), `${kind} ${key}`).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }
    }
    expect(back.get('eks/nodegroup', 'c/m')!.enforcedMaxPods?.maxPods).toBe(110);
    expect(back.get('eks/nodegroup', 'c/s')!.managed).toBe(false);
  });

  test('the cloud goes on where the export stopped: taken addresses stay taken', () => {
    const { store } = busyWorld();
    const { cloud, store: into } = world();
    const { aws, objects } = readInputs(exportTwin(store, META));
    adoptExports(aws, objects, cloud, []);
    const subnetId = store.get('eks/nodegroup', 'c/m')!.subnetIds[0]!;
    const before = cloud.ec2.describeSubnets({ subnetIds: [subnetId] });
    const made = cloud.ec2.createNetworkInterface({ subnetId });
    const after = cloud.ec2.describeSubnets({ subnetIds: [subnetId] });
    if ('kind' in before || 'kind' in after || 'kind' in made) throw new Error('refused');
    expect(after[0]!.availableIpAddressCount).toBe(before[0]!.availableIpAddressCount - 1);
    const addresses = into
      .list('ec2/network-interface')
      .flatMap((eni) => eni.privateIpAddresses.map(({ address }) => address));
    expect(new Set(addresses).size).toBe(addresses.length);
  });
});

describe('exports that contradict themselves', () => {
  test('a pod whose address no interface holds is kept and said', () => {
    const { notes, store } = adopted(exportTwin(busyWorld().store, META));
    expect(store.get('Pod', 'default/web-0')).toBeDefined();
    expect(notes.map(({ text }) => text)).toContain(
      'pod default/web-0 has 192.168.250.250, which is on no exported interface',
    );
  });

  test('an address inside an interface’s prefix is held', () => {
    const { store } = busyWorld();
    const eni = store.list('ec2/network-interface').find((it) => it.ipv4Prefixes.length > 0)!;
    const podIP = eni.ipv4Prefixes[0]!.replace(/\d+\/28$/, (end) =>
      String(Number(end.split('/')[0]) + 3),
    );
    const pod = store.get('Pod', 'default/web-0')!;
    store.put('Pod', 'default/web-0', { ...pod, status: { ...pod.status, podIP } } as never);
    const { notes } = adopted(exportTwin(store, META));
    expect(notes.filter(({ text }) => text.startsWith('pod '))).toEqual([]);
  });

  const files = () => exportTwin(busyWorld().store, META);

  test('what AWS does not print of an interface makes no interface of its own', () => {
    const some = files().filter(({ path }) => !/network-interfaces|instances/.test(path));
    const { store } = adopted(some);
    expect(store.list('ec2/network-interface')).toEqual([]);
  });

  test('nodes whose subnets are in no document are refused, with the command that exports them', () => {
    const some = files().filter(({ path }) => !path.includes('describe-subnets'));
    expect(() => adopted(some)).toThrow(/aws ec2 describe-subnets/);
  });

  test('an address that is none is told with its file and member', () => {
    const damaged = files().map(({ path, text }) => ({
      path,
      text: path.includes('describe-subnets') ? text.replace('/19"', '/99"') : text,
    }));
    expect(() => adopted(damaged)).toThrow(/describe-subnets.*\n?.*CidrBlock is no CIDR block/);
  });

  test('two pods with one address are kept and said', () => {
    const { store } = busyWorld();
    const pod = store.get('Pod', 'default/web-0')!;
    const metadata = { ...pod.metadata, name: 'web-1', uid: 'u-1' };
    store.put('Pod', 'default/web-1', { ...pod, metadata } as never);
    const { notes } = adopted(exportTwin(store, META));
    expect(notes.map(({ text }) => text)).toContain(
      'pods default/web-0 and default/web-1 both have 192.168.250.250',
    );
  });
});

test('the network as mermaid: VPC, subnets, nodes, and where packets leave', () => {
  const text = mermaid(busyWorld().store);
  expect(text).toMatch(/^graph TB\n {2}subgraph vpc_/);
  expect(text).toMatch(/subgraph subnet_\w+\["eksctl-c-cluster\/SubnetPublic/);
  expect(text).toMatch(/\["i-\w+<br\/>m5\.large<br\/>0 pods"\]/);
  expect(text).toMatch(/-->\|0\.0\.0\.0\/0\| nat_/);
  expect(mermaid(world().store)).toBe('graph TB\n');
});
