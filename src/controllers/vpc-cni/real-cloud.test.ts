import { expect, test } from 'vitest';
import { createCloud } from '../../cloud/cloud.ts';
import { latent } from '../../cloud/decorate.ts';
import type { Ec2 } from '../../cloud/ec2/operations.ts';
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import { isAwsError } from '../../model/aws-error.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { createNodeDisk } from './checkpoint.ts';
import { startIpamd } from './ipamd.ts';

const ok = <T>(result: T): Exclude<T, { readonly kind: 'aws-error' }> => {
  if (isAwsError(result)) throw new Error(`${result.code}: ${result.message}`);
  return result as Exclude<T, { readonly kind: 'aws-error' }>;
};

/** One node of the twin's own EC2, with EC2's latency and its random addresses. */
async function node(instanceType: string, subnetCidr: string, env: Record<string, string>) {
  const clock = new Simulation(7);
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const cloud = createCloud({
    store,
    clock,
    random: clock.random,
    region: 'us-west-2',
    accountId: '111122223333',
    addressChoice: 'random',
  });
  const vpc = ok(cloud.ec2.createVpc({ cidrBlock: '10.0.0.0/16' }));
  const subnet = ok(
    cloud.ec2.createSubnet({
      vpcId: vpc.vpcId,
      cidrBlock: subnetCidr,
      availabilityZone: 'us-west-2a',
    }),
  );
  const [instance] = ok(
    cloud.ec2.runInstances({
      imageId: 'ami-1',
      instanceType,
      minCount: 1,
      maxCount: 1,
      subnetId: subnet.subnetId,
    }),
  );
  await clock.settle();
  const ec2: Ec2 = latent(cloud.ec2, clock, clock.random);
  store.put('Node', 'n', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    spec: { providerID: `aws:///us-west-2a/${instance!.instanceId}` },
    status: { capacity: { pods: '110' } },
  });
  const ipamd = startIpamd({
    clock,
    random: clock.random,
    store,
    ec2,
    signals: cloud.signals,
    kubernetes: {} as Kubernetes,
    nodeName: 'n',
    instanceId: instance!.instanceId,
    env,
    clusterName: 'demo',
    disk: createNodeDisk(),
  });
  const outcome = await clock.settle(3_600_000);
  expect(outcome.kind).toBe('settled');
  let pods = 0;
  const addPods = async (count: number): Promise<number> => {
    let refused = 0;
    for (let i = 0; i < count; i++) {
      clock.spawn(async () => {
        const podName = `p${pods++}`;
        const request = { containerId: podName, ifName: 'eth0', namespace: 'd', podName };
        if ((await ipamd.cni.add(request)).kind === 'cni-failure') refused++;
      });
      expect((await clock.settle(3_600_000)).kind).toBe('settled');
    }
    return refused;
  };
  return { clock, store, cloud, ipamd, addPods };
}

test('an m5.large carries 27 pods on the twin’s own EC2, as its formula says', async () => {
  const { ipamd, addPods, store } = await node('m5.large', '10.0.1.0/24', {});
  expect(ipamd.cni.isReady()).toBe(true);
  expect(await addPods(27)).toBe(0);
  expect(await addPods(1)).toBe(1);
  expect(ipamd.state().enis.map((eni) => eni.assigned.length)).toEqual([9, 9, 9]);
  const eni = store.list('ec2/network-interface').find((one) => one.description !== '');
  expect(eni?.tags['cluster.k8s.amazonaws.com/name']).toBe('demo');
  expect(eni?.attachment?.deleteOnTermination).toBe(true);
});

test('prefixes are whole /28s of the subnet and serve sixteen pods each', async () => {
  const { ipamd, addPods } = await node('m5.large', '10.0.1.0/24', {
    ENABLE_PREFIX_DELEGATION: 'true',
  });
  expect(await addPods(33)).toBe(0);
  const cidrs = ipamd.state().enis.flatMap((eni) => eni.cidrs);
  expect(cidrs).toHaveLength(4); // three in use, one spare
  for (const cidr of cidrs) expect(cidr).toMatch(/\/28$/);
});

test('a subnet too small for a second ENI parks the pool; a deletion wakes it', async () => {
  const { clock, cloud, store, ipamd, addPods } = await node('m5.large', '10.0.1.0/27', {});
  // 27 usable: 10 for the primary ENI, 10 for the second; others take six of the last seven.
  const subnetId = store.list('ec2/subnet')[0]!.subnetId;
  const others = Array.from({ length: 12 }, () =>
    ok(cloud.ec2.createNetworkInterface({ subnetId })),
  );
  await addPods(1);
  expect(ipamd.state().obstacle).toBe('needs-change');
  expect(ipamd.state().enis).toHaveLength(1);
  for (const { networkInterfaceId } of others)
    ok(cloud.ec2.deleteNetworkInterface({ networkInterfaceId }));
  expect((await clock.settle(3_600_000)).kind).toBe('settled');
  expect(ipamd.state().enis).toHaveLength(2);
});

test('an aws-node whose instance is terminated while it starts touches no ENI of another', async () => {
  const { clock, cloud, store, ipamd, addPods } = await node('m5.large', '10.0.1.0/24', {});
  expect(await addPods(3)).toBe(0);
  const subnetId = store.list('ec2/subnet')[0]!.subnetId;
  const run = { imageId: 'ami-1', instanceType: 'm5.large', minCount: 1, maxCount: 1, subnetId };
  const [dying] = ok(cloud.ec2.runInstances(run));
  await clock.settle();
  ok(cloud.ec2.terminateInstances({ instanceIds: [dying!.instanceId] }));
  await clock.settle();
  const before = JSON.stringify(ipamd.state().enis);
  // Excluded subnets make a starting ipamd give blocks back: it must not find the other's.
  ok(cloud.ec2.createTags({ resources: [subnetId], tags: { 'kubernetes.io/role/cni': '0' } }));
  const late = startIpamd({
    clock,
    random: clock.random,
    store,
    ec2: latent(cloud.ec2, clock, clock.random),
    signals: cloud.signals,
    kubernetes: {} as Kubernetes,
    nodeName: 'late',
    instanceId: dying!.instanceId,
    env: { ENABLE_PREFIX_DELEGATION: 'true' },
    clusterName: 'demo',
    disk: createNodeDisk(),
  });
  await clock.runUntil(clock.now() + 120_000);
  expect(late.state().enis).toEqual([]);
  expect(JSON.stringify(ipamd.state().enis)).toBe(before);
});
