import { describe, expect, test } from 'vitest';
import type { CreateNetworkInterfaceInput, Ec2 } from '../../cloud/ec2/operations.ts';
import { createKubernetes } from '../../cluster/create-kubernetes.ts';
import { awsError } from '../../model/aws-error.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { EksCluster, FargateProfile } from '../../model/eks/cluster.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { Pod, PodSpec } from '../../model/kubernetes/core.ts';
import type { ObjectMeta } from '../../model/kubernetes/meta.ts';
import { ControllerRun } from '../../sim/controller.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { kubelet } from '../kubelet/kubelet.ts';
import { fargate } from './fargate.ts';
import { fargateWebhook } from './fargate-webhook.ts';
import { podSize, sizeText } from './pod-size.ts';
import { matchesWildcard } from './profile-match.ts';

const profile = (
  fargateProfileName: string,
  selectors: FargateProfile['selectors'],
): FargateProfile =>
  ({
    clusterName: 'demo',
    fargateProfileName,
    subnetIds: ['subnet-a', 'subnet-b'],
    selectors,
    status: 'ACTIVE',
  }) as unknown as FargateProfile;

class World {
  readonly clock = new Simulation(11);
  readonly store: TwinStore = new Store<Kinds>();
  readonly kubernetes;
  free = 10;
  readonly asked: CreateNetworkInterfaceInput[] = [];
  #made = 0;
  runs: readonly ControllerRun<Kinds>[] = [];

  constructor() {
    declareIndexes(this.store);
    const { clock, store } = this;
    const random = clock.random;
    const serviceCidrs = { ipv4: '10.100.0.0/16' };
    this.kubernetes = createKubernetes({ store, clock, random, serviceCidrs });
    store.put('eks/cluster', 'demo', {
      name: 'demo',
      version: '1.33',
      ipFamily: 'ipv4',
      clusterSecurityGroupId: 'sg-cluster',
    } as unknown as EksCluster);
    for (const zone of ['a', 'b']) {
      const subnet = { subnetId: `subnet-${zone}`, availabilityZoneId: `usw2-az-${zone}` };
      store.put('ec2/subnet', `subnet-${zone}`, subnet as Subnet);
    }
    store.put('eks/fargate-profile', 'demo/fp', profile('fp', [{ namespace: 'default' }]));
    this.kubernetes.registerWebhook(fargateWebhook(store, 'demo'));
    this.#start();
  }

  #start(): void {
    const { clock, store } = this;
    const { random } = clock;
    const machines = fargate(clock, random, store, this.ec2, this.kubernetes, 'demo');
    const hooks = { started: () => {}, stopped: () => {} };
    const { cniOf } = machines;
    const nodes = kubelet(clock, random, store, this.kubernetes, { cniOf, hooks });
    this.runs = [machines.controller, nodes].map(
      (controller) => new ControllerRun(clock, store, controller),
    );
  }

  /** Other controllers take over what is there. */
  reopen(): void {
    for (const run of this.runs) run.stop();
    this.#start();
  }

  readonly ec2 = {
    createNetworkInterface: async (input: CreateNetworkInterfaceInput) => {
      await this.clock.sleep(300);
      this.asked.push(input);
      if (this.free === 0) {
        return awsError(
          'InsufficientFreeAddressesInSubnet',
          'There are not enough free addresses.',
        );
      }
      this.free--;
      const id = `eni-${++this.#made}`;
      const eni = {
        networkInterfaceId: id,
        subnetId: input.subnetId,
        availabilityZone: input.subnetId.replace('subnet-', 'us-west-2'),
        privateIpAddresses: [{ address: `10.0.1.${10 + this.#made}`, primary: true }],
        ipv4Prefixes: [],
        macAddress: '02:00:00:00:00:01',
        requesterId: input.requesterId,
        tags: input.tags,
      } as unknown as NetworkInterface;
      this.store.put('ec2/network-interface', id, eni);
      return eni;
    },
    deleteNetworkInterface: async (input: { networkInterfaceId: string; requesterId?: string }) => {
      const id = input.networkInterfaceId;
      const eni = this.store.get('ec2/network-interface', id);
      if (eni?.requesterId !== input.requesterId) return awsError('OperationNotPermitted', '');
      this.free++;
      return this.store.delete('ec2/network-interface', id);
    },
  } as unknown as Ec2;

  create(name: string, spec: Partial<PodSpec> = {}, metadata: Partial<ObjectMeta> = {}): Pod {
    return this.kubernetes.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', ...metadata },
      spec: { containers: [{ name: 'web', image: 'nginx:1.27' }], ...spec },
    } as Pod) as Pod;
  }
  pod(name: string): Pod | undefined {
    return this.store.get('Pod', `default/${name}`);
  }
  events(reason: string): string[] {
    return this.store
      .list('Event')
      .filter((event) => event.reason === reason)
      .map(({ message }) => message);
  }
}

describe('a pod of a Fargate profile', () => {
  test('runs on a node of its own whose address is the pod address', async () => {
    const world = new World();
    world.create('web');
    expect(world.pod('web')?.metadata.labels).toEqual({
      'eks.amazonaws.com/fargate-profile': 'fp',
    });
    expect(world.pod('web')?.spec.schedulerName).toBe('fargate-scheduler');
    expect(world.pod('web')?.metadata.annotations).toMatchObject({
      CapacityProvisioned: '0.25vCPU 0.5GB',
      Logging: 'LoggingDisabled: LOGGING_CONFIGMAP_NOT_FOUND',
    });
    await world.clock.settle();
    const node = world.store.list('Node')[0]!;
    expect(node.metadata.name).toBe('fargate-ip-10-0-1-11.us-west-2.compute.internal');
    expect(node.metadata.labels?.['eks.amazonaws.com/compute-type']).toBe('fargate');
    expect(node.spec.taints).toContainEqual({
      key: 'eks.amazonaws.com/compute-type',
      value: 'fargate',
      effect: 'NoSchedule',
    });
    expect(world.pod('web')).toMatchObject({
      spec: { nodeName: node.metadata.name },
      status: { phase: 'Running', podIP: '10.0.1.11', hostIP: '10.0.1.11' },
    });
    expect(world.asked[0]!.groups).toEqual(['sg-cluster']);
    expect(world.events('LoggingDisabled')).toHaveLength(1);
    expect(world.events('Scheduled')).toEqual([
      `Successfully assigned default/web to ${node.metadata.name}`,
    ]);
  });

  test('gives its node and its address back when it is deleted', async () => {
    const world = new World();
    world.create('web');
    await world.clock.settle();
    world.kubernetes.delete('Pod', 'default/web');
    await world.clock.settle();
    expect(world.pod('web')).toBeUndefined();
    expect(world.store.count('Node')).toBe(0);
    expect(world.store.count('ec2/network-interface')).toBe(0);
  });

  test('deleted while its machine boots, leaves nothing behind', async () => {
    const world = new World();
    world.create('web');
    await world.clock.runUntil(10_000);
    world.kubernetes.delete('Pod', 'default/web');
    await world.clock.settle();
    expect(world.pod('web')).toBeUndefined();
    expect(world.store.count('Node') + world.store.count('ec2/network-interface')).toBe(0);
  });

  test('whose twin is closed while its machine boots runs on that machine afterwards', async () => {
    const world = new World();
    world.create('web');
    await world.clock.runUntil(10_000);
    world.reopen();
    await world.clock.settle();
    expect(world.asked).toHaveLength(1);
    expect(world.store.count('ec2/network-interface')).toBe(1);
    expect(world.pod('web')?.status).toMatchObject({ phase: 'Running', podIP: '10.0.1.11' });
    expect(world.events('Scheduled')).toHaveLength(1);
  });

  test('stays Pending without an address, settles, and runs when one comes back', async () => {
    const world = new World();
    world.free = 1;
    world.create('first');
    await world.clock.settle();
    world.create('second');
    await world.clock.settle();
    expect(world.pod('second')?.spec.nodeName).toBeUndefined();
    expect(world.events('FailedScheduling')).toEqual([
      'InsufficientFreeAddressesInSubnet: There are not enough free addresses.',
    ]);
    // Both private subnets of the profile were asked.
    expect(new Set(world.asked.slice(1).map(({ subnetId }) => subnetId)).size).toBe(2);
    world.kubernetes.delete('Pod', 'default/first');
    await world.clock.settle();
    expect(world.pod('second')?.status?.phase).toBe('Running');
  });

  test('takes the security groups of a SecurityGroupPolicy from the annotation', async () => {
    const world = new World();
    const annotations = { 'fargate.amazonaws.com/pod-sg': 'sg-1,sg-2' };
    world.create('guarded', {}, { annotations });
    await world.clock.settle();
    expect(world.asked[0]!.groups).toEqual(['sg-1', 'sg-2']);
  });

  test('on the host network is refused in the words of Fargate', async () => {
    const world = new World();
    world.create('agent', { hostNetwork: true });
    await world.clock.settle();
    expect(world.events('FailedScheduling')).toEqual([
      'Pod not supported on Fargate: fields not supported: HostNetwork',
    ]);
    expect(world.asked).toEqual([]);
  });

  test('of a DaemonSet, or of no profile, stays with the default scheduler', async () => {
    const world = new World();
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'd', uid: 'd', controller: true },
    ];
    world.create('daemon', {}, { ownerReferences });
    world.create('other', {}, { namespace: 'kube-system' });
    await world.clock.settle();
    expect(world.pod('daemon')?.spec.schedulerName).toBe('default-scheduler');
    expect(world.store.count('Node')).toBe(0);
  });

  test('that has ended keeps its machine and its address until it is deleted', async () => {
    const world = new World();
    const annotations = { 'ekstwin.dev/run-seconds': '5' };
    world.create('batch', { restartPolicy: 'Never' }, { annotations });
    await world.clock.settle();
    expect(world.pod('batch')?.status?.phase).toBe('Succeeded');
    expect(world.store.count('ec2/network-interface')).toBe(1);
    world.kubernetes.delete('Pod', 'default/batch');
    await world.clock.settle();
    expect(world.store.count('ec2/network-interface')).toBe(0);
  });
});

describe('the size of a Fargate pod', () => {
  const sized = (cpu: string | undefined, memory: string | undefined): string => {
    const requests = { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) };
    const containers = [{ name: 'a', image: 'a', resources: { requests } }];
    return sizeText(
      podSize({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers } }),
    );
  };

  test('is the next combination over the requests and 256 MB', () => {
    expect(sized(undefined, undefined)).toBe('0.25vCPU 0.5GB');
    expect(sized('250m', '256Mi')).toBe('0.25vCPU 0.5GB');
    expect(sized('250m', '512Mi')).toBe('0.25vCPU 1GB');
    expect(sized('1', '4Gi')).toBe('1vCPU 5GB');
    expect(sized('300m', '1Gi')).toBe('0.5vCPU 2GB');
    expect(sized('16', '200Gi')).toBe('16vCPU 120GB');
  });

  test('selectors take * and ? and nothing else as wildcards', () => {
    expect(matchesWildcard('team-*', 'team-blue')).toBe(true);
    expect(matchesWildcard('team-?', 'team-blue')).toBe(false);
    expect(matchesWildcard('a.b', 'aXb')).toBe(false);
  });
});
