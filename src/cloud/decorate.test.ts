import { expect, test } from 'vitest';
import { noFaults } from '../sim/faults.ts';
import { seeded } from '../sim/random.ts';
import { codeOf, network } from './cloud.fixture.ts';
import { flaky, latent, type MeteredCall, metered, throttled } from './decorate.ts';

test('a call takes its time, takes effect when it returns, and is written down', async () => {
  const { cloud, clock, store, a } = network();
  const calls: MeteredCall[] = [];
  const ec2 = metered(latent(cloud.ec2, clock, seeded(1)), clock, 'aws-node', (it) =>
    calls.push(it),
  );
  clock.spawn(async () => {
    await ec2.createNetworkInterface({ subnetId: a.subnetId });
    expect(store.count('ec2/network-interface')).toBe(1);
  });
  clock.spawn(async () => {
    await ec2.describeSubnets({ subnetIds: ['subnet-0'] });
    expect(store.count('ec2/network-interface')).toBe(0);
  });
  await clock.settle();
  const [describe, create] = calls;
  expect(describe).toMatchObject({
    caller: 'aws-node',
    action: 'DescribeSubnets',
    errorCode: 'InvalidSubnetID.NotFound',
    atMs: 0,
  });
  expect(create!.errorCode).toBeUndefined();
  expect(create!.durationMs).toBeGreaterThanOrEqual(400);
  expect(create!.durationMs).toBeLessThanOrEqual(800);
});

test('an empty bucket answers RequestLimitExceeded until it has filled again', async () => {
  const { cloud, clock } = network();
  const bucket = { capacity: 2, refillPerSecond: 1 };
  const instant = latent(cloud.ec2, clock, seeded(1), () => [0, 0]);
  const ec2 = throttled(instant, clock, { describing: bucket, changing: bucket });
  const seen: string[] = [];
  clock.spawn(async () => {
    for (let i = 0; i < 3; i++) seen.push(codeOf(await ec2.describeVpcs({})));
    await clock.sleep(1_000);
    seen.push(codeOf(await ec2.describeVpcs({})));
  });
  await clock.settle();
  expect(seen).toEqual(['ok', 'ok', 'RequestLimitExceeded', 'ok']);
});

test('a faulty call has done nothing, and no faults draw no chance', async () => {
  const { cloud, clock, store, a } = network();
  let faults = { ...noFaults, insufficientAddresses: 1 };
  const random = seeded(3);
  const instant = latent(cloud.ec2, clock, seeded(1), () => [0, 0]);
  const ec2 = flaky(instant, clock, random, () => faults);
  const seen: string[] = [];
  const create = async () =>
    seen.push(codeOf(await ec2.createNetworkInterface({ subnetId: a.subnetId })));
  clock.spawn(async () => {
    await create();
    faults = { ...noFaults, internalError: 1 };
    await create();
    faults = noFaults;
    await create();
  });
  await clock.settle();
  expect(seen).toEqual(['InsufficientFreeAddressesInSubnet', 'InternalError', 'ok']);
  expect(store.count('ec2/network-interface')).toBe(1);
});
