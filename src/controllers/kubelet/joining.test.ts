import { expect, test } from 'vitest';
import type { ClosedPath } from '../../model/linux/reach.ts';
import { EC2_PATIENCE_MS } from './joining.ts';
import { World } from './kubelet.fixture.ts';

const closed: ClosedPath = { peer: 'someone', host: 'some.where', text: 'no route' };
const open = { ec2: undefined, apiServer: undefined };

test('an instance that does not reach the API server has no Node, and the twin settles', async () => {
  const world = new World();
  world.paths = { ...open, apiServer: closed };
  await world.joined();
  expect(world.node()).toBeUndefined();
});

test('a kubelet asks the API server for ever: it registers when the way opens', async () => {
  const world = new World();
  world.paths = { ...open, apiServer: closed };
  await world.joined();
  await world.clock.runUntil(10 * 3_600_000);
  world.paths = open;
  world.networkChanges();
  await world.clock.settle();
  expect(world.node()).toBeDefined();
});

test('nodeadm asks EC2 for some minutes only: then nothing on the instance tries', async () => {
  const world = new World();
  world.paths = { ec2: closed, apiServer: undefined };
  await world.joined();
  await world.clock.runUntil(EC2_PATIENCE_MS / 2);
  world.networkChanges();
  await world.clock.settle();
  expect(world.node()).toBeUndefined();
  await world.clock.runUntil(2 * EC2_PATIENCE_MS);
  world.paths = open;
  world.networkChanges();
  await world.clock.settle();
  expect(world.node()).toBeUndefined();
});

test('an image that could not be pulled is pulled once the registry is reached', async () => {
  const world = new World();
  world.pool.free.push('10.0.1.20');
  await world.joined();
  world.images = () => ({ kind: 'refused', message: 'i/o timeout', tookMs: 30_000 });
  world.bind('far');
  await world.clock.settle();
  const waiting = () => world.pod('far')?.status?.containerStatuses?.[0]?.state?.waiting;
  expect(waiting()?.reason).toBe('ImagePullBackOff');
  expect(waiting()?.message).toContain('i/o timeout');
  world.images = undefined;
  world.networkChanges();
  await world.clock.settle();
  expect(world.pod('far')?.status?.phase).toBe('Running');
});
