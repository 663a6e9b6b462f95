import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ec2, RunInstancesInput } from '../../cloud/ec2/operations.ts';
import { awsError } from '../../model/aws-error.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { NodeGroup } from '../../model/eks/cluster.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import { ControllerRun } from '../../sim/controller.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { nodeGroups } from './node-group.ts';
import { departures, placements } from './zone-balance.ts';

const group = (desiredSize: number): NodeGroup =>
  ({
    clusterName: 'demo',
    nodegroupName: 'workers',
    managed: true,
    subnetIds: ['subnet-a', 'subnet-b'],
    instanceTypes: ['m5.large'],
    capacityType: 'ON_DEMAND',
    amiType: 'AL2023_x86_64_STANDARD',
    desiredSize,
    securityGroupIds: ['sg-1'],
    httpPutResponseHopLimit: 2,
    version: '1.33',
    instanceTags: {},
    status: 'CREATING',
    healthIssues: [],
  }) as unknown as NodeGroup;

/** EC2 with a number of free addresses per subnet; launches as many as fit, or refuses. */
class World {
  readonly clock = new Simulation(3);
  readonly store: TwinStore = new Store<Kinds>();
  readonly free: Record<string, number> = { 'subnet-a': 100, 'subnet-b': 100 };
  /** Whether what is launched becomes a Ready node after a minute. */
  joins: 'ready' | 'not-ready' | 'never' = 'ready';
  #count = 0;

  constructor() {
    declareIndexes(this.store);
    for (const zone of ['a', 'b']) {
      const subnet = { subnetId: `subnet-${zone}`, availabilityZone: `us-west-2${zone}` };
      this.store.put('ec2/subnet', `subnet-${zone}`, subnet as Subnet);
    }
  }

  readonly ec2 = {
    runInstances: async ({ subnetId, maxCount, tags }: RunInstancesInput) => {
      await this.clock.sleep(500);
      const count = Math.min(maxCount, this.free[subnetId]!);
      if (count === 0) {
        return awsError(
          'InsufficientFreeAddressesInSubnet',
          `There are not enough free addresses in subnet '${subnetId}' to satisfy the requested number of instances.`,
        );
      }
      this.free[subnetId]! -= count;
      return Array.from({ length: count }, () => {
        const instanceId = `i-${this.#count++}`;
        const instance = {
          instanceId,
          subnetId,
          availabilityZone: subnetId.replace('subnet-', 'us-west-2'),
          state: 'running',
          launchedAtMs: this.clock.now() + this.#count,
          tags,
        } as unknown as Instance;
        this.store.put('ec2/instance', instanceId, instance);
        this.clock.after(60_000, () => this.join(instanceId));
        return instance;
      });
    },
    terminateInstances: async ({ instanceIds }: { instanceIds: string[] }) => {
      for (const id of instanceIds) this.set(id, 'terminated');
      return [];
    },
  } as unknown as Ec2;

  join(instanceId: string): void {
    if (this.joins === 'never') return;
    const status = this.joins === 'ready' ? 'True' : 'False';
    this.store.put('Node', instanceId, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: instanceId },
      spec: { providerID: `aws:///us-west-2a/${instanceId}` },
      status: { conditions: [{ type: 'Ready', status }] },
    });
  }
  set(id: string, state: Instance['state']): void {
    this.store.put('ec2/instance', id, { ...this.store.get('ec2/instance', id)!, state });
  }
  running(subnetId?: string): Instance[] {
    return this.store
      .list('ec2/instance')
      .filter((one) => one.state === 'running' && (!subnetId || one.subnetId === subnetId));
  }
  async run(desiredSize: number): Promise<void> {
    this.store.put('eks/nodegroup', 'demo/workers', group(desiredSize));
    new ControllerRun(this.clock, this.store, nodeGroups(this.clock, this.store, this.ec2));
    await this.clock.settle();
  }
  async resize(desiredSize: number): Promise<void> {
    this.store.put('eks/nodegroup', 'demo/workers', { ...this.group(), desiredSize });
    await this.clock.settle();
  }
  group(): NodeGroup {
    return this.store.get('eks/nodegroup', 'demo/workers')!;
  }
}

describe('a node group', () => {
  test('launches its instances balanced over its zones, tagged, and becomes ACTIVE', async () => {
    const world = new World();
    await world.run(5);
    expect(world.running('subnet-a')).toHaveLength(3);
    expect(world.running('subnet-b')).toHaveLength(2);
    expect(world.running()[0]!.tags).toMatchObject({
      'eks:cluster-name': 'demo',
      'eks:nodegroup-name': 'workers',
      'kubernetes.io/cluster/demo': 'owned',
    });
    expect(world.group().status).toBe('ACTIVE');
  });

  test('whose instances do not become nodes fails after 20 minutes, and stays failed', async () => {
    const world = new World();
    world.joins = 'never';
    await world.run(2);
    expect(world.clock.now()).toBeGreaterThanOrEqual(20 * 60_000);
    expect(world.group().status).toBe('CREATE_FAILED');
    const issue = {
      code: 'NodeCreationFailure',
      message: 'Instances failed to join the kubernetes cluster',
      resourceIds: ['i-0', 'i-1'],
    };
    expect(world.group().healthIssues).toEqual([issue]);
    world.joins = 'ready';
    for (const id of issue.resourceIds) world.join(id);
    await world.clock.settle();
    expect(world.group().status).toBe('CREATE_FAILED');
    expect(world.group().healthIssues).toEqual([issue]);
  });

  test('whose nodes register and are never Ready has unhealthy nodes', async () => {
    const world = new World();
    world.joins = 'not-ready';
    await world.run(1);
    expect(world.group().healthIssues.map(({ message }) => message)).toEqual([
      'Unhealthy nodes in the kubernetes cluster',
    ]);
  });

  test('that was ACTIVE is degraded by a node that does not join, until it does', async () => {
    const world = new World();
    await world.run(1);
    expect(world.clock.now()).toBeLessThan(2 * 60_000);
    world.joins = 'never';
    await world.resize(2);
    expect(world.group()).toMatchObject({
      status: 'DEGRADED',
      healthIssues: [{ code: 'NodeCreationFailure', resourceIds: ['i-1'] }],
    });
    world.joins = 'ready';
    world.join('i-1');
    await world.clock.settle();
    expect(world.group()).toMatchObject({ status: 'ACTIVE', healthIssues: [] });
  });

  test('replaces an instance that was terminated', async () => {
    const world = new World();
    await world.run(4);
    world.set('i-0', 'terminated');
    await world.clock.settle();
    expect(world.running()).toHaveLength(4);
    expect(world.running('subnet-a')).toHaveLength(2);
  });

  test('shrinks in the zone with most instances, the oldest first', async () => {
    const world = new World();
    await world.run(3);
    await world.resize(2);
    expect(world.running().map(({ instanceId }) => instanceId)).not.toContain('i-0');
    expect(world.running('subnet-a')).toHaveLength(1);
    await world.resize(0);
    expect(world.running()).toHaveLength(0);
  });

  test('goes to the other zone when one has no addresses, and reports nothing', async () => {
    const world = new World();
    world.free['subnet-a'] = 1;
    await world.run(4);
    expect(world.running('subnet-a')).toHaveLength(1);
    expect(world.running('subnet-b')).toHaveLength(3);
    expect(world.group().healthIssues).toEqual([]);
  });

  test('is DEGRADED without addresses, settles, and goes on when one comes back', async () => {
    const world = new World();
    world.free['subnet-a'] = 1;
    world.free['subnet-b'] = 0;
    await world.run(2);
    expect(world.running()).toHaveLength(1);
    expect(world.group().status).toBe('DEGRADED');
    expect(world.group().healthIssues.map(({ code }) => code)).toEqual([
      'AsgInstanceLaunchFailures',
      'InsufficientFreeAddresses',
    ]);
    expect(world.group().healthIssues[0]!.message).toMatch(
      /^Could not launch On-Demand Instances\. InsufficientFreeAddressesInSubnet - There are not enough free addresses in subnet 'subnet-.' to satisfy the requested number of instances\. Launching EC2 instance failed\.$/,
    );
    const eni = { subnetId: 'subnet-b', privateIpAddresses: [], ipv4Prefixes: [] };
    world.store.put('ec2/network-interface', 'eni-1', eni as unknown as NetworkInterface);
    world.free['subnet-b'] = 1;
    world.store.delete('ec2/network-interface', 'eni-1');
    await world.clock.settle();
    expect(world.running()).toHaveLength(2);
    expect(world.group().status).toBe('ACTIVE');
  });

  test('takes its instances with it when it is deleted', async () => {
    const world = new World();
    await world.run(2);
    world.store.delete('eks/nodegroup', 'demo/workers');
    await world.clock.settle();
    expect(world.running()).toHaveLength(0);
  });
});

describe('balance over zones', () => {
  const place = (zone: number) => ({ subnetId: `subnet-${zone}`, zone: `zone-${zone}` });

  test('zones never differ by more than one when all started even', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 50 }),
        (zones, count) => {
          const subnets = Array.from({ length: zones }, (_, zone) => place(zone));
          const placed = placements(subnets, [], count);
          const counts = subnets.map(({ subnetId }) => placed.get(subnetId) ?? 0);
          expect(counts.reduce((sum, one) => sum + one, 0)).toBe(count);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  test('those that leave are as many as asked for, each once, and leave the zones even', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 0, max: 40 }),
        (size, count) => {
          const present = Array.from({ length: size }, (_, i) => ({
            ...place(i % 3),
            instanceId: `i-${i}`,
            launchedAtMs: i,
          }));
          const leaving = departures(present, count);
          expect(new Set(leaving).size).toBe(Math.min(size, count));
          const left = present.filter((one) => !leaving.includes(one));
          const counts = [0, 1, 2].map(
            (z) => left.filter(({ zone }) => zone === `zone-${z}`).length,
          );
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
