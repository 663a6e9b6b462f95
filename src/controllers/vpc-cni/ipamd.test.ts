import { describe, expect, test } from 'vitest';
import { awsError } from '../../model/aws-error.ts';
import { createNodeDisk } from './checkpoint.ts';
import { type Ipamd, startIpamd } from './ipamd.ts';
import {
  INSTANCE,
  NODE,
  type Paper,
  type PaperOptions,
  paper,
  putSubnet,
} from './paper-ec2.fixture.ts';

const start = (
  twin: Paper,
  env: Readonly<Record<string, string>> = {},
  disk = createNodeDisk(),
): Ipamd =>
  startIpamd({
    clock: twin.clock,
    random: twin.clock.random,
    store: twin.store,
    ec2: twin.ec2,
    signals: twin.signals,
    kubernetes: twin.kubernetes,
    nodeName: NODE,
    instanceId: INSTANCE,
    env,
    clusterName: 'demo',
    disk,
  });

const request = (name: string) => ({
  containerId: `c-${name}`,
  ifName: 'eth0',
  namespace: 'default',
  podName: name,
});

/** Runs `ask` as a task of the clock and returns what it gave. */
async function inTask<T>(twin: Paper, ask: () => Promise<T>): Promise<T> {
  let answer: { readonly value: T } | undefined;
  twin.clock.spawn(async () => {
    answer = { value: await ask() };
  });
  await twin.clock.settle(0);
  return answer!.value;
}

const add = (twin: Paper, ipamd: Ipamd, name: string) =>
  inTask(twin, () => ipamd.cni.add(request(name)));
const del = (twin: Paper, ipamd: Ipamd, name: string) =>
  inTask(twin, () => ipamd.cni.del(request(name)));

const perEni = (ipamd: Ipamd): number[] => ipamd.state().enis.map((eni) => eni.cidrs.length);

async function settled(options: PaperOptions, env: Readonly<Record<string, string>> = {}) {
  const twin = paper(options);
  const ipamd = start(twin, env);
  const outcome = await twin.clock.settle(3_600_000);
  expect(outcome.kind).toBe('settled');
  return { twin, ipamd };
}

describe('secondary addresses', () => {
  test('an m5.large fills its primary ENI before it is ready, and has one ENI spare', async () => {
    const { ipamd } = await settled({ instanceType: 'm5.large' });
    expect(ipamd.cni.isReady()).toBe(true);
    // 9 addresses besides the primary one; WARM_ENI_TARGET=1 is met by the primary ENI itself.
    expect(perEni(ipamd)).toEqual([9]);
  });

  test('the first pod takes a share of the spare ENI, so a second ENI comes', async () => {
    const { twin, ipamd } = await settled({ instanceType: 'm5.large' });
    const result = await add(twin, ipamd, 'web');
    expect(result.kind).toBe('cni-success');
    await twin.clock.settle();
    expect(perEni(ipamd)).toEqual([9, 9]);
  });

  test('a pod of a secondary ENI has the two host rules and its own table', async () => {
    const { twin, ipamd } = await settled({ instanceType: 't3.small' });
    for (let i = 0; i < 3; i++) await add(twin, ipamd, `a${i}`);
    await twin.clock.settle();
    const result = await add(twin, ipamd, 'b');
    if (result.kind !== 'cni-success') throw new Error(result.message);
    const [eth0] = result.interfaces;
    expect(eth0?.deviceNumber).toBe(1);
    expect(eth0?.hostRules).toEqual([
      { priority: 512, match: { kind: 'to', value: eth0?.address }, table: 254 },
      { priority: 1536, match: { kind: 'from', value: eth0?.address }, table: 2 },
    ]);
    expect(twin.store.get('node/pod-sandbox', 'default/b')?.interfaces).toEqual(result.interfaces);
  });

  test('a full node refuses the next pod in upstream words', async () => {
    const { twin, ipamd } = await settled({ instanceType: 't3.small' });
    for (let i = 0; i < 9; i++) {
      expect((await add(twin, ipamd, `p${i}`)).kind).toBe('cni-success');
      await twin.clock.settle();
    }
    expect(await add(twin, ipamd, 'one-more')).toEqual({
      kind: 'cni-failure',
      message: 'add cmd: failed to assign an IP address to container',
    });
    expect(ipamd.state().cards[0]).toMatchObject({ tooLow: true, limit: 'eni-limit' });
  });

  test('a released address cools for 30 s; who waits for it is woken then', async () => {
    const { twin, ipamd } = await settled({ instanceType: 't3.small' });
    for (let i = 0; i < 9; i++) {
      await add(twin, ipamd, `p${i}`);
      await twin.clock.settle();
    }
    await del(twin, ipamd, 'p4');
    expect((await add(twin, ipamd, 'next')).kind).toBe('cni-failure');
    const before = twin.clock.now();
    let woken: number | undefined;
    twin.clock.spawn(async () => {
      await ipamd.cni.changed();
      woken = twin.clock.now();
    });
    await twin.clock.settle();
    expect(woken! - before).toBe(30_001);
    expect((await add(twin, ipamd, 'next')).kind).toBe('cni-success');
  });

  test('an empty ENI is freed a minute after it was made, and no sooner', async () => {
    const { twin, ipamd } = await settled({ instanceType: 'm5.large' });
    await add(twin, ipamd, 'web');
    await twin.clock.settle();
    const made = twin.clock.now();
    await del(twin, ipamd, 'web');
    const outcome = await twin.clock.settle();
    expect(outcome.kind).toBe('settled');
    expect(perEni(ipamd)).toEqual([9]);
    expect(twin.calls.filter((call) => call.startsWith('DeleteNetworkInterface'))).toHaveLength(1);
    expect(twin.clock.now() - made).toBeGreaterThan(55_000);
  });

  test('WARM_IP_TARGET takes single addresses and gives them back', async () => {
    const { twin, ipamd } = await settled(
      { instanceType: 'm5.large' },
      { WARM_IP_TARGET: '2', MINIMUM_IP_TARGET: '2' },
    );
    expect(perEni(ipamd)).toEqual([2]);
    await add(twin, ipamd, 'a');
    await add(twin, ipamd, 'b');
    await twin.clock.settle();
    expect(perEni(ipamd)).toEqual([4]);
    await del(twin, ipamd, 'a');
    await del(twin, ipamd, 'b');
    await twin.clock.settle();
    expect(perEni(ipamd)).toEqual([2]);
  });
});

describe('when EC2 refuses', () => {
  test('addresses above the target go back while they still cool', async () => {
    const { twin, ipamd } = await settled(
      { instanceType: 'm5.large' },
      { WARM_IP_TARGET: '2', MINIMUM_IP_TARGET: '2' },
    );
    await add(twin, ipamd, 'a');
    await add(twin, ipamd, 'b');
    await twin.clock.settle();
    expect(perEni(ipamd)).toEqual([4]);
    const left = twin.clock.now();
    await del(twin, ipamd, 'a');
    await del(twin, ipamd, 'b');
    // Upstream's decrease asks whether a pod is on the address, not since when none is.
    await twin.clock.runUntil(left + 10_000);
    expect(perEni(ipamd)).toEqual([2]);
  });

  test('an ENI that is found gets our tags, and no time of creation', async () => {
    const { twin } = await settled({ instanceType: 'm5.large' });
    const tags = twin.store.get('ec2/network-interface', 'eni-0')?.tags ?? {};
    expect(tags['node.k8s.amazonaws.com/instance_id']).toBe(INSTANCE);
    expect(tags['cluster.k8s.amazonaws.com/name']).toBe('demo');
    expect(tags['node.k8s.amazonaws.com/createdAt']).toBeUndefined();
  });

  test('a node that left has no network again when the VPC gets another block', async () => {
    const { twin, ipamd } = await settled({ instanceType: 'm5.large' });
    const vpc = twin.store.get('ec2/vpc', 'vpc-1')!;
    const [block] = vpc.cidrBlocks;
    const cidrBlocks = [block!, { ...block!, cidrBlock: '100.64.0.0/16' }];
    twin.store.put('ec2/vpc', 'vpc-1', { ...vpc, cidrBlocks });
    ipamd.stop();
    twin.store.delete('node/network', NODE);
    await twin.clock.settle();
    expect(twin.store.get('node/network', NODE)).toBeUndefined();
  });

  test('a full subnet parks the pool until addresses come free', async () => {
    // A /28 has 11 usable addresses: 1 primary + 9 + 1, which is too few for a second ENI of 9.
    const { twin, ipamd } = await settled({ instanceType: 'm5.large', subnetCidr: '10.0.1.0/28' });
    await add(twin, ipamd, 'web');
    expect((await twin.clock.settle(3_600_000)).kind).toBe('settled');
    expect(ipamd.state().obstacle).toBe('needs-change');
    const calls = twin.calls.length;
    await twin.clock.runUntil(twin.clock.now() + 1_800_000);
    expect(twin.calls.slice(calls).filter((call) => call.startsWith('Create'))).toEqual([]);
    putSubnet(twin.store, 'subnet-2', '10.0.2.0/24', { 'kubernetes.io/role/cni': '1' });
    await twin.clock.settle();
    expect(perEni(ipamd)).toEqual([9, 9]);
    expect(ipamd.state().enis[1]?.subnetId).toBe('subnet-2');
  });

  test('a missing permission is told as an event on the node', async () => {
    const { twin, ipamd } = await settled({
      instanceType: 'm5.large',
      refuse: (action) =>
        action === 'CreateNetworkInterface'
          ? awsError('UnauthorizedOperation', 'You are not authorized to perform this operation.')
          : undefined,
    });
    await add(twin, ipamd, 'web');
    expect((await twin.clock.settle()).kind).toBe('settled');
    expect(twin.events[0]?.reason).toBe('MissingIAMPermissions');
    expect(twin.events[0]?.message).toContain('ec2:CreateNetworkInterface');
  });
});

describe('other modes', () => {
  test('prefix delegation takes one /28 and one more when a pod is on it', async () => {
    const { twin, ipamd } = await settled(
      { instanceType: 'm5.large' },
      { ENABLE_PREFIX_DELEGATION: 'true' },
    );
    expect(ipamd.state().enis[0]?.cidrs).toEqual(['10.0.1.16/28']);
    const result = await add(twin, ipamd, 'web');
    expect(result).toMatchObject({ interfaces: [{ address: '10.0.1.16' }] });
    await twin.clock.settle();
    expect(perEni(ipamd)).toEqual([2]);
  });

  test('an IPv6 node has one /80 and needs nothing more', async () => {
    const { twin, ipamd } = await settled(
      { instanceType: 'm5.large' },
      { ENABLE_IPv6: 'true', ENABLE_IPv4: 'false', ENABLE_PREFIX_DELEGATION: 'true' },
    );
    const result = await add(twin, ipamd, 'web');
    expect(result).toMatchObject({ interfaces: [{ address: '2600:1f14:0:0:1::', family: 6 }] });
    await twin.clock.settle();
    expect(twin.calls.filter((call) => call.startsWith('Create')).length).toBe(1); // the tags
  });

  test('custom networking takes pod addresses from the ENIConfig, not the primary', async () => {
    const twin = paper({ instanceType: 'm5.large' });
    putSubnet(twin.store, 'subnet-pods', '100.64.0.0/24', {});
    const ipamd = start(twin, { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true' });
    await twin.clock.settle();
    expect(ipamd.cni.isReady()).toBe(false); // no ENIConfig yet: ipamd exits and starts again
    twin.store.put('ENIConfig', 'default', {
      apiVersion: 'crd.k8s.amazonaws.com/v1alpha1',
      kind: 'ENIConfig',
      metadata: { name: 'default' },
      spec: { subnet: 'subnet-pods', securityGroups: ['sg-pods'] },
    });
    await twin.clock.settle();
    expect(ipamd.cni.isReady()).toBe(true);
    expect(ipamd.state().enis.map((eni) => eni.subnetId)).toEqual(['subnet-1', 'subnet-pods']);
    expect(perEni(ipamd)).toEqual([0, 9]);
    expect(twin.store.get('ec2/network-interface', 'eni-1')?.groups).toEqual(['sg-pods']);
  });

  test('a cordoned node keeps its pool as it is', async () => {
    const { twin, ipamd } = await settled({ instanceType: 'm5.large' });
    const node = twin.store.get('Node', NODE)!;
    const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;
    twin.store.put('Node', NODE, { ...node, spec: { ...node.spec, taints: [taint] } });
    await add(twin, ipamd, 'web');
    await twin.clock.settle();
    expect(perEni(ipamd)).toEqual([9]);
    expect(ipamd.state().cards[0]?.limit).toBe('node-cordoned');
  });

  test('prefix delegation without any warm target does not start', async () => {
    const { ipamd } = await settled(
      { instanceType: 'm5.large' },
      { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '0' },
    );
    expect(ipamd.cni.isReady()).toBe(false);
    expect(ipamd.state().problem).toContain('Setting WARM_PREFIX_TARGET = 0 is not supported');
  });
});

describe('restarts', () => {
  test('pods keep their addresses over a restart; what was cooling is forgotten', async () => {
    const disk = createNodeDisk();
    const twin = paper({ instanceType: 't3.small' });
    const first = start(twin, {}, disk);
    await twin.clock.settle();
    const held = await add(twin, first, 'stays');
    await add(twin, first, 'leaves');
    await del(twin, first, 'leaves');
    first.stop();
    const second = start(twin, {}, disk);
    await twin.clock.settle();
    expect(await add(twin, second, 'stays')).toEqual(held);
    expect(second.state().cards[0]?.cooldownIps).toBe(0);
    expect(second.state().cards[0]?.assignedIps).toBe(1);
  });

  test('a node imported with running pods hands none of their addresses out again', async () => {
    const twin = paper({ instanceType: 't3.small' });
    const before = start(twin);
    await twin.clock.settle();
    before.stop();
    const [cidr] = before.state().enis[0]!.cidrs;
    const ip = cidr!.slice(0, -3);
    twin.store.put('Pod', 'default/old', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'old', namespace: 'default', uid: 'u1' },
      spec: { containers: [], nodeName: NODE },
      status: { phase: 'Running', podIP: ip },
    });
    const ipamd = start(twin);
    await twin.clock.settle();
    expect(twin.store.get('node/pod-sandbox', 'default/old')?.interfaces[0]?.address).toBe(ip);
    expect(await add(twin, ipamd, 'new')).not.toMatchObject({ interfaces: [{ address: ip }] });
    await del(twin, ipamd, 'old');
    expect(ipamd.state().cards[0]).toMatchObject({ assignedIps: 1, cooldownIps: 1 });
  });
});

describe('the node’s own network', () => {
  test('a secondary ENI has a table, a gateway route and a rule for its own address', async () => {
    const { twin, ipamd } = await settled({ instanceType: 'm5.large' });
    await add(twin, ipamd, 'web');
    await twin.clock.settle();
    const network = twin.store.get('node/network', NODE)!;
    expect(network.links.map((link) => link.name)).toEqual(['eth0', 'eth1']);
    const own = network.links[1]!.addresses[0]!.split('/')[0];
    expect(network.rules.map(({ priority, table }) => [priority, table])).toEqual([
      [0, 255],
      [1024, 254],
      [32765, 2],
      [32766, 254],
      [32767, 253],
    ]);
    expect(network.rules[2]?.match).toEqual({ kind: 'from', value: own });
    expect(network.routes.filter((route) => route.table === 2)).toEqual([
      { destination: '10.0.1.1/32', device: 'eth1', scope: 'link', table: 2 },
      { destination: 'default', via: '10.0.1.1', device: 'eth1', table: 2 },
    ]);
    expect(network.vpcCidrs).toEqual(['10.0.0.0/16']);
  });
});
