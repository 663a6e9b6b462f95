import { describe, expect, test } from 'vitest';
import { World } from './kubelet.fixture.ts';

describe('a pod runs', () => {
  test('a bound pod gets an address, its image, and is Running and Ready with one status write', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20', '10.0.1.21');
    await world.joined();
    world.bind('first');
    await world.clock.settle();
    world.statusWrites = 0;
    world.bind('second');
    await world.clock.settle();
    expect(world.pod('second')?.status).toMatchObject({
      phase: 'Running',
      podIP: '10.0.1.21',
      hostIP: '10.0.1.9',
      podIPs: [{ ip: '10.0.1.21' }],
    });
    expect(world.statusWrites).toBe(1);
    expect(
      world.pod('second')?.status?.conditions?.map(({ type, status }) => [type, status]),
    ).toEqual([
      ['PodReadyToStartContainers', 'True'],
      ['Initialized', 'True'],
      ['Ready', 'True'],
      ['ContainersReady', 'True'],
      ['PodScheduled', 'True'],
    ]);
    expect(world.reasons('first')).toEqual(['Pulling', 'Pulled', 'Created', 'Started']);
    expect(world.events.find(({ about }) => about === 'second')?.message).toBe(
      'Container image "nginx:1.27" already present on machine',
    );
  });

  test('a readiness probe holds Ready back for its delay and one period', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    const readinessProbe = { initialDelaySeconds: 20, periodSeconds: 5 };
    world.bind('slow', { containers: [{ name: 'web', image: 'a:1', readinessProbe }] });
    const boundAt = world.clock.now();
    await world.clock.runUntil(boundAt + 20_000);
    expect(world.pod('slow')?.status?.phase).toBe('Running');
    expect(world.condition('slow', 'Ready')).toBe('False');
    await world.clock.settle();
    expect(world.condition('slow', 'Ready')).toBe('True');
    expect(world.pod('slow')?.status?.containerStatuses?.[0]?.ready).toBe(true);
  });

  test('a readiness gate holds Ready back until its condition is True', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    world.bind('gated', { readinessGates: [{ conditionType: 'target-health/x' }] });
    await world.clock.settle();
    expect(world.condition('gated', 'ContainersReady')).toBe('True');
    expect(world.pod('gated')?.status?.conditions?.find((c) => c.type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "target-health/x" does not exist.',
    });
    const pod = world.pod('gated')!;
    const conditions = [
      ...pod.status!.conditions!,
      { type: 'target-health/x', status: 'True' as const },
    ];
    world.store.put('Pod', 'default/gated', { ...pod, status: { ...pod.status, conditions } });
    await world.clock.settle();
    expect(world.condition('gated', 'Ready')).toBe('True');
  });

  test('init containers run in order before the containers', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    world.bind('staged', {
      initContainers: [
        { name: 'one', image: 'i:1' },
        { name: 'two', image: 'i:1' },
      ],
    });
    await world.clock.settle();
    const started = world.events.filter((e) => e.about === 'staged' && e.reason === 'Started');
    expect(started.map(({ message }) => message)).toEqual([
      'Started container one',
      'Started container two',
      'Started container web',
    ]);
    expect(
      world.pod('staged')?.status?.initContainerStatuses?.[1]?.state?.terminated,
    ).toMatchObject({ exitCode: 0, reason: 'Completed' });
  });

  test('a pod without an address is ContainerCreating, lets the twin settle, and starts when an address comes', async () => {
    const world = new World();
    await world.joined();
    world.bind('hungry');
    expect((await world.clock.settle(600_000)).kind).toBe('settled');
    expect(world.pod('hungry')?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe(
      'ContainerCreating',
    );
    expect(world.events.find(({ reason }) => reason === 'FailedCreatePodSandBox')?.message).toMatch(
      /^Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "[0-9a-f]{64}": plugin type="aws-cni" name="aws-cni" failed \(add\): add cmd: failed to assign an IP address to container$/,
    );
    world.pool.give('10.0.1.30');
    await world.clock.settle();
    expect(world.pod('hungry')?.status?.podIP).toBe('10.0.1.30');
    expect(world.pool.adds).toBe(2);
  });

  test('a pod that waits for an address can be deleted', async () => {
    const world = new World();
    await world.joined();
    world.bind('hungry');
    await world.clock.settle();
    world.markDeleted('hungry');
    await world.clock.settle();
    expect(world.pod('hungry')).toBeUndefined();
    expect(world.pool.deleted).toEqual([]);
  });

  test('a refused pull shows ImagePullBackOff and does not keep the twin from settling', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    world.images = () => ({ kind: 'refused', message: 'not found' });
    world.bind('typo');
    await world.clock.settle();
    expect(world.reasons('typo')).toContain('Failed');
    await world.clock.runUntil(world.clock.now() + 60_000);
    expect(world.pod('typo')?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe(
      'ImagePullBackOff',
    );
  });
});
