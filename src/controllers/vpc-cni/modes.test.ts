import { describe, expect, test } from 'vitest';
import { instanceMetadata } from '../../cloud/ec2/imds.ts';
import { metricsText } from '../../model/prometheus.ts';
import { createNodeDisk } from './checkpoint.ts';
import type { MetadataReader } from './instance-metadata.ts';
import { introspect } from './introspection.ts';
import { type Ipamd, startIpamd } from './ipamd.ts';
import { sweepLeakedEnis } from './leaked-eni.ts';
import { metricsOf } from './metrics.ts';
import { INSTANCE, NODE, type Paper, paper, putSubnet } from './paper-ec2.fixture.ts';

const start = (
  twin: Paper,
  env: Readonly<Record<string, string>> = {},
  metadata?: MetadataReader,
): Ipamd =>
  startIpamd({
    ...twin,
    random: twin.clock.random,
    nodeName: NODE,
    instanceId: INSTANCE,
    env,
    clusterName: 'demo',
    disk: createNodeDisk(),
    metadata,
  });

const request = (podName: string) => ({
  containerId: `c-${podName}`,
  ifName: 'eth0',
  namespace: 'default',
  podName,
});

async function add(twin: Paper, ipamd: Ipamd, podName: string) {
  let result: Awaited<ReturnType<Ipamd['cni']['add']>> | undefined;
  twin.clock.spawn(async () => {
    result = await ipamd.cni.add(request(podName));
  });
  await twin.clock.settle();
  return result!;
}

const enis = (ipamd: Ipamd) => ipamd.state().enis;

function attachTrunk(twin: Paper, deviceIndex: number): void {
  twin.store.put('ec2/network-interface', 'eni-trunk', {
    ...twin.store.get('ec2/network-interface', 'eni-0')!,
    networkInterfaceId: 'eni-trunk' as never,
    macAddress: '02:00:00:00:01:00',
    interfaceType: 'trunk',
    privateIpAddresses: [{ address: '10.0.1.250', primary: true }],
    attachment: {
      ...twin.store.get('ec2/network-interface', 'eni-0')!.attachment!,
      attachmentId: 'attach-eni-trunk',
      deviceIndex,
    },
  });
}

describe('limits', () => {
  test('MAX_ENI stops the pool before the instance does', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    const ipamd = start(twin, { MAX_ENI: '1' });
    await twin.clock.settle();
    await add(twin, ipamd, 'web');
    expect(enis(ipamd)).toHaveLength(1);
    expect(ipamd.state().cards[0]?.limit).toBe('eni-limit');
  });

  test('a slot is kept for the trunk before there is one', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    const ipamd = start(twin, { ENABLE_POD_ENI: 'true', WARM_ENI_TARGET: '3' });
    await twin.clock.settle();
    // Three slots: two for pods, the third waits for the resource controller.
    expect(enis(ipamd)).toHaveLength(2);
  });

  test('without provisioning ipamd hands out what is there and asks for nothing', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    const ipamd = start(twin, { DISABLE_NETWORK_RESOURCE_PROVISIONING: 'true' });
    await twin.clock.settle();
    expect(ipamd.cni.isReady()).toBe(true);
    expect((await add(twin, ipamd, 'web')).kind).toBe('cni-failure');
    expect(twin.calls).toEqual(['DescribeNetworkInterfaces']);
  });

  test('an ENI tagged no_manage is left alone and takes a slot', async () => {
    const twin = paper({ instanceType: 't3.small' });
    attachTrunk(twin, 1);
    const other = twin.store.get('ec2/network-interface', 'eni-trunk')!;
    twin.store.put('ec2/network-interface', 'eni-trunk', {
      ...other,
      interfaceType: 'interface',
      tags: { 'node.k8s.amazonaws.com/no_manage': 'true' },
    });
    const ipamd = start(twin, { WARM_ENI_TARGET: '5' });
    await twin.clock.settle();
    expect(enis(ipamd).map((eni) => eni.deviceNumber)).toEqual([0, 2]);
  });
});

describe('subnets', () => {
  test('a primary subnet tagged out of pod addressing gives pods nothing', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    putSubnet(twin.store, 'subnet-1', '10.0.1.0/24', { 'kubernetes.io/role/cni': '0' });
    putSubnet(twin.store, 'subnet-2', '10.0.2.0/24', { 'kubernetes.io/role/cni': '1' });
    const ipamd = start(twin);
    await twin.clock.settle();
    const result = await add(twin, ipamd, 'web');
    expect(result).toMatchObject({ interfaces: [{ deviceNumber: 1 }] });
    expect(enis(ipamd)[0]).toMatchObject({ excluded: true, cidrs: [] });
  });

  test('a subnet tagged for another cluster is not used', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    putSubnet(twin.store, 'subnet-2', '10.0.2.0/23', {
      'kubernetes.io/role/cni': '1',
      'cni.networking.k8s.aws/cluster/other': 'shared',
    });
    const ipamd = start(twin, { WARM_ENI_TARGET: '2' });
    await twin.clock.settle();
    expect(new Set(enis(ipamd).map((eni) => eni.subnetId))).toEqual(new Set(['subnet-1']));
  });
});

describe('security groups', () => {
  test('the primary’s new groups reach the other ENIs within half a minute', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    const ipamd = start(twin, { WARM_ENI_TARGET: '2' });
    await twin.clock.settle();
    const primary = twin.store.get('ec2/network-interface', 'eni-0')!;
    const changed = twin.clock.now();
    twin.store.put('ec2/network-interface', 'eni-0', { ...primary, groups: ['sg-2' as never] });
    await twin.clock.settle();
    expect(twin.store.get('ec2/network-interface', 'eni-1')?.groups).toEqual(['sg-2']);
    expect(twin.clock.now() - changed).toBeLessThanOrEqual(30_000);
    expect(enis(ipamd)).toHaveLength(2);
  });

  const branchPod = (twin: Paper) =>
    twin.store.put('Pod', 'default/db', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'db',
        namespace: 'default',
        uid: 'u',
        annotations: {
          'vpc.amazonaws.com/pod-eni': JSON.stringify([
            {
              eniId: 'eni-branch',
              ifAddress: '02:aa:00:00:00:01',
              privateIp: '10.0.1.99',
              vlanId: 3,
              subnetCidr: '10.0.1.0/24',
            },
          ]),
        },
      },
      spec: {
        nodeName: NODE,
        containers: [{ name: 'c', resources: { limits: { 'vpc.amazonaws.com/pod-eni': '1' } } }],
      },
    });

  test('a strict branch pod has two iif rules and a table; the local rule makes room', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    const ipamd = start(twin, { ENABLE_POD_ENI: 'true' });
    await twin.clock.settle();
    attachTrunk(twin, 2);
    branchPod(twin);
    await twin.clock.settle();
    const result = await add(twin, ipamd, 'db');
    if (result.kind !== 'cni-success') throw new Error(result.message);
    const [eth0] = result.interfaces;
    expect(eth0).toMatchObject({
      address: '10.0.1.99',
      vlanId: 3,
      networkInterfaceId: 'eni-branch',
      hostRules: [
        { priority: 10, match: { kind: 'iif', value: 'vlan.eth.3' }, table: 103 },
        { priority: 10, match: { kind: 'iif', value: eth0?.hostName }, table: 103 },
      ],
    });
    expect(eth0?.hostName).toMatch(/^vlan[0-9a-f]{11}$/);
    expect(eth0?.hostRoutes.map((route) => route.table)).toEqual([103, 103, 103]);
    expect(twin.store.get('node/network', NODE)?.rules[0]).toMatchObject({
      priority: 20,
      table: 255,
    });
  });

  test('a standard branch pod has the rules of any pod, into the branch’s table', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    attachTrunk(twin, 2);
    branchPod(twin);
    const ipamd = start(twin, {
      ENABLE_POD_ENI: 'true',
      POD_SECURITY_GROUP_ENFORCING_MODE: 'standard',
    });
    await twin.clock.settle();
    const result = await add(twin, ipamd, 'db');
    expect(result).toMatchObject({
      interfaces: [
        {
          hostRules: [
            { priority: 512, table: 254 },
            { priority: 1536, table: 103 },
          ],
        },
      ],
    });
  });

  test('without a trunk a branch pod is refused as if there were no address', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    const ipamd = start(twin, { ENABLE_POD_ENI: 'true' });
    await twin.clock.settle();
    branchPod(twin);
    expect(await add(twin, ipamd, 'db')).toMatchObject({
      message: 'add cmd: failed to assign an IP address to container',
    });
  });
});

describe('several network cards', () => {
  test('a pod that asks for all cards gets an interface on each, with its own table', async () => {
    const twin = paper({ instanceType: 'p4d.24xlarge' }); // four cards
    for (let card = 1; card < 4; card++) {
      const primary = twin.store.get('ec2/network-interface', 'eni-0')!;
      twin.store.put('ec2/network-interface', `eni-card-${card}`, {
        ...primary,
        networkInterfaceId: `eni-card-${card}` as never,
        macAddress: `02:00:00:00:02:0${card}`,
        privateIpAddresses: [
          { address: `10.0.1.${200 + card}`, primary: true },
          { address: `10.0.1.${210 + card}`, primary: false },
        ],
        attachment: { ...primary.attachment!, deviceIndex: 1, networkCardIndex: card },
      });
    }
    const ipamd = start(twin, { ENABLE_MULTI_NIC: 'true' });
    await twin.clock.settle();
    twin.store.put('Pod', 'default/hpc', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'hpc',
        namespace: 'default',
        annotations: { 'k8s.amazonaws.com/nicConfig': 'multi-nic-attachment' },
      },
      spec: { containers: [] },
    });
    const result = await add(twin, ipamd, 'hpc');
    if (result.kind !== 'cni-success') throw new Error(result.message);
    expect(result.interfaces.map((one) => [one.name, one.networkCardIndex])).toEqual([
      ['eth0', 0],
      ['mNicIf1', 1],
      ['mNicIf2', 2],
      ['mNicIf3', 3],
    ]);
    expect(result.interfaces[2]?.podRules).toEqual([
      { priority: 1, match: { kind: 'from', value: result.interfaces[2]?.address }, table: 2 },
    ]);
    expect(result.interfaces[2]?.hostRules[1]?.table).toBe(10_201);
  });
});

describe('what is not ipamd’s doing', () => {
  test('an address taken away in EC2 is found out a minute later, whoever has it', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    const ipamd = start(twin);
    await twin.clock.settle();
    const primary = twin.store.get('ec2/network-interface', 'eni-0')!;
    twin.store.put('ec2/network-interface', 'eni-0', {
      ...primary,
      privateIpAddresses: primary.privateIpAddresses.slice(0, 5),
    });
    await twin.clock.settle();
    // Four are left, and the pool is filled up again.
    expect(enis(ipamd)[0]?.cidrs).toHaveLength(9);
    const reconciles = metricsOf(ipamd.ipam).filter(({ name }) => name.endsWith('reconcile_count'));
    expect(reconciles).toMatchObject([
      { value: 5, labels: { fn: 'eniDataStorePoolReconcileDel' } },
    ]);
  });

  test('an ENI taken off in EC2 is given up a minute later, and its pods with it', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    const ipamd = start(twin, { WARM_ENI_TARGET: '2' });
    await twin.clock.settle();
    const { attachment: _taken, ...eni } = twin.store.get('ec2/network-interface', 'eni-1')!;
    const taken = twin.clock.now();
    twin.store.put('ec2/network-interface', 'eni-1', { ...eni, status: 'available' });
    await twin.clock.settle();
    expect(enis(ipamd).map((one) => one.eniId)).toEqual(['eni-0', 'eni-2']);
    expect(twin.clock.now() - taken).toBeGreaterThan(55_000);
    expect(twin.store.get('node/network', NODE)?.links).toHaveLength(2);
  });

  test('stale metadata removes nothing EC2 still has', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    const before = instanceMetadata(twin.store, INSTANCE);
    let stale = false;
    const ipamd = start(twin, { WARM_ENI_TARGET: '2' }, () =>
      stale ? before : instanceMetadata(twin.store, INSTANCE),
    );
    await twin.clock.settle();
    stale = true;
    const eni = twin.store.get('ec2/network-interface', 'eni-1')!;
    twin.store.put('ec2/network-interface', 'eni-1', { ...eni, tags: { ...eni.tags, x: 'y' } });
    await twin.clock.settle(600_000);
    expect(enis(ipamd).map((one) => one.cidrs.length)).toEqual([9, 9]);
  });

  test('an ENI that outlived its instance is swept, a fresh one is not', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    start(twin, { WARM_ENI_TARGET: '2' });
    await twin.clock.settle();
    const { attachment: _lost, ...eni } = twin.store.get('ec2/network-interface', 'eni-1')!;
    twin.store.put('ec2/network-interface', 'eni-1', { ...eni, status: 'available' });
    const sweep = () => sweepLeakedEnis({ ...twin, random: twin.clock.random, nodeName: NODE }, '');
    await sweep();
    expect(twin.store.get('ec2/network-interface', 'eni-1')).toBeDefined();
    await twin.clock.runUntil(twin.clock.now() + 300_000);
    twin.store.put('ec2/network-interface', 'eni-1', { ...eni, status: 'available' });
    await sweep();
    expect(twin.store.get('ec2/network-interface', 'eni-1')).toBeUndefined();
  });
});

test('metrics and introspection show the pool', async () => {
  const twin = paper({ instanceType: 'm5.large' });
  const ipamd = start(twin, { WARM_IP_TARGET: '3' });
  await twin.clock.settle();
  await add(twin, ipamd, 'web');
  const text = metricsText(metricsOf(ipamd.ipam));
  expect(text).toContain('awscni_total_ip_addresses{network_card="0"} 4');
  expect(text).toContain('awscni_assigned_ip_addresses{network_card="0"} 1');
  expect(introspect(ipamd.ipam, '/v1/enis')).toMatchObject({
    0: { TotalIPs: 4, AssignedIPs: 1, ENIs: { 'eni-0': { IsPrimary: true } } },
  });
  expect(introspect(ipamd.ipam, '/v1/ipamd-env-settings')).toMatchObject({ WARM_IP_TARGET: 3 });
  expect(introspect(ipamd.ipam, '/v1/nothing')).toBeUndefined();
});
