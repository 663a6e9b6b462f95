import { expect, test } from 'vitest';
import { codeOf, must } from '../cloud.fixture.ts';
import { balanced } from '../elbv2/elbv2.fixture.ts';

const listener = {
  protocol: 'TCP',
  loadBalancerPort: 80,
  instanceProtocol: 'TCP',
  instancePort: 31_234,
} as const;

test('a classic load balancer stands in its subnets under its own name', () => {
  const { cloud, a, b, interfaces } = balanced();
  const made = must(
    cloud.classicElb.createLoadBalancer({
      loadBalancerName: 'a0123456789',
      listeners: [listener],
      subnets: [a.subnetId, b.subnetId],
      securityGroups: [],
    }),
  );
  expect(made.dnsName).toMatch(/^a0123456789-\d{10}\.us-west-2\.elb\.amazonaws\.com$/);
  expect(interfaces().map((it) => it.description)).toEqual(['ELB a0123456789', 'ELB a0123456789']);
  expect(made.healthCheck.target).toBe('TCP:31234');
});

test('a load balancer nobody has, a port that is taken otherwise, an instance nobody has', () => {
  const { cloud, a, b } = balanced();
  const { classicElb } = cloud;
  expect(classicElb.describeLoadBalancers({ loadBalancerNames: ['x'] })).toMatchObject({
    code: 'LoadBalancerNotFound',
    message: "There is no ACTIVE Load Balancer named 'x'",
  });
  const loadBalancerName = 'classic';
  must(
    classicElb.createLoadBalancer({
      loadBalancerName,
      listeners: [listener],
      subnets: [a.subnetId, b.subnetId],
      securityGroups: [],
    }),
  );
  const again = { ...listener, instancePort: 31_235 };
  expect(
    codeOf(classicElb.createLoadBalancerListeners({ loadBalancerName, listeners: [again] })),
  ).toBe('DuplicateListener');
  expect(
    classicElb.registerInstancesWithLoadBalancer({ loadBalancerName, instances: ['i-01'] }),
  ).toMatchObject({ code: 'InvalidInstance', message: 'Could not find EC2 instance i-01.' });
});
