import { expect, test } from 'vitest';
import { must } from '../../cloud/cloud.fixture.ts';
import { balanced } from '../../cloud/elbv2/elbv2.fixture.ts';
import type { TargetHealth } from '../../model/elbv2/target-group.ts';
import { ClassicHealth } from './classic-health.ts';

test('an instance comes into service after two checks it passes, and leaves after six', async () => {
  const { cloud, clock, store, a } = balanced();
  const network = { answer: { state: 'healthy' } as TargetHealth };
  new ClassicHealth(clock, store, { check: () => network.answer }, cloud.targetHealth);
  const [instance] = must(
    cloud.ec2.runInstances({
      imageId: 'ami-1',
      instanceType: 'm5.large',
      minCount: 1,
      maxCount: 1,
      subnetId: a.subnetId,
    }),
  );
  const loadBalancerName = 'a1';
  must(
    cloud.classicElb.createLoadBalancer({
      loadBalancerName,
      subnets: [a.subnetId],
      securityGroups: [],
      listeners: [
        { protocol: 'TCP', loadBalancerPort: 80, instanceProtocol: 'TCP', instancePort: 31_000 },
      ],
    }),
  );
  must(
    cloud.classicElb.configureHealthCheck({
      loadBalancerName,
      healthCheck: {
        target: 'TCP:31000',
        intervalSeconds: 10,
        timeoutSeconds: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 6,
      },
    }),
  );
  const instances = [instance!.instanceId];
  must(cloud.classicElb.registerInstancesWithLoadBalancer({ loadBalancerName, instances }));
  const said = () => store.get('elbv2/classic-load-balancer', loadBalancerName)!.instances[0]!;
  expect(said()).toMatchObject({ state: 'OutOfService', reasonCode: 'ELB' });
  await clock.runUntil(clock.now() + 19_000);
  expect(said().state).toBe('OutOfService');
  await clock.settle();
  expect(said().state).toBe('InService');
  network.answer = { state: 'unhealthy', reason: 'Target.Timeout', description: 'x' };
  const closedMs = clock.now();
  must(cloud.ec2.terminateInstances({ instanceIds: instances }));
  await clock.settle();
  expect(said()).toMatchObject({ state: 'OutOfService', reasonCode: 'Instance' });
  expect(clock.now() - closedMs).toBeGreaterThan(50_000);
});
