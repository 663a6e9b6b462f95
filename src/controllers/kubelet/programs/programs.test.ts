import { describe, expect, test } from 'vitest';
import type { EphemeralContainer } from '../../../model/kubernetes/core.ts';
import { World } from '../kubelet.fixture.ts';
import type { ContainerPrograms } from './container-programs.ts';

/** Runs commands of the form `[SECONDS, EXIT CODE]`, each by the twin's clock. */
class Timers implements ContainerPrograms {
  stopped = 0;
  starts = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    world.programs.fill(this);
  }

  runs: ContainerPrograms['runs'] = (_pod, { command }) => command !== undefined;
  missing: ContainerPrograms['missing'] = () => undefined;
  start: ContainerPrograms['start'] = ({ container, ended }) => {
    if (container.command === undefined) return undefined;
    this.starts++;
    const [seconds = '', code = ''] = container.command;
    const timer = this.#world.clock.after(Number(seconds) * 1_000, () => ended(Number(code)));
    return {
      stop: () => {
        this.stopped++;
        timer.cancel();
      },
    };
  };
}

async function joined(): Promise<{ world: World; timers: Timers }> {
  const world = new World();
  world.pool.free.push('10.0.1.20', '10.0.1.21');
  await world.joined();
  return { world, timers: new Timers(world) };
}

const running = (...command: string[]) => ({ name: 'c', image: 'busybox', command });

describe('a container whose command is run', () => {
  test('ends with it: its pod has succeeded or failed, and its address is free again', async () => {
    const { world } = await joined();
    world.bind('good', { restartPolicy: 'Never', containers: [running('5', '0')] });
    world.bind('bad', { restartPolicy: 'OnFailure', containers: [running('5', '0')] });
    world.bind('worse', { restartPolicy: 'Never', containers: [running('1', '3')] });
    world.pool.give('10.0.1.22');
    await world.clock.settle();
    expect(world.pod('good')?.status?.phase).toBe('Succeeded');
    expect(world.pod('bad')?.status?.phase).toBe('Succeeded');
    expect(world.pod('worse')?.status?.phase).toBe('Failed');
    expect(world.pod('worse')?.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 3,
      reason: 'Error',
    });
    expect(world.pool.deleted.sort()).toEqual(['bad', 'good', 'worse']);
  });

  test('the pod runs as long as one of its containers does', async () => {
    const { world } = await joined();
    const containers = [running('5', '1'), { name: 'web', image: 'nginx' }];
    world.bind('two', { restartPolicy: 'Never', containers });
    await world.clock.settle();
    expect(world.pod('two')?.status?.phase).toBe('Running');
    expect(world.condition('two', 'Ready')).toBe('False');
    expect(world.pod('two')?.status?.containerStatuses?.map(({ ready }) => ready)).toEqual([
      false,
      true,
    ]);
  });

  test('is started again at once, then after 10 s, then after 20 s', async () => {
    const { world, timers } = await joined();
    world.bind('loop', { containers: [running('0', '1')] });
    await world.clock.settle();
    const from = world.clock.now();
    const status = () => world.pod('loop')?.status?.containerStatuses?.[0];
    expect(status()?.restartCount).toBe(1);
    await world.clock.runUntil(from + 5_000);
    expect(status()?.state?.waiting).toEqual({
      reason: 'CrashLoopBackOff',
      message: 'back-off 10s restarting failed container=c pod=loop_default(uid-loop)',
    });
    expect(world.pod('loop')?.status?.phase).toBe('Running');
    await world.clock.runUntil(from + 15_000);
    expect(status()?.state?.waiting?.message).toMatch(/^back-off 20s /);
    expect([status()?.restartCount, timers.starts]).toEqual([2, 3]);
    expect(status()?.lastState).toMatchObject({ terminated: { exitCode: 1 } });
  });

  test('a pod that is deleted stops its programs, and none is started again', async () => {
    const { world, timers } = await joined();
    world.bind('gone', { containers: [running('3600', '0')] });
    await world.clock.runUntil(world.clock.now() + 60_000);
    world.markDeleted('gone');
    await world.clock.settle();
    expect(world.pod('gone')).toBeUndefined();
    expect([timers.starts, timers.stopped]).toEqual([1, 1]);
  });

  test('what runs when somebody comes who runs commands begins then', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    world.bind('early', { restartPolicy: 'Never', containers: [running('5', '0')] });
    await world.clock.settle();
    expect(world.pod('early')?.status?.phase).toBe('Running');
    new Timers(world);
    await world.clock.settle();
    expect(world.pod('early')?.status?.phase).toBe('Succeeded');
  });
});

describe('an init container whose command is run', () => {
  const containers = [{ name: 'web', image: 'nginx' }];

  test('holds the pod until it has ended well', async () => {
    const { world } = await joined();
    world.bind('waits', { containers, initContainers: [running('600', '0')] });
    const from = world.clock.now();
    await world.clock.runUntil(from + 60_000);
    const { phase, initContainerStatuses } = world.pod('waits')!.status!;
    expect(phase).toBe('Pending');
    expect(initContainerStatuses?.[0]?.state?.running).toBeDefined();
    await world.clock.settle();
    expect(world.clock.now() - from).toBeGreaterThan(600_000);
    expect(world.pod('waits')?.status?.phase).toBe('Running');
    expect(world.condition('waits', 'Initialized')).toBe('True');
  });

  test('that fails is started again, or fails the pod where the policy is Never', async () => {
    const { world, timers } = await joined();
    world.bind('again', { containers, initContainers: [running('0', '1')] });
    await world.clock.runUntil(world.clock.now() + 25_000);
    const [status] = world.pod('again')!.status!.initContainerStatuses!;
    expect([status?.restartCount, timers.starts]).toEqual([2, 3]);
    expect(status?.state?.waiting?.reason).toBe('CrashLoopBackOff');
    world.markDeleted('again');
    await world.clock.settle();
    expect(world.pod('again')).toBeUndefined();
    world.bind('once', { restartPolicy: 'Never', containers, initContainers: [running('0', '2')] });
    await world.clock.settle();
    expect(world.pod('once')?.status?.phase).toBe('Failed');
    expect(world.pool.deleted).toEqual(['again', 'once']);
  });

  test('ends with a pod that is deleted meanwhile', async () => {
    const { world, timers } = await joined();
    world.bind('gone', { containers, initContainers: [running('600', '0')] });
    await world.clock.runUntil(world.clock.now() + 60_000);
    world.markDeleted('gone');
    await world.clock.settle();
    expect(world.pod('gone')).toBeUndefined();
    expect(timers.stopped).toBe(1);
  });
});

describe('the pod of a Job', () => {
  const ownerReferences = [
    { apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'u', controller: true },
  ];

  test('ends when its command does, or after a made-up while where that is not run', async () => {
    const { world } = await joined();
    const bind = (name: string, command: string[] | undefined) =>
      world.bind(
        name,
        { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i', command }] },
        { ownerReferences },
      );
    bind('own', ['60', '4']);
    bind('other', undefined);
    await world.clock.settle();
    expect(world.pod('own')?.status?.phase).toBe('Failed');
    expect(world.pod('other')?.status?.phase).toBe('Succeeded');
  });
});

describe('an ephemeral container', () => {
  const debug = (world: World, name: string, container: EphemeralContainer): void => {
    const pod = world.pod(name)!;
    const ephemeralContainers = [...(pod.spec.ephemeralContainers ?? []), container];
    world.store.put('Pod', `default/${name}`, {
      ...pod,
      spec: { ...pod.spec, ephemeralContainers },
    });
  };

  test('starts in a pod that runs, ends with an exit code, and is not started again', async () => {
    const { world, timers } = await joined();
    world.bind('web');
    await world.clock.settle();
    debug(world, 'web', running('2', '7'));
    await world.clock.settle();
    const [status, more] = world.pod('web')!.status!.ephemeralContainerStatuses!;
    expect(status).toMatchObject({ name: 'c', ready: false, restartCount: 0 });
    expect(status?.state?.terminated).toMatchObject({ exitCode: 7, reason: 'Error' });
    expect(more).toBeUndefined();
    expect(timers.starts).toBe(1);
    expect(world.pod('web')?.status?.phase).toBe('Running');
    expect(world.condition('web', 'Ready')).toBe('True');
    expect(world.reasons('web').slice(-4)).toEqual(['Pulling', 'Pulled', 'Created', 'Started']);
  });

  test('whose image does not come waits, as others do', async () => {
    const { world } = await joined();
    world.bind('web');
    await world.clock.settle();
    world.images = (image) => (image === 'no' ? { kind: 'refused', message: 'nix' } : undefined);
    debug(world, 'web', { name: 'd', image: 'no' });
    await world.clock.settle();
    const [status] = world.pod('web')!.status!.ephemeralContainerStatuses!;
    expect(status?.state?.waiting?.reason).toBe('ImagePullBackOff');
    world.markDeleted('web');
    await world.clock.settle();
    expect(world.pod('web')).toBeUndefined();
  });
});
