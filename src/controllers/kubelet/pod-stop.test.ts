import { describe, expect, test } from 'vitest';
import { instance, World } from './kubelet.fixture.ts';

describe('a pod ends', () => {
  test('a deleted pod stops, gives its address back, and then its object goes', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    world.bind('leaver');
    await world.clock.settle();
    world.markDeleted('leaver');
    const deletedAt = world.clock.now();
    await world.clock.settle();
    expect(world.pod('leaver')).toBeUndefined();
    expect(world.pool.deleted).toEqual(['leaver']);
    expect(world.clock.now() - deletedAt).toBeLessThanOrEqual(1_100);
    expect(world.events.at(-1)).toMatchObject({
      reason: 'Killing',
      message: 'Stopping container web',
    });
  });

  test('a preStop sleep holds a deleted pod back', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    const lifecycle = { preStop: { exec: { command: ['/bin/sh', '-c', 'sleep 15'] } } };
    world.bind('drained', { containers: [{ name: 'web', image: 'a:1', lifecycle }] });
    await world.clock.settle();
    world.markDeleted('drained');
    await world.clock.runUntil(world.clock.now() + 14_900);
    expect(world.pod('drained')).toBeDefined();
    await world.clock.settle();
    expect(world.pod('drained')).toBeUndefined();
  });

  test('a pod of a Job succeeds after a while and gives its address back', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20', '10.0.1.21');
    await world.joined();
    const ownerReferences = [
      { apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'j', controller: true },
    ];
    world.bind('batch', { restartPolicy: 'Never' }, { ownerReferences });
    const annotations = { 'ekstwin.dev/exit-code': '3', 'ekstwin.dev/run-seconds': '7' };
    world.bind('broken', { restartPolicy: 'Never' }, { ownerReferences, annotations });
    await world.clock.settle();
    expect(world.pod('batch')?.status?.phase).toBe('Succeeded');
    expect(world.pod('broken')?.status?.phase).toBe('Failed');
    expect(world.pod('broken')?.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 3,
      reason: 'Error',
    });
    expect(world.pool.deleted.sort()).toEqual(['batch', 'broken']);
  });

  test('a container that keeps ending is in CrashLoopBackOff and lets the twin settle', async () => {
    const world = new World();
    world.pool.free.push('10.0.1.20');
    await world.joined();
    const annotations = { 'ekstwin.dev/exit-code': '1', 'ekstwin.dev/run-seconds': '1' };
    world.bind('loop', {}, { annotations });
    await world.clock.settle();
    const status = world.pod('loop')?.status;
    expect(status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('CrashLoopBackOff');
    await world.clock.runUntil(world.clock.now() + 11_500);
    expect(world.pod('loop')?.status?.containerStatuses?.[0]?.restartCount).toBe(1);
  });

  test('nothing of a terminated instance runs on, and nobody on it tells the API', async () => {
    const world = new World();
    await world.joined();
    world.bind('hungry');
    await world.clock.settle();
    world.store.put('ec2/instance', 'i-0aaa', instance('terminated'));
    world.markDeleted('hungry');
    await world.clock.settle();
    expect(world.pod('hungry')?.metadata.deletionTimestamp).toBe('now');
  });
});
